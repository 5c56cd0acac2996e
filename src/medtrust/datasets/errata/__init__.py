"""Items of published datasets that should not be counted, in named and dated lists."""

from medtrust.datasets.errata.errata import (
    Errata,
    Item,
    Quarantined,
    apply,
    known_errata,
    quarantine,
)

__all__ = ["Errata", "Item", "Quarantined", "apply", "known_errata", "quarantine"]
