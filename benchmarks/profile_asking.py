"""Where the time of asking goes: the functions of a run that took most of it.

    python benchmarks/profile_asking.py [--questions 10000] [--kind text|images] [--top 30]

Runs `medtrust` against an instant server (nginx) in this process under cProfile. Profiling makes
everything slower, small functions most of all: it says where to look, not how fast a run is.
"""

import argparse
import cProfile
import pstats
import tempfile
from pathlib import Path

from throughput import instant_server, make_images, write_questions

from medtrust.models.model import ModelOptions
from medtrust.pipeline.planning import RunSettings
from medtrust.pipeline.run import run
from medtrust.runner.tally import unwatched

TASKS = {"images": "cares/factuality", "text": "control/text-only:cares/factuality"}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--kind", choices=TASKS, default="text")
    parser.add_argument("--top", type=int, default=30)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "data"
        make_images(data / "data" / "PMC-OA" / "images")
        write_questions(data, arguments.questions, 4)
        with instant_server(Path(name) / "nginx") as url, cProfile.Profile() as profile:
            run(
                RunSettings(
                    models=["vllm/instant"],
                    tasks=[TASKS[arguments.kind]],
                    datasets=["cares/pmc-oa"],
                    data=data,
                    out=Path(name) / "run",
                    options=ModelOptions(base_url=url),
                ),
                unwatched,
            )
    pstats.Stats(profile).sort_stats("tottime").print_stats(arguments.top)


if __name__ == "__main__":
    main()
