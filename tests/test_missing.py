"""What is known of incomplete data: wrong halves decide, and missing answers bound the value."""

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from medtrust.metrics.accuracy import ACCURACY
from medtrust.metrics.agreement import CONTROLS, agreement
from medtrust.metrics.metric import Family
from medtrust.metrics.pairs import PAIRS
from medtrust.metrics.repeats import repeated
from medtrust.metrics.verdict import finish
from medtrust.records import Estimate, Protocol, Score
from metric_scores import estimates, find, pair, results, score

LOST: tuple[str, ...] = ("error", "absent")
PROTOCOLS: tuple[Protocol, ...] = ("official", "corrected")


def together(*kinds: tuple[int, Sequence[str]]) -> list[Score]:
    """So many pairs of each kind of replies, to references A and B."""
    replies = [own for many, own in kinds for _ in range(many)]
    return [one for n, own in enumerate(replies) for one in pair(f"p{n}", "AB", own)]


def row(scores: Sequence[Score], metric: str) -> tuple[float | None, ...]:
    """Value, denominator, what is missing, worst and best."""
    one = find(estimates(PAIRS, scores), metric)
    return one.value, one.n, one.missing, one.worst, one.best


# One half of a pair.


@pytest.mark.parametrize("lost", LOST)
def test_nothing_lifts_a_pair_that_has_a_wrong_answer(lost: str) -> None:
    """Was 42.9 of 70 pairs and above chance, where nothing could lift it above 30."""
    half_wrong = [(15, ["B", lost]), (15, [lost, "A"])]
    scores = together((30, ["A", "B"]), (40, ["A", "A"]), *half_wrong)
    assert row(scores, "set_accuracy") == (0.3, 100, 0, 0.3, 0.3)
    assert find(estimates(PAIRS, scores), "set_accuracy").verdict == "not shown"


@pytest.mark.parametrize("lost", LOST)
def test_a_right_half_leaves_the_pair_open(lost: str) -> None:
    scores = together((30, ["A", "B"]), (40, ["A", "A"]), (30, ["A", lost]))
    assert row(scores, "set_accuracy") == pytest.approx((3 / 7, 70, 30, 0.3, 0.6))
    # Chance lies under the worst case, so that nothing is left open.
    assert find(estimates(PAIRS, scores), "set_accuracy").baseline == 0.25


OPEN = (None, 0, 1, 0, 1)
OUT = (None, 0, 0, None, None)


@pytest.mark.parametrize(
    ("half", "metric", "expected"),
    [
        ("A", "set_accuracy", OPEN),
        ("B", "set_accuracy", (0, 1, 0, 0, 0)),
        ("abstention", "set_accuracy", (0, 1, 0, 0, 0)),
        ("A", "confusion", (None, 0, 1, 1, 0)),
        ("abstention", "confusion", OUT),
        ("A", "confusion_all", (None, 0, 1, 1, 0)),
        ("abstention", "confusion_all", (0, 1, 0, 0, 0)),
        ("A", "distinguished", OPEN),
        ("unparseable", "distinguished", (0, 1, 0, 0, 0)),
        ("A", "precision", OPEN),
        ("tie", "precision", OUT),
        ("error", "set_accuracy", OPEN),
        ("error", "precision", OPEN),
    ],
)
def test_what_half_a_pair_tells_of_it(
    half: str, metric: str, expected: tuple[float | None, ...]
) -> None:
    assert row(pair("p", "AB", [half, "error"]), metric) == expected


def test_a_quarantined_question_takes_its_pair_along() -> None:
    """The corrected reading has no score of it at all."""
    scores = together((10, ["A", "B"]), (10, ["A", "A"]))
    sound = [one for one in scores if one.sample not in {"p0/1", "p10/2"}]
    assert row(sound, "set_accuracy")[:3] == (0.5, 18, 0)
    assert row(sound, "individual_accuracy")[:3] == pytest.approx((29 / 38, 38, 0))


def test_flips_are_known_from_two_answers() -> None:
    replies = {"one came": ["A", "error", "absent"], "two came": ["A", "B", "error"]}
    scores = [
        score(name, "A", reply, repeat=repeat)
        for name, own in replies.items()
        for repeat, reply in enumerate(own)
    ]
    found = find([finish(one, 0.1) for one in repeated(scores, [])], "flip_rate")
    assert (found.value, found.n, found.missing) == (1, 1, 1)
    assert (found.best, found.worst) == (0.5, 1)


def test_agreement_is_open_where_one_answer_is_missing() -> None:
    base = [score("a", "A", "A"), score("b", "A", "A"), score("c", "A", "A")]
    control = [score("a", "A", "A"), score("b", "A", "error"), score("c", "A", "unparseable")]
    found = agreement(base, control, CONTROLS["control/repeat"]).estimate
    assert (found.value, found.n, found.missing, found.worst, found.best) == (1, 1, 1, 0.5, 1)


# Worst and best.


def answered(right: int, wrong: int, missing: int, **more: object) -> Estimate:
    replies = ["A"] * right + ["B"] * wrong + ["error"] * missing
    scores = [score(f"s{n}", "A", reply, options=2, **more) for n, reply in enumerate(replies)]
    return find(estimates(ACCURACY, scores), "accuracy")


def test_missing_answers_may_all_be_wrong_or_all_be_right() -> None:
    found = answered(60, 10, 30)
    assert (found.n, found.missing) == (70, 30)
    assert found.value == pytest.approx(6 / 7)
    assert (found.worst, found.best) == (0.6, 0.9)


def test_nothing_missing_leaves_nothing_open() -> None:
    found = answered(6, 4, 0)
    assert (found.worst, found.value, found.best) == (0.6, 0.6, 0.6)


def test_where_less_is_better_the_worst_is_the_larger() -> None:
    scores = together((6, ["A", "A"]), (2, ["A", "B"]), (2, ["A", "error"]))
    assert row(scores, "confusion") == (0.75, 8, 2, 0.8, 0.6)


def test_a_repeat_that_did_not_come_is_a_part_of_a_question() -> None:
    replies = {"a": ["A", "A"], "b": ["A", "error"], "c": ["B", "B"]}
    scores = [
        score(name, "A", reply, repeat=repeat)
        for name, own in replies.items()
        for repeat, reply in enumerate(own)
    ]
    found = find(estimates(ACCURACY, scores), "accuracy")
    assert (found.value, found.n, found.missing) == pytest.approx((2 / 3, 3, 1))
    assert (found.worst, found.best) == pytest.approx((1.5 / 3, 2 / 3))


@pytest.mark.parametrize(("missing", "verdict"), [(0, "shown"), (3, "shown"), (30, "not measured")])
def test_there_is_no_verdict_where_missing_answers_could_turn_it(
    missing: int, verdict: str
) -> None:
    """25 of 30 right; a half is chance."""
    scores = [
        *(score(f"s{n}", "AB"[n % 2], "AB"[n % 2]) for n in range(25)),
        *(score(f"w{n}", "AB"[n % 2], "BA"[n % 2]) for n in range(5)),
        *(score(f"m{n}", "AB"[n % 2], "error") for n in range(missing)),
    ]
    assert find(estimates(ACCURACY, scores), "accuracy").verdict == verdict


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("lost", LOST)
def test_a_server_that_never_answered_is_not_measured(protocol: Protocol, lost: str) -> None:
    """Was 'below chance' in the official reading, which counts a failed call as invalid."""
    scores = [replace(one, protocol=protocol) for one in together((40, [lost, lost]))]
    for one in estimates(PAIRS, scores):
        assert one.verdict not in {"shown", "not shown", "worse"}
        if one.value is not None and one.n and one.baseline is not None:
            assert (one.verdict, one.worst, one.best) == ("not measured", 0, 1)


def test_official_figures_of_no_answer_are_zero_and_say_that_all_is_missing() -> None:
    scores = [replace(one, protocol="official") for one in together((40, ["error", "error"]))]
    found = find(estimates(PAIRS, scores), "set_accuracy")
    assert (found.value, found.n, found.missing, found.verdict) == (0, 40, 40, "not measured")


WHOLE = {"set_accuracy", "individual_accuracy", "confusion_all", "distinguished"}
QUOTIENTS = {"confusion", "precision"}
SOME = Family(metrics=tuple(one for one in PAIRS.metrics if one.name in WHOLE | QUOTIENTS))


@settings(max_examples=50)
@given(results())
def test_worst_and_best_are_what_the_missing_answers_could_make_of_it(scores: list[Score]) -> None:
    """By all ways to fill up to three missing answers, refusals among them."""
    holes = [place for place, one in enumerate(scores) if one.outcome in LOST]
    if not 0 < len(holes) <= 3:
        return
    known = {one.metric: one for one in estimates(SOME, scores) if one.group_by == "all"}
    reached: dict[str, list[float]] = {}
    for way in product(["A", "B", "abstention"], repeat=len(holes)):
        filled = [*scores]
        for place, reply in zip(holes, way, strict=True):
            old = scores[place]
            new = score(old.sample, old.target, reply, pair=old.pair, cluster=old.cluster)
            filled[place] = replace(new, groups=old.groups)
        for one in estimates(SOME, filled):
            if one.group_by == "all" and one.value is not None:
                reached.setdefault(one.metric, []).append(one.value)
    for metric in WHOLE:
        ends = sorted([known[metric].worst or 0.0, known[metric].best or 0.0])
        assert ends == pytest.approx([min(reached[metric]), max(reached[metric])])
        value = known[metric].value
        assert value is None or ends[0] - 1e-9 <= value <= ends[1] + 1e-9
    # A pair may also leave these denominators, which keeps them within the same bounds.
    for metric in QUOTIENTS:
        if known[metric].worst is not None and metric in reached:
            ends = sorted([known[metric].worst or 0.0, known[metric].best or 0.0])
            assert ends[0] - 1e-9 <= min(reached[metric]) <= max(reached[metric]) <= ends[1] + 1e-9
