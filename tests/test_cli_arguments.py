"""What the command line accepts, and the one line with which it refuses the rest."""

import json
from pathlib import Path

import pytest

import layout
from medtrust.cli import main
from medtrust.datasets.mediconfusion import image_path

COMMANDS = ("demo", "datasets", "fetch", "lint", "run", "score", "report")
ASK = ("run", "--model", "builtin/random", "--task", "mediconfusion/mc")


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that arguments nobody can use are answered with."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    return line


@pytest.mark.parametrize(
    ("option", "text", "message"),
    [
        ("--limit", "abc", "must be a whole number of at least 1"),
        ("--limit", "0", "must be a whole number of at least 1"),
        ("--seed", "x", "must be a whole number"),
        ("--timeout", "x", "must be a number above 0"),
        ("--timeout", "inf", "must be a number above 0"),
        ("--temperature", "hot", "must be a number from 0 to 2, or `server`"),
        ("--judge-temperature", "nan", "must be a number from 0 to 2, or `server`"),
        ("--threshold", "nan", "must be a number of at least 0"),
        ("--price", "nan,nan", "must be two numbers of at least 0, such as 2.50,10"),
        ("--price", "2.5", "must be two numbers of at least 0, such as 2.50,10"),
    ],
)
def test_a_number_that_is_none_is_one_plain_line(
    capsys: pytest.CaptureFixture[str], option: str, text: str, message: str
) -> None:
    line = refused(capsys, *ASK, option, text)
    assert line == f"medtrust: run: argument {option}: {message}; see medtrust run --help"


def test_other_mistakes_are_one_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert "COMMAND" in refused(capsys, "rum")
    assert refused(capsys, "--nope").endswith("see medtrust --help")
    assert "--model" in refused(capsys, "run", "--task", "mediconfusion/mc")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_explains_every_option(capsys: pytest.CaptureFixture[str], command: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert text.startswith("usage: medtrust")
    assert not any(noise in text for noise in ("None", "[])", "(default: )", "%("))


def test_help_states_the_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    for command, defaults in (
        ("run", ("default: run)", "default: 10000)", "64 for servers", "default: 120.0)")),
        ("demo", ("default: demo)",)),
        ("fetch", ("default: data/NAME)", "default: 8)")),
    ):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        text = " ".join(capsys.readouterr().out.split())
        assert all(default in text for default in defaults)


@pytest.mark.parametrize("kind", ["html", "csv", "latex", "parquet"])
def test_only_json_is_printed(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    kind: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["report", "run", f"--{kind}", "-"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"--{kind} - names no file" in line
    assert not list(tmp_path.iterdir())


def test_an_unknown_builtin_is_answered_with_the_names_once(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    data = layout.write(tmp_path / "data", pairs=2)
    ask = ("run", "--task", "mediconfusion/mc", "--data", str(data), "--out", str(tmp_path / "run"))
    assert main([*ask, "--model", "builtin/zzz"]) == 2
    assert capsys.readouterr().err.count("text-prior") == 1


def test_datasets_without_a_folder_counts_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["datasets"]) == 0
    assert "mediconfusion" in capsys.readouterr().out
    assert main(["datasets", "--json"]) == 0
    row = mediconfusion(capsys)
    assert (row["samples"], row["images"]) == (None, None)
    assert row["state"] == "name its folder with --data DIR"
    assert main(["datasets", "--data", str(tmp_path), "--json"]) == 0
    state = mediconfusion(capsys)["state"]
    assert state == "data/dataset.json: no such file; is --data the right folder?"


def mediconfusion(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    rows: list[dict[str, object]] = json.loads(capsys.readouterr().out)["rows"]
    return next(row for row in rows if row["dataset"] == "mediconfusion")


def test_lint_shows_what_was_found_and_counts_the_rest(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    data = str(layout.write(tmp_path / "data", pairs=3))
    assert main(["lint", "mediconfusion", "--data", data, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert main(["lint", "mediconfusion", "--data", data]) == 0
    *table, last = capsys.readouterr().out.splitlines()
    shown = {line.split()[1] for line in table if line.startswith("│")} - {"│"}
    assert shown == {row["check"] for row in rows if row["count"]}
    nothing = sum(not row["count"] for row in rows)
    assert nothing
    assert last == f"{nothing} checks found nothing"


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000, "../../etc/passwd", "\udcff"])
def test_an_image_name_that_no_file_has_is_not_in_the_folder(tmp_path: Path, name: str) -> None:
    assert image_path(tmp_path, name, 7) == tmp_path / "data" / "images" / "7.jpg"
