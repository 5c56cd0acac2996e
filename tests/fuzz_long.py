"""Coverage-guided fuzzing of every target, by hand: `python tests/fuzz_long.py --minutes 5`.

Needs `pip install atheris`, which the tests do not. Each target gets its share of the time in a
process of its own and begins with the seeds of `fuzz_targets.py`; an input that breaks the
promise, takes 20 seconds or 2 GB is kept under `--out` and named at the end. With `--target`
only that one is run, and `--target NAME FILE` runs one input again.
"""

import argparse
import importlib
import logging
import subprocess
import sys
import warnings
from pathlib import Path

SECONDS, MEGABYTES, LONGEST = 20, 2048, 65536


def main() -> int:
    """Returns 1 where an input broke a promise."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5.0, help="for all targets together")
    parser.add_argument("--out", type=Path, default=Path("fuzz"), help="corpus and findings")
    parser.add_argument("--target", help="this one only")
    parser.add_argument("input", nargs="?", type=Path, help="run this input again")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        _fuzz(arguments.target, arguments.minutes, arguments.out)
        return 0
    targets = importlib.import_module("fuzz_targets")
    if arguments.input:
        one = targets.TARGETS[arguments.target]
        targets.keeps_its_word(one, arguments.input.read_bytes())
        return 0
    names = [arguments.target] if arguments.target else [*targets.TARGETS]
    for name in names:
        print(f"== {name}", flush=True)  # noqa: T201 - a program
        command = [sys.executable, __file__, "--child", "--target", name]
        command += ["--minutes", str(arguments.minutes / len(names)), "--out", str(arguments.out)]
        subprocess.run(command, check=False)
    found = sorted(arguments.out.glob("*/found/*"))
    print("\n".join(map(str, found)) or "nothing found")  # noqa: T201 - a program
    return 1 if found else 0


def _fuzz(name: str, minutes: float, out: Path) -> None:
    """Fuzz one target; the library ends the process."""
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["medtrust"], enable_loader_override=False):
        targets = importlib.import_module("fuzz_targets")
    corpus, found = out / name.replace("/", "-") / "corpus", out / name.replace("/", "-") / "found"
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(targets.SEEDS[name]):
        (corpus / f"seed-{number}").write_bytes(seed)
    logging.disable()
    warnings.simplefilter("ignore")
    target = targets.TARGETS[name]
    flags = [f"-max_total_time={max(1, int(minutes * 60))}", f"-timeout={SECONDS}"]
    flags += [f"-rss_limit_mb={MEGABYTES}", f"-max_len={LONGEST}", f"-artifact_prefix={found}/"]
    flags += ["-print_final_stats=1", "-verbosity=0", str(corpus)]
    atheris.Setup([sys.argv[0], *flags], lambda data: targets.keeps_its_word(target, data))
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
