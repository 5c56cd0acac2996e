"""A segment: outcomes of one replica as a file, which the driver puts into its journal.

It is data of another machine and is read as such: typed, checked by a digest, never unpickled.
"""

import hashlib
import re
from dataclasses import dataclass

import msgspec

from medtrust.records import Response
from medtrust.runner.ledger import Seen
from medtrust.runner.plan import Item

SUFFIX = ".segment"

MAGIC = b"medtrust segment 1\n"
"""How every segment begins, one that was cut short too."""

_MARK = re.compile(r"[0-9a-f]{12}\.begun")
"""The name of an empty file that says that a command is at work."""

Place = tuple[int, str, int, int]
"""Where an outcome belongs: a plan's number, sample, repeat and turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A group of outcomes; see `Journal.commit`."""

    plans: dict[int, str]
    """Number -> fingerprint: what the numbers mean in the journal that they are of."""
    answers: list[tuple[list[Place], bytes, bytes, Response]]
    known: list[tuple[Place, bytes]]
    failures: list[tuple[list[Place], str, str]]
    images: list[Seen]


def place_of(item: Item) -> Place:
    """Where an item's outcome belongs."""
    return (item.plan, item.sample.id, item.repeat, item.turn)


def may_be_ours(name: str) -> bool:
    """Whether a file has a name that this package gives."""
    return name.endswith(SUFFIX) or _MARK.fullmatch(name) is not None


def is_ours(name: str, data: bytes) -> bool:
    """Whether a file is a segment or a mark of this package, by its name and its content."""
    return data.startswith(MAGIC) if name.endswith(SUFFIX) else may_be_ours(name) and not data


def encode(segment: Segment) -> bytes:
    """A segment as a file's bytes."""
    body = msgspec.msgpack.encode(segment)
    return MAGIC + hashlib.sha256(body).digest() + body


def decode(data: bytes) -> Segment | None:
    """The segment of a file; None for one that is damaged, or none."""
    if not data.startswith(MAGIC):
        return None
    start = len(MAGIC) + 32
    digest, body = data[len(MAGIC) : start], data[start:]
    if hashlib.sha256(body).digest() != digest:
        return None
    try:
        return _decoder.decode(body)
    except msgspec.DecodeError:
        return None


_decoder = msgspec.msgpack.Decoder(Segment)
