"""What is wrong with a dataset, row by row."""

from medtrust.datasets.lint.finding import Finding
from medtrust.datasets.lint.mediconfusion import lint_mediconfusion

__all__ = ["Finding", "lint_mediconfusion"]
