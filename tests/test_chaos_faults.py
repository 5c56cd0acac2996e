"""Every fault of a server, met by the real command line: each row of docs/reliability.md."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from chaos_bench import (
    Done,
    check,
    check_scores,
    check_text,
    command,
    medtrust,
    serving,
    write_questions,
)
from chaos_faults import CONCURRENCY, FAULTS, PASSING, QUESTIONS, Case, Fault, verify
from chaos_server import WAIT


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Fault], Case]]:
    """All cases, a few at a time: most of one is waiting."""
    folder = tmp_path_factory.mktemp("faults")
    data = write_questions(folder / "data", QUESTIONS)
    with serving(folder / "server") as server, ThreadPoolExecutor(4) as pool:
        running: dict[str, Future[Case]] = {}

        def of(fault: Fault) -> Case:
            if not running:
                for name in dict.fromkeys(each.group for each in FAULTS):
                    running[name] = pool.submit(Case, server, data, folder, name)
            return running[fault.group].result()

        yield of
        for future in running.values():
            future.cancel()


def named(name: str) -> Fault:
    (fault,) = (fault for fault in FAULTS if fault.name == name)
    return fault


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_ends_as_promised(fault: Fault, met: Callable[[Fault], Case]) -> None:
    verify(fault, met(fault))


@pytest.mark.parametrize("name", ["429-seconds", "429-date"])
def test_nobody_comes_back_before_the_server_asked(name: str, met: Callable[[Fault], Case]) -> None:
    case = met(named(name))
    lasting, brief, _ = case.own(named(name))
    for number in lasting | brief:
        first, later = (entry.at for entry in case.asked_first if entry.number == number)
        assert later - first >= WAIT


def test_no_reply_fills_the_memory(met: Callable[[Fault], Case]) -> None:
    case = met(named("bomb"))
    # Eight at once, of 8 MiB at most, as they came and unpacked.
    assert case.first.peak < case.second.peak + 2 * CONCURRENCY * 8


def test_a_redirect_is_not_followed(met: Callable[[Fault], Case]) -> None:
    case = met(named("redirect"))
    assert not (case.out.parent / "server" / "stolen.log").exists()


def test_half_of_all_requests_may_fail(tmp_path: Path) -> None:
    """By chance, of every kind that passes: all answers come, each question is answered once.

    With this seed no question fails more than twice in a row.
    """
    slow = {"stall", "trickle", "long-headers"}
    quick = [fault.name for fault in FAULTS if fault.kind is PASSING and fault.name not in slow]
    data = write_questions(tmp_path / "data", QUESTIONS)
    with serving(tmp_path / "server") as server:
        url = server.case("half", random=quick, seed=1894)
        done: Done = medtrust(command(data, tmp_path / "run", url, attempts=12))
        asked = server.asked("half")
    check_text(done)
    assert done.code == 0, done.err
    check(tmp_path / "run", asked, before={})
    check_scores(tmp_path / "run")
    assert sum(entry.answered for entry in asked) == QUESTIONS
    assert len(asked) > 1.5 * QUESTIONS
