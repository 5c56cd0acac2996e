"""The entry point: phantom as a dataset like any other."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from medtrust.datasets.dataset import Card, Dataset, State
from medtrust.datasets.phantom import store
from medtrust.datasets.phantom.prompts import prompts
from medtrust.datasets.phantom.samples import LICENSE, test_samples, train_samples
from medtrust.records import Sample

TITLE = "Phantom: drawn images that look medical"


def load(data: Path | None) -> Dataset:
    """Phantom's samples, with images drawn on first use (about a quarter of a minute).

    The images lie in `data` if they were fetched there, otherwise in the user's
    cache. Raises InputError where images are missing and cannot be written.
    """
    folder = _folder(data)
    store.complete(folder)
    samples, train = test_samples(folder), train_samples(folder)
    return Dataset(
        name="phantom",
        title=TITLE,
        license=LICENSE,
        access="open",
        digest=digest([*samples, *train]),
        samples=samples,
        train=train,
        prompts=prompts(),
    )


def fetch(to: Path, **_: object) -> tuple[bool, list[str]]:
    """Draw the whole dataset into `to`, keeping what is there already.

    The entry point of the group `medtrust.fetchers`; what others download, this one
    draws, so addresses mean nothing here. Raises InputError where the folder cannot
    be written.
    """
    store.complete(to)
    return True, [f"phantom is drawn in {to}; name it with --data {to}"]


def digest(samples: Sequence[Sample]) -> str:
    """SHA-256 over the version of the drawings and the samples, wherever images lie."""
    rows = [
        (
            *(sample.id, sample.kind, sample.question, sample.options, sample.target),
            *(sample.cluster, sample.pair, [image.id for image in sample.images]),
            *(sample.groups, sample.facts),
        )
        for sample in samples
    ]
    return hashlib.sha256(
        msgspec.json.encode((store.VERSION, rows), order="deterministic")
    ).hexdigest()


def state(data: Path | None) -> State:
    """Whether the images are drawn already; draws nothing."""
    folder = _folder(data)
    samples = test_samples(folder)
    paths = {image.path for sample in samples for image in sample.images}
    here = sum(Path(path).is_file() for path in paths)
    note = "present" if here == len(paths) else "drawn when first used, in about 20 seconds"
    return State(samples=len(samples), images=len(paths), note=note)


def _folder(data: Path | None) -> Path:
    return data if data is not None and store.is_ours(data) else store.cache_folder()


CARD = Card(
    name="phantom",
    title=TITLE,
    license=LICENSE,
    access="open",
    source="drawn by medtrust",
    load=load,
    state=state,
)
