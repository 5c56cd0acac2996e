"""MediConfusion's results files from end to end: made files, scored and run again."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import layout
from medtrust.cli import main

Row = dict[str, Any]
Said = tuple[str, tuple[float, float]]
"""An answer's text and its marks of A and B."""

PAIRS = 6
TARGETS = ["AB" if number % 2 else "BA" for number in range(1, PAIRS + 1)]
LETTERS = {"A": (10.0, 0.0), "B": (0.0, 10.0), "-": (0.0, 0.0)}


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return layout.write(tmp_path_factory.mktemp("benchmark"), pairs=PAIRS)


def results(answers: Sequence[tuple[Said, Said]], tr: float = 3, **more: str) -> dict[str, Any]:
    """A results file as the released code writes it."""
    document: dict[str, Any] = {}
    for number, (pair, targets) in enumerate(zip(answers, TARGETS, strict=True), 1):
        marks = [given for _, given in pair]
        chosen = ["A" if a >= b + tr else "B" if b >= a + tr else "-" for a, b in marks]
        right = [one == target for one, target in zip(chosen, targets, strict=True)]
        valid, same = "-" not in chosen, chosen[0] == chosen[1]
        score = {
            "set_score": all(right), "individual_score": sum(right), "confused": valid and same,
            "invalid": chosen.count("-"), "valids": valid, "valid_pairs": valid and not same,
        }  # fmt: skip
        document[str(10_000 + number)] = {
            "answer": {
                f"im{which}": {"full_answer": text, "A": a, "B": b, **more}
                for which, (text, (a, b)) in enumerate(pair, 1)
            },
            "score": {block: {"total": int(points)} for block, points in score.items()},
        }
    return document


def of_letters(texts: Sequence[str], letters: Sequence[str]) -> dict[str, Any]:
    """A file of `mc`: replies, and what the parser of whoever wrote it made of them."""
    said = [(text, LETTERS[letter]) for text, letter in zip(texts, letters, strict=True)]
    return results([*zip(said[::2], said[1::2], strict=True)])


def of_a_judge(given: Sequence[tuple[float, float]], tr: float = 3) -> dict[str, Any]:
    """A file of `ff`; its first answer is a refusal."""
    texts = ["I'm unable to view images.", *["There is a mass."] * (len(given) - 1)]
    said = [*zip(texts, given, strict=True)]
    return results([*zip(said[::2], said[1::2], strict=True)], tr, gpt_reason="As it says so.")


GIVEN = [(1, 1), (2, 9), (4, 2), (2, 3), (9, 1), (3, 3)]
GIVEN += [(8, 2), (5, 7), (1, 2), (7, 4), (2, 6), (6, 2)]
"""One judgement an answer: leads of 0 to 8 points."""

Scored = Callable[..., tuple[list[Row], str]]


@pytest.fixture
def scored(benchmark: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Scored:
    """Score a file; returns the rows and what standard error says."""

    def score(document: object, task: str, *more: str, code: int = 0) -> tuple[list[Row], str]:
        path = tmp_path / "results.json"
        if isinstance(document, list):
            path.write_text("".join(json.dumps(line) + "\n" for line in document))
        else:
            path.write_text(json.dumps(document, indent=4))
        arguments = ["--dataset", "mediconfusion", "--task", f"mediconfusion/{task}"]
        assert code == main(
            ["score", *arguments, "--data", str(benchmark), "--predictions", str(path),
             "--json", "--replicates", "50", *more]
        )  # fmt: skip
        printed = capsys.readouterr()
        return json.loads(printed.out)["rows"] if printed.out else [], printed.err

    return score


def ran(benchmark: Path, folder: Path, document: object, task: str) -> tuple[list[Row], str, int]:
    """Run a file as a model; returns the rows, the notes, and the exit code."""
    path = folder / "made.json"
    path.write_text(json.dumps(document))
    code = main(
        ["run", "--model", f"replay/{path}", "--task", f"mediconfusion/{task}",
         "--data", str(benchmark), "--out", str(folder / "run"), "--replicates", "50"]
    )  # fmt: skip
    assert main(["report", str(folder / "run"), "--json", str(folder / "rows.json")]) == 0
    notes = json.loads((folder / "run" / "run.json").read_text())["notes_on_scores"]
    return json.loads((folder / "rows.json").read_text())["rows"], "\n".join(notes), code


def value(rows: list[Row], metric: str, protocol: str) -> Any:
    (row,) = (
        row
        for row in rows
        if (row["metric"], row["protocol"], row["group_by"]) == (metric, protocol, "all")
    )
    return row["value"]


QUOTED = ['("A")', '("B").', ".B", ".A:"] * 3


def test_quoted_letters_score_officially(scored: Scored) -> None:
    letters = [text.strip('(".:)') for text in QUOTED]
    rows, notes = scored(of_letters(QUOTED, letters), "mc")
    assert value(rows, "set_accuracy", "official") == 1
    assert value(rows, "invalid", "official") == 0
    assert "marks" not in notes


OTHERWISE = (["(A)", "B", "A", "C", *"ABABABAB"], ["A", "-", "B", "-", *"ABABABAB"])
DIFFERENT = (
    "1 to 3 of 3 answers that the file marks otherwise: "
    "mediconfusion:10001/1 (file A, read none); mediconfusion:10001/2 (file none, read B); "
    "mediconfusion:10002/1 (file B, read A)"
)


def test_marks_that_our_official_reading_does_not_give_are_said(
    benchmark: Path, scored: Scored, tmp_path: Path
) -> None:
    document = of_letters(*OTHERWISE)
    _, notes = scored(document, "mc")
    assert DIFFERENT in notes
    assert "marks otherwise" not in scored(of_letters(OTHERWISE[0], [*"-BA-ABABABAB"]), "mc")[1]
    _, notes, code = ran(benchmark, tmp_path, document, "mc")
    assert (DIFFERENT in notes, code) == (True, 0)


def test_letters_where_log_probabilities_were_asked_for_are_compared_too(scored: Scored) -> None:
    for task in ("gd", "ps"):
        assert DIFFERENT in scored(of_letters(*OTHERWISE), task)[1]


def test_a_file_of_before_the_release_is_scored(scored: Scored) -> None:
    document = of_letters([*"AB" * PAIRS], [*"AB" * PAIRS])
    for at, entry in enumerate(document.values()):
        for block in ("valids", "valid_pairs", *["invalid"] * (at % 2)):
            del entry["score"][block]
    rows, notes = scored(document, "mc")
    assert value(rows, "set_accuracy", "official") == 0.5
    assert notes.count("\n") == 1
    assert "6 of 6 pairs store no whole score" in notes


@pytest.mark.parametrize(("tr", "named"), [(3, ""), (1, "a threshold of 1,"), (5, "of 5,")])
def test_a_judged_file_is_counted_as_it_was_made(
    benchmark: Path, scored: Scored, tmp_path: Path, tr: int, named: str
) -> None:
    document = of_a_judge(GIVEN, tr)
    totals = {
        block: sum(entry["score"][block]["total"] for entry in document.values())
        for block in ("set_score", "individual_score", "invalid")
    }
    rows, notes = scored(document, "ff", code=1)
    again, told, code = ran(benchmark, tmp_path, document, "ff")
    for found, said in ((rows, notes), (again, told)):
        for metric, block, of in (
            ("set_accuracy", "set_score", PAIRS),
            ("individual_accuracy", "individual_score", 2 * PAIRS),
            ("invalid", "invalid", 2 * PAIRS),
        ):
            assert value(found, metric, "official") == pytest.approx(totals[block] / of)
        # The refusal alone would make it 0, below chance.
        for metric in ("set_accuracy", "individual_accuracy", "abstention"):
            assert value(found, metric, "corrected") is None
        assert ("threshold" in said) == bool(named)
        assert named in said
        assert "12 x judged in one order" in said
        assert "disagrees" not in said
    assert code == 1


def test_a_threshold_that_is_named_goes_before_the_files_own(scored: Scored) -> None:
    document = of_a_judge(GIVEN, tr=1)
    rows, notes = scored(document, "ff", "--threshold", "3", code=1)
    same, _ = scored(of_a_judge(GIVEN, tr=3), "ff", code=1)
    assert [r for r in rows if r["protocol"] == "official"] == [
        r for r in same if r["protocol"] == "official"
    ]
    assert "threshold" not in notes


def test_a_judged_file_scored_for_letters_is_pointed_out(
    benchmark: Path, scored: Scored, tmp_path: Path
) -> None:
    document = of_a_judge(GIVEN)
    for notes in (scored(document, "mc")[1], ran(benchmark, tmp_path, document, "mc")[1]):
        assert "a judge's marks of 12 answers, so it answers mediconfusion/ff" in notes
        assert "marks otherwise" not in notes


def test_a_file_of_letters_is_no_judges(benchmark: Path, scored: Scored, tmp_path: Path) -> None:
    document = of_letters([*"AB" * PAIRS], [*"AB" * PAIRS])
    _, error = scored(document, "ff", code=2)
    assert "the file holds no judge's marks" in error
    rows, notes, code = ran(benchmark, tmp_path, document, "ff")
    assert (value(rows, "set_accuracy", "corrected"), code) == (None, 1)
    assert "12 x no judge was asked" in notes


def lines(*orders: Sequence[tuple[float, float]]) -> list[Row]:
    """The judgements as JSON lines, in one order of the options or in both."""
    given = [[{"A": a, "B": b} for a, b in one] for one in zip(*orders, strict=True)]
    return [
        {"id": f"mediconfusion:{10_001 + at // 2}/{1 + at % 2}", "text": "There is a mass.",
         "marks": marks if len(orders) > 1 else marks[0]}
        for at, marks in enumerate(given)
    ]  # fmt: skip


def test_a_judges_marks_come_as_json_lines(scored: Scored) -> None:
    rows, _ = scored(of_a_judge(GIVEN), "ff", code=1)
    one, notes = scored(lines(GIVEN), "ff", code=1)
    assert "12 x judged in one order" in notes
    other = [(b, a) for a, b in GIVEN]
    both, _ = scored(lines(GIVEN, other), "ff")
    for metric in ("set_accuracy", "individual_accuracy", "invalid"):
        expected = value(rows, metric, "official")
        assert [value(found, metric, "official") for found in (one, both)] == [expected] * 2
    # A judge that turns round with the options prefers neither.
    assert value(both, "tie", "corrected") == 1
    agreeing, _ = scored(lines(GIVEN, GIVEN), "ff")
    assert value(agreeing, "tie", "corrected") == pytest.approx(2 / 12)
    assert value(agreeing, "judge_agreement", "corrected") == 1
