"""`medtrust audit`: it finds what cannot be, and nothing in tables that honest counts give."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from medtrust.audit import Cell, Figure, Finding, Table, printed_tables, read_tables
from medtrust.audit.copies import copies
from medtrust.audit.number import counts, number
from medtrust.cli import main
from medtrust.errors import InputError
from medtrust.pipeline.audit import audit
from medtrust.records import Estimate
from medtrust.reports.table import write_csv


def audited(text: str, name: str = "table.csv") -> list[Finding]:
    """What is found in a CSV file with this text."""
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_text(text, encoding="utf-8")
        return audit(read_tables(path))


def found(text: str) -> list[tuple[str, str, str]]:
    """Row, column and value of each finding."""
    return [(one.row, one.column, one.value) for one in audited(text)]


# The published tables.

KNOWN = {
    ("CARES Table 1", "Average", "LLaVA-Med", "38.41"),
    ("CARES Table 1", "Average", "Qwen-VL-Chat", "16.96"),
    ("CARES Table 1", "HAM10000", "RadFM", "26.53/74.29"),
    ("CARES Table 3", "PMC-OA", "Qwen-VL-Chat", "1.98/12.15"),
    ("CARES Table 3", "OmniMedVQA", "Qwen-VL-Chat", "1.98/12.15"),
    ("MediConfusion leaderboard", "Med-Flamingo", "Set accuracy", "4.55"),
}


def test_the_published_tables_have_exactly_the_known_errors(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["audit", "--published", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert all(list(row) == ["table", "row", "column", "value", "finding"] for row in rows)
    assert len(rows) == len(KNOWN)
    assert {(row["table"], row["row"], row["column"], row["value"]) for row in rows} == KNOWN
    said = " ".join(row["finding"] for row in rows)
    for figure in ("45.40", "39.64", "100.82", "8 of 176 pairs"):
        assert figure in said


def test_people_see_the_errors_and_what_was_not_checked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["audit", "--published"]) == 0
    shown = capsys.readouterr().out
    assert "38.41" in shown
    assert "6 findings" in shown
    assert "31.54 of 986" in " ".join(shown.split())


def test_the_columns_without_a_number_of_questions_say_why() -> None:
    """Two cells of Table 15 are no shares of all questions, and so of an unknown number."""
    for figure, asked, fits in (("26.67", 2573, 2572), ("31.54", 1000, 986)):
        given_number = number(figure)
        assert given_number is not None
        possible = [n for n in range(900, asked + 1) if counts(given_number, n, 100)]
        assert max(possible) == fits
    table = next(table for table in printed_tables() if table.name == "CARES Table 15")
    assert "26.67 of 2572" in " ".join(table.notes)
    known = {cell.row for cell, figure, _ in table.figures() if figure.n}
    assert known == {"HAM10000"}


def test_each_published_table_has_power_against_a_slip_in_it() -> None:
    """A printed average that is off by 0.05 is found, for every model and figure of it."""
    for table in printed_tables():
        clean = audit([table])
        for index, cell in enumerate(table.cells):
            for place, figure in enumerate(cell.figures if cell.mean_of else ()):
                slipped = str(Decimal(figure.text) + Decimal("0.05"))
                wrong = replace(figure, text=slipped, number=number(slipped))
                figures = (*cell.figures[:place], wrong, *cell.figures[place + 1 :])
                cells = (*table.cells[:index], replace(cell, figures=figures))
                planted = audit([replace(table, cells=(*cells, *table.cells[index + 1 :]))])
                values = {(one.column, one.value) for one in planted}
                assert (cell.column, slipped) in values
                assert len(planted) >= len(clean)


# Planted errors, in each layout.

UNCERTAINTY = """dataset,LLaVA-Med,RadFM
IU-Xray,26.67/69.40,15.17/68.15
HAM10000,73.26/6.39,26.53/74.29
OL3I,45.65/52.17,62.50/34.13
OmniMedVQA,36.00/25.41,39.19/57.53
Average,38.41/38.34,35.85/58.53
"""


def test_a_table_as_the_paper_prints_it() -> None:
    assert found(UNCERTAINTY) == [
        ("HAM10000", "RadFM", "26.53/74.29"),
        ("Average", "LLaVA-Med", "38.41"),
    ]


PAIRS = """model,set accuracy,confusion,individual accuracy,pairs
GPT-4o,17.05,73.89,53.69,176
Med-Flamingo,4.55,98.30,,176
Off by one,17.10,73.89,,176
Unlikely,17.05,73.89,65.91,176
"""


def test_a_table_of_pairs() -> None:
    assert found(PAIRS) == [
        ("Off by one", "set accuracy", "17.10"),
        ("Med-Flamingo", "set accuracy", "4.55"),
        ("Unlikely", "set accuracy", "17.05"),
    ]


def test_pairs_without_their_number_are_held_to_their_sum() -> None:
    text = "model,Set acc.,Confusion (%)\nhonest,25.00,75.00\nwrong,25.02,75.00\n"
    assert found(text) == [("wrong", "Set acc.", "25.02")]


def test_models_may_be_the_columns_of_a_table_of_pairs() -> None:
    text = "metric,good,bad\nset accuracy,4.55,4.55\nconfusion,92.05,98.30\n"
    assert found(text) == [("set accuracy", "bad", "4.55")]


def test_both_figures_of_pairs_in_one_cell() -> None:
    text = "model,Set-acc/Confusion,pairs\ngood,4.55/92.05,176\nbad,4.55/98.30,176\n"
    assert found(text) == [("bad", "Set-acc/Confusion", "4.55")]


def test_confusion_as_a_share_of_all_pairs() -> None:
    text = "model,set accuracy,confusion_all,individual accuracy,pairs\n" + "\n".join(
        f"{name},22.2,72.2,{right},176"
        for name, right in (("real", "58.24"), ("low", "57.95"), ("most", "61.08"), ("high", "75"))
    )
    assert found(text) == [
        ("low", "set accuracy", "22.2"),
        ("high", "set accuracy", "22.2"),
    ]


LONG = """table,row,column,value,n,metric
A,IU-Xray,one,73.34,2573,accuracy
A,IU-Xray,two,73.35,2573,accuracy
A,OL3I,one,-3.1,,drop
A,OL3I,two,-3.1,,accuracy
B,IU-Xray,one,60.01,,acc
B,IU-Xray,one,40.00,,oc
B,HAM10000,one,60.02,,acc
B,HAM10000,one,40.00,,oc
"""


def test_a_line_for_each_figure() -> None:
    assert [(one.table, one.row, one.column, one.value) for one in audited(LONG)] == [
        ("A", "OL3I", "two", "-3.1"),
        ("A", "IU-Xray", "two", "73.35"),
        ("B", "HAM10000", "one", "60.02/40.00"),
    ]


def test_shares_of_a_number_in_a_wide_table() -> None:
    text = "dataset,n,one,two\nOL3I,1000,34.70,31.54\nHAM10000,2000,35.55,28.52\n"
    assert found(text) == [("OL3I", "two", "31.54"), ("HAM10000", "two", "28.52")]


def test_averages_beside_the_rows() -> None:
    text = "model,A,B,C,Mean\nright,10.0,20.0,40.0,23.3\nwrong,10.0,20.0,40.0,23.5\n"
    assert found(text) == [("wrong", "Mean", "23.5")]


def test_an_average_may_be_weighted_by_questions_or_count_a_dash_as_zero() -> None:
    weighted = "dataset,n,one\nA,100,10.00\nB,300,20.00\nAverage,,17.50\n"
    assert not audited(weighted)
    assert audited(weighted.replace("17.50", "17.60"))
    dash = "dataset,one\nA,10.00\nB,-\nC,20.00\nAverage,{}\n"
    assert not audited(dash.format("10.00"))
    assert not audited(dash.format("15.00"))
    assert audited(dash.format("12.00"))


COPIED = """dataset tox/abs,one,two,three
IU-Xray,3.02/25.55,14.26/8.33,3.64/.17
MIMIC-CXR,1.78/10.08,27.61/8.78,.74/.07
PMC-OA,{},21.73/7.65,1.25/.05
OmniMedVQA,{},19.64/7.65,1.60/-
"""


def test_copied_cells() -> None:
    assert found(COPIED.format("1.98/12.15", "1.98/12.15")) == [
        ("PMC-OA", "one", "1.98/12.15"),
        ("OmniMedVQA", "one", "1.98/12.15"),
    ]


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("1.98/12.15", "1.98/12.16", "a digit differs"),
        ("0/12.15", "0/12.15", "a single figure may well meet its like"),
        ("0/0", "0/0", "a model that never does it has zeros everywhere"),
        ("2/12", "2/12", "figures without decimals have few values"),
        ("87.85/12.15", "87.85/12.15", "figures that add up to 100 are one figure"),
    ],
)
def test_cells_that_agree_for_a_reason(one: str, other: str, why: str) -> None:
    assert not audited(COPIED.format(one, other)), why


def test_small_datasets_have_few_shares() -> None:
    """30.00/20.00 twice is nothing where a dozen questions may stand behind it."""
    lines = "A,30.00/20.00,40.00/10.00\nB,30.00/20.00,50.00/20.00\n"
    assert not audited("dataset,one,two\n" + lines)
    lines = lines.replace("A,", "A,10,").replace("B,", "B,10,")
    assert not audited("dataset,n,one,two\n" + lines)


def test_equal_cells_of_two_models_are_no_copies() -> None:
    """Two models that always give the same answer do agree."""
    assert not audited("dataset,n,one,two\nOL3I,1000,61.90/38.10,61.90/38.10\n")


def test_values_outside_of_what_they_can_be() -> None:
    text = "model,accuracy,gap,drop\none,100.01,-3.0,-1.0\ntwo,-0.1,3.0,101\nthree,100,0,0\n"
    assert found(text) == [
        ("one", "accuracy", "100.01"),
        ("two", "accuracy", "-0.1"),
        ("two", "drop", "101"),
    ]


def test_fractions_are_told_from_percentages() -> None:
    text = "dataset,n,acc,oc\nA,8,0.625,0.375\nB,8,0.625,0.385\n"
    assert found(text) == [("B", "oc", "0.385"), ("B", "acc", "0.625/0.385")]
    assert not audited("dataset,n,acc\nA,200,0.5%\n")


# Our own results.


RESULT = {
    "set_accuracy": (30 / 176, 176),
    "confusion": (116 / 157, 157),
    "individual_accuracy": (189 / 352, 352),
    "invalid": (20 / 352, 352),
    "valid_pairs": (157.0, 176),
}


def estimates(**changed: float) -> list[Estimate]:
    """A consistent result on pairs, with the values of some metrics changed."""
    return [
        Estimate(
            model="m", task="t", dataset="d", metric=metric, protocol="official", n=n,
            value=changed.get(metric, value), low=None, high=None, missing=0, clusters=9,
        )
        for metric, (value, n) in RESULT.items()
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("metric", "value", "finding"),
    [
        ("set_accuracy", 30.5 / 176, "is no share of 176"),
        ("set_accuracy", 43 / 176, "leaves at most 41 pairs told apart"),
        ("individual_accuracy", 175 / 352, "no whole numbers"),
        ("confusion", 1.2, "is not between 0 and 1"),
        ("valid_pairs", -1, "is negative"),
    ],
)
def test_own_results(tmp_path: Path, metric: str, value: float, finding: str) -> None:
    path = tmp_path / "results.csv"
    write_csv(estimates(), path)
    assert not audit(read_tables(path))
    write_csv(estimates(**{metric: value}), path)
    (one,) = audit(read_tables(path))
    assert finding in one.finding


def test_own_means_over_datasets(tmp_path: Path) -> None:
    values = {"cares/a": 0.123456, "cares/b": 0.456789, "other/a": 0.9}
    rows = [
        structs.replace(estimates()[0], metric="factuality", dataset=dataset, value=value, n=10)
        for dataset, value in values.items()
    ]
    mean = structs.replace(rows[0], dataset="cares (mean of 2)", value=0.2901225)
    path = tmp_path / "results.csv"
    write_csv([*rows, mean], path)
    assert not audit(read_tables(path))
    write_csv([*rows, structs.replace(mean, value=0.29)], path)
    assert not audit(read_tables(path)), "0.29 may be rounded"
    write_csv([*rows, structs.replace(mean, value=0.2911)], path)
    (one,) = audit(read_tables(path))
    assert (one.row, one.value) == ("cares (mean of 2): factuality", "0.2911")
    write_csv([*rows, structs.replace(mean, dataset="cares (mean of 3)", value=0.31)], path)
    assert not audit(read_tables(path)), "one of the three is not there to be averaged"


# Honest tables.


def percent(count: int, n: int, decimals: int) -> str:
    return f"{100 * Decimal(count) / Decimal(n):.{decimals}f}"


DECIMALS = st.integers(0, 4)


@given(
    st.lists(
        st.tuples(st.integers(1, 400), st.lists(st.floats(0, 1), min_size=3, max_size=3)),
        min_size=2,
        max_size=5,
    ),
    DECIMALS,
)
def test_honest_shares_and_averages_are_never_flagged(
    datasets: list[tuple[int, list[float]]], decimals: int
) -> None:
    shares = [[Decimal(round(rate * n)) / n for rate in rates] for n, rates in datasets]
    lines = [
        f"d{place},{n}," + ",".join(percent(round(rate * n), n, decimals) for rate in rates)
        for place, (n, rates) in enumerate(datasets)
    ]
    means = [
        f"{100 * sum(column) / len(column):.{decimals}f}" for column in zip(*shares, strict=True)
    ]
    text = "\n".join(["dataset,n,x,y,z", *lines, "Average,," + ",".join(means)])
    assert not audited(text)


@given(
    st.lists(
        st.lists(st.integers(0, 300), min_size=4, max_size=4).filter(any), min_size=2, max_size=5
    ),
    DECIMALS,
)
def test_honest_uncertainty_is_never_flagged(rows: list[list[int]], decimals: int) -> None:
    cells = [
        percent(tp + tn, tp + fp + tn + fn, decimals)
        + "/"
        + percent(fp, tp + fp + tn + fn, decimals)
        for tp, fp, tn, fn in rows
    ]
    lines = [f"d{place},{cell}" for place, cell in enumerate(dict.fromkeys(cells))]
    assert not audited("\n".join(["dataset,model", *lines]))


@given(
    st.lists(
        st.lists(
            st.sampled_from(["solved", "confused", "crossed", "invalid", "half right"]),
            min_size=1,
            max_size=60,
        ),
        min_size=1,
        max_size=4,
    ),
    DECIMALS,
    st.booleans(),
)
def test_honest_pairs_are_never_flagged(
    models: list[list[str]], decimals: int, of_all: bool
) -> None:
    lines = [f"model,set accuracy,{'confusion all' if of_all else 'confusion'},ind. acc,pairs"]
    for place, pairs in enumerate(models):
        n, solved, confused = len(pairs), pairs.count("solved"), pairs.count("confused")
        valid = solved + confused + pairs.count("crossed")
        right = 2 * solved + confused + pairs.count("half right")
        confusion = percent(confused, n if of_all else max(valid, 1), decimals)
        lines.append(
            f"m{place},{percent(solved, n, decimals)},{confusion},"
            f"{percent(right, 2 * n, decimals)},{n}"
        )
    assert not audited("\n".join(lines))


def test_fewer_than_one_honest_table_in_a_hundred_has_a_copy() -> None:
    """Six models on seven sets, with rates that are as like each other as models' are."""
    dice = random.Random(0)
    flagged = 0
    for _ in range(2000):
        cells = []
        for model in range(6):
            rates = [dice.uniform(0, 0.4) for _ in range(2)]
            for dataset in range(7):
                texts = []
                for rate in rates:
                    p = min(1, max(0, dice.gauss(rate, 0.05)))
                    k = min(1000, max(0, round(dice.gauss(1000 * p, (1000 * p * (1 - p)) ** 0.5))))
                    texts.append(percent(k, 1000, 2))
                figures = tuple(
                    Figure(text=text, number=number(text), kind="share", n=1000) for text in texts
                )
                cells.append(
                    Cell(row=f"d{dataset}", column=f"m{model}", figures=figures, subject="")
                )
        flagged += bool(list(copies(Table(name="t", cells=tuple(cells)))))
    assert flagged / 2000 < 0.01


# Files that cannot be used.


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("model,accuracy\n", "without any row"),
        ("model\nx\n", "one column only"),
        ("model,a,a\nx,1,2\n", "line 1: two columns are called 'a'"),
        ("model,a\nx,1\nx,2\n", "line 3: a second row called 'x'"),
        ("model,a\nx,1,2\n", "line 2: 3 cells, but the heading has 2"),
        ("model,a\n,1\n", "line 2: a row without a name"),
        ("model,a\nx,high\n", "line 2, column 'a': 'high' is no number"),
        ("model,a\nx,1/2/3/4\n", "line 2, column 'a': '1/2/3/4' has 4 figures"),
        ("model,a\nx,1e999\n", "'1e999' is no number"),
        ("model,a,n\nx,1,2.5\n", "line 2: '2.5' is no number of questions"),
        ("model,a\nx," + "9" * 501 + "\n", "line 2: a cell of more than 500"),
        ('model,a\nx,"1\n', "line 2: not a CSV file"),
        ("row,column,value,size\nx,y,1,2\n", "line 1: unknown column 'size'"),
        ("row,column,value\nx,y,1\nx,y,2\n", "line 3: the figure of table, x, y again"),
        ("row,column,value\nx,,1\n", "line 2: a figure without a row"),
        ("model,task,dataset,metric,value\nm,t,d,,1\n", "line 2: a figure without a model"),
        ("model,task,dataset,metric,value\n" + "m,t,d,x,1\n" * 2, "line 3: x of m on d again"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(
    tmp_path: Path, text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    assert main(["audit", str(path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert str(path) in line
    assert message in line


def test_files_that_are_none(tmp_path: Path) -> None:
    latin = tmp_path / "latin.csv"
    latin.write_bytes(b"model,a\ncaf\xe9,1\n")
    with pytest.raises(InputError, match=r"line 2: not UTF-8"):
        read_tables(latin)
    with pytest.raises(InputError, match="no such file"):
        read_tables(tmp_path / "none.csv")
    with pytest.raises(InputError, match="no such file"):
        read_tables(tmp_path)


@given(st.text(alphabet='ab12./(),"\n%- ', max_size=60))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    message = ""
    try:
        audited(text)
    except InputError as error:
        message = str(error)
    assert "\n" not in message


def test_something_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit"]) == 2
    assert "--published" in capsys.readouterr().err


def test_names_cannot_write_on_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "table.csv"
    path.write_text("model,a\n\x1b[31m[bold]x,101\n", encoding="utf-8")
    assert main(["audit", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "\x1b[31m" not in shown
    assert "[bold]" in shown


@pytest.mark.parametrize(
    ("text", "n", "expected"),
    [
        ("73.34", 2573, [1887]),
        ("26.67", 2573, []),
        ("0", 2573, list(range(13))),
        ("50", 2, [1]),
        ("12.5", 4, []),
        ("100%", 3, [3]),
    ],
)
def test_counts_behind_a_share(text: str, n: int, expected: Sequence[int]) -> None:
    given_number = number(text)
    assert given_number is not None
    assert list(counts(given_number, n, 100)) == expected


@given(st.integers(1, 3000), st.data(), DECIMALS)
def test_the_true_count_is_always_among_them(n: int, data: st.DataObject, decimals: int) -> None:
    count = data.draw(st.integers(0, n))
    printed = number(percent(count, n, decimals))
    assert printed is not None
    assert count in counts(printed, n, 100)
