"""Who may read what is written: a run is its owner's; files that the user names are as usual."""

import os
import stat
import threading
from pathlib import Path

import pytest

from medtrust.cli import main

RUN = ["run", "--model", "builtin/random", "--task", "mediconfusion/mc", "--dataset", "phantom",
       "--limit", "20", "--replicates", "100"]  # fmt: skip


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("private") / "run"
    before = os.umask(0o022)
    try:
        assert main([*RUN, "--out", str(folder)]) == 0
    finally:
        os.umask(before)
    return folder


def test_a_run_is_its_owner_s_alone(run: Path) -> None:
    assert mode(run) == 0o700
    for name in ("run.json", "journal.sqlite", "scores.parquet", "results.parquet", "report.html"):
        assert mode(run / name) == 0o600, name


@pytest.mark.parametrize("kind", ["html", "csv", "latex", "parquet", "json"])
def test_a_file_that_the_user_names_is_as_other_tools_make_it(
    run: Path, tmp_path: Path, kind: str
) -> None:
    path, real, link = tmp_path / "report", tmp_path / "real", tmp_path / "link"
    before = os.umask(0o027)
    try:
        assert main(["report", str(run), f"--{kind}", str(path)]) == 0
    finally:
        os.umask(before)
    assert mode(path) == 0o640
    real.write_text("old")
    real.chmod(0o604)
    link.symlink_to(real)
    assert main(["report", str(run), f"--{kind}", str(link)]) == 0
    assert link.is_symlink()
    assert real.read_bytes() == path.read_bytes()
    assert mode(real) == 0o604


@pytest.mark.parametrize("kind", ["html", "csv", "latex", "parquet", "json"])
def test_a_pipe_is_written_to_and_stays(run: Path, tmp_path: Path, kind: str) -> None:
    pipe, read = tmp_path / "pipe", bytearray()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.extend(pipe.read_bytes()))
    reader.start()
    assert main(["report", str(run), f"--{kind}", str(pipe)]) == 0
    reader.join()
    assert read
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_device_stays_a_device(run: Path) -> None:
    assert main(["report", str(run), "--csv", "/dev/null"]) == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_links_in_a_circle_are_an_error_of_one_line(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert main(["report", str(run), "--csv", str(tmp_path / "a")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert (tmp_path / "a").is_symlink()


def test_every_text_in_a_table_is_quoted(run: Path, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    assert main(["report", str(run), "--csv", str(path)]) == 0
    assert all(line.startswith('"') for line in path.read_text().splitlines())
