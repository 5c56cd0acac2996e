"""What `--on ray` costs and gains beside one process, and what a run of a million images takes.

    python benchmarks/cluster.py [--questions 2000] [--milliseconds 50] [--replicas 1 2]

Asks a server on this machine that takes a fixed time for each answer: in one process, then by
replicas on the Ray cluster that RAY_ADDRESS names (or one of its own), eight questions open at
once in each. Prints questions a second from the first answer to the last, the bytes that a
question takes in the journal, and from these the disk and the time for a million images.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from medtrust.models.model import ModelOptions
from medtrust.pipeline.planning import RunSettings
from medtrust.pipeline.run import run
from medtrust.runner.cluster.settings import ClusterSettings
from medtrust.runner.journal import FILE
from medtrust.runner.tally import Limits, Tally, Watcher

TESTS = Path(__file__).parents[1] / "tests"
OPEN = 8
"""Questions open at once in a process."""
PER_IMAGE = 4
"""Questions about one image, as in CARES."""


class Clock:
    """When the first and the last answers were on disk."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, int]] = []

    def changed(self, tally: Tally) -> None:
        """Note a commit."""
        if tally.answered and (not self.seen or tally.answered > self.seen[-1][1]):
            self.seen.append((time.monotonic(), tally.answered))

    def rate(self) -> float:
        """Questions a second."""
        (began, first), (ended, last) = self.seen[0], self.seen[-1]
        return (last - first) / (ended - began)


def ask(data: Path, out: Path, url: str, replicas: int) -> float:
    """Questions a second of one run; without replicas in this process."""
    clock = Clock()
    run(
        RunSettings(
            models=["openai/instant"],
            tasks=["mediconfusion/mc"],
            data=data,
            out=out,
            options=ModelOptions(base_url=url),
            limits=Limits(concurrency=OPEN),
            cluster=ClusterSettings(replicas=replicas) if replicas else None,
        ),
        lambda _: Watcher(changed=clock.changed),
    )
    return clock.rate()


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--milliseconds", type=float, default=50)
    parser.add_argument("--replicas", type=int, nargs="+", default=[1, 2])
    arguments = parser.parse_args()
    sys.path.insert(0, str(TESTS))
    import layout  # noqa: PLC0415 - of the tests
    from counting_server import counting  # noqa: PLC0415 - of the tests

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = layout.write(folder / "data", pairs=arguments.questions // 2)
        with counting(folder, arguments.milliseconds / 1000) as (url, _):
            rates = {}
            for replicas in (0, *arguments.replicas):
                out = folder / f"run{replicas}"
                rates[replicas] = ask(data, out, url, replicas)
                where = f"{replicas} replicas" if replicas else "one process"
                ratio = rates[replicas] / rates[0]
                print(f"{where:12} {rates[replicas]:8.1f} questions/s  {ratio:5.2f}")
                size = (out / FILE).stat().st_size / arguments.questions
    best = max(arguments.replicas)
    asked = PER_IMAGE * 1_000_000
    hours = asked / rates[best] / 3600
    print(f"{size:.0f} bytes of journal a question")
    print(
        f"a million images, {PER_IMAGE} questions each: {asked:,} questions, "
        f"{asked * size / 1e9:.1f} GB, {hours:.1f} hours with {best} such replicas, "
        f"a day with {hours * best / 24:.1f}"
    )


if __name__ == "__main__":
    main()
