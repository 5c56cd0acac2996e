"""The report page, read as HTML."""

import math
import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from medtrust.metrics.agreement import disagreement
from medtrust.records import Estimate
from medtrust.reports import standing
from medtrust.reports.figure import axis, forest
from medtrust.reports.formats import interval, number, units
from medtrust.reports.html import page, render, write_html
from medtrust.reports.meaning import DISAGREEMENT, Unit, meaning
from medtrust.reports.result import Result
from medtrust.reports.section_run import MOST_EXAMPLES, provenance
from medtrust.reports.text import one_line, visible
from reports_example import PROTOCOLS, any_estimate, estimate, estimates, names, result, score

SVG = "{http://www.w3.org/2000/svg}"
VOID = re.compile(r"<(meta)\b([^>]*)>")


def tree(html: str) -> ET.Element:
    """The page as a tree; it is well-formed XML but for its void elements."""
    body = html.replace("<!doctype html>", "").strip()
    return ET.fromstring(VOID.sub(r"<\1\2/>", body))  # noqa: S314 - our own page


def text_of(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def find(root: ET.Element, name: str) -> ET.Element:
    return next(e for e in root.iter() if e.get("id") == name)


def table_rows(root: ET.Element) -> Iterator[list[str]]:
    for row in root.iter("tr"):
        yield [text_of(cell) for cell in row]


def test_every_estimate_of_a_whole_task_is_in_a_table_of_the_page() -> None:
    root = tree(render(result()))
    known = units(estimates())
    found = {tuple(row) for table in root.iter("details") for row in table_rows(table)}
    for e in estimates():
        if e.group_by != "all":
            continue
        name = e.metric
        bounds = interval(e.low, e.high, known[name])
        assert any(
            row[:4] == (e.model, name, e.protocol, number(e.value, known[name]))
            and row[4] == bounds
            and row[5] == str(e.n)
            for row in found
            if len(row) == 17
        ), e


@settings(max_examples=30, deadline=None)
@given(st.lists(any_estimate, max_size=6))
def test_no_estimate_of_a_whole_task_is_left_out_whatever_it_holds(given_: list[Estimate]) -> None:
    view = page(Result(estimates=tuple(given_)))
    told = sum(
        bool(row.cells[3].text)
        for task in (*view.tasks, *view.controls)
        for row in task.detail.rows
    )
    whole = [e for e in given_ if e.group_by == "all"]
    assert told == sum(e.low is not None and e.high is not None for e in whole)


def of_sexes(metric: str, *, n: int = 176, clusters: int = 58) -> list[Estimate]:
    return [
        estimate(
            metric=metric,
            n=n,
            protocol=protocol,
            group_by="sex",
            group=sex,
            chance=0.5,
            clusters=clusters,
        )
        for sex in ("female", "male")
        for protocol in PROTOCOLS
    ]


def test_a_task_with_figures_of_groups_only_is_shown() -> None:
    view = page(Result(estimates=tuple(of_sexes("set_accuracy"))))
    assert view.groups[0].groupings[0].tables[0].rows[0].cells[0].text == "17.0"
    assert view.tasks[0].figure is None


def test_a_grouping_with_one_group_is_left_to_the_exported_table() -> None:
    assert page(Result(estimates=(estimate(group_by="sex", group="female"),))).groups == ()


@pytest.mark.parametrize(
    ("given_", "shown"),
    [
        (
            ("precision", "confusion", "set_accuracy", "individual_accuracy", "abstention"),
            ["Set accuracy", "Individual accuracy", "Confusion"],
        ),
        (("abstention", "accuracy", "unparseable", "letter_A"), ["Accuracy", "Abstention"]),
        (("swap_consistency", "house_metric"), ["Swap consistency"]),
    ],
)
def test_groups_show_the_main_metrics_in_the_reading_to_quote(
    given_: tuple[str, ...], shown: list[str]
) -> None:
    made = [e for metric in given_ for e in of_sexes(metric)]
    official = [replace(e, value=0.99) for e in made if e.protocol == "official"]
    corrected = [e for e in made if e.protocol == "corrected"]
    (grouping,) = page(Result(estimates=(*official, *corrected))).groups[0].groupings
    assert [table.caption.partition(" by ")[0] for table in grouping.tables] == shown
    cells = [cell for table in grouping.tables for row in table.rows for cell in row.cells]
    assert {cell.text for cell in cells} == {"17.0"}
    (alone,) = page(Result(estimates=tuple(official))).groups[0].groupings
    assert alone.tables[0].rows[0].cells[0].text == "99.0"


def test_the_page_says_where_the_other_figures_by_group_are() -> None:
    assert "is in results.parquet" in text_of(find(tree(render(result())), "groups"))


def test_few_clusters_get_a_mark_and_a_remark_but_no_verdict() -> None:
    few = estimate(value=0.1, low=0.05, high=0.2, chance=0.25, clusters=9)
    enough = replace(few, clusters=10, verdict="worse")
    assert standing.mark(enough) == "worse than chance"
    assert standing.mark(few) == "few"
    text = text_of(tree(render(Result(estimates=(few, *of_sexes("set_accuracy", clusters=3))))))
    assert f"few: {standing.FEW}" in text
    assert "worse than chance" not in text
    assert "10.0 [5.0, 20.0] few" in text
    assert standing.FEW not in text_of(tree(render(Result(estimates=(enough,)))))


def test_nothing_counted_is_not_called_few() -> None:
    assert not standing.is_few(estimate(value=None, low=None, high=None, n=0, clusters=0))


def test_numbers_in_a_figure_are_those_of_its_table_and_lie_where_they_say() -> None:
    root = tree(render(result()))
    task = find(root, "task-1")
    cells = {row[0].split(" n ")[0]: row[1] for row in table_rows(task) if " n " in row[0]}
    figure = next(e for e in task.iter(f"{SVG}svg") if e.get("role") == "img")
    drawn = [g for g in figure.iter(f"{SVG}g") if g.get("class") == "row"]
    assert len(drawn) == len(cells) == 2
    for row in drawn:
        model, shown = (text_of(t) for t in row.findall(f"{SVG}text"))
        value, _, bounds = shown.partition("[")
        assert cells[model].startswith(f"{value.strip()} [{bounds}")
        point = row.find(f"{SVG}circle")
        assert point is not None
        # The axis of this figure runs from 0 to 50 percent.
        assert float(point.attrib["cx"].rstrip("%")) / 2 == pytest.approx(float(value), abs=0.05)


def test_a_figure_has_a_role_a_title_and_its_numbers_in_words() -> None:
    root = tree(render(result()))
    figures = [e for e in root.iter(f"{SVG}svg") if e.get("role") == "img"]
    assert figures
    for figure in figures:
        title, words = (find(root, i) for i in figure.attrib["aria-labelledby"].split())
        assert text_of(title)
        assert "95 % interval [" in text_of(words)
    others = [e for e in root.iter(f"{SVG}svg") if e.get("role") != "img"]
    assert all(e.get("aria-hidden") == "true" or e.get("class") == "at" for e in others)


def test_tables_have_captions_and_scopes_and_ids_are_unique() -> None:
    root = tree(render(result()))
    for table in root.iter("table"):
        assert text_of(table.findall("caption")[0])
        assert all(th.get("scope") in {"col", "row"} for th in table.iter("th"))
    ids = [e.attrib["id"] for e in root.iter() if "id" in e.attrib]
    assert len(ids) == len(set(ids))
    links = [a.attrib["href"] for a in root.iter("a")]
    assert all(link.startswith("#") and link[1:] in ids for link in links)


def test_missing_answers_and_notes_stand_before_any_figure() -> None:
    root = tree(render(result()))
    main = next(root.iter("main"))
    first = text_of(main[0])
    assert first.startswith("Read this first")
    assert "12 answers missing: 10 timeouts" in first
    assert "hf/med-7b" in first


def test_a_result_with_nothing_missing_says_so() -> None:
    complete = Result(estimates=(estimate(),))
    assert "Nothing is missing" in render(complete)
    assert "Read this first" not in render(complete)


@pytest.mark.parametrize("limit", [1, 5])
def test_a_limited_run_is_not_called_complete(limit: int) -> None:
    limited = Result(estimates=(estimate(),), run={"settings": {"limit": limit}})
    html = render(limited)
    assert "Nothing is missing" not in html
    assert f"(--limit {limit})" in text_of(find(tree(html), "warnings"))


@pytest.mark.parametrize("strange", [None, [], {"limit": None}, {"limit": True}, {"limit": "5"}])
def test_settings_without_a_limit_are_no_reason_to_warn(strange: object) -> None:
    assert Result(estimates=(), run={"settings": strange}).warnings == ()


def test_controls_groups_calibration_and_readings_have_their_own_sections() -> None:
    root = tree(render(result()))
    assert "81.2 [76.0, 86.0]" in text_of(find(root, "controls"))
    assert "in another order" in text_of(find(root, "controls"))
    assert "option-swap" not in text_of(find(root, "tasks"))
    assert "Cerebral n 20" in text_of(find(root, "groups"))
    assert "31.3 [25.0, 37.0]" in text_of(find(root, "calibration"))
    readings = text_of(find(root, "readings"))
    assert "18.0 [11.8, 24.5] 17.0 [10.8, 23.5] -1.0 12 of 352" in readings
    example = text_of(find(root, "examples"))
    for said in ("Question mediconfusion:10012/1", "openai/gpt-4o", "mediconfusion/mc"):
        assert said in example
    assert "Corrected reading read as A: Left atrium: right" in example
    assert "Official reading no single option could be read: wrong" in example


def test_the_metric_of_disagreement_is_the_one_that_metrics_make() -> None:
    both = ([score(protocol="official")], [score()])
    assert disagreement(*both).estimate.metric == DISAGREEMENT


def test_flips_of_a_task_asked_twice_do_not_become_its_main_figure() -> None:
    view = page(Result(estimates=(estimate(metric="flip_rate"), estimate(metric="accuracy"))))
    assert view.overview.rows[0].note == "Accuracy"


def test_a_page_of_nothing_is_still_a_page() -> None:
    root = tree(render(Result(estimates=())))
    assert "0 models" in text_of(root)


def test_unknown_metrics_are_shown_and_known_ones_explained() -> None:
    root = tree(render(result()))
    assert "House metric" in text_of(find(root, "task-1"))
    glossary = text_of(find(root, "glossary"))
    assert "house_metric" in glossary
    assert meaning("set_accuracy").sentence in glossary


HOSTILE = (
    "</style></title><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}\u202e\x00"
)


def hostile() -> Result:
    """The same text wherever a stranger can put some."""
    return Result(
        estimates=tuple(
            replace(e, model=HOSTILE, task=HOSTILE, dataset=HOSTILE, metric=HOSTILE, group=HOSTILE)
            for e in (estimate(), estimate(group_by=HOSTILE), estimate(protocol="official"))
        ),
        run={HOSTILE: {HOSTILE: [HOSTILE]}, "models": [{"name": HOSTILE, HOSTILE: HOSTILE}]},
        notes=(HOSTILE,),
        examples=(replace(score(HOSTILE, model=HOSTILE, rule=HOSTILE), target=HOSTILE),),
    )


def test_markup_from_strangers_is_text() -> None:
    html = render(hostile())
    root = tree(html)
    assert not list(root.iter("script"))
    assert not list(root.iter("img"))
    assert html.count("<style>") == html.count("</style>") == 1
    assert "{{7*7}}" in html
    assert "\u202e" not in html
    assert "\x00" not in html


def test_the_page_asks_for_nothing_and_allows_nothing() -> None:
    html = render(result())
    assert "default-src 'none'; style-src 'sha256-" in html
    assert not re.search(
        r"""\b(src|style|on\w+)=|url\(|@import|https?://(?!www\.w3\.org/2000/svg)""", html
    )


def test_long_texts_are_cut_and_the_cut_is_told() -> None:
    long = "word " * 20_000
    html = render(
        Result(
            estimates=(estimate(long),),
            run={"settings": {long: long}},
            notes=(long,),
            examples=tuple(score(long, sample=f"s:{i}") for i in range(100)),
        )
    )
    assert len(html) < 100_000
    assert "more characters" in html
    assert f"{100 - MOST_EXAMPLES} more were given" in html


def test_provenance_is_bounded_however_deep_or_wide() -> None:
    deep: dict[str, object] = {}
    for _ in range(500):
        deep = {"inner": deep}
    tables = provenance({"settings": deep, "machine": {str(i): i for i in range(10_000)}})
    assert sum(len(table.rows) for table in tables) < 300


def test_known_parts_of_a_run_become_tables() -> None:
    models, datasets, settings_ = provenance(
        {
            "models": [{"name": "m", "identity": "sha256:1", "environment": {"torch": "2.13"}}],
            "datasets": [{"name": "d", "license": "CC BY", "samples": 352, "errata": None}],
            "created": "2026-01-01",
        }
    )
    assert [cell.text for cell in models.rows[0].cells] == ["sha256:1", "torch: 2.13"]
    assert datasets.columns == ("Name", "Samples", "Licence")
    assert (settings_.rows[0].name, settings_.rows[0].cells[0].text) == ("created", "2026-01-01")


def test_what_is_empty_is_not_told_and_the_rest_reads_as_name_and_value() -> None:
    models, machine = provenance(
        {
            "models": [{"name": "m", "local": True, "environment": {}, "servers": []}],
            "notes": [],
            "machine": {
                "cpus": 2,
                "disk_size": {},
                "kinds": [{"mime": "image/png", "notes": "", "count": 3}],
            },
        }
    )
    assert (models.columns, models.rows[0].note) == (("Name",), "local: yes")
    assert machine.caption == "Machine"
    assert [(row.name, row.cells[0].text) for row in machine.rows] == [
        ("cpus", "2"),
        ("kinds", "mime: image/png, count: 3"),
    ]


@settings(max_examples=30, deadline=None)
@given(st.lists(any_estimate, max_size=6), st.lists(names, max_size=2))
def test_whatever_the_estimates_hold_the_page_is_well_formed(
    given_: list[Estimate], notes: list[str]
) -> None:
    tree(render(Result(estimates=tuple(given_), notes=tuple(notes))))


LARGEST = sys.float_info.max


@given(st.lists(st.none() | st.floats(), max_size=8))
@example([5e-324])
@example([-5e-324, 5e-324])
@example([sys.float_info.min])
@example([1e-300, 5e-324])
@example([LARGEST])
@example([-LARGEST, LARGEST])
@example([LARGEST, 5e-324])
@example([0.3, 0.3])
@example([-0.0])
@example([math.nan, math.inf, -math.inf])
def test_an_axis_holds_its_values_and_zero_with_few_round_ticks(values: list[float | None]) -> None:
    found = axis(values)
    known = sorted([0.0, *(v for v in values if v is not None and math.isfinite(v))])
    slack = 1e-8 * (found.high - found.low)  # of rounding, far below what a figure can show
    assert found.low <= max(known[0], -1e300) + slack
    assert found.high >= min(known[-1], 1e300) - slack
    assert 2 <= len(found.ticks) <= 8
    assert all(math.isfinite(100 * tick) for tick in found.ticks)
    assert all(one < other for one, other in pairwise(found.ticks))
    places = [float(found.at(v).rstrip("%")) for v in known]
    assert places == sorted(places)
    assert 0 <= places[0] <= places[-1] <= 100


@pytest.mark.parametrize("unit", ["rate", "count", "p-value"])
@pytest.mark.parametrize(
    "value", [5e-324, -5e-324, 1e-310, LARGEST, -LARGEST, 0.0, math.nan, math.inf]
)
def test_a_figure_of_any_number_has_its_positions_within_it(value: float, unit: Unit) -> None:
    of_value = estimate(value=value, low=-value, high=value, chance=value, constant=value)
    drawn = forest("f", "t", [of_value, estimate()], unit)
    labelled = [*drawn.ticks, *([drawn.chance] if drawn.chance else [])]
    places = [tick.at for tick in labelled]
    for row in drawn.rows:
        places += filter(None, (row.at, row.low, row.high, row.chance, row.constant))
    assert all(0 <= float(place.rstrip("%")) <= 100 for place in places)


def test_a_figure_of_scores_without_values_has_rows_but_no_points() -> None:
    empty = forest("f", "t", [estimate(value=None, low=None, high=None)], "rate")
    assert empty.rows[0].at == ""
    assert empty.rows[0].value == "n/a"


@given(st.text(), st.integers(1, 50))
def test_shown_text_is_bounded_and_has_no_invisible_characters(text: str, limit: int) -> None:
    for shown in (visible(text, limit), one_line(text, limit)):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
        assert len(shown) <= 10 * limit + 40
    assert "\n" not in one_line(text, limit)


def test_summary_figures_come_from_the_corrected_reading_where_there_is_one() -> None:
    view = page(result())
    assert [cell.text for cell in view.overview.rows[0].cells] == ["17.0", "37.0"]
    official = Result(estimates=(estimate(protocol="official"),))
    assert "official reading" in page(official).tasks[0].table.rows[-1].note


def test_writing_replaces_the_page_in_one_step(tmp_path: Path) -> None:
    write_html(result(), tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text() == render(result())
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
