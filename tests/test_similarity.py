"""The matcher is difflib's, to the last bit."""

from difflib import SequenceMatcher

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from medtrust.scorers.similarity import most_similar


def by_difflib(options: tuple[str, ...], text: str) -> int | None:
    """As upstream's find_most_similar_index does it: the first of the best, None for all 0."""
    best, found = 0.0, None
    for place, option in enumerate(options):
        ratio = SequenceMatcher(None, option, text).ratio()
        if ratio > best:
            best, found = ratio, place
    return found


few = st.text("ab ", max_size=12)
letters = st.text("abcdeA:. ", max_size=30)
anything = st.text(max_size=20)
sentences = st.lists(
    st.sampled_from(["the", "left lung", "A:", "is", "effusion", "Ω≈ç", "no", "e", "  "]),
    max_size=12,
).map(" ".join)
# From 200 characters on, difflib leaves frequent characters out.
lengthy = st.builds(
    lambda piece, times, tail: (piece * times)[:260] + tail,
    st.text("abcdefghij\0 xyz", min_size=1, max_size=40),
    st.integers(5, 60),
    st.text("abkXYZ\0", max_size=40),
)
texts = st.one_of(few, letters, anything, sentences, lengthy)
option_sets = st.one_of(
    *(st.lists(kind, max_size=5).map(tuple) for kind in (few, letters, anything, sentences, texts))
)


@settings(max_examples=1500, deadline=None)
@given(options=option_sets, text=texts)
@example(options=(), text="")
@example(options=("", ""), text="")
@example(options=("", "a"), text="")
@example(options=("ab", "ba"), text="ab ba")
@example(options=("A:x", "A:x"), text="A:x")
@example(options=("abcd", "bcda"), text="dabc")
@example(options=("a\0b", "\0\1"), text="a\0b" * 70 + "\1")
@example(options=("aaaa", "b"), text="a" * 199)
@example(options=("aaaa", "b"), text="a" * 200 + "b")
def test_it_picks_what_difflib_picks(options: tuple[str, ...], text: str) -> None:
    assert most_similar(options, text) == by_difflib(options, text)


@settings(max_examples=500, deadline=None)
@given(options=st.lists(lengthy, min_size=2, max_size=3).map(tuple), text=lengthy)
def test_it_does_so_for_long_texts_against_long_options(
    options: tuple[str, ...], text: str
) -> None:
    assert most_similar(options, text) == by_difflib(options, text)


@pytest.mark.parametrize("length", [198, 199, 200, 201, 299, 300])
def test_frequent_characters_begin_no_block_from_200_on(length: int) -> None:
    text = ("the lesion is on the scalp and not the back " * 8)[:length]
    options = ("A:scalp", "B:back", "C:lower extremity", "D:the", "E:t")
    assert most_similar(options, text) == by_difflib(options, text)
