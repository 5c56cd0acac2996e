"""The published tables: complete, as printed, and found by our own names."""

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal

import pytest

from medtrust import registry
from medtrust.published import Place, PublishedTable, figures, is_blank, parts_of, published_tables

TABLES = {table.name: table for table in published_tables()}
SIX = ("LLaVA-Med", "Med-Flamingo", "MedVInT", "RadFM", "LLaVA-v1.6", "Qwen-VL-Chat")


def place(table: str, name: str) -> Place:
    return next(one for one in TABLES[table].places if one.name == name)


def printed(table: str, name: str, model: str, part: int = 0) -> str | None:
    """A figure as printed; None where the table has none."""
    models = TABLES[table].models
    if model not in models:
        return None
    texts = parts_of(place(table, name).cells[models.index(model)])
    return None if not texts or is_blank(texts[part]) else texts[part]


def column(table: str, model: str, part: int = 0) -> list[Decimal]:
    """One model's figures over a table's places, averages left out, a dash as 0."""
    return [
        Decimal(printed(table, one.name, model, part) or 0)
        for one in TABLES[table].places
        if not one.average
    ]


def mean(numbers: Sequence[Decimal]) -> Decimal:
    return sum(numbers, Decimal(0)) / len(numbers)


def agrees(text: str, value: Decimal, slack: str = "0") -> bool:
    """Whether a text is the value rounded as the text is, each addend rounded itself."""
    unit = Decimal(1).scaleb(Decimal(text).as_tuple().exponent)  # type: ignore[arg-type]
    return abs(Decimal(text) - value.quantize(unit, ROUND_HALF_UP)) <= Decimal(slack)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_place_has_a_cell_for_each_model_and_each_cell_its_parts(
    table: PublishedTable,
) -> None:
    assert table.source
    for one in table.places:
        assert len(one.cells) == len(table.models)
        for cell in one.cells:
            parts = parts_of(cell)
            assert len(parts) in {0, len(table.parts_at(one))}
            assert all(is_blank(part) or Decimal(part).is_finite() for part in parts)


def test_every_table_of_the_paper_is_there() -> None:
    numbered = {name.removeprefix("CARES ") for name in TABLES if name.startswith("CARES ")}
    assert numbered == {
        "Table 15", "Table 1", "Figure 4(b)", "Table 2", "Figure 5", "Table 3", "Table 4",
        "Table 5", "Table 6", "leaderboard",
    }  # fmt: skip
    assert len(TABLES["MediConfusion leaderboard"].models) == 17


def test_tasks_are_ours() -> None:
    named = {
        task
        for table in TABLES.values()
        for one in table.places
        for part in table.parts_at(one)
        for task in part.tasks
    }
    assert named
    assert named <= set(registry.names("tasks"))


@pytest.mark.parametrize("model", SIX)
def test_averages_of_factuality_are_plain_means(model: str) -> None:
    average = printed("CARES Table 15", "Average", model)
    assert average
    assert agrees(average, mean(column("CARES Table 15", model)))


@pytest.mark.parametrize("model", SIX)
def test_averages_of_uncertainty_are_plain_means_but_for_two(model: str) -> None:
    wrong = [
        part
        for part in (0, 1)
        if not agrees(
            printed("CARES Table 1", "Average", model, part) or "",
            mean(column("CARES Table 1", model, part)),
            slack="0.01",
        )
    ]
    assert wrong == {"LLaVA-Med": [0], "Qwen-VL-Chat": [1]}.get(model, [])


@pytest.mark.parametrize("model", SIX)
def test_drops_are_from_the_table_of_factuality(model: str) -> None:
    plain = Decimal(printed("CARES Table 15", "Average", model) or "")
    attacked, drop = (printed("CARES Table 2", "ACC (drop)/Abs", model, part) for part in (0, 1))
    assert plain - Decimal(attacked or "") == Decimal(drop or "")
    for name in ("IU-Xray", "OL3I"):
        noisy, drop = (printed("CARES Table 5", name, model, part) for part in (0, 1))
        if noisy and drop:
            before = Decimal(printed("CARES Table 15", name, model) or "")
            assert before - Decimal(noisy) == Decimal(drop)


def _uncertainty(model: str, part: int) -> Decimal:
    """The printed average, which the leaderboard copies, right or wrong."""
    return Decimal(printed("CARES Table 1", "Average", model, part) or "")


# Place and part of the leaderboard, and what it is the rounded value of (cares.md 6.10).
FROM: dict[tuple[str, int], Callable[[str], Decimal]] = {
    ("Factuality", 0): lambda model: mean(column("CARES Table 15", model)),
    ("Uncertainty Acc/OC", 0): lambda model: _uncertainty(model, 0),
    ("Uncertainty Acc/OC", 1): lambda model: _uncertainty(model, 1),
    ("Gender AED", 0): lambda model: mean(column("CARES Figure 4(b)", model)),
    ("Jailbreak ACC/Abs", 0): lambda model: column("CARES Table 2", model, 0)[0],
    ("Jailbreak ACC/Abs", 1): lambda model: column("CARES Table 2", model, 2)[0],
    ("Overcautiousness", 0): lambda model: 100 * mean(column("CARES Figure 5", model)),
    ("Toxicity Tox/Abs", 0): lambda model: mean(column("CARES Table 3", model, 0)),
    ("Toxicity Tox/Abs", 1): lambda model: mean(column("CARES Table 3", model, 1)),
    ("Privacy zero-shot", 0): lambda model: column("CARES Table 4", model)[0],
    ("Privacy few-shot", 0): lambda model: column("CARES Table 4", model)[1],
    ("Input ACC/Abs", 0): lambda model: mean(column("CARES Table 5", model, 0)),
    ("Input ACC/Abs", 1): lambda model: mean(column("CARES Table 5", model, 2)),
    ("Semantic", 0): lambda model: mean(column("CARES Table 6", model)),
}


@pytest.mark.parametrize(("name", "part"), FROM)
@pytest.mark.parametrize("model", SIX)
def test_the_leaderboard_follows_from_the_tables(model: str, name: str, part: int) -> None:
    text = printed("CARES leaderboard", name, model, part)
    if text is None:
        assert name in {"Input ACC/Abs", "Semantic"}
    else:
        assert agrees(text, FROM[name, part](model))


def test_figures_are_found_by_our_names() -> None:
    found = figures("cares/factuality", "cares/iu-xray", "factuality")
    assert [one.model for one in found] == list(SIX)
    assert found[2].value == "73.34"
    assert found[2].fraction == 0.7334
    assert "Table 15" in found[2].source


def test_a_dash_is_no_figure() -> None:
    found = figures("cares/toxicity", "cares/ham10000", "abstention_change")
    assert [one.model for one in found] == ["LLaVA-Med", "LLaVA-v1.6", "Qwen-VL-Chat"]


def test_zeros_at_the_end_tell_the_rounding() -> None:
    found = figures("cares/factuality", "cares/fairvlmed", "factuality")
    assert found[0].value == "38.50"


@pytest.mark.parametrize(
    ("task", "dataset", "metric", "model", "value"),
    [
        ("cares/factuality", "cares (mean of 7)", "factuality", "RadFM", "27.51"),
        ("cares/factuality", "cares (mean of 4)", "aed_sex", "MedVInT", ".8"),
        ("cares/uncertainty", "cares/ol3i", "overconfident", "Qwen-VL-Chat", "90.73"),
        ("cares/toxicity", "cares (mean of 7)", "toxicity_change", "LLaVA-v1.6", "13.0"),
        ("cares/robustness-noise-official", "cares/ol3i", "accuracy_drop", "RadFM", "1.46"),
        ("mediconfusion/mc", "mediconfusion", "confusion", "Med-Flamingo", "98.30"),
        ("mediconfusion/mc", "mediconfusion", "individual_accuracy", "GPT-4o", "58.24"),
    ],
)
def test_what_is_published_about_a_task(
    task: str, dataset: str, metric: str, model: str, value: str
) -> None:
    assert [one.value for one in figures(task, dataset, metric) if one.model == model] == [value]


def test_nothing_is_published_about_other_tasks() -> None:
    assert not figures("cares/jailbreak-1", "cares/iu-xray", "factuality")
    assert not figures("cares/factuality", "phantom", "factuality")


def test_no_model_has_two_figures_of_one_name() -> None:
    seen = [
        (task, one.dataset, part.metric, model)
        for table in TABLES.values()
        for one in table.places
        if one.dataset
        for part in table.parts_at(one)
        for task in part.tasks
        for model in table.models
    ]
    assert len(seen) == len(set(seen))
