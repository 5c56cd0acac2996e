"""The metric `fairness`: does a model serve some groups of patients worse than others?

`groups` says who is in which group, `rates` what is compared, `breakdown` gives each
group's rate with its interval, `gaps` what lies between groups, `permutation` how large
a gap chance alone makes. `corrected` and `official` are what comes of it.
"""

from medtrust.metrics.fairness.fairness import fairness

__all__ = ["fairness"]
