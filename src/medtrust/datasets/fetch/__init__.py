"""Getting a dataset's files: verified, resumable, and without touching the user's own."""

from medtrust.datasets.fetch.mediconfusion import fetch_mediconfusion
from medtrust.datasets.fetch.report import (
    FailedImage,
    FetchReport,
    set_accuracy_bounds,
    summary_lines,
)
from medtrust.datasets.fetch.settings import FetchSettings
from medtrust.datasets.fetch.source import Source, load_source

__all__ = [
    "FailedImage",
    "FetchReport",
    "FetchSettings",
    "Source",
    "fetch_mediconfusion",
    "load_source",
    "set_accuracy_bounds",
    "summary_lines",
]
