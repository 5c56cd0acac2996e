"""What may befall the process itself: signals, a second one, a dying server, a wrong clock."""

import fcntl
import functools
import os
import signal
import subprocess
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chaos_bench import (
    LONG,
    Server,
    answered,
    check,
    check_scores,
    check_secrets,
    check_text,
    clock,
    command,
    environment,
    lines,
    medtrust,
    serving,
    write_questions,
)

QUESTIONS = 400
CONCURRENCY = 4
SLOW = 0.05


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_questions(tmp_path_factory.mktemp("questions"), QUESTIONS)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running


@contextmanager
def started(line: list[str], err: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A command in the background, killed at the end if it has not ended by then."""
    with err.open("wb") as file:
        process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=file, env=environment())
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait(until: Callable[[], object]) -> None:
    deadline = time.monotonic() + LONG
    while not until():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_lets_what_is_open_finish(
    how: signal.Signals, data: Path, server: Server, tmp_path: Path
) -> None:
    """Not an answer is lost, not even one that was on its way."""
    case, out = how.name, tmp_path / "run"
    line = command(data, out, server.case(case, delay=SLOW), concurrency=CONCURRENCY)
    with started(line, tmp_path / "err") as process:
        wait(lambda: len(server.asked(case)) >= 10)
        process.send_signal(how)
        assert process.wait(LONG) == 1
    err = (tmp_path / "err").read_text()
    assert f"stopped by {how.name}" in err
    assert "run the same command again" in err
    asked = server.asked(case)
    check(out, asked, before={})
    check_scores(out)
    before = answered(out)
    assert 10 <= len(before) == len(asked) < QUESTIONS
    server.case(case)
    done = medtrust(line)
    assert done.code == 0, done.err
    assert len(server.asked(case)) == QUESTIONS
    check(out, server.asked(case), before=before, since=len(asked))


def test_a_signal_that_is_ignored_stays_ignored(data: Path, server: Server, tmp_path: Path) -> None:
    """As `nohup` has it: a run goes on when its terminal closes."""
    line = command(data, tmp_path / "run", server.case("nohup", delay=SLOW), concurrency=16)
    with started(["nohup", *line], tmp_path / "err") as process:
        wait(lambda: len(server.asked("nohup")) >= 10)
        process.send_signal(signal.SIGHUP)
        assert process.wait(LONG) == 0
    assert len(server.asked("nohup")) == QUESTIONS


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_a_run_at_once(
    first: signal.Signals, data: Path, server: Server, tmp_path: Path
) -> None:
    case = f"patience-{first.name}"
    url = server.case(case, hold=True)
    with started(command(data, tmp_path / "run", url, timeout=600), tmp_path / "err") as process:
        wait(lambda: server.asked(case))
        process.send_signal(first)
        time.sleep(0.5)
        assert process.poll() is None, "what is open is waited for"
        process.send_signal(signal.SIGTERM)
        assert process.wait(LONG) == -signal.SIGTERM
    assert not answered(tmp_path / "run")


def test_a_second_process_is_sent_away(data: Path, server: Server, tmp_path: Path) -> None:
    out = tmp_path / "run"
    line = command(data, out, server.case("two", hold=True), timeout=600)
    with started(line, tmp_path / "err") as process:
        wait(lambda: server.asked("two"))
        for other in (line, [*line[:3], "score", str(out)]):
            done = medtrust(other)
            check_text(done)
            assert done.code == 2
            (told,) = lines(done)
            assert f"{out}: another process is using this run" in told
        server.case("two")
        assert process.wait(LONG) == 0
    check(out, server.asked("two"), before={})
    check_scores(out)
    assert len(server.asked("two")) == len(answered(out)) == QUESTIONS


def test_a_server_that_dies_and_comes_back(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    with serving(tmp_path / "server") as server:
        url = server.case("dies", delay=SLOW)
        line = command(data, out, url, concurrency=16, attempts=12)
        with started(line, tmp_path / "err") as process:
            for many in (50, 200):
                wait(lambda many=many: len(server.asked("dies")) >= many)  # type: ignore[misc]
                server.kill()
                time.sleep(0.3)
                server.start()
            assert process.wait(LONG) == 0, (tmp_path / "err").read_text()
        asked = server.asked("dies")
    check(out, asked, before={})
    check_scores(out)
    assert len(answered(out)) == QUESTIONS
    # The server logs an answer and then gives it: dying in between it took some along.
    assert QUESTIONS <= len(asked) <= QUESTIONS + 2 * 16


def test_a_clock_that_jumps_disturbs_nothing(data: Path, server: Server, tmp_path: Path) -> None:
    """Between any two looks at it, by a year either way."""
    out = tmp_path / "run"
    url = server.case("clock", faults=["429-seconds", "500", "stall"])
    line = command(data, out, url, concurrency=40, timeout=2, limit=36)
    done = medtrust(line, env=clock(tmp_path / "path", "jumps"))
    check_text(done)
    assert done.code == 1, done.err
    asked = server.asked("clock")
    check(out, asked, before={})
    check_scores(out)
    assert len(answered(out)) == 27
    server.case("clock")
    before = answered(out)
    done = medtrust(line, env=clock(tmp_path / "path", "jumps"))
    assert done.code == 0, done.err
    check(out, server.asked("clock"), before=before, since=len(asked))
    assert len(answered(out)) == 36
    check_secrets(out)


def test_a_terminal_that_is_closed_costs_no_answer(
    data: Path, server: Server, tmp_path: Path
) -> None:
    """With the bar drawn in it, which can be drawn no more."""
    out = tmp_path / "run"
    line = command(data, out, server.case("terminal", delay=SLOW), concurrency=CONCURRENCY)
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        line,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(TERM="xterm"),
        start_new_session=True,
        # No thread runs beside this one.
        preexec_fn=functools.partial(fcntl.ioctl, theirs, termios.TIOCSCTTY, 0),  # noqa: PLW1509
    )
    os.close(theirs)
    try:
        wait(lambda: len(server.asked("terminal")) >= 10)
        os.close(ours)
        process.wait(LONG)
    finally:
        process.kill()
        process.wait()
    asked = server.asked("terminal")
    check(out, asked, before={})
    assert 10 <= len(answered(out)) == len(asked) < QUESTIONS
