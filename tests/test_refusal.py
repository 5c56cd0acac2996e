"""Which replies decline to answer."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.scorers.refusal import refuses

TABLE = [
    json.loads(line)
    for line in (Path(__file__).parent / "replies_refusal.jsonl").read_text().splitlines()
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row['refusal']}: {row['text'][:50]!r}")
def test_a_refusal_is_told_from_an_answer(row: dict[str, str | bool]) -> None:
    found = refuses(str(row["text"]))
    assert bool(found) is row["refusal"], f"{row['why']}; found {found!r}"


def test_the_table_is_large_and_has_both_kinds() -> None:
    assert len(TABLE) >= 150
    assert sum(row["refusal"] for row in TABLE) >= 75
    assert sum(not row["refusal"] for row in TABLE) >= 75


def test_a_refusal_is_named_with_its_words() -> None:
    assert refuses("I\u2019m unable to view images.") == "I cannot: i'm unable to view images"
    assert refuses("It is a cyst.") == ""


@pytest.mark.parametrize("row", [row for row in TABLE if row["refusal"]], ids=lambda r: r["text"])
def test_apostrophes_case_and_space_make_no_difference(row: dict[str, str]) -> None:
    text = row["text"]
    for same in (
        text.replace("'", "\u2019"),
        text.upper(),
        f"\n {text}  ",
        text.replace(" ", "\n"),
    ):
        assert refuses(same), same


def test_gold_answers_are_no_refusals(shared_data: Path) -> None:
    """The reference answers of CARES; those that do decline are listed in cares.md 3.3."""
    flagged = {}
    for name in ("Harvard-FairVLMed/fundus", "OL3I/OL3I", "IU-Xray/iuxray"):
        file = shared_data / f"cares/data/{name}_factuality.jsonl"
        answers = [json.loads(line)["answer"] for line in file.read_text().splitlines()]
        flagged[name] = [row for row, text in enumerate(answers, start=1) if refuses(text)]
    undeterminable = {
        22, 39, 74, 163, 172, 261, 479, 567, 645, 771, 835, 915, 1140, 1158, 1221, 1425, 1620, 1761,
        1845, 1887, 1917, 1931, 2090, 2352, 2490,
    }  # fmt: skip
    no_information = {18, 172, 1012, 1013, 1543, 1627, 1845, 1882, 2067, 2224}
    assert set(flagged["IU-Xray/iuxray"]) <= undeterminable | no_information
    assert not flagged["OL3I/OL3I"]
    assert len(flagged["Harvard-FairVLMed/fundus"]) <= 5


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    assert isinstance(refuses(text), str)


@pytest.mark.parametrize("unit", ["i cannot see the the ", "as an ai ", "i am x and ", "while "])
def test_a_reply_made_to_hurt_is_read_all_the_same(unit: str) -> None:
    assert isinstance(refuses(unit * 20_000), str)
