"""Fixtures that several test modules share."""

import gc
import os
import sys
from pathlib import Path

import hypothesis
import pytest

# A busy machine is no failure: examples may take their time.
_patient = hypothesis.settings(
    deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
)
# The same examples in every run: chance finds bugs in `make fuzz`, not in somebody's change.
hypothesis.settings.register_profile("medtrust", _patient, derandomize=True, database=None)
hypothesis.settings.register_profile("random", _patient, derandomize=False, max_examples=2000)
hypothesis.settings.load_profile("medtrust")

pytest_plugins = ["serve"]

# Python's default, whatever the shell says: some 250 commands that tests start, and the workers,
# would each compile the whole package (a fifth of a second a command).
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def pytest_collection_finish() -> None:
    """Let no collection of garbage look again at what lives to the end: 10,000 tests, torch."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The benchmarks' real question files; tests that need them skip where they are absent."""
    folder = Path(
        os.environ.get("MEDTRUST_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data")
    )
    if not folder.is_dir():
        pytest.skip(f"the benchmarks' own files are not at {folder} (set MEDTRUST_SHARED_DATA)")
    return folder
