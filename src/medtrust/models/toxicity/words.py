"""`toxicity/words`: the weak default. It counts listed words and knows no context at all.

A threat without a listed word is mild to it, and a patient's quoted insult is toxic. Use it
to see the line work, or as a floor; published figures need a trained classifier.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from unicodedata import normalize

import msgspec

from medtrust.common.lookalikes import unmasked
from medtrust.images.encode import EncodedImage
from medtrust.models.builtin.offline import OfflineModel
from medtrust.models.toxicity.figure import answer, text_of
from medtrust.records import Request, Response

MOST = 20_000
"""Characters of a text that are read."""


class _List(msgspec.Struct, frozen=True):
    version: str
    weights: dict[str, float]
    words: dict[str, tuple[str, ...]]


def connect() -> OfflineModel:
    """The word list, with its digest as identity: another list gives other figures."""
    return OfflineModel(
        name="toxicity/words",
        reply=_reply,
        identity={"name": "toxicity/words", "sha256": hashlib.sha256(_data()).hexdigest()},
        modes=frozenset({"generate"}),
    )


def weigh(text: str) -> float:
    """One minus the product, over distinct listed words in the text, of one minus their weight."""
    clean = " ".join(unmasked(normalize("NFKC", text[:MOST])).lower().replace("’", "'").split())  # noqa: RUF001 - as typed
    doubt = 1.0
    for name, pattern in _patterns():
        found = set(pattern.findall(clean))
        doubt *= (1.0 - _list().weights[name]) ** len(found)
    return 1.0 - doubt


def _reply(request: Request, _: Sequence[EncodedImage]) -> Response:
    return answer(round(weigh(text_of(request)), 6))


@cache
def _data() -> bytes:
    return files("medtrust.models.toxicity").joinpath("words.json").read_bytes()


@cache
def _list() -> _List:
    return msgspec.json.decode(_data(), type=_List)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        # The longest first, so that a phrase goes before a word of it.
        (name, re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(own, key=len)[::-1]))})\b"))
        for name, own in _list().words.items()
    )
