"""Size of a base install and time to start, beside inspect-ai's in the same run.

    python benchmarks/footprint.py

Makes two virtual environments in a temporary folder, so it needs a package index.
Prints megabytes and, as medians of several starts, seconds; and the ratios.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
STARTS = 7


def install(folder: Path, *what: str) -> Path:
    """A virtual environment with the packages; returns its interpreter."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what]
    subprocess.run(command, check=True)
    return python


def megabytes(python: Path) -> float:
    """Size of everything that was installed, without pip and setuptools."""
    (packages,) = (python.parents[1] / "lib").glob("*/site-packages")
    tools = ("pip", "setuptools", "pkg_resources", "_distutils_hack")
    return (
        sum(
            file.stat().st_size
            for entry in packages.iterdir()
            if not entry.name.startswith(tools)
            for file in ([entry] if entry.is_file() else entry.rglob("*"))
            if file.is_file()
        )
        / 1e6
    )


def seconds(*command: object) -> float:
    """Median wall time of a command."""
    times = []
    for _ in range(STARTS):
        started = time.perf_counter()
        subprocess.run([str(part) for part in command], check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def main() -> None:
    """Measure both and print a table."""
    with tempfile.TemporaryDirectory() as name:
        pinned = ("--constraint", str(ROOT / "constraints.txt"))
        ours = install(Path(name, "medtrust"), *pinned, str(ROOT))
        peer = install(Path(name, "inspect"), "inspect-ai")
        rows = (
            ("installed, MB", megabytes(ours), megabytes(peer)),
            (
                "import, s",
                seconds(ours, "-c", "import medtrust"),
                seconds(peer, "-c", "import inspect_ai"),
            ),
            (
                "--help, s",
                seconds(ours.with_name("medtrust"), "--help"),
                seconds(peer.with_name("inspect"), "--help"),
            ),
        )
    print(f"{'':16}{'medtrust':>10}{'inspect-ai':>12}{'ratio':>8}")
    for what, mine, theirs in rows:
        print(f"{what:16}{mine:10.2f}{theirs:12.2f}{theirs / mine:8.1f}")


if __name__ == "__main__":
    main()
