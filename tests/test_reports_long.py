"""Results of many tasks: what is bounded, what is folded, and that nothing is lost."""

import csv
import io
from pathlib import Path

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from rich.console import Console

from medtrust.reports.html import MOST_NOTES, page, render
from medtrust.reports.latex import write_latex
from medtrust.reports.result import Result
from medtrust.reports.summary import LONG
from medtrust.reports.table import write_csv
from medtrust.reports.terminal import print_tables
from reports_cares import PRIVACY, STIMULI, cares
from reports_example import estimate, result
from test_reports_page import HOSTILE, find, text_of, tree

SETS = ("cares/iu-xray", "cares/ham10000", "cares/ol3i", "cares/fairvlmed")


def printed(shown: Result, width: int = 100) -> str:
    out = io.StringIO()
    print_tables(shown, Console(file=out, width=width))
    return out.getvalue()


def quarantined(aside: int = 55) -> Result:
    count = estimate(
        *("openai/gpt-4o", "cares/factuality", "phantom", "quarantined"),
        value=float(aside),
        low=None,
        high=None,
        n=2573,
    )
    return Result(estimates=(*cares(), count))


@pytest.mark.parametrize("width", [80, 100])
def test_many_results_take_a_line_each_in_the_terminal(width: int) -> None:
    models = ("openai/gpt-4o", "hf/med-7b")
    text = printed(Result(estimates=tuple(e for m in models for e in cares(m))), width)
    lines = text.splitlines()
    assert max(map(cell_len, lines)) <= width
    assert len(lines) < 150
    for task in (*STIMULI, *PRIVACY):
        name = task.removeprefix("cares/")[:16]
        assert sum(line.startswith(name) for line in lines) >= len(models)
    assert "`--json`, or `medtrust report RUN --html FILE`" in " ".join(text.split())


def test_few_results_keep_their_tables() -> None:
    text = printed(result())
    assert "Main figure of each task" not in text
    assert "best constant" in text


def test_a_line_has_its_interval_n_missing_and_what_is_quarantined() -> None:
    missing = tuple(
        replace(e, missing=7) if (e.task, e.metric) == ("cares/factuality", "factuality") else e
        for e in quarantined().estimates
    )
    lines = printed(Result(estimates=missing)).splitlines()
    (line,) = (line for line in lines if line.startswith("factuality "))
    assert line.split() == ["factuality", "Factuality", "90.0", "[88.0,", "92.0]", "632", "7", "55"]
    assert any(line.startswith("aside: quarantined") for line in lines)
    assert "aside" not in printed(Result(estimates=cares()))


def test_a_line_is_marked_where_another_figure_of_its_answers_does_not_beat_its_baseline() -> None:
    flat = " ".join(printed(Result(estimates=cares(factuality=0.39))).split())
    assert "39.0 [37.0, 41.0]*" in flat
    assert "* Accuracy not shown above best constant: cares/factuality." in flat


def test_only_the_first_warnings_are_printed_and_the_rest_is_counted() -> None:
    notes = tuple(f"warning {i}" for i in range(30))
    text = printed(Result(estimates=(estimate(),), notes=notes))
    assert text.count("! warning") == 12
    assert "! And 18 more in `medtrust report RUN --html FILE`." in text
    assert "more in" not in printed(Result(estimates=(estimate(),), notes=notes[:12]))


def test_the_page_has_every_warning_the_first_ones_open() -> None:
    notes = tuple(f"warning number {i}." for i in range(MOST_NOTES + 5))
    section = find(tree(render(Result(estimates=(estimate(),), notes=notes))), "warnings")
    assert all(note in text_of(section) for note in notes)
    (folded,) = section.iter("details")
    assert sum(note in text_of(folded) for note in notes) == 5


def test_results_beyond_a_few_are_folded_with_their_main_figure_in_the_line() -> None:
    assert not page(result()).is_long
    view = page(Result(estimates=cares()))
    assert view.is_long
    assert len(view.tasks) > LONG
    root = tree(render(Result(estimates=cares())))
    folded = [e for e in root.iter("details") if e.get("class") == "result"]
    assert len(folded) == len(view.tasks)
    assert text_of(folded[0][0]) == "cares/factuality on phantom Factuality: openai/gpt-4o 90.0"
    assert all(e.get("open") is None for e in root.iter("details"))


def test_a_main_table_has_few_columns() -> None:
    for view in page(Result(estimates=cares())).tasks:
        assert len(view.table.columns) <= 6


def test_only_the_plain_question_is_shown_by_group() -> None:
    view = page(Result(estimates=cares()))
    assert [groups.name for groups in view.groups] == ["cares/factuality on phantom"]
    assert [grouping.title for grouping in view.groups[0].groupings] == ["By age", "By sex"]


def test_gaps_stand_with_chance_the_worst_group_and_the_small_ones() -> None:
    (groups,) = page(Result(estimates=cares())).groups
    assert groups.gaps is not None
    age = groups.gaps.rows[0]
    assert age.name == "By age"
    gap, worst, small = age.cells
    assert (gap.text, gap.note) == ("10.0", "by chance 4.0\np 0.012, adjusted 0.025")
    assert (worst.text, worst.note) == ("80.0", "40-49\nby chance 4.0")
    assert small.text == "2"


def test_gaps_that_could_not_be_measured_are_blank() -> None:
    none = tuple(
        replace(e, value=None, low=None, high=None) if e.metric == "accuracy_gap" else e
        for e in cares()
        if not e.metric.startswith("accuracy_gap_")
    )
    (groups,) = page(Result(estimates=none)).groups
    assert groups.gaps is not None
    assert groups.gaps.rows[0].cells[0].text == ""
    tree(render(Result(estimates=none)))


def test_names_of_groups_from_strangers_are_text() -> None:
    named = tuple(
        replace(e, group=HOSTILE, group_by=HOSTILE) if e.group_by != "all" else e for e in cares()
    )
    root = tree(render(Result(estimates=named)))
    assert not list(root.iter("script"))
    assert "\u202e" not in text_of(root)


def test_what_is_quarantined_stands_beside_n_and_missing() -> None:
    view = page(quarantined())
    assert view.tasks[0].table.rows[-1].note == "n 632, missing 0, quarantined 55"


def test_what_is_quarantined_is_in_full_tables_too(tmp_path: Path) -> None:
    few = tuple(e for e in quarantined().estimates if e.task == "cares/factuality")
    text = printed(Result(estimates=few), 80)
    assert max(map(cell_len, text.splitlines())) <= 80
    (heading,) = (
        line for line in text.splitlines() if line.split()[-3:] == ["n", "missing", "aside"]
    )
    assert heading
    assert any(line.split()[-3:] == ["632", "0", "55"] for line in text.splitlines())
    write_latex(few, tmp_path / "x.tex")
    tex = (tmp_path / "x.tex").read_text()
    assert r"$n$ & Missing & Quarantined \\" in tex
    assert r"632 & 0 & 55 \\" in tex
    write_latex(result().estimates, tmp_path / "y.tex")
    assert "Quarantined" not in (tmp_path / "y.tex").read_text()


def test_a_large_result_stays_a_page_that_opens() -> None:
    models = [f"hf/model-{i}" for i in range(4)]
    many = tuple(e for model in models for e in cares(model, SETS))
    assert len(render(Result(estimates=many))) < 2_000_000


def test_tables_for_papers_hold_cares_too(tmp_path: Path) -> None:
    made = cares(datasets=SETS)
    write_latex(made, tmp_path / "x.tex")
    tex = (tmp_path / "x.tex").read_text()
    assert tex.count(r"\begin{tabular}") == tex.count(r"\end{tabular}")
    assert "% cares/factuality on cares (mean of 4)" in tex
    for line in tex.splitlines():
        if line.startswith("openai"):
            assert line.endswith(r"\\")
    write_csv(made, tmp_path / "x.csv")
    with (tmp_path / "x.csv").open(newline="") as file:
        assert len([*csv.DictReader(file)]) == len(made)
