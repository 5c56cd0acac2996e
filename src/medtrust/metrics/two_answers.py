"""Which of two answers is the positive one, and what references and answers say of it.

Where there are yes/no questions (`yes` and `no` as references, or two options that begin with them)
the positive answer is yes, and other questions are left out. Else, where all closed questions have
the same two reference texts, it is the rarer of them: the finding. Equally common ones are none.
Yes is not always a finding: OL3I asks whether a diagnosis was negative.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from medtrust.records import Score

_WORDS = {"yes": True, "no": False}


class Sides(NamedTuple):
    """Whether the reference and the answer are positive.

    A reference is None where the question has no such answers; an answer is None where it is
    neither (a refusal, an unreadable reply) or missing.
    """

    reference: bool | None
    answer: bool | None


Read = Callable[[Score], Sides]


def sides_of(scores: Sequence[Score]) -> Read | None:
    """What reads the sides of a result's scores; None where no question has two such answers."""
    marked = {s.reference: s.details["is_yes"] == 1 for s in scores if "is_yes" in s.details}
    if marked or any(score.target in _WORDS for score in scores):
        return partial(_yes_no, marked)
    closed = {score.sample: score for score in scores if score.options}
    if any(score.options != 2 for score in closed.values()):
        return None
    texts = Counter(score.reference for score in closed.values()).most_common()
    if len(texts) != 2 or texts[0][1] == texts[1][1]:
        return None
    (negative, _), (positive, _) = texts
    return partial(_two_texts, {positive: True, negative: False})


def _yes_no(marked: Mapping[str, bool], score: Score) -> Sides:
    if score.target in _WORDS:
        return Sides(_WORDS[score.target], _WORDS.get(score.choice))
    details = score.details
    if "is_yes" in details:
        answer = details["said_yes"] == 1 if score.outcome == "choice" else None
        return Sides(details["is_yes"] == 1, answer)
    # An answer that never came is not marked; others to questions with its reference are.
    return Sides(marked.get(score.reference) if score.value is None else None, None)


def _two_texts(known: Mapping[str, bool], score: Score) -> Sides:
    answer = known.get(score.option) if score.outcome == "choice" else None
    return Sides(known.get(score.reference) if score.options else None, answer)
