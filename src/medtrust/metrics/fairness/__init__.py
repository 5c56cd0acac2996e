"""The family `fairness`: does a model serve some groups of patients worse than others?

`groups` says who is in which group, `deal` what a figure of groups comes to by chance alone, `gaps`
what lies between groups, `records` what each figure means, `family` puts them together.
"""

from medtrust.metrics.fairness.family import FAIRNESS

__all__ = ["FAIRNESS"]
