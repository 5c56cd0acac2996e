"""Published tables as their authors printed them, wrong cells included.

One JSON file a benchmark. Figures are texts, so that the rounding of each is known ("38.50"
is not "38.5"). Most were transcribed from images of tables and figures: cares.md section 1,
mediconfusion.md 2.4.
"""

import re
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

Role = Literal[
    "share",
    "mean",
    "difference",
    "uncertainty_accuracy",
    "overconfident",
    "set_accuracy",
    "individual_accuracy",
    "confusion",
    "confusion_all",
]
"""What a figure is, as far as arithmetic goes.

- `share`: of the questions that were counted, how many.
- `mean`: over anything else (a judge's scores, several datasets).
- `difference`: between two others, so it may be negative.
- `uncertainty_accuracy`, `overconfident`: shares of the same answers that exclude each other.
- `set_accuracy`, `individual_accuracy`: shares of the pairs and of their questions.
- `confusion`: a share of the valid pairs; `confusion_all`: of all pairs.
"""

FILES = ("cares.json", "mediconfusion.json")

_BLANK = frozenset({"", "-", "–", "—", "/", "n/a", "na", "nan", "none", "null"})  # noqa: RUF001 - tables print dashes of every length
_BETWEEN = re.compile(r"[/()]")


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the figures that every cell of a place holds, and what it is called here."""

    name: str
    role: Role
    tasks: tuple[str, ...] = ()
    """The tasks that ask what it is about; none where no task of ours corresponds."""
    metric: str = ""
    """What that figure is called in our tables."""


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dataset, prompt or measure: one cell for each model."""

    name: str
    cells: tuple[str, ...]
    """As printed, one for each of the table's models: `61.90`, `57.28 (9.33)/6.05`, `-`."""
    parts: tuple[Part, ...] = ()
    """Where they are others than the table's."""
    dataset: str = ""
    """The dataset it is about, or `cares (mean of 7)` as our means over datasets are called."""
    n: int | None = None
    """Number of questions (or pairs) behind each figure, where it is known."""
    average: bool = False
    """Whether it is the mean of the table's other places."""


class PublishedTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table of a paper or a leaderboard."""

    name: str
    title: str
    source: str
    """Where it is printed, and how it was copied."""
    models: tuple[str, ...]
    models_are: Literal["rows", "columns"]
    """How the table is laid out, so that a cell can be named as a reader finds it."""
    places: tuple[Place, ...]
    parts: tuple[Part, ...] = ()
    unit: Literal["percent", "fraction"] = "percent"
    notes: tuple[str, ...] = ()
    """What is not known about the figures, and what therefore is not checked."""

    def parts_at(self, place: Place) -> tuple[Part, ...]:
        """What the cells of a place hold, in the order in which it is printed."""
        return place.parts or self.parts


@cache
def published_tables() -> tuple[PublishedTable, ...]:
    """Every published table, in the order of the papers."""
    folder = files("medtrust.published")
    return tuple(
        table
        for file in FILES
        for table in msgspec.json.decode(
            (folder / file).read_bytes(), type=tuple[PublishedTable, ...]
        )
    )


def parts_of(cell: str) -> tuple[str, ...]:
    """The figures of a printed cell: `57.28 (9.33)/6.05` holds three, `-` and `/` none.

    A dash for one of several figures stays, so that the others keep their places.
    """
    if is_blank(cell):
        return ()
    return tuple(part.strip() for part in _BETWEEN.split(cell) if part.strip())


def is_blank(part: str) -> bool:
    """Whether a table prints this where it has no figure."""
    return part.strip().lower() in _BLANK
