"""How well the rules read replies that were labelled without knowing them.

    python benchmarks/detectors.py [--data DIR] [--write]

Prints the counts of each reader by set and length of reply, its sensitivity and specificity with
Wilson intervals, and beside them those of the released code's phrases. Sets are those of
`tests/labelled/held_out`, which somebody made up, and the real replies in the folder of --data:
`xstest.jsonl`, `medvigil.jsonl` (labels `declined` and `answered` count, `partly` and `either` are
left out) and `cases.jsonl`, single replies that were misread once and are in no rate. With --write
the counts become `metrics/detectors.json`, by which rates are corrected; else the last line says
whether they still are what that file holds.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from medtrust.metrics.detectors import (
    LENGTHS,
    Counted,
    Detector,
    Labelled,
    LabelledSet,
    labelled,
    length_of,
    pooled,
)
from medtrust.metrics.wilson import wilson
from medtrust.records import Response, Sample
from medtrust.scorers.abstention import abstains_official
from medtrust.scorers.confidence import read_confidence, sure_official
from medtrust.scorers.declining import abstains
from medtrust.scorers.disclosure import DISCLOSURE
from medtrust.scorers.letter import read_option
from medtrust.scorers.scorer import ReadSettings
from medtrust.scorers.yes_no import read_yes_no

HELD_OUT = Path(__file__).parents[1] / "tests" / "labelled" / "held_out"
XSTEST = "XSTest v2 (paul-rottger/exaggerated-safety at d7bb5bd, CC BY 4.0), two human annotators"
MEDVIGIL = (
    "MedVIGIL (hq0709/MedVIGIL at dc7ad9d, MIT): medical and general models, one blind reader"
)
MADE_UP = "tests/labelled/held_out: one person's words, labelled before the rules were known"

ASKS = {
    **dict.fromkeys(("jailbreak", "overcaution", "toxicity"), "wish"),
    "privacy": "private value",
}
"""What the made-up replies to a family of tasks answer: `Task.asks`; other families a question."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One labelled reply."""

    detector: str
    set: str
    source: str
    real: bool
    asks: str
    row: Row
    text: str
    label: bool


def sure(text: str) -> bool | None:
    """Whether a reply is sure; None where it is read as neither: no rate has it."""
    confidence = read_confidence(text).confidence
    return None if confidence == "unreadable" else confidence == "sure"


def disclosed(reply: Reply) -> bool:
    """Whether the scorer of the privacy tasks finds a value of the kind asked for."""
    row = reply.row
    sample = Sample(
        id=row["id"],
        dataset="labelled",
        kind="open",
        question="",
        target="",
        cluster=row["id"],
        facts={"asked": row["asked"], "private": row["private"]},
    )
    reading = DISCLOSURE.corrected(sample, [Response(text=reply.text)], ReadSettings())
    return bool(reading.details["disclosed"])


Verdict = Callable[[Reply], bool | None]
VERDICTS: Mapping[str, Verdict] = {
    "abstention": lambda reply: bool(abstains(reply.text)),
    "confidence": lambda reply: sure(reply.text),
    "disclosure": disclosed,
}
RELEASED: Mapping[str, Verdict] = {
    "abstention": lambda reply: bool(abstains_official(reply.text)),
    "confidence": lambda reply: sure_official(reply.text),
}
"""The released code's phrases, where it has some."""


def replies(data: Path | None) -> Iterator[Reply]:
    """Every labelled reply that counts."""
    for detector in VERDICTS:
        for row in lines(HELD_OUT / f"{detector}.jsonl"):
            label = {"sure": True, "unsure": False, "neither": None}.get(
                str(row.get("label")), row.get("disclosed", row.get("label"))
            )
            if label is not None:
                asks = (
                    "private value"
                    if detector == "disclosure"
                    else ASKS.get(row.get("task", ""), "question")
                )
                yield Reply(
                    detector=detector, set="held_out", source=MADE_UP, real=False, asks=asks,
                    row=row, text=row["text"], label=label,
                )  # fmt: skip
    for name, source, asks in (("xstest", XSTEST, "wish"), ("medvigil", MEDVIGIL, "question")):
        for row in lines(data / f"{name}.jsonl") if data else []:
            if row["label"] in {"declined", "answered"}:
                # Rules err on one model's way of declining as on no other's; MedVIGIL has too few
                # replies of each model to count them apart.
                own = f"{name} {row['model']}" if name == "xstest" else name
                yield Reply(
                    detector="abstention", set=own, source=source, real=True, asks=asks,
                    row=row, text=row["reply"], label=row["label"] == "declined",
                )  # fmt: skip


def lines(path: Path) -> list[Row]:
    """The rows of a file of labelled replies; none where it is not there."""
    if not path.is_file():
        print(f"{path.name}: not there")
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def count(found: Sequence[Reply], verdicts: Mapping[str, Verdict]) -> Labelled:
    """The verdicts on the replies, where there is one, set against their labels."""
    cells: dict[tuple[str, str, str, str], dict[tuple[bool, bool], int]] = defaultdict(
        lambda: {(label, said): 0 for label in (True, False) for said in (True, False)}
    )
    for reply in found:
        said = verdicts[reply.detector](reply) if reply.detector in verdicts else None
        if said is not None:
            stratum = (reply.detector, reply.set, reply.asks, length_of(len(reply.text)))
            cells[stratum][reply.label, said] += 1
    order = sorted(cells, key=lambda stratum: (*stratum[:3], LENGTHS.index(stratum[3])))
    return Labelled(
        sets={one.set: LabelledSet(source=one.source, real=one.real) for one in found},
        counts=tuple(
            Counted(
                detector=stratum[0], set=stratum[1], asks=stratum[2], length=stratum[3],
                tp=cells[stratum][True, True], fn=cells[stratum][True, False],
                tn=cells[stratum][False, False], fp=cells[stratum][False, True],
            )
            for stratum in order
        ),
    )  # fmt: skip


def table(ours: Labelled, released: Labelled) -> Iterator[str]:
    """A line for each reader, set and length, and one for all lengths of a set."""
    for detector in VERDICTS:
        yield f"\n{detector:<32} {'rules':>54}   {'released phrases':>54}"
        for name in ours.sets:
            for length in (*LENGTHS, "all"):
                own, other = (
                    pooled(
                        [
                            Detector(tp=one.tp, fn=one.fn, tn=one.tn, fp=one.fp)
                            for one in counted.counts
                            if (one.detector, one.set) == (detector, name)
                            and length in {one.length, "all"}
                        ]
                    )
                    for counted in (ours, released)
                )
                if own.positives + own.negatives:
                    yield f"  {name:<19} {length:<10} {shares(own):>54}   {shares(other):>54}"


def shares(found: Detector) -> str:
    """Sensitivity and specificity with their intervals and what they are shares of."""
    if not found.positives + found.negatives:
        return "none"
    told = []
    for hits, total in ((found.tp, found.positives), (found.tn, found.negatives)):
        low, high = wilson(hits / total, total) if total else (0.0, 1.0)
        share = f"{hits / total:.3f} [{low:.3f}, {high:.3f}]" if total else "-"
        told.append(f"{share} of {total:>3}")
    return "  ".join(told)


def cases(path: Path) -> Iterator[str]:
    """How many of the single cases are read as they should be."""
    wrong = [row for row in lines(path) if read(row) != row["right"]]
    for row in wrong:
        yield f"  {row['kind']}: {row['reply'][:60]!r} is {row['right']}, read as {read(row)}"
    yield f"cases: {len(wrong)} misread"


def read(row: Row) -> object:
    """What is made of one case."""
    text = row["reply"]
    if row["kind"] == "abstention":
        return bool(abstains(text))
    if row["kind"] == "confidence":
        return read_confidence(text).confidence
    if row.get("options"):
        found = read_option(text, tuple(row["options"]))
    else:
        found = read_yes_no(text, row.get("question", ""))
    return found.choice or found.outcome


def as_json(counted: Labelled) -> str:
    """The file of rates: one line a set, and one a stratum."""
    sets, counts = msgspec.to_builtins(counted.sets), msgspec.to_builtins(counted.counts)
    told = ",\n".join(f"  {json.dumps(name)}: {json.dumps(sets[name])}" for name in sorted(sets))
    rows = ",\n".join(f"  {json.dumps(row)}" for row in counts)
    return f'{{\n "sets": {{\n{told}\n }},\n "counts": [\n{rows}\n ]\n}}\n'


def main(argv: Sequence[str] | None = None) -> None:
    """Print all readers, and write the counts where that is wanted."""
    parser = argparse.ArgumentParser(description="how well the rules read labelled replies")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of real labelled replies")
    parser.add_argument("--write", action="store_true", help="write metrics/detectors.json")
    arguments = parser.parse_args(argv)
    if arguments.write and not arguments.data:
        parser.error("--write needs --data: else the counts on real replies would be lost")
    found = [*replies(arguments.data)]
    ours = count(found, VERDICTS)
    print("sensitivity and specificity, each [95 % interval] of so many replies")
    for line in table(ours, count(found, RELEASED)):
        print(line)
    for line in cases(arguments.data / "cases.jsonl") if arguments.data else ():
        print(line)
    if arguments.write:
        path = Path(str(files("medtrust.metrics").joinpath("detectors.json")))
        path.write_text(as_json(ours), encoding="utf-8")
        print(f"written: {path.name}")
    else:
        known = {*labelled().counts}
        same = all(one in known for one in ours.counts)
        print(f"metrics/detectors.json {'holds' if same else 'does NOT hold'} these counts")


if __name__ == "__main__":
    main()
