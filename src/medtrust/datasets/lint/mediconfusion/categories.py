"""Checks of the images' categories."""

from collections import Counter

from medtrust.datasets.files import read_json
from medtrust.datasets.lint.finding import Finding
from medtrust.datasets.lint.mediconfusion.contents import Contents, finding

STATISTICS = "data/stats/statistics.json"


def category_counts(contents: Contents) -> list[Finding]:
    """Categories whose number of questions differs from upstream's `statistics.json`."""
    path = contents.data / STATISTICS
    if not path.exists():
        return []
    stated = read_json(path, dict[str, int])
    counted = Counter(category for side in contents.sides for category in side.categories)
    differing = sorted(
        category
        for category in stated.keys() | counted.keys()
        if stated.get(category, 0) != counted[category]
    )
    wrong = ", ".join(f"{c}: {stated.get(c, 0)} stated, {counted[c]} counted" for c in differing)
    return [
        finding(
            "category-counts-differ",
            f"categories whose questions are not as many as {STATISTICS} says"
            + (f" ({wrong})" if wrong else ""),
            count=len(differing),
        )
    ]


def category_sets(contents: Contents) -> list[Finding]:
    """Pairs whose images have different categories, or none in common."""
    sets = {
        number: (set(pair.category_1), set(pair.category_2))
        for number, pair in contents.pairs.items()
    }
    differing = [number for number, (one, other) in sets.items() if one != other]
    disjoint = [number for number, (one, other) in sets.items() if not one & other]
    return [
        finding(
            "categories-differ",
            "pairs whose images have different sets of categories",
            samples=contents.pairs_where(differing),
        ),
        finding(
            "categories-disjoint",
            "pairs whose images have no category in common",
            samples=contents.pairs_where(disjoint),
        ),
    ]
