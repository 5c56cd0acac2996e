"""Items of published datasets that should not be counted as they are, in named, dated lists."""

from medtrust.datasets.errata.errata import (
    Errata,
    Item,
    Quarantined,
    apply,
    known_errata,
    meant_for,
    quarantine,
    repair,
)

__all__ = [
    "Errata",
    "Item",
    "Quarantined",
    "apply",
    "known_errata",
    "meant_for",
    "quarantine",
    "repair",
]
