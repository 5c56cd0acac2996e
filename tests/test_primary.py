"""Primary figures are named before the first request, and a later change is said."""

import json
from pathlib import Path
from typing import Any

import pytest

from medtrust.cli import main
from medtrust.reports.first_screen import FIRST_SCREEN

ASK = ["run", "--model", "builtin/random", "--task", "mediconfusion/mc", "--dataset", "phantom",
       "--limit", "24", "--replicates", "50", "--out"]  # fmt: skip


def described(run: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((run / "run.json").read_text())
    return content


def rows(run: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    capsys.readouterr()
    assert main(["report", str(run), "--json", "-"]) == 0
    return {
        row["metric"]: row
        for row in json.loads(capsys.readouterr().out)["rows"]
        if (row["protocol"], row["group_by"]) == ("corrected", "all")
    }


def test_the_default_is_what_the_report_opens_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert main([*ASK, str(run)]) == 0
    assert described(run)["primary"] == [*FIRST_SCREEN]
    found = rows(run, capsys)
    assert found["set_accuracy"]["correction"] == "holm"
    assert found["individual_accuracy"]["correction"] == "benjamini-hochberg"
    assert found["set_accuracy"]["p_adjusted"] == found["set_accuracy"]["p"]


def test_a_later_change_is_said_in_every_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert main([*ASK, str(run), "--primary", "mediconfusion/mc:confusion"]) == 0
    assert main([*ASK, str(run)]) == 0  # naming none keeps what was named
    assert "primary_changes" not in described(run)
    assert main([*ASK, str(run), "--primary", "mediconfusion/*:set_accuracy"]) == 0
    capsys.readouterr()
    assert main(["report", str(run)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "primary figures were changed after the first request" in said
    assert "mediconfusion/mc:confusion became" in said
    assert "primary figures were changed" in (run / "report.html").read_text()
    assert rows(run, capsys)["set_accuracy"]["correction"] == "holm"


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("set_accuracy", "give TASK:METRIC"),
        ("mediconfusion/mc:", "give TASK:METRIC"),
        ("mediconfusion/mc:set_acuracy", "did you mean set_accuracy"),
        ("mediconfusion/ff:set_accuracy", "no task of this run is mediconfusion/ff"),
    ],
)
def test_a_figure_that_is_not_there_is_refused_before_anything_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], pattern: str, reason: str
) -> None:
    assert main([*ASK, str(tmp_path / "run"), "--primary", pattern]) == 2
    said = capsys.readouterr().err
    assert reason in said
    assert said.count("\n") == 1
    assert not (tmp_path / "run" / "run.json").exists()


@pytest.mark.parametrize(
    ("option", "content", "reason"),
    [
        ("--costs", "error = 3", "no [[error]] in it"),
        ("--costs", "[[error]]\nreference = 'yes'\nanswer = 'no'", "exactly reference, answer"),
        ("--costs", "[[error]]\nreference = 'a'\nanswer = 'b'\ncost = -1", "at least 0"),
        ("--costs", "[[error]]\nreference = 'a'\nanswer = 'A'\ncost = 1", "costs nothing"),
        ("--costs", "not toml", "cannot be read as TOML"),
        ("--prevalence", "1.5", "above 0 and below 1"),
    ],
)
def test_wrong_costs_and_prevalences_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, content: str, reason: str
) -> None:
    file = tmp_path / "errors.toml"
    file.write_text(content)
    value = str(file) if option == "--costs" else content
    try:
        code = main([*ASK, str(tmp_path / "run"), option, value])
    except SystemExit as stop:
        code = int(stop.code or 0)
    assert code == 2
    assert reason in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
