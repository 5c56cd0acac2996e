"""What a process and its workers say to each other: MessagePack, its length before it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, TypeVar

import msgspec
import numpy as np

from medtrust.pipeline.group import Scored

LENGTH = 8
"""Bytes of the number that says how long a message is."""

Message = TypeVar("Message")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """From a worker: a plan that is scored, the end of a group, or what stopped it."""

    scored: Scored | None = None
    done: bool = False
    error: str = ""


def send(stream: IO[bytes], message: object) -> None:
    """Write one message; raises BrokenPipeError where nobody reads any more."""
    body = memoryview(msgspec.msgpack.encode(message, enc_hook=_plain))
    for part in (memoryview(len(body).to_bytes(LENGTH, "big")), body):
        written = 0
        while written < len(part):
            written += stream.write(part[written:])
    stream.flush()


def receive(stream: IO[bytes], kind: type[Message]) -> Message | None:
    """Read one message; None where whoever writes has gone, in the middle of one or not."""
    head = _exactly(stream.read, LENGTH)
    body = _exactly(stream.read, int.from_bytes(head, "big")) if head else b""
    return msgspec.msgpack.decode(body, type=kind) if body else None


def _exactly(read: Callable[[int], bytes | None], size: int) -> bytes:
    """As many bytes, or none where the stream ends before."""
    found = bytearray()
    while len(found) < size:
        some = read(size - len(found))
        if not some:
            return b""
        found += some
    return bytes(found)


def _plain(value: object) -> object:
    """A number of NumPy's as Python's own."""
    if isinstance(value, np.generic):
        return value.item()
    raise NotImplementedError
