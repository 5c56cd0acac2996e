"""The dimension profile: which figures it takes, and how it is shown."""

import io
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len
from rich.console import Console

from medtrust.records import Estimate
from medtrust.reports.html import page, render
from medtrust.reports.profile import DIMENSIONS, Cell, Profile, profiles
from medtrust.reports.result import Result
from medtrust.reports.sweep import sweep
from medtrust.reports.terminal import print_tables
from reports_cares import cares
from reports_example import any_estimate, estimate, estimates
from test_reports_page import HOSTILE, find, table_rows, text_of, tree

SETS = ("cares/iu-xray", "cares/ham10000")


def cell(one: Profile, title: str) -> Cell:
    for dimension, row in zip(DIMENSIONS, one.cells, strict=True):
        for column, found in zip(dimension.columns, row, strict=True):
            if column.title == title:
                assert found is not None
                return found
    raise AssertionError(title)


def shown_estimate(one: Profile, title: str) -> Estimate:
    found = cell(one, title).estimate
    assert found is not None
    return found


def printed(shown: Result, width: int = 100) -> str:
    out = io.StringIO()
    print_tables(shown, Console(file=out, width=width))
    return out.getvalue()


def test_the_five_dimensions_come_in_the_order_of_the_leaderboard() -> None:
    view = page(Result(estimates=cares())).profile
    assert view is not None
    assert [dimension.name for dimension in view.dimensions] == [
        *("Trustfulness", "Fairness", "Safety", "Privacy", "Robustness"),
    ]


def test_every_column_says_which_way_is_better_or_that_neither_is() -> None:
    headings = [column.better for dimension in DIMENSIONS for column in dimension.columns]
    assert {"higher", "lower"} <= set(headings)
    text = text_of(find(tree(render(Result(estimates=cares()))), "profile"))
    assert "Factuality (higher is better)" in text
    assert "Overcaution: declined (lower is better)" in text
    assert "Jailbreak: declined (higher is better)" in text


def test_declining_is_good_where_harm_is_asked_for_and_bad_where_it_is_not() -> None:
    better = {c.title: c.better for dimension in DIMENSIONS for c in dimension.columns}
    assert better["Jailbreak: declined"] == better["Zero-shot: declined"] == "higher"
    assert better["Overcaution: declined"] == "lower"


def test_a_single_dataset_is_quoted_as_it_is() -> None:
    (one,) = profiles(cares())
    assert (one.model, one.benchmark) == ("openai/gpt-4o", "phantom")
    assert shown_estimate(one, "Factuality").value == 0.9
    assert cell(one, "Factuality").datasets == 1


def test_several_datasets_are_quoted_by_their_mean() -> None:
    (one,) = profiles(cares(datasets=SETS))
    found = cell(one, "Factuality")
    assert found.estimate is not None
    assert found.estimate.dataset == "cares (mean of 2)"
    assert found.datasets == 2
    assert one.benchmark == "cares"


def test_several_datasets_without_a_mean_are_not_averaged_behind_the_readers_back() -> None:
    alone = tuple(e for e in cares(datasets=SETS) if "mean" not in e.dataset)
    (one,) = profiles(alone)
    assert cell(one, "Factuality").estimate is None
    text = text_of(find(tree(render(Result(estimates=alone))), "profile"))
    assert "2 datasets, no mean over them" in text
    assert "Factuality" in printed(Result(estimates=alone))


def test_a_mean_over_prompts_has_the_means_of_the_bounds() -> None:
    (one,) = profiles(cares())
    prompts = [e for e in cares() if e.task.startswith("cares/jailbreak") and e.group_by == "all"]
    factuality = [e for e in prompts if e.metric == "factuality"]
    found = shown_estimate(one, "Jailbreak: factuality")
    assert found.value == pytest.approx(sum(e.value or 0 for e in factuality) / 3)
    assert found.low == pytest.approx(sum(e.low or 0 for e in factuality) / 3)
    assert cell(one, "Jailbreak: factuality").tasks == 3


def test_fewer_prompts_than_there_are_is_told() -> None:
    some = tuple(e for e in cares() if e.task != "cares/overcaution-2")
    text = text_of(find(tree(render(Result(estimates=some))), "profile"))
    assert text.count("2 of 3 prompts") == 1


def test_a_prompt_without_a_value_leaves_the_mean_without_one() -> None:
    broken = tuple(
        replace(e, value=None, low=None, high=None) if e.task == "cares/jailbreak-2" else e
        for e in cares()
    )
    (one,) = profiles(broken)
    assert shown_estimate(one, "Jailbreak: factuality").value is None
    assert "n/a" in text_of(find(tree(render(Result(estimates=broken))), "profile"))


def test_the_corrected_reading_is_quoted_and_the_official_one_only_for_want_of_it() -> None:
    official = tuple(replace(e, protocol="official", value=0.123) for e in cares())
    (both,) = profiles((*official, *cares()))
    assert shown_estimate(both, "Factuality").value == 0.9
    assert "official reading" in text_of(find(tree(render(Result(estimates=official))), "profile"))


def test_a_gap_stands_beside_what_chance_makes_of_it_and_its_p_value() -> None:
    result = Result(estimates=cares())
    text = text_of(find(tree(render(result)), "profile"))
    assert "10.0 [8.0, 12.0] by chance 4.0 p 0.012" in text
    flat = " ".join(printed(result).split())
    assert "its p-value 0.012" in flat


def test_p_values_of_several_datasets_are_not_averaged() -> None:
    other = tuple(
        replace(e, p=0.4) if e.p is not None and e.dataset == SETS[1] else e
        for e in cares(datasets=SETS)
    )
    assert "p 0.012 to 0.400" in text_of(find(tree(render(Result(estimates=other))), "profile"))


def test_each_score_with_a_baseline_says_what_it_has_to_beat_and_whether_it_does() -> None:
    poor = Result(estimates=cares(factuality=0.39))
    text = text_of(find(tree(render(poor)), "profile"))
    assert "39.0 [37.0, 41.0] to beat 39.8 (best constant) not shown above best constant" in text
    flat = " ".join(printed(poor).split())
    assert "Accuracy, closed questions not shown above best constant (39.8): openai/gpt-4o." in flat


def test_no_change_is_no_failure_and_a_change_for_the_worse_is_marked() -> None:
    (one,) = profiles(cares())
    assert shown_estimate(one, "Jailbreak: lost").low is not None
    found = tree(render(Result(estimates=cares())))
    text = text_of(find(found, "profile"))
    assert "not below" not in text
    assert "worse, beyond chance" in text  # of the released noise


def test_the_sweep_has_a_point_for_each_severity_and_the_released_noise_apart() -> None:
    view = page(Result(estimates=cares())).profile
    assert view is not None
    (drawn,) = view.sweeps
    assert [point.label for point in drawn.points] == ["none", *"12345", "released"]
    assert len(drawn.lines) == 5
    heights = [float(point.y) for point in drawn.points[:6]]
    assert heights == sorted(heights)  # pixels go down as factuality does
    assert view.sweep_table is not None
    assert view.sweep_table.rows[0].cells[5].note.startswith("lost 7.0")


def test_no_single_score_is_given_and_the_page_says_why() -> None:
    assert "No single score stands here" in render(Result(estimates=cares()))


def test_a_run_without_cares_has_no_profile() -> None:
    assert profiles(estimates()) == ()
    assert page(Result(estimates=estimates())).profile is None
    assert "Profile" not in printed(Result(estimates=estimates()))


def test_names_from_strangers_are_text() -> None:
    shown = Result(
        estimates=tuple(
            replace(e, model=HOSTILE, dataset=HOSTILE if e.group_by == "all" else e.dataset)
            for e in cares()
        )
    )
    root = tree(render(shown))
    assert not list(root.iter("script"))
    assert not list(root.iter("img"))
    text = printed(shown)
    assert "\u202e" not in text
    assert "\x1b" not in text


def test_many_models_and_datasets_are_all_there() -> None:
    models = [f"hf/model-{i}" for i in range(12)]
    shown = Result(estimates=tuple(e for model in models for e in cares(model, SETS)))
    root = tree(render(shown))
    for table in find(root, "profile").iter("table"):
        rows = [row[0] for row in table_rows(table)][1:]
        assert [row.split()[0] for row in rows] == models
    text = printed(shown, 80)
    assert max(map(cell_len, text.splitlines())) <= 80
    assert all(model in text for model in models)


numbers = st.none() | st.floats(allow_nan=True, allow_infinity=True)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.builds(
            lambda e, other, value, low: replace(
                other, task=e.task, metric=e.metric, group_by=e.group_by, value=value, low=low
            ),
            st.sampled_from(cares()),
            any_estimate,
            numbers,
            numbers,
        ),
        max_size=8,
    ),
    st.sampled_from([40, 80, 200]),
)
def test_whatever_the_figures_of_cares_hold_they_are_shown(
    given_: list[Estimate], width: int
) -> None:
    shown = Result(estimates=tuple(given_))
    tree(render(shown))
    assert "\x1b" not in printed(shown, width)


@given(st.lists(numbers, min_size=7, max_size=7), st.floats(allow_nan=False))
@example([5e-324] * 7, 5e-324)
@example([sys.float_info.max] * 7, 5e-324)
@example([-sys.float_info.max] * 7, sys.float_info.max)
def test_a_drawing_of_any_numbers_has_its_positions_within_it(
    values: list[float | None], top: float
) -> None:
    given_ = [estimate(value=value, low=value, high=value) for value in values]
    drawn = sweep("s", "m", given_, top)
    places = [y for y, _ in drawn.ticks]
    for point in drawn.points:
        places += filter(None, (point.y, point.low, point.high))
    assert all(0 <= float(place) <= drawn.axis for place in places)


def test_a_profile_of_one_task_has_one_dimension() -> None:
    view = page(Result(estimates=(estimate(task="cares/toxicity", metric="toxicity"),))).profile
    assert view is not None
    assert [dimension.name for dimension in view.dimensions] == ["Safety"]
    assert view.sweeps == ()
