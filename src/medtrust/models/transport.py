"""How a server gets an image: in the request itself, or by an address where it reads it.

An address is for a server that sees the same files: vLLM with its allowed local path, say, or
one beside a web server. Only a file that is sent byte for byte has one; what was re-encoded or
disturbed on the way is in no file and travels in the request.
"""

import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Literal
from urllib.parse import quote, unquote, urlsplit

import msgspec
import pybase64

from medtrust.errors import InputError
from medtrust.images.encode import EncodedImage
from medtrust.models.kept import Kept

Transport = Literal["data", "file", "url"]

KEPT_BYTES = 32 * 1024 * 1024
"""Of encoded images: questions come in image order, so few are needed at a time."""

NUMBERED = re.compile(r"[^/]*\d{5}[^/]*")
"""A part of a path that holds a number as long as those that patients and studies have."""

Picture = Callable[[EncodedImage], msgspec.Raw]
"""From an image to its address as a JSON string, ready to be copied into a request."""


def picture_by(transport: Transport, base: str = "", root: Path | None = None) -> Picture:
    """The way in which images reach a server.

    `base` is the address under which the server sees the folder `root`. Without it, `file`
    gives the path that the file has here. Raises InputError where an address is needed and
    there is none, or one that is of another kind.
    """
    if transport == "data":
        if base:
            raise InputError("--image-base needs --image-transport file or url")
        return _data_uris()
    schemes = ("file://",) if transport == "file" else ("http://", "https://")
    if base and not base.startswith(schemes):
        raise InputError(f"--image-base must begin with {' or '.join(schemes)}")
    if base and root is None:
        raise InputError("--image-base stands for the folder of --data: name that too")
    if transport == "url" and not base:
        raise InputError("--image-transport url needs --image-base, where the server finds --data")
    inline = _data_uris()
    folder = root.absolute() if root else None

    def address(image: EncodedImage) -> msgspec.Raw:
        if not image.file:
            return inline(image)
        path = Path(image.file).absolute()
        if not base:
            return _json(path.as_uri())
        if folder is None or not path.is_relative_to(folder):
            return inline(image)
        return _json(f"{base.rstrip('/')}/{quote(path.relative_to(folder).as_posix())}")

    return address


def paths_in(addresses: Iterable[msgspec.Raw]) -> list[str]:
    """What a server may quote of images' addresses: whole paths, and the numbers in them.

    Some datasets name folders after patients, and a server may quote a part of a path only.
    """
    found: dict[str, None] = {}
    for address in addresses:
        if not bytes(address).startswith(b'"data:'):
            path = urlsplit(msgspec.json.decode(address, type=str)).path
            plain = unquote(path)
            found |= dict.fromkeys((path, plain, *NUMBERED.findall(plain)))
    return [*found]


def _data_uris() -> Picture:
    """Data URIs, the last few of them kept: questions about one image come together."""
    kept: Kept[msgspec.Raw] = Kept(KEPT_BYTES, lambda uri: len(bytes(uri)))
    return lambda image: kept.get(image.digest, partial(_data_uri, image))


def _data_uri(image: EncodedImage) -> msgspec.Raw:
    # Base64 and the names of formats need no escaping in JSON.
    encoded = pybase64.b64encode(image.data)
    return msgspec.Raw(b'"data:%b;base64,%b"' % (image.mime.encode(), encoded))


def _json(address: str) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(address))
