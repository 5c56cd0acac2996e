"""The drawn images on disk: which are missing, and how they get there."""

import hashlib
import logging
import os
import tempfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

import msgspec
import numpy as np
from PIL import Image

from medtrust.datasets.phantom import chest, ct, fundus, skin
from medtrust.datasets.phantom.canvas import Draw
from medtrust.datasets.phantom.cases import Case, case_pairs, look, test_cases, train_cases
from medtrust.errors import InputError

VERSION = 1
"""Of the drawings: rises whenever an image comes out differently."""

MANIFEST = "manifest.json"

MAX_MANIFEST = 16 * 2**20
"""Bytes; ours has 300 KB or so."""

_DRAW: Mapping[str, Draw] = {
    "chest": chest.draw,
    "fundus": fundus.draw,
    "skin": skin.draw,
    "ct": ct.draw,
}

_log = logging.getLogger(__name__)


class _Manifest(msgspec.Struct, frozen=True):
    """Written last, so that a folder with a manifest was once complete."""

    version: int
    files: dict[str, str]
    """File -> SHA-256 of its bytes."""


def cache_folder() -> Path:
    """Where the images go when the user names no folder."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG specification has relative paths ignored.
    base = Path(named) if Path(named).is_absolute() else Path.home() / ".cache"
    return base / "medtrust" / f"phantom-v{VERSION}"


def all_cases() -> list[Case]:
    """Every image there is, in the order in which they are drawn."""
    return [*(case for pair in case_pairs() for case in pair.cases), *test_cases(), *train_cases()]


def render(case: Case) -> bytes:
    """An image as PNG: the same bytes every time with the same numpy and Pillow."""
    seed = hashlib.sha256(f"phantom-v{VERSION}/{case.id}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(seed, "big"))
    buffer = BytesIO()
    # Noise hardly compresses: higher levels take three times as long for 5 % less.
    Image.fromarray(_DRAW[case.modality](look(case), rng)).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def complete(folder: Path) -> None:
    """Draw whatever is missing under `folder`, then write its manifest.

    Files that are there stay as they are, whoever put them there. Interrupted, it
    goes on where it stopped when called again. Raises InputError where the folder
    cannot be written, was drawn by another version, or holds an image that is not
    the one its manifest names.
    """
    cases = all_cases()
    try:
        check(folder)
        missing = _missing(folder, cases)
        if missing:
            _log.info("drawing %d images into %s", len(missing), folder)
        (folder / "images").mkdir(parents=True, exist_ok=True)
        for case in missing:
            _put(folder / case.file, render(case))
        if missing or not (folder / MANIFEST).exists():
            files = {
                case.file: hashlib.sha256((folder / case.file).read_bytes()).hexdigest()
                for case in cases
            }
            _put(folder / MANIFEST, msgspec.json.encode(_Manifest(VERSION, files)))
    except OSError as error:
        raise InputError(
            f"{folder}: phantom's images cannot be written here ({error.strerror}); "
            "free the folder or set XDG_CACHE_HOME to another"
        ) from None


def is_ours(folder: Path) -> bool:
    """Whether a folder is meant for phantom: by its name or by what was drawn there."""
    return folder.name == "phantom" or (folder / MANIFEST).is_file()


def check(folder: Path) -> None:
    """Raise InputError where a folder's manifest, or an image it names, is not as it was drawn.

    All images together are 56 MB: reading them takes less time than a wrong number costs.
    """
    manifest = _manifest(folder / MANIFEST)
    if manifest is None:
        return
    if manifest.version != VERSION:
        raise InputError(
            f"{folder / MANIFEST}: drawn by version {manifest.version}, this medtrust draws "
            f"version {VERSION}; move the folder away and fetch phantom again"
        )
    for case in all_cases():
        # The manifest may name anything: only our own files are looked at, and no link is followed.
        file, digest = folder / case.file, manifest.files.get(case.file)
        if digest is None or not file.is_file():
            continue
        if file.is_symlink() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            raise InputError(
                f"{file}: changed since it was drawn; remove it to have it drawn again"
            )


def _missing(folder: Path, cases: list[Case]) -> list[Case]:
    """Cases without a file, by one listing of the folder."""
    if not (folder / "images").is_dir():
        return cases
    present = {path.name for path in (folder / "images").iterdir()}
    return [case for case in cases if f"{case.id}.png" not in present]


def _manifest(path: Path) -> _Manifest | None:
    if not path.exists():
        return None
    if not path.is_file() or path.stat().st_size > MAX_MANIFEST:
        raise _no_manifest(path, "no file of a manifest's size")
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Manifest)
    except (ValueError, RecursionError) as error:
        raise _no_manifest(path, " ".join(str(error).split())[:200]) from None


def _no_manifest(path: Path, reason: str) -> InputError:
    return InputError(
        f"{path}: not a manifest of phantom ({reason}); remove the file to have it rewritten"
    )


def _put(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, also when two processes write the same one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
