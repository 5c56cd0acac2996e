"""What `medtrust lint` finds in a dataset's images: each is decoded as a run would."""

import re
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from medtrust import registry
from medtrust.datasets.lint.finding import Finding
from medtrust.errors import AbsentError, ImageError, InputError
from medtrust.images.encode import encode
from medtrust.records import Image

Looked = tuple[str, tuple[str, ...]]
"""Why an image cannot be read, empty where it can, and what was found in it."""


def on_images(dataset: str, data: Path) -> Iterator[Finding]:
    """A row for each image that cannot be read, and one for each kind of note on the others.

    Nothing of images that are not there, or of a question file that cannot be loaded: other
    checks say so.
    """
    images: dict[str, Image] = {}
    asked: dict[str, list[str]] = defaultdict(list)
    try:
        for sample in registry.load("datasets", dataset).load(data).samples:
            for image in sample.images:
                images[image.path] = image
                asked[image.path].append(sample.id)
    except InputError:
        return
    with ThreadPoolExecutor() as pool:
        looked = dict(zip(images, pool.map(_look, images.values()), strict=True))
    bad = {path: why for path, (why, _) in looked.items() if why}
    yield _finding(dataset, "images-unreadable", "images that cannot be read", asked, [*bad])
    for path, why in bad.items():
        yield _finding(dataset, "image-unreadable", why, asked, [path])
    noted: dict[str, dict[str, str]] = defaultdict(dict)
    for path, (_, notes) in looked.items():
        for note in notes:
            # Numbers differ from file to file.
            noted[re.sub(r"\d+(\.\d+)?", "N", note)][path] = note
    for paths in noted.values():
        yield _finding(dataset, "images-noted", next(iter(paths.values())), asked, [*paths])


def _look(image: Image) -> Looked:
    try:
        return "", encode(image).notes
    except AbsentError:
        return "", ()
    except ImageError as error:
        return str(error), ()


def _finding(
    dataset: str, check: str, message: str, asked: dict[str, list[str]], paths: list[str]
) -> Finding:
    samples = tuple(dict.fromkeys(name for path in paths for name in asked[path]))
    return Finding(dataset=dataset, check=check, count=len(paths), samples=samples, message=message)
