"""Which samples stand or fall together."""

from collections.abc import Iterable, Sequence


def components(groups: Iterable[Sequence[str]]) -> dict[str, str]:
    """Connected components of items that occur in a common group.

    Returns item -> name of its component, which is its alphabetically first item,
    so that names do not depend on the order of the groups.
    """
    parent: dict[str, str] = {}

    def root(item: str) -> str:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for group in groups:
        for item in group:
            parent.setdefault(item, item)
        for item in group[1:]:
            first, second = sorted((root(group[0]), root(item)))
            parent[second] = first
    return {item: root(item) for item in parent}
