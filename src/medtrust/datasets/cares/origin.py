"""What the package knows about CARES' origin: `datasets/sources/cares.json`.

Seven sets, each a question file of upstream's repository and images from elsewhere.
"""

from functools import cache
from importlib.resources import files

import msgspec

from medtrust.records import Access


class ImageSet(msgspec.Struct, frozen=True):
    """Where a set's images come from and where they go; upstream ships none of them."""

    places: tuple[str, ...]
    """Folders beside the question file in which images are looked for; they go into the first."""
    count: int
    """Images that the questions use, 0 where it is not known."""
    url: str
    obtain: str
    """What to do there, in words."""
    license: str
    access: Access


class QuestionFile(msgspec.Struct, frozen=True):
    """One set's question file, as it is at the pinned commit (cares.md sections 3 and 3.5).

    `size`, `rows` are 0 and `sha256` is empty for a file that was not at hand.
    """

    dataset: str
    title: str
    path: str
    size: int
    sha256: str
    blob: str
    """Git's own hash of the file: what `git hash-object FILE` prints."""
    rows: int
    images: ImageSet

    @property
    def folder(self) -> str:
        """The set's folder under the user's."""
        return self.path.rpartition("/")[0]

    @property
    def image_folder(self) -> str:
        """Where images go under the user's folder; a row's `image` is a path inside it."""
        return f"{self.folder}/{self.images.places[0]}"


class CaresSource(msgspec.Struct, frozen=True):
    """Upstream's repository at the pinned commit."""

    name: str
    title: str
    paper: str
    repository: str
    commit: str
    license: str
    questions_url: str
    paths: str
    """How far the files' paths are known."""
    files: tuple[QuestionFile, ...]


@cache
def load_cares_source() -> CaresSource:
    """Read what the package knows of CARES' origin."""
    data = files("medtrust.datasets").joinpath("sources", "cares.json").read_bytes()
    return msgspec.json.decode(data, type=CaresSource)


def question_file(dataset: str) -> QuestionFile:
    """The question file of one set, such as `cares/iu-xray`."""
    by_name = {file.dataset: file for file in load_cares_source().files}
    return by_name[dataset]
