"""MediConfusion's files as the checks see them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from medtrust.datasets.lint.finding import Finding
from medtrust.datasets.mediconfusion import NAME, Pair, Source, read_pairs, read_sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One image of a pair, with the question's answer for it."""

    id: str
    """The sample's id, such as `mediconfusion:10001/2`."""
    image: str
    local: int
    caption: str
    categories: tuple[str, ...]
    gold: str
    """Text of the right option."""
    other: str
    """Text of the wrong option."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """The files of one folder."""

    data: Path
    pairs: Mapping[str, Pair]
    """Number of a pair, such as `10001`, to the pair."""
    sources: Mapping[str, Source]
    """Path of an image in ROCO to where it was published."""

    @cached_property
    def sides(self) -> tuple[Side, ...]:
        """Both sides of every pair, in the file's order."""
        return tuple(side for number, pair in self.pairs.items() for side in _sides(number, pair))

    def article(self, image: str) -> str:
        """PMC id of an image's article, empty where it is not known."""
        source = self.sources.get(image)
        return source.article if source else ""

    def pairs_where(self, numbers: Iterable[str]) -> tuple[str, ...]:
        """Ids of pairs, in the file's order, each once."""
        wanted = set(numbers)
        return tuple(f"{NAME}:{number}" for number in self.pairs if number in wanted)

    def samples_with(self, images: Iterable[str]) -> tuple[str, ...]:
        """Ids of the samples that show one of the images."""
        wanted = set(images)
        return tuple(side.id for side in self.sides if side.image in wanted)


def read_contents(data: Path) -> Contents:
    """Read the folder; raises InputError with file and place where a file is damaged."""
    return Contents(data=data, pairs=read_pairs(data), sources=read_sources(data))


def finding(
    check: str, message: str, *, samples: tuple[str, ...] = (), count: int | None = None
) -> Finding:
    """A finding about this dataset; it counts its samples unless `count` says otherwise."""
    return Finding(
        dataset=NAME,
        check=check,
        count=len(samples) if count is None else count,
        samples=samples,
        message=message,
    )


def options_of(pair: Pair) -> tuple[tuple[str, str], tuple[str, str]]:
    """Letter and text of both options."""
    return ("A", pair.option_a), ("B", pair.option_b)


def _sides(number: str, pair: Pair) -> tuple[Side, Side]:
    texts = dict(options_of(pair))
    letter_of_other = {"A": "B", "B": "A"}

    def side(
        which: int, image: str, local: int, caption: str, categories: tuple[str, ...], gold: str
    ) -> Side:
        return Side(
            id=f"{NAME}:{number}/{which}",
            image=image,
            local=local,
            caption=caption,
            categories=categories,
            gold=texts[gold],
            other=texts[letter_of_other[gold]],
        )

    return (
        side(1, pair.im_1, pair.im_1_local, pair.cap_1, pair.category_1, pair.im_1_correct),
        side(2, pair.im_2, pair.im_2_local, pair.cap_2, pair.category_2, pair.im_2_correct),
    )
