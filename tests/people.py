"""Scores about patients, for the tests of fairness."""

from collections.abc import Mapping, Sequence

import numpy as np

from medtrust.records import Score
from metric_scores import score

CHOICE_OF = {True: "A", False: "B"}


def patient(
    name: str, right: Sequence[bool], groups: Mapping[str, tuple[str, ...]], target: str = "A"
) -> list[Score]:
    """One patient's answers to choice questions whose reference is A."""
    return [
        score(f"{name}/{place}", target, CHOICE_OF[bool(hit)], cluster=name, groups=groups)
        for place, hit in enumerate(right)
    ]


def clinic(
    *, patients: int, answers: int, seed: int, shares: Mapping[str, float] | None = None
) -> list[Score]:
    """Patients of random sex, race and age; `shares` of right answers by sex, else one half."""
    draws = np.random.default_rng(seed)
    scores: list[Score] = []
    for number in range(patients):
        sex = str(draws.choice(["female", "male"]))
        groups = {
            "sex": (sex,),
            "race": (str(draws.choice(["Asian", "Black", "White"])),),
            "age": (str(draws.choice(["40-49", "50-59"])),),
        }
        right = draws.random(answers) < (shares or {}).get(sex, 0.5)
        scores += patient(f"p{number}", list(right), groups)
    return scores


def screening(*, patients: int, seed: int) -> list[Score]:
    """Yes/no questions about patients, two each, some refused; every group has both references."""
    draws = np.random.default_rng(seed)
    return [
        score(
            f"p{number}/{target}",
            target,
            str(draws.choice(["yes", "no", "abstention"], p=[0.5, 0.4, 0.1])),
            cluster=f"p{number}",
            options=0,
            groups={"sex": (("female", "male")[number % 2],), "race": ("ABC"[number % 3],)},
        )
        for number in range(patients)
        for target in ("yes", "no")
    ]
