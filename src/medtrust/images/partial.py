"""Files of which a decoder makes a picture though a part of it is lost.

Where bytes of a JPEG, WebP or PNG are overwritten or gone, decoders fill the rest with flat
colour and say nothing. But a whole file has as much data as its picture needs. So noise is put
behind the data of a JPEG or WebP, which must not change the picture, and then in the place of
the last bytes, which must. A PNG's rows are counted.
"""

import hashlib
import io
import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping

from PIL import Image as Pillow

JPEGS = frozenset({"JPEG", "MPO"})
"""Pillow's words for a JPEG, and for one that has others behind it."""

NOTE = "only a part of it can be decoded; the file is damaged"

_NOISE = tuple(hashlib.sha512(name).digest().replace(b"\xff", b"\x7f") for name in (b"1", b"2"))
"""Bytes that are no marker of JPEG and that no encoder wrote. Two, since one may mean what it
replaces."""

_TAILS = {"JPEG": 6, "VP8L": 4, "VP8 ": 24}
"""Bytes at the end of compressed data that are exchanged, by the way of compression: that of VP8
ends in bytes that decide nothing."""

_LEAST = 64
"""Bytes of compressed data whose end surely says something. Fewer may be one code for a scan
without any detail, which noise stands for as well."""

_TRIED = 16
"""Pieces of a file whose end is exchanged; each costs two decodings."""

_INTERVALS = 200_000
"""Restart intervals of a scan; more are a hostile file's."""

_WORK = 300_000_000
"""Pixels times scans up to which a file is decoded again."""

_DISORDER = (ValueError, IndexError, struct.error)

_HOLE = bytes(32)
"""Codes for more than one block, each full of the finest detail, where zeros are no end of one."""

_MARKER = re.compile(rb"\xff++([\x01-\xfe])")
# A run of 0xff is gone through once. What a pattern begins with is searched for fast.
_MARKER_INSIDE = re.compile(rb"\xff(?<!\xff\xff)\xff*+([\x01-\xfe])")
_FRAMES, _TABLES, _SCAN, _END = {0xC0, 0xC1, 0xC2}, 0xC4, 0xDA, 0xD9

Span = tuple[int, int]


def scans_of(data: bytes) -> int:
    """How many scans a JPEG has; each costs a pass over all pixels."""
    try:
        return sum(1 for _ in _scans(data))
    except _DISORDER:
        return data.count(b"\xff\xda")


def notes_on(data: bytes, opened: Pillow.Image) -> list[str]:
    """What is to be said of a file that was decoded: nothing where all of it was.

    Where decoding it again and again would take minutes nothing is said either.

    Args:
        data: The file.
        opened: What was decoded; only JPEG, WEBP and PNG are looked at.
    """
    kind = opened.format or ""
    if opened.width * opened.height * (scans_of(data) if kind in JPEGS else 1) > _WORK:
        return []
    whole = {"JPEG": _jpeg, "MPO": _jpeg, "WEBP": _webp, "PNG": _png}.get(kind)
    return [NOTE] if whole is not None and not whole(data, opened) else []


def _jpeg(data: bytes, opened: Pillow.Image) -> bool:
    """Whether a JPEG's markers are in order and its scans as long as the picture needs them."""
    try:
        scans = [*_scans(data)]
    except _DISORDER:
        return False
    longer, place = [], 0
    for end in (end for pieces, _ in scans for _, end in pieces):
        longer += [data[place:end], _NOISE[0]]
        place = end
    ends = [pieces[-1] for pieces, _ in scans]
    picture = opened.tobytes()
    return (
        not any(busy and _HOLE in data[pieces[0][0] : pieces[-1][1]] for pieces, busy in scans)
        # More data than a picture needs change nothing.
        and _picture(b"".join([*longer, data[place:]])) == picture
        and _uses(data, ends, _TAILS["JPEG"], picture)
    )


def _scans(data: bytes) -> Iterator[tuple[list[Span], bool]]:
    """Where each scan's data lie, a span a restart interval, and whether zeros in it mean detail.

    Nothing for arithmetic and lossless coding. Raises ValueError, IndexError or struct.error
    where a marker stands where none may. The layout is that of ITU-T T.81, annex B.
    """
    place, frame = 2, 0
    zeros: dict[int, int] = {}
    while (found := _MARKER.match(data, place)) and found[1][0] != _END:
        code, place = found[1][0], found.end()
        (size,) = struct.unpack_from(">H", data, place)
        body = data[place + 2 : place + size]
        place += size
        if code < 0xC0 or 0xD0 <= code <= 0xD8:
            raise ValueError(code)
        if code in _FRAMES:
            frame = code
        elif code == _TABLES:
            zeros |= _first_symbols(body)
        elif code == _SCAN:
            if not frame:
                return
            pieces = _pieces(data, place)
            place = pieces[-1][1]
            yield pieces, _means_detail(body, frame == 0xC2, zeros)
    if not found:
        raise ValueError(place)


def _pieces(data: bytes, place: int) -> list[Span]:
    """The restart intervals of a scan that begins here; raises ValueError as `_scans` does."""
    pieces: list[Span] = []
    for found in _MARKER_INSIDE.finditer(data, place):
        pieces.append((place, found.start()))
        if not 0xD0 <= found[1][0] <= 0xD7:
            return pieces
        if found[1][0] != 0xD0 + (len(pieces) - 1) % 8 or len(pieces) > _INTERVALS:
            break
        place = found.end()
    raise ValueError(place)


def _means_detail(scan: bytes, progressive: bool, zeros: Mapping[int, int]) -> bool:
    """Whether a scan's code of zeros is a coefficient, and not the end of a flat block."""
    tables = [0x10 | selectors & 15 for selectors in scan[2 : 2 * scan[0] + 1 : 2]]
    only_levels = progressive and scan[-3] == 0
    return not only_levels and any(zeros.get(table, 0) & 15 for table in tables)


def _first_symbols(body: bytes) -> dict[int, int]:
    """Table -> the symbol whose code is all zeros; its lower half is a coefficient's size."""
    found, place = {}, 0
    while place < len(body):
        found[body[place]] = body[place + 17]
        place += 17 + sum(body[place + 1 : place + 17])
    return found


def _webp(data: bytes, opened: Pillow.Image) -> bool:
    """Whether a still WebP's pixels have as much data as the picture needs."""
    place = 12
    while place + 8 <= len(data):
        kind, size = data[place : place + 4].decode("latin-1"), _number(data, place + 4)
        end = place + 8 + size
        if kind in _TAILS:
            body = data[place + 8 : end] + _NOISE[0] + bytes(size % 2)
            chunk = data[place : place + 4] + struct.pack("<I", size + len(_NOISE[0])) + body
            rest = data[8:place] + chunk + data[end + size % 2 :]
            longer = data[:4] + struct.pack("<I", len(rest)) + rest
            picture = opened.tobytes()
            return _picture(longer) == picture and _uses(
                data, [(place + 8, end)], _TAILS[kind], picture
            )
        place = end + size % 2
    return True


def _number(data: bytes, place: int) -> int:
    return int.from_bytes(data[place : place + 4], "little")


def _png(data: bytes, _: Pillow.Image) -> bool:
    """Whether a PNG's rows are all there. It was decoded, so its parts are in order."""
    width, height, depth, colour, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    # Of an interlaced picture: first column and row of each pass, and steps (PNG, section 8.2).
    adam7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2))
    passes = (*adam7, (0, 1, 1, 2)) if interlaced else ((0, 0, 1, 1),)
    left = 0
    for column, row, across, down in passes:
        columns = max(0, -((column - width) // across))
        rows = max(0, -((row - height) // down))
        left += rows * (1 + (columns * bits + 7) // 8) if columns else 0
    unpacked, place = zlib.decompressobj(), 8
    while place + 8 <= len(data) and left > 0:
        (size,) = struct.unpack_from(">I", data, place)
        piece = (
            data[place + 8 : place + 8 + size] if data[place + 4 : place + 8] == b"IDAT" else b""
        )
        while piece and left > 0 and not unpacked.eof:
            left -= len(unpacked.decompress(piece, 1 << 20))
            piece = unpacked.unconsumed_tail
        place += 12 + size
    return left <= 0


def _uses(data: bytes, spans: Iterable[Span], tail: int, picture: bytes) -> bool:
    """Whether a picture uses the data to their ends, so that other bytes there change it."""
    return all(
        any(
            _picture(b"".join((data[: end - tail], noise[:tail], data[end:]))) != picture
            for noise in _NOISE
        )
        for start, end in [span for span in spans if span[1] - span[0] >= _LEAST][:_TRIED]
    )


def _picture(data: bytes) -> bytes:
    """The pixels, none where they cannot be had."""
    try:
        with Pillow.open(io.BytesIO(data), formats=("JPEG", "WEBP")) as opened:
            return opened.tobytes()
    except Exception:  # noqa: BLE001 - what was exchanged may break a file in any way
        return b""
