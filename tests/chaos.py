"""Every fault of a server and many kills, with the real command line: `python tests/chaos.py`.

Ends with an AssertionError where a promise is broken; else prints the tables of
docs/reliability.md.
"""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import chaos_faults
import chaos_kills
from chaos_bench import serving, write_questions

LANES = 2
"""Runs that are killed at the same time."""


def main(kills: int, seed: int) -> None:
    """Meet all faults, then kill runs until `kills` fell into their asking."""
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(4) as pool:
        folder = Path(name)
        data = write_questions(folder / "data", chaos_faults.QUESTIONS)
        with serving(folder / "server") as server:
            groups = list(dict.fromkeys(fault.group for fault in chaos_faults.FAULTS))
            cases = pool.map(lambda group: chaos_faults.Case(server, data, folder, group), groups)
            met = dict(zip(groups, cases, strict=True))
            for fault in chaos_faults.FAULTS:
                chaos_faults.verify(fault, met[fault.group])
            sys.stdout.write(f"{chaos_faults.table()}\n\n")
            sys.stdout.flush()
            lanes = pool.map(
                lambda number: chaos_kills.lane(server, folder, -(-kills // LANES), seed + number),
                range(LANES),
            )
            sys.stdout.write(f"{chaos_kills.table(list(lanes))}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=120, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of their moments (default: 1)")
    arguments = parser.parse_args()
    main(arguments.kills, arguments.seed)
