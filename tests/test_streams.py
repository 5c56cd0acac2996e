"""Output that cannot be written, names that are no text, little memory: a line, and its code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from medtrust.cli import main

COMMAND = f"{sys.executable} -m medtrust.cli"
WORDS = {
    "tables": "report run",
    "plain lines": "verify run",
    "rows": "score run --json --replicates 50",
    "a run": "run --model builtin/random --task mediconfusion/mc --dataset phantom --limit 8 "
    "--replicates 50 --out run",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run in it."""
    folder = tmp_path_factory.mktemp("streams")
    assert main([*WORDS["a run"].split()[:-1], str(folder / "run")]) == 0
    return folder


def shell(folder: Path, line: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, check=False)


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_output_on_a_full_disk_is_an_error_of_one_line(folder: Path, words: str) -> None:
    done = shell(folder, f"{COMMAND} {words} > /dev/full")
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert line == "medtrust: cannot write the output: No space left on device"


@pytest.mark.parametrize("end", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("words", ["verify run", WORDS["a run"]])
def test_a_closed_stream_is_no_error(folder: Path, words: str, end: str) -> None:
    done = shell(folder, f"{COMMAND} {words} {end}")
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_a_reader_that_leaves_is_no_error(folder: Path, words: str) -> None:
    done = shell(folder, f"{COMMAND} {words} | true; echo ${{PIPESTATUS[0]}}")
    assert (done.stdout, done.stderr) == (b"0\n", b"")


def test_a_check_that_did_not_pass_says_so_whoever_reads(folder: Path) -> None:
    results = folder / "run" / "results.parquet"
    kept = results.read_bytes()
    results.write_bytes(kept[:-1])
    try:
        done = shell(folder, f"{COMMAND} verify run | true; echo ${{PIPESTATUS[0]}}")
    finally:
        results.write_bytes(kept)
    assert done.stdout == b"1\n"


def test_too_little_memory_is_an_error_of_one_line(folder: Path) -> None:
    done = shell(folder, f"ulimit -v 300000; {COMMAND} report run")
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("medtrust: there is not enough memory")


@pytest.mark.parametrize("place", ["argument", "folder"])
def test_names_that_are_no_text_are_refused_before_anything_is_asked(
    tmp_path: Path, place: str
) -> None:
    bad = os.fsencode(tmp_path) + b"/r\xff"
    Path(os.fsdecode(bad)).mkdir()
    words = WORDS["a run"].split()[:-1]
    done = subprocess.run(
        [sys.executable, "-m", "medtrust.cli", *words, bad if place == "argument" else b"new"],
        cwd=tmp_path if place == "argument" else bad,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    (line,) = done.stderr.decode().splitlines()
    assert "is no UTF-8 text" in line
    assert not [*Path(os.fsdecode(bad)).iterdir()]
