"""What clinicians ask of a test, against scikit-learn, and on the sets where accuracy says nothing.

What is not in them: gaps in sensitivity and specificity (test_fairness.py).
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy.optimize import brentq
from sklearn.metrics import (
    balanced_accuracy_score,
    class_likelihood_ratios,
    precision_score,
    recall_score,
)

from medtrust.datasets.cares import ham10000, ol3i
from medtrust.metrics.clinical import CLINICAL
from medtrust.metrics.metric import Settings
from medtrust.metrics.ratio_interval import ratio
from medtrust.metrics.two_answers import sides_of
from medtrust.metrics.verdict import Interval
from medtrust.metrics.wilson import wilson
from medtrust.pipeline.reading import scores_of
from medtrust.records import Estimate, Reading, Sample, Score
from metric_scores import estimates, find, score

answers = st.lists(
    st.tuples(st.sampled_from(["yes", "no"]), st.sampled_from(["yes", "no", "abstention"])),
    min_size=1,
    max_size=40,
)


def yes_no(said: Iterable[tuple[str, str]], **more: object) -> list[Score]:
    """Scores of (reference, reply); a reply is yes, no, or the name of another outcome."""
    return [
        score(f"q{n}", gold, reply, options=0, reference=gold, **more)
        for n, (gold, reply) in enumerate(said)
    ]


def counted(tp: int, fn: int, fp: int, tn: int) -> list[Score]:
    return yes_no(
        [("yes", "yes")] * tp + [("yes", "no")] * fn + [("no", "yes")] * fp + [("no", "no")] * tn
    )


def values(scores: Sequence[Score], **settings: float) -> dict[str, Estimate]:
    found = estimates(CLINICAL, scores, Settings(**settings))  # type: ignore[arg-type]
    return {e.metric: e for e in found if e.group_by == "all"}


def asked(sample: Sample, letter: str) -> Score:
    """An answer as the pipeline reads it, with whether it and the reference are yes."""
    right = float(letter == sample.target)
    reading = Reading(outcome="choice", choice=letter, value=right)
    return scores_of((reading, reading), sample, model="m", task="t")[1]


def choice(name: str, target: str, options: Sequence[str]) -> Sample:
    return Sample(
        id=name,
        dataset="d",
        kind="choice",
        question="?",
        target=target,
        cluster=name,
        options=tuple(options),
    )


# Two answers.


@given(answers.filter(lambda said: all(reply != "abstention" for _, reply in said)))
def test_the_rates_are_those_of_scikit_learn(said: list[tuple[str, str]]) -> None:
    gold, replies = zip(*said, strict=True)
    found = values(yes_no(said))
    for metric, of, name, label in (
        ("sensitivity", recall_score, gold, "yes"),
        ("specificity", recall_score, gold, "no"),
        ("ppv", precision_score, replies, "yes"),
        ("npv", precision_score, replies, "no"),
    ):
        if label in name:
            expected = of(gold, replies, pos_label=label, average="binary", zero_division=0)
            assert found[metric].value == pytest.approx(expected)
            assert found[metric].n == name.count(label)
    if len(set(gold)) == 2:
        expected = balanced_accuracy_score(gold, replies)
        assert found["balanced_accuracy"].value == pytest.approx(expected)


def test_likelihood_ratios_are_those_of_scikit_learn() -> None:
    scores = counted(tp=30, fn=10, fp=12, tn=88)
    expected = class_likelihood_ratios(
        [s.target for s in scores], [s.choice for s in scores], labels=["no", "yes"]
    )
    found = values(scores)
    names = ("likelihood_ratio_positive", "likelihood_ratio_negative")
    assert [found[name].value for name in names] == pytest.approx(expected)


@given(answers)
def test_at_the_sets_own_prevalence_bayes_gives_what_is_counted(
    said: list[tuple[str, str]],
) -> None:
    """With refusals too: they are neither answer, so they are in no predictive value."""
    gold = [reference for reference, _ in said]
    assume(len(set(gold)) == 2)
    found = values(yes_no(said), prevalence=gold.count("yes") / len(gold))
    for name in ("ppv", "npv"):
        by_bayes, own = found[f"{name}_at_prevalence"], found.get(name)
        expected = None if own is None else own.value
        assert by_bayes.value == (None if expected is None else pytest.approx(expected))


def test_a_refusal_counts_against_both_rates() -> None:
    said = [("yes", "yes"), ("yes", "abstention"), ("no", "unparseable"), ("no", "no")]
    found = values(yes_no(said))
    assert (found["sensitivity"].value, found["specificity"].value) == (0.5, 0.5)
    assert (found["ppv"].value, found["npv"].value) == (1, 1)
    assert found["balanced_accuracy"].n == 4


def test_predictive_values_at_another_prevalence() -> None:
    found = values(counted(tp=80, fn=20, fp=10, tn=90), prevalence=0.05)
    assert found["ppv"].value == pytest.approx(80 / 90)
    assert found["ppv_at_prevalence"].value == pytest.approx(0.04 / (0.04 + 0.095))
    assert found["npv_at_prevalence"].value == pytest.approx(0.855 / (0.855 + 0.01))
    assert "ppv_at_prevalence" not in values(counted(tp=8, fn=2, fp=1, tn=9))


def test_a_ratio_over_nothing_has_a_lower_bound_and_says_that_there_is_no_upper() -> None:
    found = values(counted(tp=30, fn=10, fp=0, tn=100), prevalence=0.5)
    up = found["likelihood_ratio_positive"]
    assert up.value is None
    assert up.high is None
    assert up.low is not None
    assert up.low > 10
    assert "no upper end" in up.interval
    ppv = found["ppv_at_prevalence"]
    assert (ppv.value, ppv.high) == (1, 1)
    assert ppv.low == pytest.approx(up.low / (1 + up.low))


def test_who_never_says_yes_has_no_positive_ratio_at_all() -> None:
    found = values(counted(tp=0, fn=40, fp=0, tn=100), prevalence=0.5)
    for name in ("likelihood_ratio_positive", "ppv_at_prevalence"):
        assert (found[name].value, found[name].low, found[name].interval) == (None, None, "")
    assert found["likelihood_ratio_negative"].value == 1


def test_every_group_has_its_rates() -> None:
    women = yes_no([("yes", "yes"), ("no", "no")], groups={"sex": ("F",)})
    men = yes_no([("yes", "no"), ("no", "no")], groups={"sex": ("M",)})
    found = estimates(CLINICAL, [*women, *(replace(s, sample=f"m{s.sample}") for s in men)])
    for metric, sex, value in (
        ("sensitivity", "F", 1),
        ("sensitivity", "M", 0),
        ("balanced_accuracy", "M", 0.5),
    ):
        assert find(found, metric, "sex", sex).value == value


def test_a_question_asked_several_times_is_one_question() -> None:
    once = counted(tp=9, fn=3, fp=4, tn=20)
    again = [replace(one, repeat=n) for n in range(5) for one in once]
    for metric, one in values(once).items():
        other = values(again)[metric]
        assert [one.n, one.value, one.low] == pytest.approx([other.n, other.value, other.low])


def test_only_the_corrected_reading_has_them() -> None:
    assert not values([replace(s, protocol="official") for s in counted(3, 3, 3, 3)])


# Which answer is positive.


def test_options_that_begin_with_yes_and_no_are_yes_and_no() -> None:
    samples = [
        choice("a", "A", ["Yes, it is there", "No, it is not"]),
        choice("b", "A", ["No", "Yes"]),
        choice("c", "B", ["High", "Low"]),
    ]
    found = values([asked(sample, "A") for sample in samples])
    assert (found["sensitivity"].value, found["sensitivity"].n) == (1, 1)
    assert (found["specificity"].value, found["specificity"].n) == (1, 1)


def test_an_answer_that_never_came_is_missing_from_its_side() -> None:
    samples = [choice(f"s{n}", "A", ["Yes", "No"]) for n in range(4)]
    came = [asked(sample, "A") for sample in samples]
    lost = replace(came[0], outcome="error", value=None, choice="", option="", details={})
    found = values([*came[1:], lost])["sensitivity"]
    assert (found.n, found.missing, found.worst, found.best) == (3, 1, 0.75, 1)


def two_texts(references: str, replies: str) -> list[Score]:
    texts = {"A": "benign", "B": "malignant"}
    return [
        score(f"q{n}", target, reply, reference=texts[target], option=texts[reply])
        for n, (target, reply) in enumerate(zip(references, replies, strict=True))
    ]


def test_of_two_texts_the_rarer_is_the_finding() -> None:
    found = values(two_texts("AAAABB", "AAABBA"))
    assert (found["sensitivity"].value, found["sensitivity"].n) == (0.5, 2)
    assert (found["specificity"].value, found["specificity"].n) == (0.75, 4)


@pytest.mark.parametrize(
    "scores",
    [
        two_texts("AABB", "ABAB"),
        two_texts("AAAA", "ABAB"),
        [*two_texts("AAB", "ABB"), score("x", "A", "A", reference="unknown", option="unknown")],
        [replace(s, options=4) for s in two_texts("AAB", "ABB")],
    ],
    ids=["equally common", "only one", "three texts", "four options"],
)
def test_else_there_is_no_positive_answer(scores: list[Score]) -> None:
    assert sides_of(scores) is None
    assert not values(scores)


# What is missing.


@given(
    st.lists(
        st.tuples(st.sampled_from(["yes", "no"]), st.sampled_from(["yes", "no", "error"])),
        min_size=2,
        max_size=7,
    )
)
def test_worst_and_best_are_the_ends_of_all_that_missing_answers_could_be(
    said: list[tuple[str, str]],
) -> None:
    found = values(yes_no(said))
    assume("balanced_accuracy" in found)
    lost = [place for place, (_, reply) in enumerate(said) if reply == "error"]
    filled = []
    for words in product(["yes", "no"], repeat=len(lost)):
        whole = dict(enumerate(said)) | {
            place: (said[place][0], word) for place, word in zip(lost, words, strict=True)
        }
        filled.append(values(yes_no(whole.values())))
    for metric, worst, best in (
        ("sensitivity", min, max),
        ("balanced_accuracy", min, max),
        ("likelihood_ratio_positive", min, max),
        ("likelihood_ratio_negative", max, min),
    ):
        known = [one[metric].value for one in filled]
        if None not in known:
            ends = worst(known), best(known)  # type: ignore[type-var]
            assert (found[metric].worst, found[metric].best) == pytest.approx(ends)
    for name in ("ppv", "npv"):
        for one in filled:
            if name in one and name in found:
                value, low, high = one[name].value, found[name].worst, found[name].best
                assert value is None or (low or 0.0) <= value <= (1.0 if high is None else high)


# Verdicts of balanced accuracy.


@pytest.mark.parametrize(
    ("scores", "verdict"),
    [
        (counted(40, 10, 20, 80), "shown"),
        (counted(50, 0, 100, 0), "not shown"),
        (counted(0, 50, 0, 100), "not shown"),
        (counted(26, 24, 45, 55), "not shown"),
        (counted(10, 40, 80, 20), "worse"),
        (counted(9, 0, 0, 100), "not measured"),
        (counted(40, 10, 20, 80) + yes_no([("yes", "error")] * 60, model="m"), "shown"),
    ],
    ids=["looks", "always yes", "always no", "a coin", "reversed", "9 findings", "some missing"],
)
def test_it_is_judged_against_a_half(scores: list[Score], verdict: str) -> None:
    scores = [replace(s, sample=f"{n}", cluster=f"{n}") for n, s in enumerate(scores)]
    found = values(scores)["balanced_accuracy"]
    assert (found.chance, found.verdict) == (0.5, verdict)


def test_missing_answers_that_could_undo_it_leave_it_open() -> None:
    scores = [*counted(40, 10, 20, 80), *yes_no([("yes", "error")] * 200)]
    scores = [replace(s, sample=f"{n}", cluster=f"{n}") for n, s in enumerate(scores)]
    found = values(scores)["balanced_accuracy"]
    assert [found.worst, found.best] == pytest.approx([0.48, 0.88])
    assert found.verdict == "not measured"


def test_a_letter_that_is_yes_here_and_no_there_is_an_opponent_too() -> None:
    samples = [
        *(choice(f"y{n}", "B", ["No", "Yes"]) for n in range(60)),
        *(choice(f"n{n}", "B", ["Yes", "No"]) for n in range(60)),
        *(choice(f"z{n}", "A", ["Yes", "No"]) for n in range(20)),
    ]
    always = values([asked(sample, "B") for sample in samples])["balanced_accuracy"]
    assert always.value == always.constant == 0.875
    assert always.verdict == "not shown"
    better = values([asked(sample, sample.target) for sample in samples])["balanced_accuracy"]
    assert (better.constant, better.verdict) == (0.875, "shown")
    # Far above a half, and below always saying B.
    wrong = [asked(s, "A" if n % 3 else "B") for n, s in enumerate(samples[:60])]
    below = values([*wrong, *(asked(s, s.target) for s in samples[60:])])["balanced_accuracy"]
    assert below.verdict == "worse"


# The intervals.

shares = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def rate(hits: int, n: int) -> Interval:
    return Interval(hits / n, *wilson(hits / n, n))


@given(shares, shares)
def test_bounds_of_a_ratio_are_where_movers_difference_is_none(
    top: tuple[int, int], bottom: tuple[int, int]
) -> None:
    """p - R q has 0 as a bound: the definition, solved by another method."""
    (p, l1, u1, _), (q, l2, u2, _) = rate(*top), rate(*bottom)
    assert p is not None
    assert q is not None
    value, low, high, _ = ratio(rate(*top), rate(*bottom))
    assume(p > 0 and q > 0)
    assert value == p / q
    assert low is not None
    assert high is not None
    assert low <= value * (1 + 1e-9)
    assert high >= value * (1 - 1e-9)
    lower = brentq(_apart(p, q, p - float(l1 or 0), float(u2 or 0) - q, -1), 0, p / q)
    upper = brentq(_apart(p, q, float(u1 or 0) - p, q - float(l2 or 0), 1), p / q, 1e7)
    assert [low, high] == pytest.approx([lower, upper], rel=1e-6)
    other = ratio(rate(*bottom), rate(*top))
    assert [other.low, other.high] == pytest.approx([1 / high, 1 / low])


def _apart(p: float, q: float, top: float, bottom: float, sign: int) -> Callable[[float], float]:
    def bound(r: float) -> float:
        return p - r * q + sign * float(np.hypot(top, r * bottom))

    return bound


@given(answers)
def test_every_interval_holds_its_value(said: list[tuple[str, str]]) -> None:
    for one in values(yes_no(said), prevalence=0.05).values():
        if one.value is not None:
            assert one.low is not None
            assert one.low <= one.value * (1 + 1e-9)
            assert one.high is None or one.high >= one.value * (1 - 1e-9)


@pytest.mark.parametrize(
    ("sensitivity", "specificity", "positives", "negatives"),
    [(0.8, 0.9, 50, 950), (0.95, 0.6, 40, 200), (0.5, 0.98, 84, 536)],
)
def test_ratios_and_predictive_values_hold_the_truth_about_95_times_of_100(
    sensitivity: float, specificity: float, positives: int, negatives: int
) -> None:
    """2,000 draws with one seed: at 95 % the share's own error is half a point."""
    random = np.random.default_rng(0)
    draws = 2000
    hits = random.binomial(positives, sensitivity, draws).tolist()
    alarms = random.binomial(negatives, 1 - specificity, draws).tolist()
    truth = sensitivity / (1 - specificity)
    held = 0
    for hit, alarm in zip(hits, alarms, strict=True):
        found = ratio(rate(hit, positives), rate(alarm, negatives))
        low, high = found.low or 0.0, float("inf") if found.high is None else found.high
        # The PPV at any prevalence is held exactly where the ratio is: it only grows with it.
        held += low <= truth <= high
    assert 0.935 <= held / draws <= 0.975


# Classes.

CLASSES = ("back", "face", "melanoma", "nevus")


def classes(said: Iterable[tuple[str, str]], **more: object) -> list[Score]:
    """Scores of (reference, reply): texts in an order of options that questions differ in."""
    found = []
    for n, (gold, reply) in enumerate(said):
        order = [*CLASSES[n % 4 :], *CLASSES[: n % 4]]
        letter = "ABCD"[order.index(reply)] if reply in order else reply
        plain = score(f"q{n}", "ABCD"[order.index(gold)], letter, options=4, reference=gold)
        found.append(replace(plain, option=reply if reply in order else "", **more))
    return found


@given(
    st.lists(
        st.tuples(st.sampled_from(CLASSES), st.sampled_from([*CLASSES, "abstention"])),
        min_size=40,
        max_size=60,
    ).filter(lambda said: {gold for gold, _ in said} == set(CLASSES))
)
def test_recall_and_precision_of_classes_are_those_of_scikit_learn(
    said: list[tuple[str, str]],
) -> None:
    gold, replies = zip(*said, strict=True)
    found = estimates(CLINICAL, classes(said))
    more = {"labels": CLASSES, "average": None, "zero_division": np.nan}
    recall = recall_score(gold, replies, **more)
    precision = precision_score(gold, replies, **more)
    for name, of_gold, of_named in zip(CLASSES, recall, precision, strict=True):
        assert find(found, "recall", "class", name).value == pytest.approx(of_gold)
        if name in replies:
            row = find(found, "class_precision", "class", name)
            assert [row.value, row.n] == pytest.approx([of_named, replies.count(name)])
    macro = find(found, "macro_recall")
    assert [macro.value, macro.n] == pytest.approx([np.mean(recall), len(said)])
    if set(replies) & set(CLASSES):
        expected = np.nanmean(precision)
        assert find(found, "macro_precision").value == pytest.approx(expected)


def test_the_best_constant_answer_is_a_letter_or_a_class() -> None:
    said = [(name, name) for name in CLASSES for _ in range(10)]
    found = find(estimates(CLINICAL, classes(said)), "macro_recall")
    assert [found.chance, found.constant] == pytest.approx([0.25, (3 + 3 + 2 + 2) / 40])
    one_letter = [replace(s, target="D", choice="D") for s in classes(said)]
    found = find(estimates(CLINICAL, one_letter), "macro_recall")
    assert (found.value, found.constant, found.verdict) == (1, 1, "")


def test_answers_that_never_came_are_missing_from_classes() -> None:
    said = [(name, name) for name in CLASSES for _ in range(10)]
    scores = classes([*said[:-1], ("nevus", "error")])
    found = estimates(CLINICAL, scores)
    nevus = find(found, "recall", "class", "nevus")
    assert (nevus.n, nevus.missing, nevus.worst, nevus.best) == (9, 1, 0.9, 1)
    macro = find(found, "macro_recall")
    assert [macro.missing, macro.worst, macro.best] == pytest.approx([1, 0.975, 1])
    assert find(found, "class_precision", "class", "back").worst == pytest.approx(10 / 11)
    assert find(found, "macro_precision").worst is None


@pytest.mark.parametrize(
    "names", [["a", "b"], [f"text {n}" for n in range(12)] * 3], ids=["two", "texts hardly recur"]
)
def test_few_classes_and_texts_that_hardly_recur_are_none(names: list[str]) -> None:
    scores = [score(f"q{n}", "A", "A", options=4, reference=name) for n, name in enumerate(names)]
    assert not estimates(CLINICAL, scores)


# The real sets.


def constant(samples: Iterable[Sample], letter: str) -> list[Score]:
    return [asked(sample, letter) for sample in samples]


def test_always_b_is_right_of_95_in_100_and_knows_nothing(shared_data: Path) -> None:
    """On OL3I. B is "Yes" to whether the diagnosis was negative, so no side shows it alone."""
    samples = ol3i._read(shared_data / "cares/data/OL3I/OL3I_factuality.jsonl").samples
    scores = constant(samples, "B")
    assert sum(score.value or 0 for score in scores) == 953
    found = values(scores)
    balanced = found["balanced_accuracy"]
    assert (found["sensitivity"].n, found["specificity"].n) == (84, 536)
    assert balanced.value == pytest.approx((70 / 84 + 534 / 536) / 2)
    assert (balanced.constant, balanced.verdict) == (balanced.value, "not shown")
    # Where yes is the first option, B never finds anything.
    found = values(constant([s for s in samples if s.options[0] != "No"], "B"))
    assert (found["sensitivity"].value, found["sensitivity"].n) == (0, 14)
    assert (found["ppv"].value, found["likelihood_ratio_positive"].value) == (None, None)
    assert (found["balanced_accuracy"].value, found["balanced_accuracy"].verdict) == (
        0.5,
        "not shown",
    )


def test_always_d_is_right_of_two_in_five_and_of_few_classes(shared_data: Path) -> None:
    samples = ham10000._read(shared_data / "cares/data/HAM10000/HAM10000_factuality.jsonl").samples
    scores = constant(samples, "D")
    assert sum(score.value or 0 for score in scores) == 796
    found = estimates(CLINICAL, scores)
    recall = {e.group: e for e in found if e.metric == "recall"}
    assert len(recall) == 20
    assert (recall["basal cell carcinoma"].value, recall["basal cell carcinoma"].n) == (0, 49)
    assert recall["vascular lesions"].value == 0
    macro = find(found, "macro_recall")
    assert macro.value == pytest.approx(0.18, abs=1e-3)
    assert macro.chance == 0.25
    # Another letter is right of more classes.
    assert macro.constant == pytest.approx(0.4188, abs=1e-4)


def test_a_model_that_finds_some_is_told_from_always_b(shared_data: Path) -> None:
    samples = ol3i._read(shared_data / "cares/data/OL3I/OL3I_factuality.jsonl").samples
    random = Random(0)
    scores = [
        asked(s, s.target if s.target == "B" or random.random() < 0.9 else "B") for s in samples
    ]
    found = values(scores)["balanced_accuracy"]
    assert found.constant is not None
    assert found.constant > 0.9
    assert found.verdict == "shown"
