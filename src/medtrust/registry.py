"""Names to objects: everything that can be added is an entry point, ours included.

A package that adds a dataset writes one file and one line:

```toml
[project.entry-points."medtrust.datasets"]
mine = "mypackage.mine:CARD"
```
"""

import difflib
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from medtrust.errors import InputError

Group = Literal["datasets", "fetchers", "linters", "tasks", "models", "scorers", "metrics"]


# Looking through all installed packages takes a while, for one group as for all of them.
_installed = cache(entry_points)


@cache
def _points(group: Group) -> dict[str, EntryPoint]:
    return {point.name: point for point in _installed().select(group=f"medtrust.{group}")}


def names(group: Group) -> list[str]:
    """All registered names of a group, sorted."""
    return sorted(_points(group))


def load(group: Group, name: str) -> Any:
    """The object registered as `name`.

    Raises InputError naming the nearest known ones, or saying why a package that is
    installed cannot be imported.
    """
    try:
        point = _points(group)[name]
    except KeyError:
        raise InputError(unknown(group.removesuffix("s"), name, names(group))) from None
    try:
        return point.load()
    except (ImportError, AttributeError, SyntaxError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"{group.removesuffix('s')} {name!r} ({point.value}) cannot be loaded: {reason}; "
            "mend or uninstall the package it comes from"
        ) from error


def unknown(kind: str, name: str, known: list[str]) -> str:
    """The one line for a name that is not known: `unknown task 'x'; did you mean ...`."""
    near = difflib.get_close_matches(name, known, n=3)
    hint = f"did you mean {', '.join(near)}?" if near else f"known are {', '.join(known)}"
    return f"unknown {kind} {name!r}; {hint}"
