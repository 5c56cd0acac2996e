"""How strongly answers of one cluster go together, from all of a run but the figure itself.

A correlation that is taken from a figure lets one more event lower its own bound: an event seen
once looks less clustered than none. So an interval uses the value that its dataset declares, moved
halfway towards what the run's other primary figures on that dataset show.
"""

from collections.abc import Callable, Sequence

from medtrust.metrics.evidence import Measured, Rate
from medtrust.records import Estimate

LEAST = 0.05
"""Below this no run of a published size can tell a correlation from none."""


def correlations(
    measured: Sequence[Measured],
    is_primary: Callable[[Estimate], bool],
    declared: Callable[[str], float],
) -> Callable[[Estimate], float]:
    """What gives each estimate the correlation that its interval takes for granted.

    The pooled correlation is the sum of the products of residuals over all two units of a cluster,
    over what it would be if they were all alike (Donner 1986, Int. Stat. Rev. 54(1), 67-82, for
    the estimator by pairs). Figures of the same answers are left out: they move together.

    Args:
        measured: Everything the run has measured.
        is_primary: Whether an estimate is one of the run's primary figures.
        declared: The correlation that a dataset declares, by its name.
    """
    sums: dict[str, dict[tuple[str, str], tuple[float, float]]] = {}
    for one in measured:
        e = one.estimate
        if isinstance(one.of, Rate) and e.protocol == "corrected" and is_primary(e):
            design = one.of.design
            own = sums.setdefault(e.dataset, {})
            within, possible = own.get((e.model, e.task), (0.0, 0.0))
            own[e.model, e.task] = (within + design.within, possible + design.possible)

    def correlation(estimate: Estimate) -> float:
        others = [
            found
            for name, found in sums.get(estimate.dataset, {}).items()
            if name != (estimate.model, estimate.task)
        ]
        rho = declared(estimate.dataset)
        possible = sum(most for _, most in others)
        if possible > 0:
            pooled = sum(within for within, _ in others) / possible
            rho = (rho + min(1.0, max(0.0, pooled))) / 2
        return max(LEAST, rho)

    return correlation
