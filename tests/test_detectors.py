"""The keyword detectors against replies that were labelled without knowing them."""

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from medtrust.metrics.detectors import detectors

NAMES = ("abstention", "confidence", "disclosure")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script that prints how good the detectors are."""
    path = Path(__file__).parents[1] / "benchmarks" / "detectors.py"
    found = importlib.util.spec_from_file_location("detector_figures", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module
    found.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", NAMES)
def test_rates_are_corrected_with_what_the_detector_does_on_replies_it_was_not_made_for(
    script: ModuleType, name: str
) -> None:
    counted = script.count(name, script.labelled(name, held_out=True))
    in_use = detectors()[name]
    assert (counted.tp, counted.fn, counted.tn, counted.fp) == (
        *(in_use.tp, in_use.fn, in_use.tn, in_use.fp),
    )
    assert counted.tp / (counted.tp + counted.fn) > 0.9
    assert counted.tn / (counted.tn + counted.fp) > 0.9


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("held_out", [True, False])
def test_there_are_enough_labelled_replies_of_both_kinds(
    script: ModuleType, name: str, held_out: bool
) -> None:
    rows = script.labelled(name, held_out=held_out)
    assert len(rows) >= 300
    assert len({row["id"] for row in rows}) == len(rows)
    assert min(Counter(script.LABELS[name](row) for row in rows).values()) >= 100


def test_the_script_prints_every_detector(
    script: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    script.main()
    printed = capsys.readouterr().out
    assert all(name in printed for name in NAMES)
    assert "are NOT" not in printed
