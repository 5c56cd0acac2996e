"""Where an image named in a row lies. The name is untrusted: it never leads out of the folder."""

import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath

from medtrust.records import Image

PLACES = ("images", "")
"""Under a set's folder: where upstream's README puts images, and where its rows would have them."""

KNOWN = 1 << 16
"""Images whose place is remembered: the questions about one are mostly near each other."""

MAX_NAME = 1024
"""Characters; the longest of the known sets has 48."""


def finder(folder: Path, prefix: str, places: Sequence[str] = PLACES) -> Callable[[str], Image]:
    """A function from a row's image name to the image; a name that recurs is looked up once.

    An image's id is `prefix`, a slash and its name. The function raises ValueError as
    `image_path` does.
    """
    # Following links takes as long as all else about an image; many images lie in one folder.
    stays = lru_cache(KNOWN)(leads_into)

    @lru_cache(KNOWN)
    def find(name: str) -> Image:
        return Image(id=f"{prefix}/{name}", path=str(image_path(folder, name, places, stays)))

    return find


def leads_into(path: Path, folder: Path) -> bool:
    """Whether a path is in a folder once all links are followed."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def image_path(
    folder: Path,
    name: str,
    places: Sequence[str] = PLACES,
    stays: Callable[[Path, Path], bool] = leads_into,
) -> Path:
    """The file of that name in the first of the places that has it, else where it should be.

    A place may itself be a link (images are often kept on another disk), but nothing inside
    it may lead out of it, as `stays` tells. Raises ValueError for such a link, and for a name
    that is no plain relative path.
    """
    if not _stays_inside(name):
        raise ValueError(f"field `image`: {name[:200]!r} is no path inside the set's folder")
    for place in places:
        root = folder / place
        path = root / name
        if os.path.isfile(path):  # noqa: PTH113 - `Path.is_file` raises where it may not look
            # A file that is no link is where its folder is.
            if not stays(path if path.is_symlink() else path.parent, root):
                raise ValueError(f"field `image`: {name[:200]!r} is a link out of {folder}")
            return path
    return folder / places[0] / name


def _stays_inside(name: str) -> bool:
    """Whether a name is a relative path of ordinary parts, on any system."""
    path = PurePosixPath(name)
    return (
        len(name) <= MAX_NAME
        and name.isprintable()
        and not set(name) & {"\\", ":"}
        and bool(path.name)
        and not path.is_absolute()
        and all(part != ".." and len(part.encode()) <= 255 for part in path.parts)
    )
