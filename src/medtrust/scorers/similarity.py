"""Which option a text is most like to `difflib`, to the last bit, for a fraction of the time.

`difflib.SequenceMatcher(None, option, text).ratio()` is 2 M over both lengths. M counts the
characters of the longest common block, the earliest of equals, and of those to its left and to
its right in turn. `difflib` finds blocks character by character; here the text's own search does.
From 200 characters on, a character that is more than one in a hundred of the text begins no block
("autojunk"): that is kept.

Most options need no exact ratio. No more characters match than both texts have, and once a block
is found, no more than fit beside it: an option that cannot come up to the best so far is left.
"""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import count

AUTOJUNK = 200
"""Length from which `difflib` looks for frequent characters in a text."""

KEPT = 1 << 14
"""Answers that are remembered: under several tasks the same short replies come back."""


def most_similar(options: Sequence[str], text: str) -> int | None:
    """The first option with the highest ratio of matching characters; None if all are 0."""
    return _most_similar(tuple(options), text)


def forget() -> None:
    """Drop what is remembered: for who measures the time."""
    _most_similar.cache_clear()


@lru_cache(maxsize=KEPT)
def _most_similar(options: tuple[str, ...], text: str) -> int | None:
    if text in options:
        return options.index(text)
    bounds = [_ratio(_shared(option, text), option, text) for option in options]
    best, found = 0.0, None
    for place in sorted(range(len(options)), key=bounds.__getitem__, reverse=True):
        if bounds[place] < best:
            break
        option = options[place]
        # Half a character below what would be equal, so that rounding decides nothing.
        least = best * (len(option) + len(text)) / 2 - 0.5
        ratio = _ratio(_matching(option, text, least), option, text)
        if ratio > best or (found is not None and ratio == best and place < found):
            best, found = ratio, place
    return found


def _ratio(matching: int, option: str, text: str) -> float:
    length = len(option) + len(text)
    return 2.0 * matching / length if length else 1.0


@lru_cache(maxsize=KEPT)
def _characters(option: str) -> Sequence[tuple[str, int]]:
    return tuple(Counter(option).items())


def _shared(option: str, text: str) -> int:
    """How many characters both have, wherever they stand."""
    shared = 0
    for one, number in _characters(option):  # a generator takes twice as long
        there = text.count(one)
        shared += there if there < number else number  # noqa: FURB136 - min() is a call
    return shared


def _matching(option: str, text: str, least: float) -> int:
    """Characters in matching blocks; 0 as soon as it is clear that they are fewer than `least`."""
    seeds = _seeds(option, text)
    matching = 0
    room = min(len(option), len(text))
    spans = [(0, len(option), 0, len(text))]
    while spans:
        start, end, begin, stop = spans.pop()
        room -= min(end - start, stop - begin)
        here, there, size = _longest(option, start, end, seeds, begin, stop)
        if seeds is not text:
            here, there, size = _grown(option, text, (start, end, begin, stop), (here, there, size))
        if size:
            matching += size
            before, after = (start, here, begin, there), (here + size, end, there + size, stop)
            for span in (before, after):
                fits = min(span[1] - span[0], span[3] - span[2])
                if fits:
                    room += fits
                    spans.append(span)
        if matching + room < least:
            return 0
    return matching


def _longest(
    option: str, start: int, end: int, seeds: str, begin: int, stop: int
) -> tuple[int, int, int]:
    """The longest block, first in the option, then in the text: its two places and its size."""
    here, there, size = start, begin, 0
    first, last = start, start + 1
    while last <= end:
        place = seeds.find(option[first:last], begin, stop)
        if place < 0:
            first += 1
        else:
            here, there, size = first, place, last - first
        last += 1  # only a longer block will do from here on
    return here, there, size


def _seeds(option: str, text: str) -> str:
    """The text, with another character (which the option has not) for each frequent one."""
    if len(text) < AUTOJUNK:
        return text
    most = len(text) // 100 + 1
    frequent = [ord(one) for one, number in Counter(text).items() if number > most]
    if not frequent:
        return text
    other = next(one for one in map(chr, count()) if one not in option)
    return text.translate(dict.fromkeys(frequent, other))


def _grown(
    option: str,
    text: str,
    span: tuple[int, int, int, int],
    block: tuple[int, int, int],
) -> tuple[int, int, int]:
    """A block with the frequent characters that match on both its sides."""
    (start, end, begin, stop), (here, there, size) = span, block
    while here > start and there > begin and option[here - 1] == text[there - 1]:
        here, there, size = here - 1, there - 1, size + 1
    while here + size < end and there + size < stop and option[here + size] == text[there + size]:
        size += 1
    return here, there, size
