"""A run that is killed again and again, at moments drawn by a seed, until all is answered."""

import random
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chaos_bench import (
    LONG,
    Server,
    answered,
    check,
    check_scores,
    check_secrets,
    check_text,
    command,
    environment,
    medtrust,
    write_questions,
)

PER_KILL = 40
"""Questions for each kill, and the most that are heard before it comes: none is left over."""

LONGEST = 0.25
"""Seconds from the first question of a process to its end."""

OPEN = 4
"""Requests open at once."""

DELAY = 0.02
"""Seconds that the server takes for an answer: time for a kill to fall into."""


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: what its process had asked, and how much of that was on disk."""

    asked: int
    answered: int
    committed: int

    @property
    def in_asking(self) -> bool:
        return self.asked > 0


@dataclass(slots=True)
class Lane:
    """One run folder, its kills, and what stood at its end."""

    questions: int
    kills: list[Kill] = field(default_factory=list)
    asked: int = 0
    kept: int = 0
    """Answers in the journal."""

    twice: int = 0
    """Questions that were asked again although their answer had been on disk."""

    @property
    def taken(self) -> int:
        """Answers that a kill took between the server and the disk."""
        return self.asked - self.kept - self.twice


def lane(server: Server, folder: Path, kills: int, seed: int) -> Lane:
    """Kill a run until `kills` fell into its asking, then let it end; raises AssertionError.

    After each kill the journal is held against the server's log: what was there is there,
    and of what was there nothing had been asked again.
    """
    rng = random.Random(seed)
    case = f"kills-{seed}"
    found = Lane(questions=PER_KILL * kills)
    data = write_questions(folder / case / "data", found.questions)
    out = folder / case / "run"
    line = command(data, out, server.case(case), concurrency=OPEN, attempts=8)
    before: dict[int, int] = {}
    while sum(kill.in_asking for kill in found.kills) < kills:
        since = len(server.asked(case))
        server.case(case, delay=DELAY, most=since + PER_KILL - OPEN)
        process = subprocess.Popen(
            line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment()
        )
        try:
            # Now and then the kill comes while the run is still being set up.
            if rng.random() < 0.1:
                time.sleep(rng.uniform(0.1, 0.6))
            else:
                _wait_for_more(server, case, since, process)
                time.sleep(rng.uniform(0, LONGEST))
        finally:
            process.send_signal(signal.SIGKILL)
        assert process.wait(LONG) == -signal.SIGKILL, "the run ended before it was killed"
        # What was on its way to the server when its sender died is logged a moment later.
        time.sleep(0.05)
        asked = server.asked(case)
        check(out, asked, before=before, since=since)
        found.twice += len({entry.number for entry in asked[since:]} & set(before))
        after = answered(out)
        found.kills.append(
            Kill(
                asked=len(asked) - since,
                answered=sum(entry.answered for entry in asked[since:]),
                committed=len(after) - len(before),
            )
        )
        before = after
    since = len(server.asked(case))
    server.case(case)
    done = medtrust(line)
    check_text(done)
    assert done.code == 0, done.err
    asked = server.asked(case)
    check(out, asked, before=before, since=since)
    check_scores(out)
    check_secrets(out)
    found.asked, found.kept = len(asked), len(answered(out))
    return found


def _wait_for_more(
    server: Server, case: str, since: int, process: "subprocess.Popen[bytes]"
) -> None:
    """Wait until the server has been asked more than it had been."""
    log = server.folder / f"{case}.log"
    deadline = time.monotonic() + LONG
    while not log.exists() or log.read_bytes().count(b"\n") <= since:
        assert process.poll() is None, "the run ended before it asked"
        assert time.monotonic() < deadline, "nothing was asked"
        time.sleep(0.005)


def table(lanes: Sequence[Lane]) -> str:
    """What became of the kills, in Markdown."""
    kills = [kill for each in lanes for kill in each.kills]
    rows = (
        ("kills in the middle of asking", sum(kill.in_asking for kill in kills)),
        ("kills before the first question", sum(not kill.in_asking for kill in kills)),
        ("questions", sum(each.questions for each in lanes)),
        ("answers missing at the end", sum(each.questions - each.kept for each in lanes)),
        ("questions asked again after their answer was on disk", sum(e.twice for e in lanes)),
        ("answers that a kill took on their way to the disk", sum(e.taken for e in lanes)),
        ("the most that one kill took", max(kill.answered - kill.committed for kill in kills)),
    )
    return "\n".join(("| | |", "|---|--:|", *(f"| {name} | {count:,} |" for name, count in rows)))
