"""Corrections for many figures, against statsmodels."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from statsmodels.stats.multitest import multipletests

from medtrust.metrics.accuracy import ACCURACY
from medtrust.metrics.multiplicity import benjamini_hochberg, corrected, holm
from medtrust.records import Estimate, Protocol
from metric_scores import estimates, find, score


@pytest.fixture(autouse=True, scope="module")
def no_collection_of_garbage() -> Iterator[None]:
    """Statsmodels collects all of this process in each call for Holm's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gc.collect", lambda: 0)
        yield


p_values = st.lists(st.floats(0, 1), min_size=1, max_size=20)


@given(p_values)
def test_holms_p_values_are_those_of_statsmodels(found: list[float]) -> None:
    assert holm(found) == pytest.approx(list(multipletests(found, method="holm")[1]))


@given(p_values)
def test_benjamini_and_hochbergs_p_values_are_those_of_statsmodels(found: list[float]) -> None:
    expected = list(multipletests(found, method="fdr_bh")[1])
    assert benjamini_hochberg(found) == pytest.approx(expected)


@given(p_values)
def test_correction_never_lowers_a_p_value_nor_turns_their_order(found: list[float]) -> None:
    for adjust in (holm, benjamini_hochberg):
        made = adjust(found)
        assert all(one >= p and one <= 1 for one, p in zip(made, found, strict=True))
        order = sorted(range(len(found)), key=found.__getitem__)
        assert [made[place] for place in order] == sorted(made)


def test_nothing_to_correct() -> None:
    assert holm([]) == benjamini_hochberg([]) == []
    assert holm([0.03]) == benjamini_hochberg([0.03]) == [0.03]


def rows(found: Sequence[float | None], protocol: Protocol = "corrected") -> list[Estimate]:
    plain = find(estimates(ACCURACY, [score("s", "A", "A", protocol=protocol)]), "accuracy")
    return [replace(plain, metric=f"m{n}", p=p) for n, p in enumerate(found)]


def is_primary(one: Estimate) -> bool:
    return one.metric in {"m0", "m1", "m2"}


def test_primary_figures_are_corrected_by_holm_and_the_rest_by_benjamini_and_hochberg() -> None:
    before = rows([0.01, 0.02, None, 0.03, 0.2, 0.04])
    after = corrected(before, is_primary)
    assert [one.correction for one in after] == ["holm", "holm", ""] + ["benjamini-hochberg"] * 3
    assert [one.p for one in after] == [one.p for one in before]
    adjusted = [one.p_adjusted for one in after]
    assert adjusted[:3] == [0.02, 0.02, None]
    assert adjusted[3:] == pytest.approx([0.06, 0.2, 0.06])


def test_the_official_reading_of_the_same_answers_costs_the_corrected_one_nothing() -> None:
    ours, theirs = rows([0.01, 0.02]), rows([0.01, 0.02, 0.03], "official")
    after = corrected([*theirs, *ours], is_primary)
    assert after[3:] == corrected(ours, is_primary)
    assert after[:3] == corrected(theirs, is_primary)
    assert after[0].p_adjusted == pytest.approx(0.03)


def test_a_p_value_of_none_whatever_stays_one() -> None:
    (after,) = corrected(rows([0.0]), is_primary)
    assert (after.p, after.p_adjusted, after.correction) == (0, 0, "holm")
