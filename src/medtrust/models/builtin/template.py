"""`builtin/template`: answers as the training images that look most alike were answered.

It looks at nothing but coarse pixels, yet it does look: on a dataset whose answers
can be seen it beats `text-prior`, and under image-shuffle it falls back. It is a check of
the dataset and of the line, not a model to be proud of.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medtrust.errors import FatalError, InputError
from medtrust.images.encode import EncodedImage, encode
from medtrust.models.builtin.beliefs import replies, without_ties
from medtrust.models.builtin.looks import Look, look, relevance
from medtrust.models.builtin.offline import OfflineModel
from medtrust.models.builtin.text_prior import TextPrior, fit
from medtrust.models.builtin.training import Example, examples, fingerprint
from medtrust.models.builtin.wording import plain
from medtrust.models.model import ModelOptions
from medtrust.records import Image, Request

NEIGHBOURS = 5
"""Training images that vote (chosen on phantom's training split)."""

DOUBT = 0.5
"""Votes that every option has from the start, so that no probability is 0 or 1."""


def connect(name: str, options: ModelOptions) -> OfflineModel:
    """Fitted on `options.train`; raises InputError where that is empty or lacks an image."""
    learnt = examples(options.train, f"builtin/{name}")
    template = _Template(prior=fit(learnt), examples=learnt)
    return OfflineModel(
        name=f"builtin/{name}",
        reply=replies(template),
        identity={
            "name": f"builtin/{name}",
            "version": "1",
            "train": fingerprint(options.train),
            "images": _digest(template.images),
        },
    )


KEPT = 64
"""Questions, with the answers that are wanted, whose pupils are kept: about 100 KB each at most."""


@dataclass(frozen=True, slots=True)
class _Pupils:
    """Training images to compare with."""

    places: NDArray[np.intp]
    """Which they are; shape (images,)."""

    labels: NDArray[np.intp]
    """Place of each one's answer among the answers; shape (images,)."""

    answers: list[str]
    counts: NDArray[np.intp]
    """How many have each answer."""

    weights: Look
    """How much each number of a look matters between these answers."""


@dataclass(frozen=True)
class _Template:
    prior: TextPrior
    examples: tuple[Example, ...]

    def weigh(
        self, request: Request, images: Sequence[EncodedImage], options: Sequence[str]
    ) -> Sequence[float]:
        """The logarithm of each option's votes; the prior where there is nothing to look at."""
        answers = [plain(option) for option in options]
        pupils = self._pupils(plain(request.question), frozenset(answers))
        if not images or not pupils:
            return self.prior.weigh(request, images, options)
        votes = self._vote(pupils, images)
        weights = [float(np.log(votes.get(answer, 0.0) + DOUBT)) for answer in answers]
        return without_ties(weights, answers)

    def write(self, request: Request, images: Sequence[EncodedImage]) -> str:
        """The text of the answer with most votes."""
        pupils = self._pupils(plain(request.question), None)
        if not images or not pupils:
            return self.prior.write(request, images)
        votes = self._vote(pupils, images)
        return self.prior.texts[max(sorted(votes), key=votes.__getitem__)]

    @cached_property
    def _pupils(self) -> Callable[[str, frozenset[str] | None], _Pupils | None]:
        """What to compare with, by question and wanted answers; datasets repeat their questions."""
        return lru_cache(maxsize=KEPT)(self._chosen)

    def _chosen(self, question: str, wanted: frozenset[str] | None) -> _Pupils | None:
        """Those of the same question, else of all; only those with a wanted answer."""
        for rows in (self._by_question.get(question, []), self._all):
            found = [row for row in rows if wanted is None or row[1] in wanted]
            if found:
                places = np.array([place for place, _ in found])
                names, labels, counts = np.unique(
                    [answer for _, answer in found], return_inverse=True, return_counts=True
                )
                weights = relevance(self._looks[places], labels)
                return _Pupils(places, labels, names.tolist(), counts, weights)
        return None

    def _vote(self, pupils: _Pupils, images: Sequence[EncodedImage]) -> dict[str, float]:
        """Answer -> votes of the nearest training images, at most `NEIGHBOURS` in all.

        Nearer images count for more, and each for less the commoner its answer is:
        what is likely before looking is the prior's business.
        """
        known = self._looks[pupils.places]
        distances = np.min(
            [((known - look(image.data)) ** 2) @ pupils.weights for image in images], axis=0
        )
        nearest = np.argsort(distances, kind="stable")[:NEIGHBOURS]
        labels = pupils.labels[nearest]
        strength = 1 / ((distances[nearest] + 1e-6) * pupils.counts[labels])
        votes = np.bincount(labels, weights=strength, minlength=len(pupils.answers))
        votes *= len(nearest) / votes.sum()
        return dict(zip(pupils.answers, votes.tolist(), strict=True))

    @cached_property
    def images(self) -> dict[str, Image]:
        """Each training image once, by id."""
        return {image.id: image for example in self.examples for image in example.images}

    @cached_property
    def _looks(self) -> NDArray[np.float32]:
        """Shape (training images, numbers of a look): made when first needed."""
        return np.stack([_training_look(image) for image in self.images.values()])

    @cached_property
    def _by_question(self) -> dict[str, list[tuple[int, str]]]:
        place = {name: index for index, name in enumerate(self.images)}
        rows: dict[str, list[tuple[int, str]]] = {}
        for example in self.examples:
            rows.setdefault(example.question, []).extend(
                (place[image.id], example.answer) for image in example.images
            )
        return rows

    @cached_property
    def _all(self) -> list[tuple[int, str]]:
        return [row for rows in self._by_question.values() for row in rows]


def _training_look(image: Image) -> Look:
    try:
        return look(encode(image).data)
    except InputError as error:
        # A request is being answered: without this image none can be.
        raise FatalError(f"builtin/template cannot learn: {error}") from None


def _digest(images: dict[str, Image]) -> str:
    """SHA-256 over the training images' names and bytes, in the order of their names."""
    digest = hashlib.sha256()
    for name, image in sorted(images.items()):
        try:
            data = Path(image.path).read_bytes()
        except OSError as error:
            raise InputError(
                f"{image.path}: training image {name} cannot be read ({error.strerror})"
            ) from None
        digest.update(f"{name} {hashlib.sha256(data).hexdigest()}\n".encode())
    return digest.hexdigest()
