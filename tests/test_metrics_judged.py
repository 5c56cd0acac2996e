"""How far a judge agrees with itself."""

import pytest
from msgspec.structs import replace

from medtrust.metrics.judged import JUDGED
from metric_scores import estimates, score


def test_agreement_is_a_mean_over_judged_answers() -> None:
    scores = [
        replace(score(f"s{n}", "A", "A"), details={"agreement": value})
        for n, value in enumerate((1.0, 0.5, 1.0, 0.5, 0.75))
    ]
    scores += [score("refused", "A", "abstention"), score("lost", "A", "error")]
    (found,) = estimates(JUDGED, scores)
    assert found.metric == "judge_agreement"
    assert found.value == pytest.approx(0.75)
    assert (found.n, found.missing) == (5, 1)
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low < 0.75 < found.high <= 1


def test_without_a_judge_there_is_nothing_to_report() -> None:
    assert estimates(JUDGED, [score("a", "A", "A")]) == []
