"""How far a judge agrees with itself."""

import pytest
from msgspec.structs import replace

from medtrust.metrics.judged import judged
from medtrust.metrics.metric import Resampling
from metric_scores import score

QUICK = Resampling(replicates=100)


def test_agreement_is_a_mean_over_judged_answers() -> None:
    scores = [
        replace(score(f"s{n}", "A", "A"), details={"agreement": value})
        for n, value in enumerate((1.0, 0.5, 1.0, 0.5, 0.75))
    ]
    scores += [score("refused", "A", "abstention"), score("lost", "A", "error")]
    (found,) = judged(scores, QUICK)
    assert found.metric == "judge_agreement"
    assert found.value == pytest.approx(0.75)
    assert (found.n, found.missing) == (5, 1)
    assert found.low is not None
    assert found.high is not None
    assert 0.5 <= found.low <= 0.75 <= found.high <= 1.0


def test_without_a_judge_there_is_nothing_to_report() -> None:
    assert judged([score("a", "A", "A")], QUICK) == []
