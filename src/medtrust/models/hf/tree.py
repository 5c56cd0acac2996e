"""Prompts that begin alike as one tree of tokens: what they have in common is there once.

Run through a model in one pass, each token sees those on its own way from the root and
no others, so it gets the numbers that it gets in its own prompt. Nothing is padded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Nodes in an order in which none comes before its parent."""

    tokens: tuple[int, ...]
    depths: tuple[int, ...]
    """How many tokens stand before each node's own on its way."""
    seen: NDArray[np.bool_]
    """Of shape (nodes, nodes): whether the row's node sees the column's, itself included."""
    paths: tuple[tuple[int, ...], ...]
    """For each sequence that the tree was grown from, the node of each of its tokens."""


def grow(sequences: Sequence[Sequence[int]]) -> Tree:
    """The tree of some token sequences."""
    root = -1
    nodes: dict[tuple[int, int], int] = {}
    depths: list[int] = []
    paths = []
    for sequence in sequences:
        path, parent = [], root
        for depth, token in enumerate(sequence):
            parent = nodes.setdefault((parent, token), len(nodes))
            if parent == len(depths):
                depths.append(depth)
            path.append(parent)
        paths.append(tuple(path))
    seen = np.eye(len(nodes), dtype=np.bool_)
    for (parent, _), node in nodes.items():
        if parent != root:
            seen[node] |= seen[parent]
    return Tree(
        tokens=tuple(token for _, token in nodes),
        depths=tuple(depths),
        seen=seen,
        paths=tuple(paths),
    )


def packs(sequences: Sequence[Sequence[int]], most: int) -> Iterator[list[int]]:
    """Numbers of the sequences in packs whose trees have at most `most` nodes each.

    Those that begin alike come together. A sequence longer than `most` is a pack.
    """
    pack: list[int] = []
    nodes = 0
    last: tuple[int, ...] = ()
    for number in sorted(range(len(sequences)), key=lambda number: tuple(sequences[number])):
        sequence = tuple(sequences[number])
        new = len(sequence) - common(last, sequence)
        if pack and nodes + new > most:
            yield pack
            pack, nodes, new = [], 0, len(sequence)
        pack.append(number)
        nodes += new
        last = sequence
    if pack:
        yield pack


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """Length of the common beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
