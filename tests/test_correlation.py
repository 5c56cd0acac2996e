"""Which intra-cluster correlation an interval takes for granted: never the figure's own."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medtrust.metrics.accuracy import ACCURACY
from medtrust.metrics.correlation import LEAST, correlations
from medtrust.metrics.evidence import Measured
from medtrust.metrics.measure import measure
from medtrust.metrics.metric import Settings
from medtrust.records import Estimate, Score
from metric_scores import score


def answers(right: Sequence[Sequence[bool]], **more: object) -> list[Score]:
    """One cluster of answers a row."""
    return [
        score(f"c{c}/{n}", "A", "A" if hit else "B", cluster=f"c{c}", **more)
        for c, row in enumerate(right)
        for n, hit in enumerate(row)
    ]


def run(*results: Sequence[Score]) -> list[Measured]:
    return [one for scores in results for one in measure(ACCURACY, scores, Settings())]


def is_primary(one: Estimate) -> bool:
    return (one.metric, one.group_by) == ("accuracy", "all")


def taken(measured: Sequence[Measured], model: str = "m", declared: float = 0.12) -> float:
    """The correlation that the accuracy of a model is given."""
    (own,) = (
        one.estimate
        for one in measured
        if is_primary(one.estimate)
        and (one.estimate.model, one.estimate.task, one.estimate.protocol)
        == (model, "t", "corrected")
    )
    return correlations(measured, is_primary, lambda _: declared)(own)


def drawn(
    draws: np.random.Generator, rho: float, clusters: int = 300, size: int = 8
) -> list[list[bool]]:
    """Answers of which any two of a cluster correlate by rho: so many repeat their cluster's."""
    alike = draws.random((clusters, size)) < rho**0.5
    said = np.where(alike, draws.random((clusters, 1)) < 0.6, draws.random((clusters, size)) < 0.6)
    found: list[list[bool]] = said.tolist()
    return found


ALIKE = [[True] * 4] * 10 + [[False] * 4] * 10
APART = [[True, False, True, False]] * 20


def test_alone_a_figure_takes_what_its_dataset_declares() -> None:
    for own in (ALIKE, APART):
        assert taken(run(answers(own))) == 0.12


def test_it_is_never_less_than_a_run_can_tell_from_none() -> None:
    assert taken(run(answers(ALIKE)), declared=0.0) == LEAST == 0.05
    assert taken(run(answers(ALIKE), answers(APART, model="other")), declared=0.02) == 0.05


def test_it_moves_halfway_to_what_the_runs_other_figures_show() -> None:
    found = run(answers(APART), answers(ALIKE, model="other"))
    assert taken(found) == pytest.approx((0.12 + 1) / 2)
    # Answers that differ more within a cluster than between them count as uncorrelated.
    assert taken(found, "other") == pytest.approx(0.12 / 2)


@settings(max_examples=30)
@given(st.lists(st.lists(st.booleans(), min_size=2, max_size=4), min_size=2, max_size=6))
def test_it_is_never_told_by_the_figures_own_answers(own: list[list[bool]]) -> None:
    other = answers(drawn(np.random.default_rng(1), 0.3, clusters=30), model="other")
    official = answers(own, protocol="official")
    expected = taken(run(answers(APART), other))
    assert taken(run(answers(own), official, other)) == expected


def test_another_task_on_the_same_dataset_tells_of_it_and_another_dataset_does_not() -> None:
    own = answers(APART)
    assert taken(run(own, answers(ALIKE, task="another"))) == pytest.approx(0.56)
    assert taken(run(own, answers(ALIKE, model="other", dataset="another"))) == 0.12


def test_only_primary_figures_of_the_corrected_reading_tell() -> None:
    own = answers(APART)
    assert taken(run(own, answers(ALIKE, model="other", protocol="official"))) == 0.12
    secondary = run(own, answers(ALIKE, model="other"))
    primary = secondary[0].estimate.model
    rho = correlations(secondary, lambda one: one.model == primary, lambda _: 0.12)
    assert rho(secondary[0].estimate) == 0.12


def test_without_two_answers_in_any_cluster_nothing_is_learnt() -> None:
    alone = [[True], [False], [True]]
    assert taken(run(answers(APART), answers(alone, model="other"))) == 0.12


@pytest.mark.parametrize("rho", [0.0, 0.12, 0.3])
def test_a_known_correlation_is_found(rho: float) -> None:
    """Pooled over two other models; a simulated one is known to about .02."""
    draws = np.random.default_rng(5)
    others = [answers(drawn(draws, rho), model=name) for name in ("other", "third")]
    found = taken(run(answers(APART), *others), declared=0.5)
    assert 2 * found - 0.5 == pytest.approx(rho, abs=0.05)
