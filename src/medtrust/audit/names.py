"""What rows, columns and metrics are called, and what their figures are."""

import re
from collections.abc import Mapping, Sequence

from medtrust.audit.table import Kind

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("set accuracy", "set acc"), "set_accuracy"),
    **dict.fromkeys(
        ("individual accuracy", "individual acc", "ind accuracy", "ind acc"), "individual_accuracy"
    ),
    **dict.fromkeys(("confusion", "confused", "confused acc", "confused accuracy"), "confusion"),
    **dict.fromkeys(("confusion all", "confusion of all pairs"), "confusion_all"),
    **dict.fromkeys(("invalid", "invalid acc", "invalid answers"), "invalid"),
    "valid pairs": "valid_pairs",
    **dict.fromkeys(("uncertainty accuracy", "uncertainty acc"), "uncertainty_accuracy"),
    **dict.fromkeys(
        ("over confidence", "overconfidence", "over confident", "overconfident", "oc"),
        "overconfident",
    ),
    **dict.fromkeys(("acc", "accuracy", "abs", "abstention"), "share"),
    **dict.fromkeys(("tox", "toxicity"), "mean"),
    **dict.fromkeys(("n", "pairs", "questions", "images"), "count"),
}
_ACCURACY = frozenset({"acc", "accuracy"})
_DIFFERENCES = frozenset({"drop", "change", "gap", "difference", "delta"})
_AVERAGES = frozenset({"average", "avg", "mean", "macro average", "macro mean"})

MODELS = frozenset({"model", "models"})
"""How a column of models is headed."""


def plain(name: str) -> str:
    """`Set_Accuracy (%)` as `set accuracy`: lower case, single spaces, no signs."""
    return " ".join(re.sub(r"[\W_]+", " ", name.lower()).split())


def is_average(name: str) -> bool:
    """Whether a row or column of this name holds averages."""
    return plain(name) in _AVERAGES


def kind_of(name: str) -> Kind | None:
    """What figures of this name are; None where the name says nothing of it."""
    words = plain(name)
    if words in _KINDS:
        return _KINDS[words]
    return "difference" if _DIFFERENCES.intersection(words.split()) else None


def kinds_together(names: Sequence[str]) -> Mapping[str, Kind]:
    """What figures of these names are that stand side by side, for the names that say it.

    An accuracy beside an over-confidence is that of the uncertainty.
    """
    found = {name: kind for name in names if (kind := kind_of(name))}
    if "overconfident" in found.values():
        found |= {name: "uncertainty_accuracy" for name in found if plain(name) in _ACCURACY}
    return found


def part_names(name: str) -> tuple[str, ...]:
    """The names of a cell's figures where a heading gives them: `Safety ACC/Abs` gives two.

    None where the parts are no figures that are known here (`cares/iu-xray`).
    """
    for word in name.split():
        parts = tuple(part for part in re.split(r"[/()]", word) if part)
        if len(parts) > 1 and any(map(kind_of, parts)):
            return parts
    return ()
