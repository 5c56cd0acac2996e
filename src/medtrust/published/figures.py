"""What is published about a task, a dataset and a metric: one figure a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from medtrust.published.table import is_blank, parts_of, published_tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A published figure of one model."""

    model: str
    value: str
    """As printed, so that its rounding is known."""
    unit: Literal["percent", "fraction"]
    source: str

    @property
    def fraction(self) -> float:
        """The value as our tables have it: 0.3841 for 38.41 percent."""
        return float(Decimal(self.value) / (100 if self.unit == "percent" else 1))


def figures(task: str, dataset: str, metric: str) -> Sequence[Published]:
    """The published figures of a metric on a dataset, in the order of their table's models.

    All are of the released code, so it is our `official` protocol that they can be set
    beside. Means over datasets go by the name that ours have, such as `cares (mean of 7)`.
    Empty where nothing is published, or where it is not known what the published figure is of.
    """
    return [
        Published(model=model, value=printed[index], unit=table.unit, source=table.source)
        for table in published_tables()
        for place in table.places
        if place.dataset == dataset
        for index, part in enumerate(table.parts_at(place))
        if part.metric == metric and task in part.tasks
        for model, cell in zip(table.models, place.cells, strict=True)
        if (printed := parts_of(cell)) and not is_blank(printed[index])
    ]
