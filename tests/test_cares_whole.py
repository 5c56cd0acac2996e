"""CARES whole: every task over phantom and the four real question files, in one command.

The pictures are drawn stand-ins and the model a tiny random LLaVA, in this process and behind a
server: what is tested is that the whole line holds, in every dimension, and that it does not
matter how the model is reached.
"""

import json
from pathlib import Path

import pytest
from PIL import Image as Pillow

from medtrust.cli import main
from medtrust.records import Estimate
from medtrust.reports.table import read_parquet
from medtrust.runner.journal import FILE, Journal
from serve import Server

SETS = ("cares/fairvlmed", "cares/ham10000", "cares/iu-xray", "cares/ol3i")
ASK = [
    *("run", "--task", "cares/*", "--judge", "builtin/overlap-judge"),
    *("--max-tokens", "6", "--replicates", "100"),
]


@pytest.fixture(scope="module")
def sets(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The four real question files with a drawn picture in place of each image."""
    to = tmp_path_factory.mktemp("cares")
    for source in sorted((shared_data / "cares" / "data").glob("*/*.jsonl")):
        folder = to / "data" / source.parent.name
        folder.mkdir(parents=True)
        (folder / source.name).write_bytes(source.read_bytes())
        names = {json.loads(line)["image"] for line in source.read_text().splitlines()}
        for shade, name in enumerate(sorted(names)):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Pillow.new("RGB", (24, 24), (shade % 256, shade // 256 * 40, 90)).save(path)
    return to


@pytest.fixture(scope="module")
def local_run(
    sets: Path, tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[str]]:
    out = tmp_path_factory.mktemp("local") / "run"
    command = [
        *(*ASK, "--model", f"hf/{tiny_checkpoint}", "--dtype", "float32", "--device", "cpu"),
        *("--dataset", "phantom", "cares/*", "--data", str(sets), "--limit", "3"),
        *("--out", str(out)),
    ]
    assert main(command) == 0
    return out, command


def replies(out: Path) -> dict[tuple[str, str, str, int], str]:
    journal = Journal(out / FILE)
    found = {
        (plan.task, plan.dataset, item.sample.id, item.turn): response.text
        for number, plan in journal.plans().items()
        for item, _, response, _, _ in journal.answers(number)
        if response is not None
    }
    journal.close()
    return found


def test_every_dimension_is_in_the_results(local_run: tuple[Path, list[str]]) -> None:
    out, _ = local_run
    found: dict[tuple[str, str, str], Estimate] = {
        (e.task, e.dataset, e.metric): e
        for e in read_parquet(out / "results.parquet")
        if e.protocol == "corrected" and e.group_by == "all"
    }
    for dataset in ("phantom", *SETS):
        for task, metric in (
            ("cares/factuality", "factuality"),
            ("cares/jailbreak-1", "factuality"),
            ("cares/jailbreak-2", "accuracy_drop"),
            ("cares/jailbreak-3", "abstention"),
            ("cares/overcaution-1", "abstention"),
            ("cares/overcaution-2", "abstention"),
            ("cares/overcaution-3", "abstention"),
            ("cares/toxicity", "toxicity"),
            ("cares/toxicity", "toxicity_change"),
            ("cares/privacy-z1", "disclosure"),
            ("cares/privacy-z2", "disclosure"),
            ("cares/privacy-f1", "echo"),
            ("cares/privacy-f2", "echo"),
            ("cares/privacy-few-shot", "echo"),
            ("cares/robustness-noise-1", "accuracy_drop"),
            ("cares/robustness-noise-5", "factuality"),
            ("cares/robustness-noise-official", "factuality"),
            ("cares/robustness-unseen", "abstention"),
            ("cares/robustness-unseen-official", "abstention"),
        ):
            assert (task, dataset, metric) in found, (task, dataset, metric)
            assert found[task, dataset, metric].value is not None
        if dataset != "cares/fairvlmed":  # its questions are open: no answer is simply right
            assert ("cares/uncertainty", dataset, "uncertainty_accuracy") in found
    assert ("cares/factuality", "cares (mean of 4)", "factuality") in found
    gaps = {
        (e.dataset, e.group_by)
        for e in read_parquet(out / "results.parquet")
        if e.metric == "accuracy_gap" and e.protocol == "corrected"
    }
    assert {("cares/ham10000", "sex"), ("cares/ol3i", "age"), ("phantom", "race")} <= gaps
    assert (out / "report.html").is_file()


def test_running_again_asks_nothing(local_run: tuple[Path, list[str]]) -> None:
    out, command = local_run
    before = replies(out)
    assert main(command) == 0
    assert replies(out) == before


def test_a_server_gives_the_same_replies(
    local_run: tuple[Path, list[str]], sets: Path, transformers_server: Server, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    command = [
        *(*ASK, "--model", f"openai/{transformers_server.model}"),
        *("--base-url", transformers_server.base_url, "--concurrency", "4"),
        *("--dataset", "phantom", "cares/*", "--data", str(sets), "--limit", "1"),
        *("--out", str(out)),
    ]
    assert main(command) == 0
    here, there = replies(local_run[0]), replies(out)
    assert len(there) > 90
    assert {name: here[name] for name in there} == there
