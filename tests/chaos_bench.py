"""What the chaos tests stand on: questions, the server, the command line, and the promises.

`check` holds a run's folder against the server's own log of what it was asked.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from PIL import Image

from medtrust.runner.journal import FILE, Journal

KEY = "sk-chaos/0123456789+abcdefghij"
"""No part of it may be found anywhere afterwards but in the server's own memory."""

LONG = 600
"""Seconds after which something is taken to hang. On a busy machine all may take minutes."""

PER_IMAGE = 8
"""Questions about one image."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of the server's log."""

    number: int
    serial: int
    fault: str
    text: str
    answered: bool
    at: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What a run's journal has of one question: a reply, or why there is none."""

    serial: int
    text: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str
    peak: float
    """MiB of memory at most."""


@dataclass(slots=True)
class Server:
    """The server's process, and where its cases are."""

    folder: Path
    port: int
    tls: tuple[str, ...] = ()
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        program = Path(__file__).with_name("chaos_server.py")
        self.process = subprocess.Popen(
            [sys.executable, program, str(self.port), str(self.folder), *self.tls],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "listening\n"

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()

    def case(self, name: str, **how: Any) -> str:
        """Say how a case behaves from now on; returns its address."""
        part = self.folder / f"{name}.part"
        part.write_text(json.dumps(how))
        part.replace(self.folder / f"{name}.json")
        scheme, host = ("https", "localhost") if self.tls else ("http", "127.0.0.1")
        return f"{scheme}://{host}:{self.port}/{name}/v1"

    def asked(self, name: str) -> list[Asked]:
        """All that a case was asked, in order."""
        log = self.folder / f"{name}.log"
        lines = log.read_text().splitlines() if log.is_file() else []
        return [Asked(**json.loads(line)) for line in lines]


@contextlib.contextmanager
def serving(folder: Path, *tls: str) -> Iterator[Server]:
    """A server in a process of its own, for as long as the block lasts."""
    folder.mkdir(parents=True, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    server = Server(folder, port, tls)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def write_questions(folder: Path, count: int) -> Path:
    """A file laid out as CARES's IU-Xray: `count` questions that say their number."""
    data = folder / "data" / "IU-Xray"
    rows = []
    for number in range(count):
        image = f"s{number // PER_IMAGE}/0.png"
        rows.append(
            {
                "text": f"Is there finding {number} in the image?\n<image>",
                "answer": ("Yes.", "No.")[number % 2],
                "image": image,
            }
        )
        if number % PER_IMAGE == 0:
            (data / image).parent.mkdir(parents=True)
            Image.new("RGB", (8, 8), (number % 256, number // 256, 7)).save(data / image)
    (data / "iuxray_factuality.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def command(data: Path, out: Path, url: str, **options: Any) -> list[str]:
    """The command line that asks all questions."""
    chosen = {"concurrency": 8, "attempts": 2, "timeout": 120, "replicates": 20} | options
    return [
        *(sys.executable, "-m", "medtrust.cli", "run", "--model", "openai/scripted"),
        *("--base-url", url, "--task", "cares/factuality", "--dataset", "cares/iu-xray"),
        *("--data", str(data), "--out", str(out)),
        *(part for name, value in chosen.items() for part in (f"--{name}", str(value))),
    ]


def environment(**more: str) -> dict[str, str]:
    """Of a command: as ours, with the key that must not be found again."""
    return os.environ | {"OPENAI_API_KEY": KEY, "COLUMNS": "300"} | more


CLOCK = """
import itertools, os, time
real, days = time.time, itertools.cycle((0, -400, 400, 0, -1, 30))
if os.environ.get("CLOCK") == "jumps":
    time.time = lambda: real() + 86400 * next(days)
else:
    time.time = lambda: real() + 86400 * float(os.environ["CLOCK"])
"""


def clock(folder: Path, how: str) -> dict[str, str]:
    """An environment in which `time.time` says something else."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(CLOCK)
    path = f"{folder}:{os.environ.get('PYTHONPATH', '')}"
    return environment(PYTHONPATH=path, CLOCK=how)


def medtrust(arguments: Sequence[str], **more: Any) -> Done:
    """Run a command to its end, within bounded time, and measure its memory."""
    more.setdefault("env", environment())
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(arguments, stdout=out, stderr=err, **more)
        deadline = time.monotonic() + LONG
        pid = 0
        while not pid:
            # Not `Popen.wait`: only `wait4` says how much memory this one child took.
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if not pid and time.monotonic() > deadline:
                process.kill()
                deadline += LONG
            time.sleep(0.01)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Done(process.returncode, out.read(), err.read(), usage.ru_maxrss / 1024)


def answers(out: Path) -> dict[int, Answer]:
    """What the journal has of each question, read from a copy: looking must change nothing."""
    if not (out / FILE).is_file():
        return {}
    with tempfile.TemporaryDirectory() as name:
        for file in out.glob(f"{FILE}*"):
            shutil.copyfile(file, Path(name, file.name))
        with contextlib.closing(Journal(Path(name, FILE))) as journal:
            return {
                int(item.sample.question.split("finding ")[1].split()[0]): Answer(
                    response.prompt_tokens or 0 if response else 0,
                    response.text if response else None,
                    reason,
                )
                for plan in journal.plans()
                for item, _, response, _, reason in journal.answers(plan)
            }


def answered(out: Path) -> dict[int, int]:
    """Question -> serial number of the reply that the journal has."""
    return {number: a.serial for number, a in answers(out).items() if a.text is not None}


@dataclass(slots=True)
class Promises:
    """What was found wanting, a line each; empty where every promise is kept."""

    broken: list[str] = field(default_factory=list)

    def expect(self, kept: object, otherwise: str) -> None:
        if not kept:
            self.broken.append(otherwise)


def check(out: Path, asked: Sequence[Asked], *, before: Mapping[int, int], since: int = 0) -> None:
    """Hold a run's folder against what its server was asked; raises AssertionError.

    `before` is what the journal had when the command was started, at which time the
    server had been asked `since` times.
    """
    found = answers(out)
    promises = Promises()
    said = {entry.serial: entry for entry in asked}
    for number, answer in found.items():
        if answer.text is None:
            one_line = answer.reason and answer.reason.isprintable() and len(answer.reason) <= 500
            promises.expect(one_line, f"{number}: no line says why: {answer.reason!r}")
            continue
        entry = said.get(answer.serial)
        promises.expect(
            entry and entry.answered and (entry.number, entry.text) == (number, answer.text),
            f"{number}: the journal has {answer}, the server said {entry}",
        )
    for number, serial in before.items():
        kept = number in found and found[number].serial == serial
        promises.expect(kept, f"{number}: lost, or another answer in its place")
    again = {entry.number for entry in asked[since:]} & set(before)
    promises.expect(not again, f"{sorted(again)}: asked again after it was on disk")
    assert not promises.broken, "\n".join(promises.broken[:10])


def check_scores(out: Path) -> None:
    """What has an answer is scored, and what has none is missing: never right or wrong."""
    found = answers(out)
    rows = duckdb.connect(":memory:").execute(
        "SELECT sample, outcome, value FROM read_parquet(?)", [str(out / "scores.parquet")]
    )
    scored: dict[int, list[tuple[str, float | None]]] = {}
    for sample, outcome, value in rows.fetchall():
        # Rows of a question file are counted from 1.
        scored.setdefault(int(sample.rpartition(":")[2]) - 1, []).append((outcome, value))
    assert scored.keys() == found.keys()
    for number, readings in scored.items():
        for outcome, value in readings:
            there = outcome not in {"error", "absent"} and value is not None
            assert there == (found[number].text is not None), (number, outcome, value)


def check_text(done: Done) -> None:
    """A command's words: a person can use them, and a thief can't."""
    for text in (done.out, done.err):
        assert "Traceback" not in text, text
        assert "sk-chaos" not in text
    assert "Exception ignored" not in done.err, done.err


def check_secrets(folder: Path) -> None:
    """The key is in no file."""
    for path in folder.rglob("*"):
        if path.is_file():
            assert b"sk-chaos" not in path.read_bytes(), path


def lines(done: Done) -> list[str]:
    """What a command said on standard error, a line each."""
    return [line for line in done.err.splitlines() if line.strip()]


def stop(process: "subprocess.Popen[bytes]", how: signal.Signals) -> int:
    """Send a signal and wait; returns the exit code (minus the signal's number, where it died)."""
    process.send_signal(how)
    return process.wait(LONG)
