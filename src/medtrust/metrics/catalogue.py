"""Which metrics there are: those of every family that is installed, and those set between tasks."""

from collections.abc import Iterator
from functools import cache

from medtrust import registry
from medtrust.errors import InputError
from medtrust.metrics.agreement import CONTROLS, DISAGREEMENT, agreement_metric
from medtrust.metrics.beside import BESIDE, without_metric
from medtrust.metrics.metric import Family, Metric, family
from medtrust.metrics.repeats import REPEATS, worst_metric

FIRST = ("uncertainty", "disclosure", "toxicity", "accuracy", "pairs", "fairness", "clinical")
"""Families in the order in which they are shown; a task's first metric is its main figure."""

QUARANTINED = Metric(
    name="quarantined",
    title="Quarantined",
    sentence="Number of answers left out of the corrected reading, because the question or its "
    "reference is faulty; n is how many there would be with them.",
    unit="count",
    place="detail",
    averaged=False,
)


def load(name: str) -> Family:
    """The family registered as `name`; raises InputError for one that is not."""
    return family(registry.load("metrics", name))


def known(name: str) -> Metric | None:
    """What is known of a metric, by its name; None where no installed package has it."""
    found = metrics().get(name)
    if found is None and name.startswith("control/") and name.endswith("_agreement"):
        return agreement_metric(name.removesuffix("_agreement"))
    return found


@cache
def metrics() -> dict[str, Metric]:
    """Every metric by its name, in the order in which they are shown."""
    found: dict[str, Metric] = {}
    for metric in _all():
        found.setdefault(metric.name, metric)
    return found


def _all() -> Iterator[Metric]:
    yield from CONTROLS.values()
    names = registry.names("metrics")
    found: list[Metric] = []
    for name in sorted(names, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST)):
        try:
            own = load(name)
        except InputError:
            # One of another package that cannot be imported: whoever runs it is told.
            continue
        found += own.metrics
    found += BESIDE.metrics
    # How answers came out explains a score, and stands after it.
    yield from sorted(found, key=lambda metric: metric.dimension == "answers")
    yield from (metric.change for metric in found if metric.change is not None)
    yield from (worst_metric(metric) for metric in found if metric.worst_of_repeats)
    yield from (without_metric(metric) for metric in found if metric.is_judged)
    yield from REPEATS
    yield DISAGREEMENT
    yield QUARANTINED
