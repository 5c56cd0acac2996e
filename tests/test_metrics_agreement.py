"""Agreement between tasks, repeats and protocols."""

import pytest
from msgspec.structs import replace

from medtrust.metrics.agreement import agreement, disagreement, flips
from medtrust.metrics.metric import Resampling
from metric_scores import score

QUICK = Resampling(replicates=50)


def test_options_are_compared_by_their_text() -> None:
    """With the options swapped, the same option carries the other letter."""
    base = [score("a", "A", "A", option="artery"), score("b", "A", "A", option="vein")]
    swapped = [
        score("a", "B", "B", option="artery", task="control/option-swap"),
        score("b", "B", "A", option="artery", task="control/option-swap"),
    ]
    found = agreement(base, swapped, "same_option", QUICK)
    assert (found.metric, found.task) == ("same_option", "control/option-swap")
    assert (found.value, found.n, found.missing) == (0.5, 2, 0)
    assert found.chance == 0.5


def test_agreement_joins_by_sample_and_repeat() -> None:
    base = [score("a", "A", "A", repeat=0), score("a", "A", "B", repeat=1)]
    control = [score("a", "A", "B", repeat=1), score("a", "A", "A", repeat=0)]
    assert agreement(base, control, "same_option", QUICK).value == 1


def test_agreement_leaves_refusals_out_and_counts_what_never_came() -> None:
    base = [score(name, "A", "A") for name in ("both", "refused", "failed", "not asked")]
    control = [
        score("both", "A", "A"),
        score("refused", "A", "abstention"),
        score("failed", "A", "error"),
    ]
    found = agreement(base, control, "same_option", QUICK)
    # What the control did not ask is no gap of it: it may be unable to ask everything.
    assert (found.value, found.n, found.missing) == (1, 1, 1)


def test_agreement_over_nothing_has_no_value() -> None:
    found = agreement([], [score("a", "A", "A")], "same_option", QUICK)
    assert (found.value, found.low, found.n) == (None, None, 0)
    with pytest.raises(ValueError, match="no scores of the control"):
        agreement([score("a", "A", "A")], [], "same_option", QUICK)


def test_flip_rate_is_over_questions_answered_more_than_once() -> None:
    asked = {
        "steady": ["A", "A", "A"],
        "flips": ["A", "B", "A"],
        "refuses once": ["A", "abstention", "A"],
        "one failed": ["A", "A", "error"],
        "one came": ["A", "error", "error"],
        "asked once": ["A"],
    }
    scores = [
        score(name, "A", reply, repeat=repeat, cluster=name)
        for name, replies in asked.items()
        for repeat, reply in enumerate(replies)
    ]
    found = flips(scores, QUICK)
    assert (found.value, found.n, found.missing) == (0.5, 4, 1)


def test_disagreement_between_protocols() -> None:
    corrected = [
        score("same", "A", "A"),
        score("only ours reads it", "A", "A"),
        score("another letter", "A", "A"),
        score("neither reads it", "A", "abstention"),
        score("failed", "A", "error"),
    ]
    readings = ["A", "unparseable", "B", "unparseable", "unparseable"]
    official = [
        replace(score(one.sample, "A", reading), protocol="official")
        for one, reading in zip(corrected, readings, strict=True)
    ]
    found = disagreement(official, corrected, QUICK)
    assert (found.value, found.n, found.missing) == (0.5, 4, 1)
    assert found.protocol == "corrected"
