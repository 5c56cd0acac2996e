"""The flat table: what other programs read."""

import csv
import io
import json
import math
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from medtrust.errors import InputError
from medtrust.records import Estimate
from medtrust.reports.atomic import replacing, write_text
from medtrust.reports.latex import escape, write_latex
from medtrust.reports.table import (
    COLUMNS,
    as_json,
    read_parquet,
    rows,
    write_csv,
    write_json,
    write_parquet,
)
from reports_example import any_estimate, estimate, estimates

same_folder = settings(
    max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


def test_the_columns_and_their_order_are_those_of_the_design() -> None:
    assert ",".join(COLUMNS) == (
        "model,task,dataset,group_by,group,metric,protocol,value,low,high,n,missing,clusters,"
        "baseline,chance,constant,text_only,clinicians,worst,best,interval,p,p_adjusted,"
        "correction,verdict,reader"
    )
    assert all(tuple(row) == COLUMNS for row in rows(estimates()))


def test_json_has_null_where_there_is_no_number(tmp_path: Path) -> None:
    odd = replace(estimate(), value=math.nan, low=-math.inf, high=None)
    write_json([odd], tmp_path / "t.json")
    text = (tmp_path / "t.json").read_text()
    row = json.loads(text, parse_constant=pytest.fail)["rows"][0]
    assert (row["value"], row["low"], row["high"]) == (None, None, None)
    assert row["model"] == "openai/gpt-4o"


@same_folder
@given(st.lists(any_estimate))
def test_json_gives_back_every_number_exactly(given_estimates: list[Estimate]) -> None:
    assert json.loads(as_json(given_estimates))["rows"] == rows(given_estimates)


@same_folder
@given(st.lists(any_estimate))
def test_parquet_gives_back_the_same_estimates(
    tmp_path: Path, given_estimates: list[Estimate]
) -> None:
    write_parquet(given_estimates, tmp_path / "t.parquet")
    assert list(read_parquet(tmp_path / "t.parquet")) == given_estimates


def test_parquet_has_the_same_schema_with_and_without_rows(tmp_path: Path) -> None:
    write_parquet([], tmp_path / "none.parquet")
    write_parquet(estimates(), tmp_path / "some.parquet")
    none, some = (pq.read_schema(tmp_path / f"{name}.parquet") for name in ("none", "some"))
    assert none == some
    assert read_parquet(tmp_path / "none.parquet") == ()


def test_a_file_that_is_no_table_of_estimates_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "junk.parquet").write_bytes(b"junk")
    pq.write_table(pa.table({"model": ["m"]}), tmp_path / "other.parquet")
    wrong = [{**row, "protocol": "guessed"} for row in rows([estimate()])]
    pq.write_table(pa.Table.from_pylist(wrong), tmp_path / "wrong.parquet")
    for name in ("junk", "other", "wrong", "absent"):
        with pytest.raises(InputError, match=rf"{name}\.parquet") as caught:
            read_parquet(tmp_path / f"{name}.parquet")
        assert "\n" not in str(caught.value)


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


@same_folder
@given(st.lists(any_estimate, min_size=1))
def test_csv_gives_back_numbers_exactly_and_text_behind_its_apostrophe(
    tmp_path: Path, given_estimates: list[Estimate]
) -> None:
    write_csv(given_estimates, tmp_path / "t.csv")
    for read, written in zip(read_csv(tmp_path / "t.csv"), rows(given_estimates), strict=True):
        for name, cell in written.items():
            if isinstance(cell, str):
                assert read[name].removeprefix("'") == cell
            else:
                assert read[name] == ("" if cell is None else repr(cell))


@pytest.mark.parametrize(
    "name",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1+1", "＝1"],  # noqa: RUF001 - the full-width sign is the case
)
def test_a_name_that_a_spreadsheet_would_run_is_led_by_an_apostrophe(
    tmp_path: Path, name: str
) -> None:
    write_csv([replace(estimate(name), value=-0.25)], tmp_path / "t.csv")
    row = read_csv(tmp_path / "t.csv")[0]
    assert row["model"] == f"'{name}"
    assert row["value"] == "-0.25"


def test_latex_has_each_model_with_its_interval_and_no_raw_special_character(
    tmp_path: Path,
) -> None:
    name = r"50%_of $x^2$ & {a}~\input{/etc/passwd}#"
    write_latex([estimate(name, chance=0.25)], tmp_path / "t.tex")
    text = (tmp_path / "t.tex").read_text()
    assert r"50\%\_of \$x\textasciicircum{}2\$ \& \{a\}\textasciitilde{}" in text
    assert r"\textbackslash{}input\{/etc/passwd\}\#" in text
    assert "17.0 {[10.8, 23.5]} & 176 & 0" in text
    assert "Chance &  & 25.0" in text
    assert text.count(r"\toprule") == text.count(r"\bottomrule") == 1


@given(st.text(max_size=40))
def test_escaped_latex_holds_no_command_but_our_own(text: str) -> None:
    left = escape(text)
    for own in ("backslash", "asciitilde", "asciicircum", "less", "greater", "bar", "quotedbl"):
        left = left.replace(rf"\text{own}{{}}", "")
    for char in "&%$#_{}":
        left = left.replace(f"\\{char}", "")
    assert not set(left) & set('\\&%$#_{}~^<>|"\n\r')


def write_half(path: Path) -> None:
    with replacing(path) as file:
        file.write(b"half of the n")
        file.write(bytes(1 // 0))


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_text(path, "old")
    with pytest.raises(ZeroDivisionError):
        write_half(path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_what_cannot_be_written_is_an_error_with_a_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="absent"):
        write_text(tmp_path / "absent" / "t.json", "{}")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="folder"):
        write_text(tmp_path / "folder", "{}")
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]
