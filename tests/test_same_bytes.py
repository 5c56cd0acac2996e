"""The same answers give the same bytes on any processor, and in any order."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json, random, sys
from metric_scores import estimates, score
from medtrust.metrics.catalogue import load
from medtrust.metrics.metric import Settings
from msgspec import to_builtins

draw = random.Random(5)
scores = [
    score(f"s{n}", "A", draw.choice("AB"), cluster=f"c{n // 3}", value=draw.random(),
          confidence=0.5 + draw.random() / 2, about=draw.choice(["one", "two"]),
          groups={"sex": (draw.choice("fm"),), "ward": (draw.choice("xyz"),)},
          details={"abstained": float(draw.random() < 0.2), "overlap": draw.random()})
    for n in range(400)
]
random.Random(int(sys.argv[1])).shuffle(scores)
found = [
    to_builtins(e)
    for name in ("accuracy", "abstention", "fairness", "calibration")
    for e in estimates(load(name), scores, Settings(replicates=300))
]
print(json.dumps(sorted(found, key=lambda e: (e["metric"], e["group_by"], e["group"]))))
"""


def printed(core: str, order: int) -> str:
    kernel = {"OPENBLAS_CORETYPE": core} if core else {}
    paths = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(order)],
        env={**os.environ, **kernel, "PYTHONPATH": paths},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return run.stdout


def test_the_order_of_the_scores_changes_no_byte() -> None:
    assert printed("", 1) == printed("", 2)


@pytest.mark.skipif(platform.machine() != "x86_64", reason="names kernels of x86 processors")
def test_another_kernel_of_linear_algebra_changes_no_byte() -> None:
    assert printed("Prescott", 1) == printed("Haswell", 1)
