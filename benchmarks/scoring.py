"""How long scoring takes, beside difflib and SciPy in the same run.

    python benchmarks/scoring.py [--answers 100000] [--habit 0.94]

- The official reading of multiple choice is set against `difflib` as the released script uses it,
  for the reply and for the reference: over the replies of one model to the same questions under
  twelve tasks, over replies that are mostly unlike each other, and over distinct replies alone. A
  model answers in one wording as often as the one real model does whose replies are at hand
  (`synthetic_replies.HABIT`), else in any words; `--habit 0` makes every reply of the run so.
- The cluster bootstrap of a table of metrics is set against `scipy.stats.bootstrap`, which gets
  the same sums by cluster as paired data; bounds must agree within the error of the draws.
- A run's folder with that many answers and their judgements (`synthetic_run.py`) is scored end to
  end: journal to `scores.parquet` and `results.parquet`, every scorer and metric, 10,000
  replicates. Processor time is that of all processes; memory is that of the largest of them.

Exits with 1 where one of the figures that are promised is missed.

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

# Two threads of OpenBLAS on cores that others use wait for each other most of the time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from scipy import stats
from synthetic_replies import HABIT
from synthetic_run import build, in_a_run, replies_to_options

from medtrust.metrics.bootstrap import Floats, interval, replicate_sums
from medtrust.metrics.metric import Resampling
from medtrust.pipeline.score import ScoreSettings, score_run
from medtrust.records import LETTERS, Response, Sample
from medtrust.scorers.multichoice_official import forget, official
from medtrust.scorers.scorer import ReadSettings

REPLICATES = 10_000
QUESTIONS, TASKS = 2000, 12
"""As many as HAM10000 has, under all tasks that read with the matcher."""
CLUSTERS, COLUMNS = 1350, 60


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
    settings = ScoreSettings(resampling=Resampling(replicates=REPLICATES))
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
        id="", dataset="", kind="choice", question="", target="C", cluster="", options=options
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


def table() -> Floats:
    """Sums by cluster of the tops and bottoms of a table's ratios; shape (clusters, 2 x metrics).

    Every metric is a share of right answers among those of a group, a cluster has two questions.
    """
    draw = np.random.default_rng(0)
    asked = draw.integers(0, 3, (CLUSTERS, COLUMNS))
    right = draw.binomial(asked, draw.uniform(0.2, 0.9, COLUMNS))
    return np.hstack([right, asked]).astype(np.float64)


def bootstrap() -> float:
    """Compare the intervals of a table of metrics, and their times; the ratio."""
    sums = table()
    tops, bottoms = sums[:, :COLUMNS], sums[:, COLUMNS:]
    resampling = Resampling(replicates=REPLICATES, seed=1)
    ours: list[tuple[float | None, float | None]] = []
    theirs: list[tuple[float, float]] = []

    def mine() -> None:
        drawn = replicate_sums(sums, resampling)
        shares = drawn[:, :COLUMNS] / drawn[:, COLUMNS:]
        values = tops.sum(axis=0) / bottoms.sum(axis=0)
        for value, column in zip(values, shares.T, strict=True):
            ours.append(interval(float(value), column, CLUSTERS)[1:])

    def scipys() -> None:
        for top, bottom in zip(tops.T, bottoms.T, strict=True):
            found = stats.bootstrap(
                (top, bottom),
                lambda one, other, axis: one.sum(axis=axis) / other.sum(axis=axis),
                paired=True,
                vectorized=True,
                n_resamples=REPLICATES,
                batch=500,
                method="percentile",
                rng=np.random.default_rng(2),
            ).confidence_interval
            theirs.append((found.low, found.high))

    # With nothing kept from before: the draws are part of the time.
    took, other = timed(mine), timed(scipys)
    apart = np.abs(np.array(ours, dtype=np.float64) - np.array(theirs))
    width = np.diff(np.array(theirs), axis=1)
    # The standard error of a 2.5 % quantile of 10,000 draws is 0.7 % of the interval's width.
    if (apart > 0.06 * width).any():
        raise SystemExit("the bounds differ from SciPy's by more than the draws' error")
    print(
        f"bootstrap, {COLUMNS} metrics over {CLUSTERS:,} clusters: {other / took:.0f} times SciPy "
        f"({took:.2f} s); bounds differ by {(apart / width).max():.1%} of the width at most"
    )
    return other / took


MATCHER, BOOTSTRAP, SECONDS = 50.0, 20.0, 15.0
"""What must be reached: two ratios at least, and the time of 100,000 answers at most."""


def main() -> int:
    """Measure all three, or score one folder for a measurement; 1 where something is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--answers", type=int, default=100_000)
    parser.add_argument("--habit", type=float, default=HABIT)
    parser.add_argument("--score", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.score:
        score(chosen.score)
        return 0
    ratios = matcher() >= MATCHER, bootstrap() >= BOOTSTRAP
    seconds = end_to_end(chosen.answers, chosen.habit)
    return 0 if all(ratios) and seconds <= SECONDS * chosen.answers / 100_000 else 1


if __name__ == "__main__":
    sys.exit(main())
