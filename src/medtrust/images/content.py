"""The bytes of an image's file."""

import stat
from pathlib import Path

from medtrust.errors import InputError

MAX_BYTES = 256 * 2**20
"""Of a file; it is held in memory."""


def content(path: Path) -> bytes:
    """The bytes of a regular file: a pipe or a device named like an image would never end.

    Raises OSError, and InputError for what is no image's file.
    """
    try:
        found = path.stat()
    except ValueError as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
    if not stat.S_ISREG(found.st_mode):
        raise InputError(f"{path}: cannot be read (no regular file); put the image there")
    if found.st_size > MAX_BYTES:
        raise InputError(f"{path}: larger than {MAX_BYTES // 2**20} MiB; scale the image down")
    with path.open("rb") as file:
        return file.read(MAX_BYTES)
