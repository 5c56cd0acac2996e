"""Checks of the file itself: is it upstream's, and is it clean JSON lines?"""

import hashlib
from collections.abc import Sequence

from medtrust.datasets.cares.rows import git_blob_sha1
from medtrust.datasets.lint.cares.contents import Contents
from medtrust.datasets.lint.finding import Finding

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def checksum(contents: Contents) -> list[Finding]:
    """Whether the file is upstream's at the pinned commit, by git's hash and by SHA-256."""
    known = contents.file
    blob = git_blob_sha1(contents.data / known.path)
    sha256 = hashlib.sha256(contents.raw).hexdigest()
    differs = blob != known.blob or known.sha256 not in {"", sha256}
    return [
        contents.finding(
            "file-differs",
            f"1 where the file is not upstream's (git blob {blob}, upstream {known.blob}; "
            f"SHA-256 {sha256})",
            count=int(differs),
        ),
        contents.finding("bytes", "size of the file in bytes", count=len(contents.raw)),
    ]


def encoding(contents: Contents) -> list[Finding]:
    """What would trip a reader that expects plain UTF-8 lines."""
    raw = contents.raw
    return [
        contents.finding(
            "not-utf-8",
            "lines that are not UTF-8",
            lines=[n for n, line in enumerate(contents.lines, 1) if not _is_utf8(line)],
        ),
        contents.finding(
            "byte-order-mark",
            "byte order marks at the start",
            count=int(raw.startswith(BYTE_ORDER_MARK)),
        ),
        contents.finding("carriage-returns", "carriage returns", count=raw.count(b"\r")),
        contents.finding(
            "blank-lines",
            "blank lines",
            lines=[n for n, line in enumerate(contents.lines, 1) if not line.strip()],
        ),
        contents.finding(
            "unended-last-line",
            "1 where the last line does not end with a line feed",
            count=int(bool(raw) and not raw.endswith(b"\n")),
        ),
        contents.finding(
            "lines-unreadable", "lines that hold no JSON object", lines=contents.unreadable
        ),
    ]


def key_sets(contents: Contents) -> list[Finding]:
    """How many different sets of keys the rows have."""
    sets = sorted({tuple(sorted(row.fields)) for row in contents.rows})
    return [
        contents.finding(
            "key-sets",
            "different sets of keys (" + "; ".join(map(_listed, sets[:3])) + ")",
            count=len(sets),
        )
    ]


def _listed(keys: Sequence[str]) -> str:
    """Keys of an untrusted file for a person: escaped, and no more than fit on a few lines."""
    return ", ".join(ascii(key)[1:-1][:40] for key in keys[:20])


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
