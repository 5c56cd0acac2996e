"""This run's models beside published figures."""

from dataclasses import replace

from msgspec import structs

from medtrust.records import Estimate
from medtrust.reports.html import page, render
from medtrust.reports.result import PublishedFigure, Result
from reports_example import estimate
from test_reports_page import HOSTILE, find, text_of, tree

OURS = estimate("hf/med-7b", "cares/factuality", "cares/iu-xray", "factuality", "official", 0.7)


def figure(
    model: str, value: float, finding: str = "", metric: str = "factuality"
) -> PublishedFigure:
    return PublishedFigure(
        task="cares/factuality",
        dataset="cares/iu-xray",
        metric=metric,
        model=model,
        value=value,
        source="CARES, table 15",
        finding=finding,
    )


def shown(*published: PublishedFigure, ours: tuple[Estimate, ...] = (OURS,)) -> Result:
    return Result(estimates=ours, published=published)


def test_published_figures_stand_beside_the_official_reading_with_their_source() -> None:
    corrected = structs.replace(OURS, protocol="corrected", value=0.8)
    table = page(
        shown(figure("LLaVA-Med", 0.6661), figure("RadFM", 0.2667), ours=(corrected, OURS))
    ).published
    assert table is not None
    assert table.columns[1:] == ("hf/med-7b", "LLaVA-Med (published)", "RadFM (published)")
    (row,) = table.rows
    assert (row.name, row.note) == (
        "Factuality, cares/factuality on cares/iu-xray",
        "CARES, table 15",
    )
    assert [cell.text for cell in row.cells] == ["70.0", "66.6", "26.7"]


def test_the_page_says_what_is_not_known_of_published_runs() -> None:
    text = text_of(find(tree(render(shown(figure("LLaVA-Med", 0.6661)))), "published"))
    assert "How the published runs decoded their answers is not known" in text


def test_an_impossible_figure_is_marked() -> None:
    table = page(shown(figure("RadFM", 1.0082, "impossible: above 100 with the rest"))).published
    assert table is not None
    assert table.rows[0].cells[1].remark == "impossible: above 100 with the rest"


def test_figures_that_this_run_does_not_have_are_left_out() -> None:
    assert page(shown()).published is None
    assert page(shown(figure("RadFM", 0.2, metric="toxicity"))).published is None
    corrected = structs.replace(OURS, protocol="corrected")
    assert page(shown(figure("RadFM", 0.2), ours=(corrected,))).published is None
    by_sex = structs.replace(OURS, group_by="sex", group="female")
    assert page(shown(figure("RadFM", 0.2), ours=(by_sex,))).published is None


def test_what_was_not_published_for_a_model_is_blank() -> None:
    other = structs.replace(OURS, task="cares/uncertainty", metric="overconfident")
    theirs = replace(figure("Qwen", 0.06), task=other.task, metric=other.metric)
    table = page(shown(figure("RadFM", 0.2), theirs, ours=(OURS, other))).published
    assert table is not None
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["70.0", "20.0", ""],
        ["70.0", "", "6.0"],
    ]


def test_hostile_names_in_tables_of_others_are_text() -> None:
    hostile = replace(figure(HOSTILE, 0.5, HOSTILE), source=HOSTILE)
    root = tree(render(shown(hostile)))
    assert not list(root.iter("script"))
    assert "\u202e" not in text_of(root)
