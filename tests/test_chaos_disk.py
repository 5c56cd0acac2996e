"""What may befall a run's folder: no room, no leave to write, a damaged journal."""

import functools
import os
import random
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chaos_bench import (
    Server,
    answered,
    check,
    check_scores,
    check_secrets,
    check_text,
    command,
    environment,
    lines,
    medtrust,
    serving,
    write_questions,
)
from medtrust.cli import main

QUESTIONS = 200


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_questions(tmp_path_factory.mktemp("questions"), QUESTIONS)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk takes root's rights")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def fill(disk: Path, left: int) -> Path:
    """Take all but so many KiB of a disk; returns the file that does."""
    free = os.statvfs(disk)
    taken = disk / "filler"
    taken.write_bytes(bytes(free.f_bavail * free.f_frsize - left * 1024))
    return taken


@pytest.mark.parametrize("left", [4, 100, 400])
def test_a_full_disk_ends_the_run_and_loses_nothing(
    left: int, data: Path, server: Server, small_disk: Path
) -> None:
    """Before the first question, and after ever more of them."""
    case, out = f"full-{left}", small_disk / "run"
    line = command(data, out, server.case(case))
    filler = fill(small_disk, left)
    _full_and_then_not(line, server, case, out, filler.unlink)


def _full_and_then_not(
    line: list[str], server: Server, case: str, out: Path, room: Callable[[], None], **how: object
) -> None:
    done = medtrust(line, **how)
    check_text(done)
    assert done.code == 2
    (told,) = lines(done)
    assert "journal.sqlite" in told
    assert "full" in told
    asked = server.asked(case)
    check(out, asked, before={})
    before = answered(out)
    room()
    done = medtrust(line)
    assert done.code == 0, done.err
    check(out, server.asked(case), before=before, since=len(asked))
    check_scores(out)
    check_secrets(out)
    assert len(answered(out)) == QUESTIONS


def test_a_file_that_may_grow_no_more_is_a_full_disk(
    data: Path, server: Server, tmp_path: Path
) -> None:
    """The same where no disk can be mounted: a limit on the size of files."""
    limit = functools.partial(resource.setrlimit, resource.RLIMIT_FSIZE, (350_000, 350_000))
    line = command(data, tmp_path / "run", server.case("limit"))
    _full_and_then_not(line, server, "limit", tmp_path / "run", lambda: None, preexec_fn=limit)


@pytest.fixture(scope="module")
def finished(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run; nothing of it is changed."""
    out = tmp_path_factory.mktemp("finished") / "run"
    assert main(arguments(data, out)) == 0
    return out


def arguments(data: Path, out: Path) -> list[str]:
    return [
        *("run", "--model", "builtin/random", "--task", "cares/factuality"),
        *("--dataset", "cares/iu-xray", "--data", str(data), "--out", str(out)),
        *("--replicates", "20"),
    ]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_full_disk_leaves_old_results_whole(
    finished: Path, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = shutil.copytree(finished, small_disk / "run")
    score = ["score", str(out), "--replicates", "30"]
    before = contents(out)
    filler = fill(small_disk, 0)
    capsys.readouterr()
    assert main(score) == 2
    told = capsys.readouterr()
    assert told.err.startswith("medtrust: ")
    assert told.err.count("\n") == 1
    assert {name: contents(out)[name] for name in before} == before
    filler.unlink()
    assert main(score) == 0


def test_a_folder_that_cannot_be_written_is_named(
    data: Path, finished: Path, small_disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whether there is a run in it or not."""
    shutil.copytree(finished, small_disk / "run")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for out in (small_disk / "run", small_disk / "other"):
        capsys.readouterr()
        assert main(arguments(data, out)) == 2
        told = capsys.readouterr().err
        assert told.startswith(f"medtrust: {out}: ")
        assert told.endswith("(Read-only file system)\n")
        assert told.count("\n") == 1
    assert contents(small_disk / "run") == contents(finished)


def refuse(data: Path, out: Path, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Asking and scoring both end with one line, and the journal is as it was."""
    journal = out / "journal.sqlite"
    before = contents(out)
    for line in (arguments(data, out), ["score", str(out), "--replicates", "20"]):
        capsys.readouterr()
        assert main(line) == 2
        told = capsys.readouterr()
        assert not told.out
        assert told.err.count("\n") == 1
        assert f"medtrust: {journal}: " in told.err
        assert says in told.err
    assert contents(out) == before


def copy(finished: Path, tmp_path: Path) -> Path:
    return shutil.copytree(finished, tmp_path / "copy", dirs_exist_ok=True)


@pytest.mark.parametrize(
    ("cut", "says"),
    [
        (lambda whole: b"", "empty, though run.json"),
        (lambda whole: b"PK\3\4 this is a spreadsheet" * 1000, "damaged (file is not a database)"),
        (lambda whole: whole[:100], "damaged"),
        (lambda whole: whole[: len(whole) // 2], "damaged"),
        (lambda whole: whole[:-1], "damaged"),
        (lambda whole: whole[:4096], "damaged"),
    ],
    ids=["empty", "no-sqlite", "header-only", "half", "last-byte", "first-page"],
)
def test_a_cut_journal_is_refused(
    cut: Callable[[bytes], bytes],
    says: str,
    data: Path,
    finished: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = copy(finished, tmp_path)
    whole = (out / "journal.sqlite").read_bytes()
    (out / "journal.sqlite").write_bytes(cut(whole))
    refuse(data, out, says, capsys)


def test_a_page_of_rubbish_is_refused(
    data: Path, finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wherever it is in the file; every eighth page is tried."""
    out = copy(finished, tmp_path)
    whole = (out / "journal.sqlite").read_bytes()
    dice = random.Random(5)
    for start in range(0, len(whole), 8 * 4096):
        damaged = whole[:start] + dice.randbytes(4096) + whole[start + 4096 :]
        (out / "journal.sqlite").write_bytes(damaged)
        refuse(data, out, "damaged", capsys)


def test_a_flipped_bit_is_one_line_or_no_harm(
    data: Path, finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """SQLite keeps no checksums; what can no longer be read is said, and never a traceback."""
    out = copy(finished, tmp_path)
    whole = (out / "journal.sqlite").read_bytes()
    dice = random.Random(6)
    codes = set()
    for _ in range(12):
        place = dice.randrange(4096, len(whole))
        damaged = bytearray(whole)
        damaged[place] ^= 1 << dice.randrange(8)
        (out / "journal.sqlite").write_bytes(damaged)
        capsys.readouterr()
        codes.add(code := main(["score", str(out), "--replicates", "20"]))
        told = capsys.readouterr().err
        assert code == 0 or told.count("\n") == 1, told
    assert codes <= {0, 2}


def test_a_write_ahead_log_that_is_gone_is_missed(
    data: Path, server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After a kill the log holds what was committed last: without it answers would be lost."""
    out, log = tmp_path / "run", tmp_path / "run" / "journal.sqlite-wal"
    line = command(data, out, server.case("log", delay=0.05), concurrency=4)
    process = subprocess.Popen(
        line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()
    )
    while len(server.asked("log")) < 40:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    time.sleep(0.1)
    asked, before = server.asked("log"), answered(out)
    assert before
    log.rename(tmp_path / "away")
    refuse(data, out, "write-ahead log is gone", capsys)
    (out / "journal.sqlite-shm").unlink()
    refuse(data, out, "empty, though run.json", capsys)
    (tmp_path / "away").rename(log)
    assert medtrust(line).code == 0
    check(out, server.asked("log"), before=before, since=len(asked))
