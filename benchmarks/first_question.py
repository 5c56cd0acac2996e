"""How soon a run of a million questions begins to ask, and what memory it takes meanwhile.

    python benchmarks/first_question.py [--samples 1000000]

Writes a question file of that many rows, has it asked of an instant server (nginx) through the
command line, and prints the seconds from the start of the process to the first answer on disk, to
the last question entered in the journal, and the memory at both moments. Exits with 1 where the
first took more than five seconds.
"""

import argparse
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from throughput import instant_server, make_images, write_questions

MOST = 5.0
"""Seconds to the first question."""


def megabytes(process: subprocess.Popen[bytes]) -> float:
    """The most memory that a process has taken so far."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def count(journal: Path, query: str) -> int:
    """What a query of a journal that is being written gives; 0 while there is none."""
    if not journal.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"{journal.as_uri()}?mode=ro", uri=True)) as database:
            return int(database.execute(query).fetchone()[0] or 0)
    except sqlite3.OperationalError:
        return 0


def wait(process: subprocess.Popen[bytes], journal: Path, query: str) -> None:
    """Wait until a query gives something."""
    while not count(journal, query):
        if process.poll() is not None:
            raise SystemExit(f"the run ended with {process.returncode}")
        time.sleep(0.05)


def main() -> int:
    """Print the moments; 1 where the first question came too late."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", type=int, default=1_000_000)
    samples = parser.parse_args().samples
    with tempfile.TemporaryDirectory() as name:
        data, journal = Path(name) / "data", Path(name) / "run" / "journal.sqlite"
        make_images(data / "data" / "PMC-OA" / "images")
        questions = write_questions(data, samples, 4)
        print(f"{samples:,} questions, {questions.stat().st_size / 1e6:.0f} MB", flush=True)
        with instant_server(Path(name) / "nginx") as url:
            command = [
                sys.executable, "-m", "medtrust.cli", "run", "--model", "vllm/instant",
                "--base-url", url, "--task", "cares/factuality", "--dataset", "cares/pmc-oa",
                "--data", str(data), "--out", str(journal.parent),
            ]  # fmt: skip
            started = time.perf_counter()
            with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
                try:
                    wait(process, journal, "SELECT count(*) FROM (SELECT 1 FROM responses LIMIT 1)")
                    first = time.perf_counter() - started
                    print(f"first answer on disk: {first:.1f} s, {megabytes(process):.0f} MB")
                    wait(process, journal, "SELECT listed FROM plans")
                    listed = time.perf_counter() - started
                    print(f"every question entered: {listed:.1f} s, {megabytes(process):.0f} MB")
                    answered = count(journal, "SELECT count(*) FROM responses")
                    print(f"answered by then: {answered:,}; the run is ended here")
                finally:
                    process.kill()
    return 0 if first < MOST else 1


if __name__ == "__main__":
    sys.exit(main())
