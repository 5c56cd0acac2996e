"""Checks of the options: what misleads parsers and judges, and what gives answers away."""

import re
from statistics import mean

from medtrust.datasets.lint.finding import Finding
from medtrust.datasets.lint.mediconfusion.contents import Contents, finding, options_of

# Function words, which say nothing about a caption's content.
STOPWORDS = frozenset(
    (  # noqa: SIM905 - words as words, not one a line
        "a an the of in on at to is are was were be and or with within by for from as it its "
        "this that there no not"
    ).split()
)


def yes_no(contents: Contents) -> list[Finding]:
    """Pairs whose options are just yes and no."""
    found = [
        number
        for number, pair in contents.pairs.items()
        if {text.strip(" .").lower() for _, text in options_of(pair)} == {"yes", "no"}
    ]
    return [
        finding(
            "yes-no-pairs",
            "pairs whose options are yes and no",
            samples=contents.pairs_where(found),
        )
    ]


def contained_options(contents: Contents) -> list[Finding]:
    """Pairs where one option's text holds the other's: substring matching takes the wrong one."""
    found = []
    for number, pair in contents.pairs.items():
        one, other = pair.option_a.lower(), pair.option_b.lower()
        if one in other or other in one:
            found.append(number)
    return [
        finding(
            "option-within-option",
            "pairs where one option's text is part of the other's",
            samples=contents.pairs_where(found),
        )
    ]


def article_a(contents: Contents) -> list[Finding]:
    """Options that begin with the article "A", which letter parsers take for the letter."""
    found = [
        (number, letter)
        for number, pair in contents.pairs.items()
        for letter, text in options_of(pair)
        if text.startswith("A ")
    ]
    return [
        finding(
            "options-starting-with-article-a",
            "options that begin with the article A: "
            + (", ".join(f"{number} {letter}" for number, letter in found) or "none"),
            samples=contents.pairs_where(number for number, _ in found),
            count=len(found),
        )
    ]


def full_stops(contents: Contents) -> list[Finding]:
    """Options that end in a full stop, unlike the others."""
    found = [
        number
        for number, pair in contents.pairs.items()
        for _, text in options_of(pair)
        if text.endswith(".")
    ]
    return [
        finding(
            "options-ending-in-full-stop",
            f"options that end in a full stop, in {len(set(found))} pairs",
            samples=contents.pairs_where(found),
            count=len(found),
        )
    ]


def lengths(contents: Contents) -> list[Finding]:
    """How long options are, and pairs whose options differ by five words or more."""
    words = {
        number: (len(pair.option_a.split()), len(pair.option_b.split()))
        for number, pair in contents.pairs.items()
    }
    uneven = [number for number, (a, b) in words.items() if abs(a - b) >= 5]
    longest = max((max(both) for both in words.values()), default=0)
    means = [f"{mean(column):.2f}" for column in zip(*words.values(), strict=True)]
    return [
        finding(
            "options-of-uneven-length",
            "pairs whose options differ by 5 words or more",
            samples=contents.pairs_where(uneven),
        ),
        finding(
            "longest-option",
            f"words in the longest option (mean of A and B: {' and '.join(means) or 'none'})",
            samples=contents.pairs_where(n for n, both in words.items() if max(both) == longest),
            count=longest,
        ),
    ]


def caption_overlap(contents: Contents) -> list[Finding]:
    """Which option has the larger share of its words in the image's caption.

    Lower-cased words (letters, digits, hyphens) without function words. Captions
    are no input of the task; the counts say how literally options were taken from
    them.
    """
    more: list[str] = []
    even: list[str] = []
    less: list[str] = []
    for side in contents.sides:
        caption = _words(side.caption)
        gold = _share(_words(side.gold), caption)
        other = _share(_words(side.other), caption)
        (more if gold > other else less if other > gold else even).append(side.id)
    return [
        finding(
            "caption-favours-right-option",
            "samples whose caption has more of the right option's words",
            count=len(more),
        ),
        finding(
            "caption-favours-neither-option",
            "samples whose caption has as much of both options' words",
            count=len(even),
        ),
        finding(
            "caption-favours-wrong-option",
            "samples whose caption has more of the wrong option's words",
            samples=tuple(less),
        ),
    ]


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9-]+", text.lower())) - STOPWORDS


def _share(words: set[str], caption: set[str]) -> float:
    return len(words & caption) / len(words) if words else 0.0
