"""What the package knows about a dataset's origin: `datasets/sources/NAME.json`."""

from importlib.resources import files

import msgspec


class SourceFile(msgspec.Struct, frozen=True):
    """One file of upstream's repository, as it is at the pinned commit."""

    path: str
    size: int
    sha256: str


class ImageSource(msgspec.Struct, frozen=True):
    """Where a dataset's images come from. `licenses` counts images by licence."""

    url: str
    origin: str
    count: int
    licenses: dict[str, int]


class Source(msgspec.Struct, frozen=True):
    """A dataset's origin: which files at which commit, and where its images are."""

    name: str
    title: str
    paper: str
    repository: str
    commit: str
    license: str
    questions_url: str
    files: tuple[SourceFile, ...]
    images: ImageSource


def load_source(name: str) -> Source:
    """Read the origin of a dataset that the package knows, such as `mediconfusion`."""
    data = files("medtrust.datasets").joinpath("sources", f"{name}.json").read_bytes()
    return msgspec.json.decode(data, type=Source)
