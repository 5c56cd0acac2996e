"""Which rates are corrected for their detector's errors, by which counts, and which are not."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from scipy import stats

from medtrust.metrics import detected
from medtrust.metrics.abstention import ABSTENTION, ABSTENTION_RATE
from medtrust.metrics.detected import adjusted_rows
from medtrust.metrics.detectors import (
    Counted,
    Detector,
    Labelled,
    LabelledSet,
    disagree,
    disagreement,
    labelled,
    length_of,
)
from medtrust.metrics.fisher import fisher
from medtrust.metrics.metric import Settings
from medtrust.metrics.rogan_gladen import adjusted
from medtrust.metrics.uncertainty import UNCERTAINTY
from medtrust.records import Score
from medtrust.tasks.select import load
from metric_scores import estimates, find, score


def counted(detector: str = "abstention", asks: str = "question", **more: Any) -> Counted:
    """Fifty replies that decline, of which 40 are found, and fifty others, of which 5 are."""
    cells: dict[str, Any] = {
        "set": "a",
        "length": "to 200",
        "tp": 40,
        "fn": 10,
        "tn": 45,
        "fp": 5,
    } | more
    return Counted(detector=detector, asks=asks, **cells)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> list[Counted]:
    """The counts in use: two real sets `a` and `b`, and one that somebody made up."""
    counts = [counted(), counted(length="201-500", tp=25, fn=25, tn=30, fp=20)]

    def now() -> Labelled:
        sets = {
            name: LabelledSet(source="made here", real=name != "made up")
            for name in ("a", "b", "made up")
        }
        return Labelled(sets=sets, counts=tuple(counts))

    monkeypatch.setattr(detected, "labelled", now)
    return counts


def said(name: str, characters: int, details: Mapping[str, float], **more: Any) -> Score:
    """An answer whose reply has so many characters."""
    return replace(score(name, "A", "A", details=details, **more), reply="x" * characters)


def declining(short: int, long: int = 0, **more: Any) -> list[Score]:
    """Replies of which every second declines."""
    sizes = [20] * short + [300] * long
    return [said(str(n), size, {"abstained": float(n % 2)}, **more) for n, size in enumerate(sizes)]


def why(scores: Sequence[Score], settings: Settings | None = None) -> str:
    """The note, which is there exactly where the row is not."""
    settings = settings or Settings()
    notes = [*ABSTENTION.notes(tuple(scores), settings)]
    names = {row.metric for row in estimates(ABSTENTION, scores, settings)}
    assert ("abstention_adjusted" in names) != bool(notes)
    return "\n".join(notes)


def test_a_rate_is_corrected_within_lengths(known: list[Counted]) -> None:
    row = find(estimates(ABSTENTION, declining(40, 40)), "abstention_adjusted")
    short, long = adjusted(0.5, 0.8, 0.9), adjusted(0.5, 0.5, 0.6)
    assert short is not None
    assert long is not None
    assert row.value == pytest.approx((short + long) / 2)
    assert (row.n, row.missing, row.clusters) == (80, 0, 80)
    assert row.low is not None
    assert row.high is not None
    assert row.value is not None
    assert row.low < row.value < row.high
    assert why(declining(40)) == ""


def test_repeats_of_a_question_share_its_weight(known: list[Counted]) -> None:
    once = declining(10)
    twice = [replace(one, repeat=repeat) for one in once for repeat in range(2)]
    rows = [find(estimates(ABSTENTION, own), "abstention_adjusted") for own in (once, twice)]
    assert (rows[0].value, rows[0].low) == pytest.approx((rows[1].value, rows[1].low))


def test_groups_are_corrected_by_their_own_replies(known: list[Counted]) -> None:
    scores = [*declining(20, groups={"sex": ("female",)})]
    scores += [said(f"m{n}", 300, {"abstained": 1.0}, groups={"sex": ("male",)}) for n in range(20)]
    found = estimates(ABSTENTION, scores)
    female = find(found, "abstention_adjusted", "sex", "female").value
    assert female == pytest.approx(adjusted(0.5, 0.8, 0.9))
    assert find(found, "abstention_adjusted", "sex", "male").value == 1.0


def test_a_length_that_nobody_labelled_withholds_the_rate(known: list[Counted]) -> None:
    scores = [*declining(40), said("long", 900, {"abstained": 0.0})]
    assert "0 with and 0 without" in why(scores)
    assert "beyond 500" in why(scores)


def test_too_few_labels_withhold_it(known: list[Counted]) -> None:
    known[0] = counted(tp=5, fn=4)
    assert "9 with and 50 without it have been labelled, and 10 of each" in why(declining(40))
    known[0] = counted(tp=5, fn=5)
    assert why(declining(40)) == ""


def test_another_kind_of_task_withholds_it(known: list[Counted]) -> None:
    assert "real replies to a wish" in why(declining(40), Settings(asks="wish"))
    known.append(counted(asks="wish"))
    assert why(declining(40), Settings(asks="wish")) == ""


def test_sets_that_contradict_each_other_withhold_it(known: list[Counted]) -> None:
    known.append(counted(set="b", tp=10, fn=40))
    assert re.search(r"err differently .*\(a, b\)", why(declining(40)))
    known[-1] = counted(set="b", tp=38, fn=12)
    assert why(declining(40)) == ""


def test_made_up_replies_correct_nothing(known: list[Counted]) -> None:
    known[:] = [counted(set="made up")]
    assert "0 with and 0 without" in why(declining(40))
    known.append(counted())
    row = find(estimates(ABSTENTION, declining(40)), "abstention_adjusted")
    assert row.value == pytest.approx(adjusted(0.5, 0.8, 0.9))


def test_what_a_model_read_is_not_corrected_for_the_rules(known: list[Counted]) -> None:
    settings = Settings(readers={"abstention": "openai/reader"})
    assert "openai/reader read the replies" in why(declining(40), settings)
    assert why(declining(40), Settings(readers={"abstention": "rules"})) == ""


def test_confidence_goes_by_the_length_of_the_last_reply(known: list[Counted]) -> None:
    known.append(counted("confidence"))
    scores = [said(str(n), 900, {"confident": n % 2, "last_reply": 12.0}) for n in range(40)]
    row = find(estimates(UNCERTAINTY, scores), "confident_adjusted")
    assert row.value == pytest.approx(adjusted(0.5, 0.8, 0.9))


def test_clustered_answers_say_less(known: list[Counted]) -> None:
    def width(cluster: str) -> float:
        scores = [
            score(str(n), "A", "A", details={"abstained": float(n % 2)}, cluster=cluster or str(n))
            for n in range(60)
        ]
        row = find(estimates(ABSTENTION, scores, rho=0.5), "abstention_adjusted")
        return (row.high or 0) - (row.low or 0)

    assert width("one") > 1.5 * width("")


def test_nothing_to_correct_needs_no_note(known: list[Counted]) -> None:
    nothing = [score("1", "A", "error")]
    assert not [*ABSTENTION.notes(tuple(nothing), Settings())]
    official = [score("1", "A", "A", details={"abstained": 1.0}, protocol="official")]
    assert not [*ABSTENTION.notes(tuple(official), Settings())]
    assert not list(adjusted_rows(ABSTENTION_RATE, "no such")(tuple(declining(3)), Settings()))


@pytest.mark.parametrize(
    "cells", [(0, 5, 5, 0), (40, 10, 10, 40), (3, 7, 4, 6), (1, 0, 0, 1), (100, 1, 90, 9)]
)
def test_fishers_test_agrees_with_scipy(cells: tuple[int, int, int, int]) -> None:
    a, b, c, d = cells
    assert fisher(a, b, c, d) == pytest.approx(stats.fisher_exact([[a, b], [c, d]]).pvalue)


def test_sets_are_compared_in_both_rates_and_allowed_for_how_many_there_are() -> None:
    same = Detector(tp=45, fn=5, tn=45, fp=5)
    assert disagreement([]) == disagreement([same]) == 1.0
    other = Detector(tp=45, fn=5, tn=30, fp=20)
    assert disagree([same, other])
    assert disagreement([same, other]) == pytest.approx(2 * fisher(45, 5, 30, 20))
    assert disagreement([same, same, other]) == pytest.approx(6 * fisher(45, 5, 30, 20))
    # A set without replies of one label says nothing of that rate.
    assert disagreement([same, Detector(tp=5, fn=0)]) == fisher(45, 5, 5, 0)


def test_lengths_are_those_of_the_file() -> None:
    assert [length_of(n) for n in (0, 200, 201, 500, 501, 9999)] == [
        *("to 200", "to 200", "201-500", "201-500", "beyond 500", "beyond 500"),
    ]
    assert {one.length for one in labelled().counts} <= {length_of(n) for n in (1, 300, 600)}


def test_tasks_say_what_they_ask_for() -> None:
    kinds = {name: load(f"cares/{name}").asks for name in ("factuality", "toxicity", "privacy-f1")}
    assert kinds == {"factuality": "question", "toxicity": "wish", "privacy-f1": "private value"}
    assert load("control/text-only:cares/overcaution-2").asks == "wish"
    assert {one.asks for one in labelled().counts} <= {*kinds.values()}
