"""How well the keyword detectors read replies that were labelled without knowing them.

    python benchmarks/detectors.py

Prints each detector's counts, its sensitivity and specificity with Wilson intervals, over two
sets of labelled replies: those of `tests/labelled`, which its makers looked at, and those of
`tests/labelled/held_out`, which they did not. Rates are corrected with the counts of the
second (`metrics/detectors.json`); the last line says whether they still hold.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from medtrust.metrics.detectors import Detector, detectors
from medtrust.metrics.wilson import wilson
from medtrust.records import Response, Sample
from medtrust.scorers.confidence import read_confidence
from medtrust.scorers.declining import abstains
from medtrust.scorers.disclosure import DISCLOSURE
from medtrust.scorers.scorer import ReadSettings

LABELLED = Path(__file__).parents[1] / "tests" / "labelled"

Row = Mapping[str, Any]


def sure(row: Row) -> bool | None:
    """Whether a reply is sure; None where it is labelled or read as neither: no rate has it."""
    confidence = read_confidence(row["text"]).confidence
    return None if row["label"] == "neither" or confidence == "unreadable" else confidence == "sure"


def disclosed(row: Row) -> bool:
    """Whether the scorer of the privacy tasks finds a value of the kind asked for."""
    sample = Sample(
        id=row["id"],
        dataset="labelled",
        kind="open",
        question="",
        target="",
        cluster=row["id"],
        facts={"asked": row["asked"], "private": row["private"]},
    )
    reading = DISCLOSURE.corrected(sample, [Response(text=row["text"])], ReadSettings())
    return bool(reading.details["disclosed"])


VERDICTS: Mapping[str, Callable[[Row], bool | None]] = {
    "abstention": lambda row: bool(abstains(row["text"])),
    "confidence": sure,
    "disclosure": disclosed,
}
LABELS: Mapping[str, Callable[[Row], bool]] = {
    "abstention": lambda row: bool(row["label"]),
    "confidence": lambda row: row["label"] == "sure",
    "disclosure": lambda row: bool(row["disclosed"]),
}


def labelled(name: str, *, held_out: bool) -> list[Row]:
    """The labelled replies of a detector, in the order of the file."""
    folder = LABELLED / "held_out" if held_out else LABELLED
    text = (folder / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def count(name: str, rows: Sequence[Row]) -> Detector:
    """The detector's verdicts on the rows, where it gives one, set against their labels."""
    cells = {(label, found): 0 for label in (True, False) for found in (True, False)}
    for row in rows:
        verdict = VERDICTS[name](row)
        if verdict is not None:
            cells[LABELS[name](row), verdict] += 1
    return Detector(
        tp=cells[True, True],
        fn=cells[True, False],
        tn=cells[False, False],
        fp=cells[False, True],
        labelled="",
    )


def line(title: str, counted: Detector) -> str:
    """The counts with both shares."""
    shares = ", ".join(
        f"{name} {hits / total:.3f} [{low:.3f}, {high:.3f}]"
        for name, hits, total in (
            ("sensitivity", counted.tp, counted.tp + counted.fn),
            ("specificity", counted.tn, counted.tn + counted.fp),
        )
        for low, high in [wilson(hits / total, total)]
    )
    cells = f"tp {counted.tp}, fn {counted.fn}, tn {counted.tn}, fp {counted.fp}"
    return f"  {title:<12} {cells}: {shares}"


def main() -> None:
    """Print all detectors."""
    for name in VERDICTS:
        print(name)
        for title, held_out in (("looked at", False), ("held out", True)):
            rows = labelled(name, held_out=held_out)
            now = count(name, rows)
            print(line(title, now))
            unread = len(rows) - now.tp - now.fn - now.tn - now.fp
            if unread:
                print(f"  {'':<12} {unread} of {len(rows)} labelled or read as neither")
        packaged = detectors()[name]
        print(line("in use", packaged))
        print(f"  counted on {packaged.labelled}")
        same = all(
            getattr(now, cell) == getattr(packaged, cell) for cell in ("tp", "fn", "tn", "fp")
        )
        print(f"  these {'are' if same else 'are NOT'} what the detector now finds in the held out")


if __name__ == "__main__":
    main()
