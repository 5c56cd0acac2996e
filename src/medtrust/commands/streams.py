"""Standard output and standard error as a command finds them: closed, full, or read no more."""

import os
import sys
from contextlib import suppress
from typing import TextIO


def reopen_closed() -> None:
    """Give a command that was started without standard output or error somewhere to write to.

    Else the next file that is opened, a journal say, would be what libraries write errors to.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123


def discard(stream: TextIO) -> None:
    """Drop what a stream that cannot be written still holds, so that nothing fails at exit."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    with suppress(OSError, ValueError):
        stream.flush()
