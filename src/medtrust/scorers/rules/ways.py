"""Named ways of saying something, read from a data file, and looked for in clauses.

A file has word lists (`[words]`, one entry a line) and ways. A way has a name, templates that
say it (`says`), templates that overrule it in the same clause (`unless`), and examples: `yes`
are whole replies that it must be found in, `no` are replies that it must not (`tests/test_ways.py`
runs them all). To add a phrase: add a line and an example.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from medtrust.scorers.rules.template import Lists, Template, compile_template

_HEAD = 3
"""Letters of a word by which beginnings of words are looked up."""
_KEPT = 1 << 14
"""Words, and clauses, that are remembered: replies have much in common."""


@dataclass(frozen=True, slots=True)
class Way:
    """A named way of saying something."""

    name: str
    kind: str
    """What it means that it is found: the detector's own word, or empty."""
    says: tuple[Template, ...]
    unless: tuple[Template, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A way that a clause has, and the words that say it, for people who check."""

    way: Way
    words: str

    def __str__(self) -> str:
        return f"{self.way.name}: {self.words}"


class Ways:
    """The ways of a file, in order, with an index from words to the templates that need them."""

    def __init__(self, ways: Iterable[Way]) -> None:
        self.ways = tuple(ways)
        self._templates = [(way, one) for way in self.ways for one in way.says]
        self._always = [place for place, (_, one) in enumerate(self._templates) if not one.keys]
        self._whole: dict[str, list[int]] = defaultdict(list)
        self._heads: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for place, (_, template) in enumerate(self._templates):
            for word, is_whole in template.keys:
                if is_whole:
                    self._whole[word].append(place)
                else:
                    self._heads[word[:_HEAD]].append((word, place))
        self._needed_by = lru_cache(maxsize=_KEPT)(self._look_up)
        self.find = lru_cache(maxsize=_KEPT)(self._find)

    def every(self, clause: str) -> Iterator[Found]:
        """All ways of a clause, in the file's order, each with its first words."""
        text = f" {clause} "
        needed = set(self._always).union(*map(self._needed_by, set(clause.split())))
        last = None
        for place in sorted(needed):
            way, template = self._templates[place]
            if way is last:
                continue
            match = template.pattern.search(text)
            if match and not any(one.pattern.search(text) for one in way.unless):
                last = way
                yield Found(way, match[0].strip())

    def _find(self, clause: str) -> Found | None:
        return next(self.every(clause), None)

    def _look_up(self, word: str) -> tuple[int, ...]:
        """The templates that may match where this word is."""
        heads = [
            place
            for size in range(1, _HEAD + 1)
            for head, place in self._heads.get(word[:size], ())
            if word.startswith(head)
        ]
        return (*self._whole.get(word, ()), *heads)


@lru_cache
def load(name: str) -> Ways:
    """The ways of a packaged file (`abstention` is `abstention.toml`).

    Raises:
        InputError: A template is wrong; the message names it.
    """
    data = _read(name)
    words = {**_read("words")["words"], **data["words"]}
    lists: Lists = {key: _lines(own) for key, own in words.items()}

    def compiled(lines: str) -> tuple[Template, ...]:
        return tuple(compile_template(one, lists) for one in _lines(lines))

    return Ways(
        Way(
            name=row["name"],
            kind=row.get("kind", ""),
            says=compiled(row["says"]),
            unless=compiled(row.get("unless", "")),
            yes=tuple(row["yes"]),
            no=tuple(row["no"]),
        )
        for row in data["way"]
    )


def _read(name: str) -> dict[str, Any]:
    text = resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _lines(text: str) -> Sequence[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
