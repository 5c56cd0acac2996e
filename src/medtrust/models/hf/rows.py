"""What follows a common beginning: one row of tokens for each reply and each option."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from medtrust.models.hf.batch import Begun
from medtrust.models.hf.job import Prepared
from medtrust.models.hf.loading import Checkpoint
from medtrust.models.hf.options import scored_of
from medtrust.models.hf.prefix import Prefix, follow
from medtrust.models.hf.tree import grow


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Row:
    """Tokens behind a prefix, the last `last` of which are read; none for a reply to be written."""

    prepared: Prepared
    tokens: tuple[int, ...]
    last: int = 0


def rows_of(prepared: Prepared, start: int) -> list[Row]:
    """The rows of one prompt behind its first `start` tokens.

    A reply's last token is left for the pass that writes its first one.
    """
    answers = prepared.answers
    if answers is None:
        return [Row(prepared=prepared, tokens=prepared.tokens[start:-1])]
    stem = prepared.tokens[start : len(prepared.tokens) - answers.merged]
    return [
        Row(prepared=prepared, tokens=(*stem, *scored.tokens), last=scored.last)
        for scored in scored_of(prepared.request, answers)
    ]


def run(
    checkpoint: Checkpoint, prefix: Prefix, rows: Sequence[Row]
) -> tuple[dict[Row, torch.Tensor], list[Begun]]:
    """Run rows as one tree; returns what was read, and from where replies go on."""
    tree = grow([row.tokens for row in rows])
    wanted = [
        node
        for row, path in zip(rows, tree.paths, strict=True)
        for node in path[len(path) - row.last :]
    ]
    layers, log_probs = prefix.layers, torch.empty(0)
    if tree.tokens:
        log_probs, layers = follow(checkpoint, prefix, tree, wanted)
    read, begun, place = {}, [], 0
    for row, path in zip(rows, tree.paths, strict=True):
        if row.last:
            read[row] = log_probs[place : place + row.last]
            place += row.last
        else:
            places = (*range(prefix.length), *(prefix.length + node for node in path))
            begun.append(
                Begun(prepared=row.prepared, layers=layers, places=places, shift=prefix.shift)
            )
    return read, begun
