"""Answers made elsewhere: read from a file and joined to samples by id."""

from medtrust.datasets.predictions.counts import Counts, recount, total
from medtrust.datasets.predictions.join import join
from medtrust.datasets.predictions.read import parse_predictions, read_predictions
from medtrust.datasets.predictions.record import Predictions

__all__ = [
    "Counts",
    "Predictions",
    "join",
    "parse_predictions",
    "read_predictions",
    "recount",
    "total",
]
