"""Checks of the image list, and of the images that are on this machine."""

from collections import defaultdict
from collections.abc import Callable, Hashable

from medtrust.datasets.files import is_bare_name
from medtrust.datasets.lint.finding import Finding
from medtrust.datasets.lint.mediconfusion.contents import Contents, Side, finding
from medtrust.datasets.mediconfusion import image_path


def image_list(contents: Contents) -> list[Finding]:
    """Whether `image_dict.json` has exactly the images of the pairs, under the same numbers."""
    used = {side.image for side in contents.sides}
    unlisted = tuple(side.id for side in contents.sides if side.image not in contents.sources)
    renumbered = tuple(
        side.id
        for side in contents.sides
        if side.image in contents.sources and contents.sources[side.image].local != side.local
    )
    strange = [
        image
        for image, source in contents.sources.items()
        if not (
            source.article and is_bare_name(source.file_name) and source.file_name.endswith(".jpg")
        )
    ]
    return [
        finding("images-unlisted", "samples whose image is not in the list", samples=unlisted),
        finding(
            "images-unused",
            f"of {len(contents.sources)} listed images, those that no pair uses",
            count=len(contents.sources.keys() - used),
        ),
        finding(
            "image-numbers-differ",
            "samples whose image has another number in the list",
            samples=renumbered,
        ),
        finding(
            "image-sources-unusable",
            "listed images without an article or with a name that is no plain `.jpg` file name",
            samples=contents.samples_with(strange),
            count=len(strange),
        ),
    ]


def contradicting_images(contents: Contents) -> list[Finding]:
    """Images that have two captions or two sets of categories in different pairs."""
    return [
        _contradictions(
            contents, "images-with-two-captions", "captions", lambda side: side.caption
        ),
        _contradictions(
            contents,
            "images-with-two-category-sets",
            "sets of categories",
            lambda side: frozenset(side.categories),
        ),
    ]


def missing_images(contents: Contents) -> list[Finding]:
    """Images that are not on this machine, and the samples that cannot be asked for it."""
    missing = {
        side.image
        for side in contents.sides
        if not image_path(contents.data, side.image, side.local).is_file()
    }
    return [
        finding(
            "images-missing",
            "images that are not in the folder; `medtrust fetch mediconfusion` gets them",
            samples=contents.samples_with(missing),
            count=len(missing),
        )
    ]


def _contradictions(
    contents: Contents, check: str, what: str, value: Callable[[Side], Hashable]
) -> Finding:
    seen = defaultdict(set)
    for side in contents.sides:
        seen[side.image].add(value(side))
    found = [image for image, values in seen.items() if len(values) > 1]
    return finding(
        check,
        f"images with different {what} in different pairs",
        samples=contents.samples_with(found),
        count=len(found),
    )
