"""MediConfusion's own results file: one JSON object, pair id -> answers and scores.

Two layouts of an answer exist: `{"full_answer", "A", "B"}` as released, and
`{"answer": {"full_answer", "A", "B"}, "logprob"}` with the log-probability of the
reply's token. Upstream resumes by trusting the stored scores (mediconfusion.md 5.3.17);
here they are only a claim, kept to be checked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from medtrust.datasets.predictions.checks import check_logprobs, check_shape, check_text
from medtrust.datasets.predictions.record import PARSER_MARKS, Counts, some
from medtrust.errors import InputError
from medtrust.records import LETTERS, Response

Mark = Annotated[float, msgspec.Meta(ge=-1000, le=1000)]
Points = Annotated[int, msgspec.Meta(ge=0, le=2)]
"""One pair's contribution to a total; upstream counts a category up to twice."""


class _Answer(msgspec.Struct, frozen=True):
    full_answer: str | None
    mark_a: Mark = msgspec.field(name="A")
    mark_b: Mark = msgspec.field(name="B")


class _Logged(msgspec.Struct, frozen=True):
    answer: _Answer
    logprob: float | None = None


class _Images(msgspec.Struct, frozen=True):
    im1: dict[str, Any]
    im2: dict[str, Any]


class _Score(msgspec.Struct, frozen=True):
    set_score: dict[str, Points]
    individual_score: dict[str, Points]
    confused: dict[str, Points]
    invalid: dict[str, Points]
    valids: dict[str, Points]
    valid_pairs: dict[str, Points]


class _Pair(msgspec.Struct, frozen=True):
    answer: _Images
    score: _Score | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """What the document held, by sample id (`mediconfusion:10001/1`)."""

    responses: Mapping[str, tuple[Response, ...]]
    marks: Mapping[str, tuple[float, float]]
    stored: Mapping[str, Counts]
    notes: tuple[str, ...]


def parse_results(document: object, source: str) -> Results:
    """Read the decoded document; raises InputError naming the pair that does not fit."""
    if not isinstance(document, dict) or not document:
        raise InputError(
            f"{source}: neither JSON lines with an id and a text each, "
            "nor MediConfusion's results (an object of pairs)"
        )
    responses: dict[str, tuple[Response, ...]] = {}
    marks: dict[str, tuple[float, float]] = {}
    scores: list[_Score | None] = []
    for number, value in document.items():
        where = f"{source}: pair {number[:40]!r}"
        check_text(number, where)
        pair = check_shape(value, _Pair, where)
        scores.append(pair.score)
        for which, image in ((1, pair.answer.im1), (2, pair.answer.im2)):
            sample = f"mediconfusion:{number}/{which}"
            place = f"{where}, im{which}"
            logged = check_shape(image if "answer" in image else {"answer": image}, _Logged, place)
            responses[sample] = _response(logged, place)
            marks[sample] = (logged.answer.mark_a, logged.answer.mark_b)
    complete = [score for score in scores if score is not None]
    stored = _stored(complete) if len(complete) == len(scores) else {}
    return Results(responses, marks, stored, tuple(_notes(responses, marks, stored)))


def _response(logged: _Logged, where: str) -> tuple[Response, ...]:
    if logged.answer.full_answer is None:
        return ()
    text = check_text(logged.answer.full_answer, where)
    token = text.strip()
    logprobs = {} if logged.logprob is None else check_logprobs({token: logged.logprob}, where)
    # The log-probability is the reply's first token's: it is a letter's only if the reply is one.
    lone_letter = len(token) == 1 and token in LETTERS
    return (Response(text=text, logprobs=logprobs if lone_letter else {}),)


def _stored(scores: list[_Score]) -> dict[str, Counts]:
    groups = dict.fromkeys(group for score in scores for group in score.set_score)

    def total(blocks: Iterable[dict[str, int]], group: str) -> int:
        return sum(block.get(group, 0) for block in blocks)

    return {
        group: Counts(
            pairs=len(scores),
            set=total((score.set_score for score in scores), group),
            individual=total((score.individual_score for score in scores), group),
            confused=total((score.confused for score in scores), group),
            invalid=total((score.invalid for score in scores), group),
            valid_pairs=total((score.valids for score in scores), group),
            distinct_pairs=total((score.valid_pairs for score in scores), group),
        )
        for group in groups
    }


def _notes(
    responses: Mapping[str, tuple[Response, ...]],
    marks: Mapping[str, tuple[float, float]],
    stored: Mapping[str, Counts],
) -> Iterable[str]:
    if not stored:
        yield "the file stores no score for some or all pairs"
    if failed := [sample for sample, turns in responses.items() if not turns]:
        yield f"{len(failed)} answer(s) are null, taken as missing: {some(failed)}"
    if set(marks.values()) <= PARSER_MARKS and (
        forged := [
            sample
            for sample, (mark_a, mark_b) in marks.items()
            for letter, mark in (("A", mark_a), ("B", mark_b))
            if mark and letter not in "".join(turn.text for turn in responses[sample])
        ]
    ):
        yield (
            f"{len(forged)} answer(s) are marked as a letter that their text does not hold: "
            f"{some(forged)}"
        )
