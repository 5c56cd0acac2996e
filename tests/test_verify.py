"""`medtrust verify`: what is told of a folder whose files are not as they were written."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from medtrust.cli import main
from medtrust.pipeline.manifest import FILES

RUN = ["run", "--model", "builtin/random", "--task", "mediconfusion/mc", "--dataset", "phantom",
       "--limit", "8", "--replicates", "50"]  # fmt: skip


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("verify") / "run"
    assert main([*RUN, "--out", str(out)]) == 0
    return out


@pytest.fixture
def run(written: Path, tmp_path: Path) -> Path:
    out = tmp_path / "run"
    shutil.copytree(written, out)
    return out


@pytest.mark.parametrize(
    "command",
    [[], ["score"], ["score", "--json"], ["sample"], ["report"], ["verify"], ["merge"]],
    ids=lambda words: " ".join(words) or "run",
)
def test_what_a_command_leaves_is_as_it_was_written(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    if command == ["merge"]:
        assert main(["merge", str(run), "--out", str(tmp_path / "new")]) == 0
        assert main(["verify", str(tmp_path / "new")]) == 0
    elif command:
        main([command[0], str(run), *command[1:]])
    else:
        assert main([*RUN, "--out", str(run)]) == 0
    capsys.readouterr()
    assert main(["verify", str(run)]) == 0
    assert "5 files as they were written" in capsys.readouterr().out


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def link(path: Path) -> None:
    other = path.with_name("other")
    path.rename(other)
    path.symlink_to(other)


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "one bit": (flip, "not as it was written"),
    "a byte more": (lambda path: path.write_bytes(path.read_bytes() + b" "), "not as it was"),
    "gone": (Path.unlink, "missing"),
    "a link to itself elsewhere": (link, "no plain file"),
    "a pipe": (pipe, "no plain file"),
    "empty": (lambda path: path.write_bytes(b""), "not as it was written"),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(("change", "says"), CHANGES.values(), ids=CHANGES)
def test_each_file_that_differs_is_named(
    run: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    change: Callable[[Path], object],
    says: str,
) -> None:
    change(run / name)
    assert main(["verify", str(run)]) == 1
    assert any(line.startswith(f"{name}: {says}") for line in capsys.readouterr().out.splitlines())


def test_a_log_beside_the_journal_is_part_of_it(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (run / "journal.sqlite-wal").write_bytes(b"x")
    assert main(["verify", str(run)]) == 1
    assert "journal.sqlite-wal: has come since" in capsys.readouterr().out


def test_files_of_the_user_are_told_and_no_fault(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (run / "notes.txt").write_text("mine")
    assert main(["verify", str(run)]) == 0
    assert "not part of the run: notes.txt" in capsys.readouterr().out


MANIFESTS = {
    "damaged": '{"files": ',
    "no files": "{}",
    "wrong types": '{"files": {"run.json": 1}}',
    "a path outside": '{"files": {"../x": {"bytes": 1, "sha256": ""}}}',
    "a key twice": '{"files": {}, "files": {}}',
}


@pytest.mark.parametrize("text", MANIFESTS.values(), ids=MANIFESTS)
def test_a_manifest_that_is_none_passes_nothing(run: Path, text: str) -> None:
    (run / "manifest.json").write_text(text)
    assert main(["verify", str(run)]) in {1, 2}


def test_a_command_that_was_cut_off_leaves_no_manifest(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (run / "results.parquet").unlink()
    (run / "results.parquet").mkdir()
    assert main(["score", str(run)]) == 2
    capsys.readouterr()
    assert main(["verify", str(run)]) == 2
    assert "cut off" in capsys.readouterr().err


def test_a_command_that_changes_nothing_leaves_the_manifest(run: Path) -> None:
    before = (run / "manifest.json").read_bytes()
    assert main([*RUN, "--out", str(run), "--task", "nothing/like-that"]) == 2
    assert main(["score", str(run), "--labelled", str(run / "absent.csv")]) == 2
    assert (run / "manifest.json").read_bytes() == before


@pytest.mark.parametrize("text", [*MANIFESTS.values(), "", "[" * 100_000])
def test_a_damaged_manifest_is_told_and_stops_nobody(
    run: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (run / "manifest.json").write_text(text)
    assert main(["score", str(run), "--replicates", "50"]) == 0
    assert "changed from outside" in " ".join(capsys.readouterr().out.split())
    assert main(["verify", str(run)]) == 0


@pytest.mark.parametrize("name", ["journal.sqlite-wal", "journal.sqlite-journal"])
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("nowhere")])
def test_what_sqlite_would_read_has_come_whatever_it_is(
    run: Path, capsys: pytest.CaptureFixture[str], name: str, make: Callable[[Path], object]
) -> None:
    make(run / name)
    assert main(["verify", str(run)]) == 1
    assert f"{name}: has come since" in capsys.readouterr().out


def test_a_manifest_alone_is_no_run(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in FILES:
        (run / name).unlink()
    (run / "manifest.json").write_text('{"files": {}}')
    assert main(["verify", str(run)]) == 2
    assert "no run of medtrust" in capsys.readouterr().err


def test_a_change_from_outside_is_told_at_the_top_for_good(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flip(run / "scores.parquet")
    for _ in range(2):
        assert main(["score", str(run)]) == 0
        assert "changed from outside" in " ".join(capsys.readouterr().out.split())
    assert main(["verify", str(run)]) == 0
