"""Questions into pairs: the same question asked of two confusable images."""

from dataclasses import dataclass

import numpy as np

from medtrust.errors import InputError
from medtrust.metrics.bootstrap import Bools, Floats, Ints
from medtrust.metrics.columns import Columns


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairing:
    """Which two questions make up each pair; arrays have shape (pairs,) unless said."""

    first: Ints
    second: Ints
    """The other question; `first` again where it was not even recorded as absent."""
    complete: Bools
    """Whether both questions are there."""
    of_question: Ints
    """Shape (questions,): the pair of each question."""

    def both(self, flags: Bools) -> Bools:
        """Pairs of which both questions have the flag."""
        return self.complete & flags[self.first] & flags[self.second]

    def count(self, flags: Bools) -> Floats:
        """How many questions of each pair have the flag: 0, 1 or 2."""
        return flags[self.first] + 1.0 * (self.complete & flags[self.second])


def pair_up(questions: Columns) -> Pairing:
    """Join questions of the same pair and the same repeat.

    It goes by the pair's name and never by position, so order, limits and retries
    cannot mismatch anything. Raises InputError where more than two questions claim to
    be one pair, or where a pair spans two clusters (its resampling would be undefined).
    """
    members: dict[tuple[str, int], list[int]] = {}
    for index, score in enumerate(questions.scores):
        members.setdefault((score.pair, score.repeat), []).append(index)
    for (pair, repeat), found in members.items():
        if len(found) > 2:
            raise InputError(
                f"pair {pair}, repeat {repeat}: {len(found)} scores where a pair has two; "
                "check the dataset's pair names and whether a sample was scored twice"
            )
        if questions.cluster[found[0]] != questions.cluster[found[-1]]:
            raise InputError(
                f"pair {pair}: its questions are in two clusters; "
                "give both the same cluster in the dataset"
            )
    of_question = np.empty(len(questions.scores), dtype=np.intp)
    for code, found in enumerate(members.values()):
        of_question[found] = code
    return Pairing(
        first=np.array([found[0] for found in members.values()], dtype=np.intp),
        second=np.array([found[-1] for found in members.values()], dtype=np.intp),
        complete=np.array([len(found) == 2 for found in members.values()], dtype=np.bool_),
        of_question=of_question,
    )
