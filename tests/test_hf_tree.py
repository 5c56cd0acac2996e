"""Prompts as one tree: every token is there once, and sees what it sees in its own prompt."""

from hypothesis import given
from hypothesis import strategies as st

from medtrust.models.hf.tree import common, grow, packs

sequences = st.lists(st.lists(st.integers(0, 2), max_size=6), max_size=8)


@given(sequences)
def test_each_sequence_is_a_way_from_the_root(rows: list[list[int]]) -> None:
    tree = grow(rows)
    for row, path in zip(rows, tree.paths, strict=True):
        assert [tree.tokens[node] for node in path] == row
        assert [tree.depths[node] for node in path] == list(range(len(row)))
        for place, node in enumerate(path):
            assert set(tree.seen[node].nonzero()[0].tolist()) == set(path[: place + 1])


@given(sequences)
def test_what_is_common_is_there_once(rows: list[list[int]]) -> None:
    beginnings = {tuple(row[: end + 1]) for row in rows for end in range(len(row))}
    assert len(grow(rows).tokens) == len(beginnings)


@given(sequences, st.integers(1, 12))
def test_packs_hold_every_sequence_once_within_their_bound(
    rows: list[list[int]], most: int
) -> None:
    found = list(packs(rows, most))
    assert sorted(number for pack in found for number in pack) == list(range(len(rows)))
    for pack in found:
        assert len(pack) == 1 or len(grow([rows[number] for number in pack]).tokens) <= most


def test_sequences_that_begin_alike_come_together() -> None:
    assert list(packs([[1, 2, 3], [7, 8, 9], [1, 2, 4]], 4)) == [[0, 2], [1]]


def test_a_common_beginning_ends_where_either_does() -> None:
    assert common([1, 2, 3], [1, 2]) == 2
    assert common([1, 2], [2, 1]) == 0
