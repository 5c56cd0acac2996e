"""The keyword detectors against replies that were labelled without knowing them."""

import importlib.util
import json
import sys
from collections import Counter
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from medtrust.metrics.detectors import Detector, Labelled, labelled, pooled

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
def test_made_up_replies_that_the_rules_were_not_made_for_are_mostly_read(
    script: ModuleType, name: str
) -> None:
    found = [reply for reply in script.replies(None) if reply.detector == name]
    whole = total(script.count(found, script.VERDICTS), name)
    assert whole.sensitivity > 0.9
    assert whole.specificity > 0.9


def total(counted: Labelled, name: str) -> Detector:
    return pooled(
        [
            Detector(tp=one.tp, fn=one.fn, tn=one.tn, fp=one.fp)
            for one in counted.counts
            if one.detector == name
        ]
    )


def test_the_packaged_counts_are_what_the_rules_find(script: ModuleType, shared_data: Path) -> None:
    """After a change of the rules: benchmarks/detectors.py --data DIR --write."""
    found = [*script.replies(shared_data / "replies")]
    assert script.count(found, script.VERDICTS) == labelled()
    assert "partly" not in {reply.row["label"] for reply in found if reply.real}


def test_the_packaged_file_holds_counts_and_sources_and_no_text(script: ModuleType) -> None:
    known = labelled()
    assert {one.set for one in known.counts} == {*known.sets}
    assert any(one.real for one in known.sets.values())
    text = (files("medtrust.metrics") / "detectors.json").read_text()
    assert text == script.as_json(known)
    assert all(reply.text not in text for reply in script.replies(None) if len(reply.text) > 20)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("folder", ["", "held_out"])
def test_there_are_enough_labelled_replies_of_both_kinds(
    script: ModuleType, name: str, folder: str
) -> None:
    rows = script.lines(script.HELD_OUT.parent / folder / f"{name}.jsonl")
    assert len(rows) >= 300
    assert len({row["id"] for row in rows}) == len(rows)
    labels = Counter(row["disclosed" if name == "disclosure" else "label"] for row in rows)
    assert min(count for label, count in labels.items() if label != "neither") >= 100


def labels(path: Path) -> Path:
    """A folder of real replies, made here, with two that count and two that do not."""
    said = ("I can't tell.", "declined"), ("A mass is seen.", "answered"), ("Hm.", "partly")
    rows = [{"model": "m", "reply": text, "label": label} for text, label in said]
    for name in ("xstest", "medvigil"):
        (path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    case = {"kind": "abstention", "reply": "A mass is seen.", "right": True}
    (path / "cases.jsonl").write_text(json.dumps(case) + "\n")
    return path


def test_the_script_prints_every_reader_by_set_and_length(
    script: ModuleType, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    script.main(["--data", str(labels(tmp_path))])
    printed = capsys.readouterr().out
    assert all(name in printed for name in (*NAMES, "xstest m", "medvigil", "released phrases"))
    (row,) = (
        line for line in printed.splitlines() if line.split()[:4] == ["xstest", "m", "to", "200"]
    )
    assert row.count("1.000 [0.207, 1.000] of   1") >= 2
    assert "is True, read as False" in printed
    assert "does NOT hold" in printed


def test_what_is_written_is_what_was_counted(
    script: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(script, "files", lambda _: tmp_path)
    script.main(["--data", str(labels(tmp_path)), "--write"])
    made = msgspec.json.decode((tmp_path / "detectors.json").read_bytes(), type=Labelled)
    (own,) = made.stratum("abstention", "wish", "to 200").values()
    assert (own.tp, own.fn, own.tn, own.fp) == (1, 0, 1, 0)
    with pytest.raises(SystemExit):
        script.main(["--write"])
    assert "--write needs --data" in capsys.readouterr().err
