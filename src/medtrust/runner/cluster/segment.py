"""A segment: outcomes of one replica as a file, which the driver puts into its journal.

It is data of another machine and is read as such: typed, checked by a digest, never unpickled.
"""

import hashlib
from dataclasses import dataclass

import msgspec

from medtrust.records import Response
from medtrust.runner.ledger import Seen
from medtrust.runner.plan import Item

SUFFIX = ".segment"

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


def encode(segment: Segment) -> bytes:
    """A segment as a file's bytes."""
    body = msgspec.msgpack.encode(segment)
    return hashlib.sha256(body).digest() + body


def decode(data: bytes) -> Segment | None:
    """The segment of a file; None for one that is damaged."""
    digest, body = data[:32], data[32:]
    if hashlib.sha256(body).digest() != digest:
        return None
    try:
        return _decoder.decode(body)
    except msgspec.DecodeError:
        return None


_decoder = msgspec.msgpack.Decoder(Segment)
