"""Answers made elsewhere: read from a file and joined to samples by id."""

from medtrust.datasets.predictions.join import join, recount
from medtrust.datasets.predictions.read import parse_predictions, read_predictions
from medtrust.datasets.predictions.record import Counts, Predictions

__all__ = ["Counts", "Predictions", "join", "parse_predictions", "read_predictions", "recount"]
