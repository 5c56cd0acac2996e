"""The figures in the terminal."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from medtrust.records import Estimate
from medtrust.reports.result import Result
from medtrust.reports.terminal import print_tables
from reports_example import any_estimate, estimate, estimates, result


def printed(shown: Result, width: int = 100) -> str:
    out = io.StringIO()
    print_tables(shown, Console(file=out, width=width))
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 100])
def test_every_main_figure_is_printed_whole_within_the_width(width: int) -> None:
    text = printed(result(), width)
    assert max(map(cell_len, text.splitlines())) <= width
    for figure in (
        "17.0 [10.8, 23.5]",
        "37.0 [30.8, 43.5]",
        "18.0 [11.8, 24.5]",
        "73.9 [66.0, 81.0]",
    ):
        assert figure in text
    assert "…" not in text


def test_output_that_goes_to_a_pipe_has_no_colour_codes() -> None:
    assert "\x1b" not in printed(result())


def test_chance_and_the_best_constant_come_before_the_models() -> None:
    lines = printed(result()).splitlines()
    first = [line.split("  ")[0] for line in lines if line]
    at = first.index("chance")
    assert first[at : at + 3] == ["chance", "best constant", "openai/gpt-4o"]
    assert "25.0" in next(line for line in lines if line.startswith("chance"))


def test_official_stands_below_corrected_with_the_disagreements() -> None:
    text = printed(result())
    lines = text.splitlines()
    at = next(i for i, line in enumerate(lines) if "17.0 [10.8, 23.5]" in line)
    assert "official" in lines[at + 1]
    assert "18.0 [11.8, 24.5]" in lines[at + 1]
    flat = " ".join(text.split())
    assert "two readings choose differently: openai/gpt-4o 12 of 352, hf/med-7b 12 of 352." in flat


def test_a_score_whose_interval_holds_its_baseline_is_marked_and_told() -> None:
    shown = Result(
        estimates=(
            estimate("within", value=0.22, low=0.15, high=0.3, chance=0.25),
            estimate("above", value=0.4, low=0.3, high=0.5, chance=0.25),
            estimate("under", value=0.1, low=0.05, high=0.2, chance=0.25),
            estimate("beaten", value=0.6, low=0.5, high=0.7, chance=0.25, constant=0.62),
        )
    )
    text = " ".join(printed(shown).split())
    assert "22.0 [15.0, 30.0]*" in text
    assert "40.0 [30.0, 50.0]*" not in text
    assert "Set accuracy not shown above chance (25.0): within." in text
    assert "Set accuracy worse than chance (25.0): under." in text
    assert "Set accuracy not shown above best constant (62.0): beaten." in text


def test_few_clusters_get_a_mark_and_no_verdict_and_figures_stay_aligned() -> None:
    under = estimate("under", value=0.1, low=0.05, high=0.2, chance=0.25, clusters=9)
    text = printed(Result(estimates=(under, estimate("enough", chance=0.1))))
    assert "10.0 [5.0, 20.0] few" in text
    assert "worse than chance" not in text
    assert "few: fewer than 10 independent clusters" in text
    few, enough = (
        next(row for row in text.splitlines() if row.startswith(m)) for m in ("under", "enough")
    )
    assert few.index("]") == enough.index("]")


def test_a_long_name_goes_on_below_after_a_slash() -> None:
    path = "hf//data/models/checkpoints/llava-med-v1.5-mistral-7b"
    lines = printed(Result(estimates=(estimate(path),))).splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("hf//"))
    assert lines[at].startswith("hf//data/models/checkpoints/ ")
    assert lines[at + 1].startswith("llava-med-v1.5-mistral-7b ")


def test_a_name_without_slashes_is_shortened_in_the_middle() -> None:
    text = printed(Result(estimates=(estimate("first" + "x" * 60 + "last"),)))
    name = next(line for line in text.splitlines() if line.startswith("first")).split()[0]
    assert cell_len(name) == 30
    assert "…" in name
    assert name.endswith("last")


def test_a_limited_run_says_so_first() -> None:
    limited = Result(estimates=(estimate(),), run={"settings": {"limit": 5}})
    assert printed(limited).startswith("! Only the first 5 samples of each task were asked")


def test_where_figures_by_group_are_is_told_only_where_there_are_any() -> None:
    told = "Figures by group: `--json`, or `medtrust report RUN --html FILE`."
    assert told in printed(result())
    assert "by group" not in printed(Result(estimates=(estimate(),)))


def test_markup_and_control_codes_in_names_are_shown_not_obeyed() -> None:
    text = printed(Result(estimates=(estimate("[red]x[/red]\x1b[2J\u202e"),)))
    assert "[red]x[/red]\\u001b[2J" in text
    assert "\\u202e" in text
    assert "\x1b" not in text


def test_notes_come_first() -> None:
    assert printed(result()).startswith("! 12 answers missing: 10 timeouts")


@settings(max_examples=25, deadline=None)
@given(st.lists(any_estimate, max_size=6), st.sampled_from([80, 100]))
def test_whatever_the_estimates_hold_it_is_printed(given_: list[Estimate], width: int) -> None:
    text = printed(Result(estimates=tuple(given_)), width)
    assert "\x1b" not in text


@pytest.mark.parametrize("odd", [estimate(metric="mean_confidence"), estimate(group_by="sex")])
def test_a_task_without_main_figures_is_named(odd: Estimate) -> None:
    assert "mediconfusion/mc" in printed(Result(estimates=(odd,)))


def test_two_runs_of_one_model_both_show() -> None:
    twice = (*estimates(), estimate(value=0.5, low=0.4, high=0.6))
    text = printed(Result(estimates=twice))
    assert "openai/gpt-4o #2" in text
    assert "50.0 [40.0, 60.0]" in text
