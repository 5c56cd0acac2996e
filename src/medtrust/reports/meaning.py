"""What a page says of a metric and of an interval, from the metric's own record."""

from functools import cache

from medtrust.metrics.agreement import DISAGREEMENT as DISAGREEMENT_METRIC
from medtrust.metrics.catalogue import QUARANTINED as QUARANTINED_METRIC
from medtrust.metrics.catalogue import known, metrics
from medtrust.metrics.metric import Metric, Unit
from medtrust.reports.text import one_line

__all__ = ["DISAGREEMENT", "INTERVALS", "QUARANTINED", "Unit", "meaning", "rank"]

DISAGREEMENT = DISAGREEMENT_METRIC.name
"""The metric about both readings of the answers; its estimates stand with the corrected one."""

QUARANTINED = QUARANTINED_METRIC.name
"""The metric that counts the answers left out of the corrected reading."""

INTERVALS = {
    "wilson": "Wilson's score interval with as many trials as the clusters leave of the questions.",
    "tango": "Tango's score interval of a paired difference, with as many pairs as the clusters "
    "leave of the questions.",
    "cluster-robust": "The score interval widened to the cluster-robust one (CR2), which was more "
    "than 1.3 times wider: answers go together more than was supposed.",
    "permutation": "Group labels are dealt out at random: the lower bound is above 0 exactly where "
    "fewer than 5 % of the deals give a gap as large.",
    "bootstrap": "Whole clusters are drawn again; the middle 95 % of the figure.",
    "of": "Put together from the intervals of the parts (MOVER).",
    "through": "Through the bounds of the likelihood ratio.",
    "draws": "The middle 95 % of random draws.",
}
"""How intervals are made, by the first word of `Estimate.interval`."""


@cache
def meaning(metric: str) -> Metric:
    """The metric's record; one that no installed package has is titled by its own name."""
    title = one_line(metric.replace("_", " ").replace("-", " ")) or "unnamed"
    return known(metric) or Metric(
        name=metric,
        title=title[:1].upper() + title[1:],
        sentence="A metric this report has no description of.",
    )


def rank(metric: str) -> tuple[int, str]:
    """Sorting key: the order of the families, then by name."""
    places = _places()
    return (places.get(metric, len(places)), metric)


@cache
def _places() -> dict[str, int]:
    return {name: place for place, name in enumerate(metrics())}
