"""How long scoring takes, beside difflib in the same run, or beside another checkout.

    python benchmarks/scoring.py [--answers 100000] [--habit 0.94] [--base CHECKOUT]

- The official reading of multiple choice is set against `difflib` as the released script uses it,
  for the reply and for the reference: over the replies of one model to the same questions under
  twelve tasks, over replies that are mostly unlike each other, and over distinct replies alone. A
  model answers in one wording as often as the one real model does whose replies are at hand
  (`synthetic_replies.HABIT`), else in any words; `--habit 0` makes every reply of the run so.
- A run's folder with that many answers and their judgements (`synthetic_run.py`) is scored end to
  end: journal to `scores.parquet` and `results.parquet`, every scorer and metric, 10,000
  replicates. Processor time is that of all processes; memory is that of the largest of them.

- With `--base`, another checkout (an earlier commit, say) scores the same run in turn with this
  one; absolute times differ by two between machines, the ratio does not.

Exits with 1 where the matcher's ratio is missed, or this checkout is slower than the other.

Ratios are of processor time, since the machine may have other work; how long the whole takes is
wall time, and means something only where it has none.
"""

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from statistics import median

# Two threads of OpenBLAS on cores that others use wait for each other most of the time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from synthetic_replies import HABIT
from synthetic_run import build, in_a_run, replies_to_options

from medtrust.metrics.metric import Settings
from medtrust.pipeline.score import ScoreSettings, score_run
from medtrust.records import LETTERS, Response, Sample
from medtrust.scorers.multichoice_official import forget, official
from medtrust.scorers.scorer import ReadSettings

REPLICATES = 10_000
QUESTIONS, TASKS = 2000, 12
"""As many as HAM10000 has, under all tasks that read with the matcher."""


def timed(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Seconds of one call, of this process's own time unless another clock is named.

    What was made before is collected first, or it would count for whoever is measured next.
    """
    gc.collect()
    started = clock()
    work()
    return clock() - started


def score(folder: Path) -> None:
    """Score a run and print what it took as JSON; in a process of its own, for its memory."""
    settings = ScoreSettings(metrics=Settings(replicates=REPLICATES))
    seconds = timed(lambda: score_run(folder, settings), time.perf_counter)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    own, workers = (one.ru_utime + one.ru_stime for one in used)
    took = {"seconds": seconds, "own": own, "workers": workers}
    print(json.dumps(took | {"megabytes": [one.ru_maxrss / 1024 for one in used]}))


def end_to_end(answers: int, habit: float) -> float:
    """Make a run, score it in a process of its own, and print time and memory; the seconds."""
    with tempfile.TemporaryDirectory() as name:
        written = build(Path(name), answers, habit)
        command = [sys.executable, __file__, "--score", name]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    took = json.loads(said.splitlines()[-1])
    own, workers = took["megabytes"]
    print(
        f"{written:,} answers, {REPLICATES:,} replicates: {took['seconds']:.1f} s; processor time "
        f"{took['own']:.1f} s, and {took['workers']:.1f} s in workers; peak memory {own:.0f} MB, "
        f"and {workers:.0f} MB in a worker"
    )
    return float(took["seconds"])


def by_difflib(options: Sequence[str], text: str) -> int | None:
    """As the released script finds the most similar option."""
    best, found = 0.0, None
    for place, option in enumerate(options):
        ratio = SequenceMatcher(None, option, text).ratio()
        if ratio > best:
            best, found = ratio, place
    return found


ROUNDS = 5
"""How often ours is timed for a mean: a tenth of a second alone says little."""

Asked = Sequence[tuple[tuple[str, ...], str]]
"""Options and a reply to them."""


def matcher() -> float:
    """Compare the readings of replies to four options, over three mixes; the first's ratio."""
    mixed = [*replies_to_options(QUESTIONS * TASKS // 6)]
    ratio = against_difflib("of one model under twelve tasks", [*in_a_run(QUESTIONS, TASKS)])
    against_difflib("of many models", mixed)
    against_difflib("all different", [*dict.fromkeys(mixed)])
    return ratio


def against_difflib(title: str, asked: Asked) -> float:
    """Compare readings over some replies, with nothing remembered from before; ratio of times."""
    answered = [(sample_of(options), [Response(text=text)]) for options, text in asked]
    ours: list[str] = []
    theirs: list[str] = []
    mine = 0.0
    for _ in range(ROUNDS):
        forget()
        ours.clear()
        mine += timed(lambda: ours.extend(read_all(answered))) / ROUNDS
    other = timed(lambda: theirs.extend(read_by_difflib(asked)))
    if ours != theirs:
        raise SystemExit("the matcher does not read as difflib does")
    print(
        f"multiple choice, {len(asked):,} replies {title} ({len(set(asked)) / len(asked):.0%} "
        f"distinct): {other / mine:.1f} times difflib ({1e6 * mine / len(asked):.1f} us a reply)"
    )
    return other / mine


def sample_of(options: tuple[str, ...]) -> Sample:
    """A question with these options, of which the third is right."""
    return Sample(
        id="",
        dataset="cares/ham10000",
        kind="choice",
        question="",
        target="C",
        cluster="",
        options=options,
    )


def read_all(answered: Sequence[tuple[Sample, Sequence[Response]]]) -> list[str]:
    """The letters that the scorer reads."""
    settings = ReadSettings()
    return [official(sample, responses, settings).choice for sample, responses in answered]


def read_by_difflib(asked: Asked) -> list[str]:
    """The same with difflib; the reference is looked up too, as released."""
    found = []
    for texts, text in asked:
        options = [f"{letter}:{option}" for letter, option in zip(LETTERS, texts, strict=False)]
        by_difflib(options, options[2])
        said = by_difflib(options, text)
        found.append("" if said is None else LETTERS[said])
    return found


def in_turn(base: Path, answers: int, habit: float, rounds: int) -> float:
    """Score one run by turns with this checkout and with another; the ratio of median times."""
    with tempfile.TemporaryDirectory() as name:
        build(Path(name), answers, habit)
        here = Path(__file__)
        times: dict[str, list[float]] = {"this": [], "base": []}
        for _ in range(rounds):
            times["this"].append(seconds_of(Path(sys.executable), here, name))
            there = base / "benchmarks" / here.name
            times["base"].append(seconds_of(base / ".venv/bin/python", there, name))
    mine, other = (median(times[which]) for which in ("this", "base"))
    print(
        f"{answers:,} answers by turns, median of {rounds}: {mine:.1f} s here, {other:.1f} s at "
        f"{base.name}; ratio {mine / other:.2f}"
    )
    return mine / other


def seconds_of(python: Path, script: Path, folder: str) -> float:
    """How long a checkout takes to score a run's folder."""
    command = [str(python), str(script), "--score", folder]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return float(json.loads(said.splitlines()[-1])["seconds"])


MATCHER = 50.0
"""The ratio that must be reached."""


def main() -> int:
    """Measure, or score one folder for a measurement; 1 where something is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--answers", type=int, default=100_000)
    parser.add_argument("--habit", type=float, default=HABIT)
    parser.add_argument(
        "--base", type=Path, help="a checkout with its own .venv, to score the same run by turns"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--score", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.score:
        score(chosen.score)
        return 0
    if chosen.base:
        return 0 if in_turn(chosen.base, chosen.answers, chosen.habit, chosen.rounds) <= 1 else 1
    reached = matcher() >= MATCHER
    end_to_end(chosen.answers, chosen.habit)
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
