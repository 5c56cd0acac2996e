"""`medtrust sample` and `medtrust score --labelled`: from a run to a sheet and back."""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.cli import main
from medtrust.errors import InputError
from medtrust.pipeline.judge import JudgeSettings
from medtrust.pipeline.sample import draw, probabilities, sample_run
from medtrust.pipeline.score import ScoreSettings, score_run
from medtrust.pipeline.select import load_dataset
from medtrust.pipeline.sheet import COLUMNS, GUIDE, read_sheet
from medtrust.reports.result import Result
from medtrust.runner.plan import samples_of
from medtrust.scorers.scorer import ReadSettings
from medtrust.tasks.select import load

ANSWER, DECLINE = "Yes.", "I cannot answer this."
MISREAD = "=SUM(1) Hm. One would have to be there."
"""A reply that declines, which no rule finds, and which a spreadsheet could run."""

Cells = dict[str, str]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scored run of 60 closed questions: a third answered, declined, and declined unseen."""
    folder = tmp_path_factory.mktemp("labelled")
    samples = samples_of(load("cares/factuality"), load_dataset("phantom", None).samples)
    said = [ANSWER, DECLINE, MISREAD]
    lines = [
        json.dumps({"id": one.id, "text": said[place % 3]}) for place, one in enumerate(samples)
    ]
    answers = folder / "answers.jsonl"
    answers.write_text("\n".join(lines))
    asked = ["--task", "cares/factuality", "--dataset", "phantom", "--limit", "60"]
    main(["run", "--model", f"replay/{answers}", *asked, "--out", str(folder / "run")])
    return folder / "run"


def sheet(path: Path) -> list[Cells]:
    """The rows of a sheet by column."""
    lines = path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    return [*csv.DictReader(io.StringIO("".join(lines[1:]), newline=""))]


def write(path: Path, rows: list[Cells], delimiter: str = ",") -> Path:
    """A sheet as a spreadsheet would save it."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, COLUMNS, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(f'"{GUIDE}"{delimiter * 6}\r\n{buffer.getvalue()}', encoding="utf-8-sig")
    return path


def truth(row: Cells) -> str:
    return "answered" if row["reply"] == ANSWER else "declined"


@pytest.fixture
def rows(made: Path, tmp_path: Path) -> list[Cells]:
    """The rows of a sheet of thirty replies, all labelled."""
    sample_run(made, tmp_path / "new.csv", 30, 7)
    return [row | {"label": truth(row)} for row in sheet(tmp_path / "new.csv")]


def rate(result: Result, metric: str) -> Any:
    (one,) = (
        e
        for e in result.estimates
        if (e.metric, e.group_by, e.protocol) == (metric, "all", "corrected")
    )
    return one


def test_from_a_run_to_a_sheet_and_back(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "sheet.csv"
    assert main(["sample", str(made), "--n", "30", "--out", str(path)]) == 0
    assert "30 of 60 replies" in capsys.readouterr().out
    filled = [row | {"label": truth(row).upper()} for row in sheet(path)]
    path = write(tmp_path / "filled.csv", filled)
    main(["score", str(made), "--labelled", str(path), "--json"])
    printed = capsys.readouterr()
    told = {
        row["metric"]: row
        for row in json.loads(printed.out)["rows"]
        if (row["protocol"], row["group_by"]) == ("corrected", "all")
    }
    row = told["abstention_labelled"]
    assert told["abstention"]["value"] == pytest.approx(1 / 3, abs=0.01)
    assert row["low"] < 2 / 3 < row["high"]
    assert row["low"] > told["abstention"]["value"]
    assert "30 labelled" in row["interval"]
    assert "filled.csv: 30 of 30 rows have a label" in printed.err
    # Scored again without the sheet there is no such row.
    assert "abstention_labelled" not in {
        e.metric for e in score_run(made, ScoreSettings()).estimates
    }


def test_a_sheet_tells_what_to_do_and_hides_what_was_read(made: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    sample_run(made, path, 60, 1)
    text = path.read_bytes().decode()
    assert text.startswith('\ufeff"# Read each reply')
    found = sheet(path)
    assert tuple(found[0]) == COLUMNS
    assert {row["label"] for row in found} == {""}
    assert {row["asks"] for row in found} == {"does it decline?"}
    assert all("Question:" in row["question"] or row["question"] for row in found)
    assert Counter(row["probability"] for row in found) == {"1.0": 60}
    assert {row["reply"] for row in found} == {ANSWER, DECLINE, f"'{MISREAD}"}


def test_a_seed_decides_and_nothing_is_overwritten(made: Path, tmp_path: Path) -> None:
    texts = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        sample_run(made, tmp_path / name, 20, seed)
        texts.append((tmp_path / name).read_bytes())
    assert texts[0] == texts[1] != texts[2]
    with pytest.raises(InputError, match="may hold labels"):
        sample_run(made, tmp_path / "a", 20, 2)
    assert (tmp_path / "a").read_bytes() == texts[0]


def test_tasks_and_models_can_be_chosen(made: Path, tmp_path: Path) -> None:
    for tasks, models in ((["cares/privacy*"], []), ([], ["openai/*"])):
        with pytest.raises(InputError, match="no reply to label"):
            sample_run(made, tmp_path / "a", 20, 2, tasks, models)
    assert sample_run(made, tmp_path / "a", 20, 2, ["cares/f*"], ["replay/*"]) == (20, 60)
    assert main(["sample", str(tmp_path)]) == 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_spreadsheets_make_of_a_sheet_is_read(
    rows: list[Cells], made: Path, tmp_path: Path, delimiter: str
) -> None:
    for row in rows:
        row["probability"] = row["probability"].replace(".", "," if delimiter == ";" else ".")
        row["label"] = f" {row['label'].title()} "
    path = write(tmp_path / "a.csv", [*rows, dict.fromkeys(COLUMNS, "")], delimiter)
    plain = write(
        tmp_path / "b.csv",
        [
            row | {"label": truth(row), "probability": row["probability"].replace(",", ".")}
            for row in rows
        ],
    )
    values = [
        rate(score_run(made, ScoreSettings(), labelled=one), "abstention_labelled").value
        for one in (path, plain)
    ]
    assert values[0] == values[1]


def test_a_row_without_a_label_is_unlabelled(rows: list[Cells], made: Path, tmp_path: Path) -> None:
    for row in rows[:12]:
        row["label"] = "  "
    path = write(tmp_path / "half.csv", rows)
    result = score_run(made, ScoreSettings(), labelled=path)
    assert "18 labelled" in rate(result, "abstention_labelled").interval
    assert any("half.csv: 18 of 30 rows have a label; the others" in note for note in result.notes)


Change = Callable[[list[Cells]], object]


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (lambda rows: rows[4].update(id="r0123456789abcdef"), 7, "no reply of this run"),
        (lambda rows: rows[4].update(id=""), 7, "no reply of this run"),
        (lambda rows: rows.append(rows[2]), 34, "on line 5 already"),
        (lambda rows: rows[0].update(label="maybe"), 3, "is none of declined, answered"),
        (lambda rows: rows[0].update(label="sure"), 3, "is none of declined, answered"),
        (lambda rows: rows[1].update(probability="0"), 4, "probability"),
        (lambda rows: rows[1].update(probability="nan"), 4, "probability"),
        (lambda rows: rows[1].update(probability=""), 4, "probability"),
    ],
)
def test_a_row_that_cannot_be_used_is_one_line_with_its_place(
    rows: list[Cells],
    made: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Change,
    line: int,
    message: str,
) -> None:
    for row in rows:  # of several lines, which count in the file
        row["question"] = "?"
    rows[-1]["question"] = "?\n?"
    change(rows)
    path = write(tmp_path / "bad.csv", rows)
    assert main(["score", str(made), "--labelled", str(path)]) == 2
    printed = capsys.readouterr()
    (told,) = printed.err.splitlines()
    assert f"{path}:{line}: " in told
    assert message in told


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00bad", "not UTF-8"),
        (b"id,label\nr1,sure\n", "0 columns are named 'probability'"),
        (b"id,label,label,probability\n", "2 columns are named 'label'"),
        (b"id,label,probability\nr1,,1\n", "no row has a label"),
        (b'id,label,probability\nr1,"' + b"x" * 200_000 + b'",1\n', "no CSV"),
    ],
)
def test_a_file_that_is_no_sheet_is_told_apart(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_sheet(path)
    with pytest.raises(InputError, match="no such sheet"):
        read_sheet(tmp_path / "none.csv")


def test_a_label_sticks_to_its_reply(
    rows: list[Cells], made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same questions, answered otherwise, are none that the sheet is of."""
    samples = samples_of(load("cares/factuality"), load_dataset("phantom", None).samples)
    answers = tmp_path / "answers.jsonl"
    answers.write_text("\n".join(json.dumps({"id": s.id, "text": "No."}) for s in samples))
    asked = ["--task", "cares/factuality", "--dataset", "phantom", "--limit", "60"]
    main(["run", "--model", f"replay/{answers}", *asked, "--out", str(tmp_path / "run")])
    capsys.readouterr()
    path = write(tmp_path / "a.csv", rows)
    assert main(["score", str(tmp_path / "run"), "--labelled", str(path)]) == 2
    assert "(30 such rows)" in capsys.readouterr().err


def test_a_sheet_stays_the_runs_when_a_model_reads_it(
    rows: list[Cells], made: Path, tmp_path: Path
) -> None:
    """A reader whose every word is none makes all answers missing, and no row unknown."""
    path = write(tmp_path / "a.csv", rows)
    run = copytree(made, tmp_path / "run")
    reader = JudgeSettings(model="builtin/constant-A")
    score_run(run, ScoreSettings(reader=reader))
    result = score_run(run, ScoreSettings(), labelled=path)
    assert "abstention_labelled" not in {e.metric for e in result.estimates}
    ruled = ScoreSettings(read=ReadSettings(by_rules=True))
    assert rate(score_run(run, ruled, labelled=path), "abstention_labelled").n == 60


def test_labels_go_with_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("--dataset", "phantom", "--task", "cares/factuality", "--predictions", "x")
    for wrong in (asked, ()):
        assert main(["score", "--labelled", "x.csv", *wrong]) == 2
        assert "--labelled FILE goes with a RUN" in capsys.readouterr().err


@given(sizes=st.lists(st.integers(1, 400), min_size=1, max_size=12), n=st.integers(1, 500))
def test_probabilities_add_up_to_the_sample(sizes: list[int], n: int) -> None:
    shares = probabilities(sizes, n)
    assert all(0 < share <= 1 for share in shares)
    whole = sum(size * share for size, share in zip(sizes, shares, strict=True))
    assert whole == pytest.approx(min(n, sum(sizes)))
    # No smaller stratum is drawn from less densely.
    order = sorted(zip(sizes, shares, strict=True))
    assert all(a[1] >= b[1] - 1e-9 for a, b in pairwise(order))


def test_replies_are_drawn_as_often_as_their_probability_says() -> None:
    strata = [[f"a{n}" for n in range(90)], [f"b{n}" for n in range(9)], ["c"]]
    times: Counter[str] = Counter()
    for seed in range(2000):
        found = draw(strata, 20, seed)
        assert len(found) in {19, 20, 21}
        times.update([*found])
    shares = probabilities([90, 9, 1], 20)
    for names, share in zip(strata, shares, strict=True):
        for name in names:
            error = 4.5 * (share * (1 - share) / 2000) ** 0.5
            assert abs(times[name] / 2000 - share) <= error
