"""Every fault of a server, what is promised of it, and how that is found to be true.

The table of docs/reliability.md is made from this one.
"""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from chaos_bench import (
    Asked,
    Server,
    answered,
    answers,
    check,
    check_scores,
    check_secrets,
    check_text,
    command,
    lines,
    medtrust,
)

QUESTIONS = 40
CONCURRENCY = 8
PATIENCE = 4
"""Seconds until a request that is not answered is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What medtrust does about a fault."""

    happens: str
    code: int
    again: str
    """What the same command asks once the server is well."""
    times: int = 0
    """How often a question that always meets the fault is asked, with `--attempts 2`."""


PASSING = Kind(
    happens="asked again, up to `--attempts` times; then missing",
    code=1,
    again="what is missing",
    times=2,
)
REJECTED = Kind(happens="not asked again; missing", code=1, again="what is missing", times=1)
READ = Kind(happens="read as the answer it is", code=0, again="nothing", times=1)
FATAL = Kind(happens="the run stops at once", code=2, again="what has no answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One row. Those of one group befall one run."""

    name: str
    """The server's name of it."""
    title: str
    kind: Kind
    group: str
    says: str = ""
    """Found in the line that a person is told."""


def _of(kind: Kind, group: str, rows: tuple[tuple[str, str, str], ...]) -> tuple[Fault, ...]:
    return tuple(Fault(name=n, title=t, kind=kind, group=group, says=s) for n, t, s in rows)


FAULTS = (
    *_of(
        PASSING,
        "status",
        (
            ("429", "429", "HTTP 429"),
            ("429-seconds", "429, `Retry-After` in seconds", "HTTP 429"),
            ("429-date", "429, `Retry-After` a date", "HTTP 429"),
            ("500", "500", "HTTP 500"),
            ("502", "502, a page in HTML", "HTTP 502"),
            ("503", "503", "HTTP 503"),
            ("error-under-200", "an error under 200", "error under HTTP 200"),
        ),
    ),
    *_of(
        PASSING,
        "connection",
        (
            ("reset", "reset before the reply", "connection broke"),
            ("reset-in-body", "reset in the middle of it", "connection broke"),
            ("closed", "closed before the reply", "connection broke"),
            ("stall", "no reply at all", f"no answer within {PATIENCE} s"),
            ("trickle", "a byte at a time", f"no answer within {PATIENCE} s"),
            ("no-http", "no HTTP", "connection broke"),
            ("length-too-long", "`Content-Length` too long", "connection broke"),
            ("chunks-cut-short", "chunks cut short", "connection broke"),
        ),
    ),
    *_of(
        PASSING,
        "content",
        (
            ("length-too-short", "`Content-Length` too short", "broke|no chat completion"),
            ("cut-json", "cut JSON", "no chat completion"),
            ("html", "a page in HTML under 200", "no chat completion"),
            ("empty", "an empty body", "no chat completion"),
            ("no-choices", "empty choices and nothing else", "no choices"),
            ("packed-and-cut", "gzip cut short", "cannot be unpacked"),
        ),
    ),
    *_of(PASSING, "memory", (("long-headers", "2 MB of headers", "connection broke"),)),
    *_of(
        REJECTED,
        "memory",
        (
            ("too-long", "an answer of 10 MB", "over 8 MiB"),
            ("bomb", "8 GB packed into 8 MB", "over 8 MiB"),
        ),
    ),
    *_of(
        READ,
        "read",
        (
            ("wrong-type", "an answer under a wrong content type", ""),
            ("packed", "an answer in gzip, which was not asked for", ""),
        ),
    ),
    *_of(READ, "twice", (("twice", "each answer twice on one connection", ""),)),
    *_of(READ, "late", (("twice-late", "the second of two 20 ms later", ""),)),
    *_of(FATAL, "wrong-key", (("wrong-key", "a wrong key (401)", "check OPENAI_API_KEY"),)),
    *_of(FATAL, "redirect", (("redirect", "a redirect (307)", "check --base-url"),)),
)


def group(name: str) -> list[Fault]:
    """The faults of one run."""
    return [fault for fault in FAULTS if fault.group == name]


def table() -> str:
    """All faults in Markdown."""
    rows = [
        f"| {fault.title} | {fault.kind.happens} | {fault.kind.code} | {fault.kind.again} |"
        for fault in FAULTS
    ]
    head = (
        "| fault | what happens | exit code | asked again by the same command |",
        "|---|---|--:|---|",
    )
    return "\n".join((*head, *rows))


class Case:
    """The faults of one group, met in one run, and the run after it with the server well."""

    def __init__(self, server: Server, data: Path, folder: Path, name: str) -> None:
        self.faults = group(name)
        names = [fault.name for fault in self.faults]
        self.out = folder / name
        always = self.faults[0].kind in {READ, FATAL}
        url = server.case(name, faults=names, always=always)
        # Only where it is to run out: on a busy machine 10 MB may take as long.
        timeout = PATIENCE if name == "connection" else 60
        line = command(data, self.out, url, concurrency=CONCURRENCY, timeout=timeout)
        self.first = medtrust(line)
        self.asked_first: list[Asked] = server.asked(name)
        self.answers_first = answers(self.out)
        check(self.out, self.asked_first, before={})
        if self.first.code != FATAL.code:
            check_scores(self.out)
        before = answered(self.out)
        server.case(name)
        self.second = medtrust(line)
        asked = server.asked(name)
        self.asked_second = asked[len(self.asked_first) :]
        check(self.out, asked, before=before, since=len(self.asked_first))
        check_scores(self.out)
        check_secrets(self.out)

    def own(self, fault: Fault) -> tuple[set[int], set[int], set[int]]:
        """The questions that always meet a fault, once, and never."""
        place = [each.name for each in self.faults].index(fault.name)
        own = range(place, QUESTIONS, len(self.faults))
        return set(own[::4]), set(own[1::4]), set(own[2::4]) | set(own[3::4])


def times(asked: list[Asked], of: set[int]) -> dict[int, int]:
    """How often each of the questions was asked, if it was."""
    return dict(Counter(entry.number for entry in asked if entry.number in of))


def verify(fault: Fault, case: Case) -> None:
    """Hold one fault against what is promised of its kind; raises AssertionError."""
    for done, code in ((case.first, fault.kind.code), (case.second, 0)):
        check_text(done)
        assert done.code == code, done.err
    if fault.kind in {PASSING, REJECTED}:
        _missing(fault, case)
    elif fault.kind is READ:
        own = set().union(*case.own(fault))
        assert times(case.asked_first, own) == dict.fromkeys(own, 1)
        assert not case.asked_second
    else:
        assert len(case.asked_first) <= CONCURRENCY
        (line,) = lines(case.first)
        assert line.startswith("medtrust: ")
        assert fault.says in line
        assert not case.first.out
        every = set(range(QUESTIONS))
        assert times(case.asked_second, every) == dict.fromkeys(every, 1)


def _missing(fault: Fault, case: Case) -> None:
    lasting, brief, never = case.own(fault)
    once = fault.kind is REJECTED
    missing = lasting | brief if once else lasting
    for those, count in ((lasting, fault.kind.times), (brief, fault.kind.times), (never, 1)):
        assert times(case.asked_first, those) == dict.fromkeys(those, count)
    for number in missing:
        answer = case.answers_first[number]
        assert answer.text is None
        assert re.search(fault.says, answer.reason)
        assert "http://127.0.0.1" in answer.reason
    for number in (brief | never) - missing:
        assert case.answers_first[number].text
    again = times(case.asked_second, lasting | brief | never)
    assert again == dict.fromkeys(missing, 1)
    assert "answers are missing; run the same command again" in case.first.err
