"""Checks of the pairs themselves: labels, repeats, empty fields."""

from collections import Counter
from collections.abc import Callable, Hashable

from medtrust.datasets.lint.finding import Finding
from medtrust.datasets.lint.mediconfusion.contents import Contents, finding
from medtrust.datasets.mediconfusion import Pair


def equal_labels(contents: Contents) -> list[Finding]:
    """Pairs whose two images have the same right letter: they are no confusing pairs."""
    found = [n for n, pair in contents.pairs.items() if pair.im_1_correct == pair.im_2_correct]
    return [
        finding(
            "equal-labels",
            "pairs with the same right letter for both images",
            samples=contents.pairs_where(found),
        )
    ]


def label_order(contents: Contents) -> list[Finding]:
    """How often the first image's answer is A, and how often B."""
    found = []
    for first, second in (("A", "B"), ("B", "A")):
        pairs = [
            number
            for number, pair in contents.pairs.items()
            if (pair.im_1_correct, pair.im_2_correct) == (first, second)
        ]
        found.append(
            finding(
                f"label-order-{first}{second}".lower(),
                f"pairs whose right letters are {first} and then {second}",
                count=len(pairs),
            )
        )
    return found


def identical_images(contents: Contents) -> list[Finding]:
    """Pairs of one image with itself."""
    found = [number for number, pair in contents.pairs.items() if pair.im_1 == pair.im_2]
    return [
        finding(
            "identical-images",
            "pairs of an image with itself",
            samples=contents.pairs_where(found),
        )
    ]


def identical_options(contents: Contents) -> list[Finding]:
    """Pairs whose two options are the same text."""
    found = [n for n, pair in contents.pairs.items() if pair.option_a == pair.option_b]
    return [
        finding(
            "identical-options",
            "pairs whose two options read the same",
            samples=contents.pairs_where(found),
        )
    ]


def duplicate_pairs(contents: Contents) -> list[Finding]:
    """Pairs of the same two images, in whichever order."""
    return [
        _repeats(
            contents,
            "duplicate-image-pairs",
            "sets of two images that make up more than one pair",
            lambda pair: frozenset((pair.im_1, pair.im_2)),
        )
    ]


def repeated_questions(contents: Contents) -> list[Finding]:
    """Questions that are asked of more than one pair."""
    unique = len({pair.question for pair in contents.pairs.values()})
    return [
        finding("unique-questions", "different questions", count=unique),
        _repeats(
            contents,
            "repeated-questions",
            "questions asked of more than one pair",
            lambda pair: pair.question,
        ),
        _repeats(
            contents,
            "repeated-questions-with-options",
            "questions asked of more than one pair with the same two options",
            lambda pair: (pair.question, frozenset((pair.option_a, pair.option_b))),
        ),
    ]


def empty_fields(contents: Contents) -> list[Finding]:
    """Pairs with a text, a path or a list of categories that is empty or absent."""
    found = [
        number
        for number, pair in contents.pairs.items()
        if not all(
            (
                *(pair.im_1, pair.im_2, pair.cap_1, pair.cap_2, pair.category_1, pair.category_2),
                *(pair.question, pair.option_a, pair.option_b),
                *(pair.draft_question, pair.draft_a, pair.draft_b),
            )
        )
    ]
    return [
        finding(
            "empty-fields",
            "pairs with an empty or absent field",
            samples=contents.pairs_where(found),
        )
    ]


def _repeats(
    contents: Contents, check: str, message: str, what: Callable[[Pair], Hashable]
) -> Finding:
    uses = Counter(what(pair) for pair in contents.pairs.values())
    found = [number for number, pair in contents.pairs.items() if uses[what(pair)] > 1]
    return finding(
        check,
        message,
        samples=contents.pairs_where(found),
        count=sum(n > 1 for n in uses.values()),
    )
