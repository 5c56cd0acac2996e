"""Which published figures can come from one run."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.errors import InputError
from medtrust.metrics.measure import measure
from medtrust.metrics.metric import Settings
from medtrust.metrics.pairs import PAIRS
from medtrust.metrics.possible import impossible, impossible_rates
from medtrust.records import Score
from metric_scores import find, results

# Set accuracy and confusion of the leaderboard (mediconfusion.md 2.4), in per cent.
LEADERBOARD = {
    "Gemini 2.0 Pro": (29.55, 61.93),
    "Random": (25.00, 50.00),
    "GPT o1": (24.43, 70.52),
    "Gemini 1.5 Pro": (19.89, 58.52),
    "GPT-4o": (18.75, 75.00),
    "DeepSeek-VL2": (15.91, 77.19),
    "Llama 3.2 90B": (15.34, 78.41),
    "InstructBLIP 7B": (12.50, 80.35),
    "Molmo 7B-D": (9.66, 86.21),
    "LLaVA 1.6 7B": (9.09, 85.80),
    "Claude 3 Opus": (8.52, 84.09),
    "BLIP-2 2.7B": (6.82, 86.93),
    "Molmo 72B": (6.82, 85.80),
    "RadFM": (5.68, 85.80),
    "Janus Pro 7B": (4.55, 92.05),
    "Med-Flamingo": (4.55, 98.30),
    "LLaVA-Med 1.5": (1.14, 97.16),
}


@pytest.mark.parametrize("model", LEADERBOARD)
def test_one_row_of_the_leaderboard_is_impossible(model: str) -> None:
    solved, confused = (rate / 100 for rate in LEADERBOARD[model])
    reason = impossible_rates(pairs=176, set_rate=solved, confusion_rate=confused)
    expected = (
        "set accuracy 4.55% means 8 of 176 pairs, but confusion 98.30% leaves at most 3 pairs "
        "told apart"
    )
    assert reason == (expected if model == "Med-Flamingo" else "")


def test_the_published_run_of_gpt_4o_is_possible() -> None:
    counts = {"pairs": 176, "set_correct": 30, "confused": 116, "valid_pairs": 157}
    assert impossible(**counts, individual_correct=189, invalid=20) == ""
    assert not impossible_rates(
        pairs=176,
        set_rate=0.1705,
        confusion_rate=0.7389,
        individual_rate=0.5369,
        invalid_rate=0.0568,
        valid_pairs=157,
    )


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ((176, 8, 173, 176), "8 pairs with both right, but only 3 of 176"),
        ((176, 0, 177, 176), "more confused pairs"),
        ((176, 0, 0, 177), "more valid pairs"),
        ((176, -1, 0, 176), "negative"),
        ((-1, 0, 0, 0), "negative"),
        ((176, 30, 116, 157, 170), "170 right answers"),
        ((176, 30, 116, 157, 196), "196 right answers"),
        ((176, 30, 116, 157, 189, 18), "18 invalid answers"),
        ((176, 30, 116, 157, 189, 39), "39 invalid answers"),
    ],
)
def test_impossible_counts_are_explained(counts: tuple[int, ...], reason: str) -> None:
    names = ("pairs", "set_correct", "confused", "valid_pairs", "individual_correct", "invalid")
    assert reason in impossible(**dict(zip(names, counts, strict=False)))


@given(results(st.sampled_from(["A", "B", "abstention", "unparseable", "tie"])))
def test_what_the_metrics_report_is_always_possible(scores: list[Score]) -> None:
    found = [one.estimate for one in measure(PAIRS, scores, Settings())]
    reason = impossible_rates(
        pairs=len(scores) // 2,
        set_rate=round(find(found, "set_accuracy").value or 0, 4),
        confusion_rate=round(find(found, "confusion").value or 0, 4),
        individual_rate=round(find(found, "individual_accuracy").value or 0, 4),
        invalid_rate=round(sum(s.outcome != "choice" for s in scores) / len(scores), 4),
    )
    assert not reason


PERCENT = st.integers(0, 4).map(lambda quarter: quarter / 4)


@given(st.integers(1, 5), PERCENT, PERCENT, st.none() | PERCENT, st.none() | PERCENT)
def test_rates_are_possible_exactly_when_some_counts_are(
    total: int, solved: float, confused: float, right: float | None, invalid: float | None
) -> None:
    """Against all whole numbers there are, with rates rounded to quarters."""

    def near(count: int, out_of: int, rate: float | None) -> bool:
        return rate is None or abs((count / out_of if out_of else 0) - rate) <= 0.125

    expected = any(
        near(k, total, solved)
        and near(c, v, confused)
        and near(i, 2 * total, right)
        and near(x, 2 * total, invalid)
        and not impossible(
            pairs=total, set_correct=k, confused=c, valid_pairs=v, individual_correct=i, invalid=x
        )
        for k, v, i, x in product(
            range(total + 1), range(total + 1), range(2 * total + 1), range(2 * total + 1)
        )
        for c in range(v + 1)
    )
    found = impossible_rates(
        pairs=total,
        set_rate=solved,
        confusion_rate=confused,
        individual_rate=right,
        invalid_rate=invalid,
        step=0.25,
    )
    assert (found == "") == expected


def test_confusion_as_a_share_of_all_pairs() -> None:
    """Upstream's older tables: 50 % of ten pairs confused leaves five to solve, not six."""
    reasons = [
        impossible_rates(pairs=10, set_rate=rate, confusion_rate=0.5, valid_pairs=10)
        for rate in (0.5, 0.6)
    ]
    assert [bool(reason) for reason in reasons] == [False, True]


def test_rates_that_no_whole_number_has() -> None:
    found = impossible_rates(pairs=176, set_rate=0.0450, confusion_rate=0.9)
    assert found.startswith("set accuracy 4.50%: no whole number")
    assert impossible_rates(pairs=176, set_rate=1.2, confusion_rate=0.9)
    assert "confusion" in impossible_rates(pairs=3, set_rate=0, confusion_rate=0.9)


@pytest.mark.parametrize(("number", "step"), [(0, 1e-4), (10**9, 1e-4), (176, 0.0)])
def test_searches_without_end_are_refused(number: int, step: float) -> None:
    with pytest.raises(InputError, match="cannot audit"):
        impossible_rates(pairs=number, set_rate=0.5, confusion_rate=0.5, step=step)
