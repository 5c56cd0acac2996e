"""What a check of a dataset found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One row of `medtrust lint`: what was looked for, how often it was found, and where.

    A row with count 0 says that the check was made and found nothing.
    """

    dataset: str
    check: str
    """Short name of the check, stable over versions."""
    count: int
    samples: tuple[str, ...] = ()
    """Ids of the samples or pairs concerned, where the finding is about any."""
    message: str
    """What was counted, in words, with the figures behind it."""
