"""Makers of scores for the tests of the metrics."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from medtrust.metrics.measure import measure
from medtrust.metrics.metric import Family, Settings
from medtrust.metrics.verdict import finish
from medtrust.records import Estimate, Outcome, Protocol, Score

PLAIN = Settings()
QUICK = Settings(replicates=50)
NOT_A_CHOICE: tuple[Outcome, ...] = ("abstention", "unparseable", "tie", "error", "absent")


def score(sample: str, target: str, reply: str, **more: Any) -> Score:
    """A score whose reply is a choice, or the name of any other outcome."""
    outcome: Outcome = "choice"
    for name in NOT_A_CHOICE:
        outcome = name if reply == name else outcome
    choice = reply if outcome == "choice" else ""
    value = None if outcome in {"error", "absent"} else float(choice == target)
    plain = Score(
        model="m",
        task="t",
        dataset="d",
        sample=sample,
        protocol="corrected",
        outcome=outcome,
        target=target,
        cluster=sample,
        choice=choice,
        option=f"text of {choice}" if choice else "",
        value=value,
        options=2,
    )
    return replace(plain, **more)


def pair(name: str, targets: Sequence[str], replies: Sequence[str], **more: Any) -> list[Score]:
    """The two scores of a pair; its cluster is the pair unless given."""
    more = {"pair": name, "cluster": name, **more}
    return [
        score(f"{name}/{place}", target, reply, **more)
        for place, (target, reply) in enumerate(zip(targets, replies, strict=True), start=1)
    ]


def estimates(
    family: Family,
    scores: Sequence[Score],
    settings: Settings = PLAIN,
    rho: float | None = None,
    text_only: Sequence[Score] = (),
) -> list[Estimate]:
    """All estimates of a family, finished at a correlation (the settings' own, unless given)."""
    known = settings.correlation if rho is None else rho
    found = measure(family, tuple(scores), settings, tuple(text_only))
    return [finish(one, known) for one in found]


def find(
    estimates: Iterable[Estimate], metric: str, group_by: str = "all", group: str = "all"
) -> Estimate:
    """The one estimate of a metric in a group."""
    (found,) = (
        e for e in estimates if (e.metric, e.group_by, e.group) == (metric, group_by, group)
    )
    return found


replies = st.sampled_from(["A", "B", *NOT_A_CHOICE])
choices = st.sampled_from(["A", "B"])
categories = st.sets(st.sampled_from(["Cardiac", "Spinal", "Vascular"]), max_size=3)


@st.composite
def results(draw: st.DrawFn, answers: st.SearchStrategy[str] = replies) -> list[Score]:
    """Scores of up to twelve balanced pairs in up to five clusters."""
    scores: list[Score] = []
    for number in range(draw(st.integers(1, 12))):
        targets = draw(st.sampled_from(["AB", "BA"]))
        both = pair(
            f"p{number}",
            targets,
            [draw(answers), draw(answers)],
            cluster=f"c{draw(st.integers(0, 4))}",
        )
        scores += [
            replace(one, groups={"category": tuple(sorted(draw(categories)))}) for one in both
        ]
    return draw(st.permutations(scores))


def mediconfusion(
    folder: Path, protocol: Protocol, replies: Mapping[str, Sequence[str]] | None = None
) -> list[Score]:
    """The 352 scores of the published GPT-4o answers, or of `replies` by pair."""
    data = json.loads((folder / "mediconfusion/data/dataset.json").read_text())
    images = json.loads((folder / "mediconfusion/data/image_dict.json").read_text())
    if replies is None:
        replies = gpt4o(folder)
    clusters = _components(
        {
            name: [
                key
                for image in (record["im_1"], record["im_2"])
                for key in (image, images[image]["dlink"].split("/")[-1])
            ]
            for name, record in data.items()
        }
    )
    scores = []
    for name, record in data.items():
        for place, reply in enumerate(replies[name], start=1):
            read = reply if reply in {"A", "B"} else "abstention"
            scores.append(
                score(
                    f"mediconfusion:{name}/{place}",
                    record[f"im_{place}_correct"],
                    read,
                    protocol=protocol,
                    pair=name,
                    cluster=clusters[name],
                    groups={"category": tuple(record[f"category_{place}"])},
                )
            )
    return scores


def responses(folder: Path) -> dict[str, Any]:
    """The published answers of GPT-4o, with upstream's counts for each pair."""
    text = (folder / "responses/mediconfusion-mc-gpt-4o.json").read_text()
    found: dict[str, Any] = json.loads(text)
    return found


def gpt4o(folder: Path) -> dict[str, tuple[str, str]]:
    """The replies of GPT-4o to both questions of each pair."""
    return {
        name: (
            record["answer"]["im1"]["answer"]["full_answer"],
            record["answer"]["im2"]["answer"]["full_answer"],
        )
        for name, record in responses(folder).items()
    }


def _components(keys: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Label of each name's connected component, where names are joined by shared keys."""
    labels = {name: name for name in keys}
    for key in {key for own in keys.values() for key in own}:
        joined = {labels[name] for name, own in keys.items() if key in own}
        labels = {n: min(joined) if label in joined else label for n, label in labels.items()}
    return labels
