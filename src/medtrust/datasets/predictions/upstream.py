"""MediConfusion's own results file: one JSON object, pair id -> answers and scores.

Two layouts of an answer exist: `{"full_answer", "A", "B"}` as released, and
`{"answer": {"full_answer", "A", "B"}, "logprob"}` with the log-probability of the
reply's token. A judge's marks come with its reason, `gpt_reason`. Upstream resumes by trusting
the stored scores (mediconfusion.md 5.3.17); here they are only a claim, kept to be checked.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec.structs import replace

from medtrust.datasets.predictions.checks import Mark, check_logprobs, check_shape, check_text
from medtrust.datasets.predictions.counts import Counts, threshold_of
from medtrust.datasets.predictions.record import Predictions, some
from medtrust.errors import InputError
from medtrust.records import LETTERS, Marks, Response

PARSER_MARKS = frozenset({(10.0, 0.0), (0.0, 10.0), (0.0, 0.0)})
"""The only marks upstream's letter parser gives (mediconfusion.md 2.1, mode `mc`)."""

Points = Annotated[int, msgspec.Meta(ge=0, le=2)]
"""One pair's contribution to a total; upstream counts a category up to twice."""


class _Answer(msgspec.Struct, frozen=True):
    full_answer: str | None
    mark_a: Mark = msgspec.field(name="A")
    mark_b: Mark = msgspec.field(name="B")
    gpt_reason: Any = msgspec.UNSET


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
    score: Any = None


def parse_results(document: object, path: Path, digest: str) -> Predictions:
    """Read the decoded document; raises InputError naming the pair that does not fit."""
    if not isinstance(document, dict) or not document:
        raise InputError(
            f"{path}: neither JSON lines with an id and a text each, "
            "nor MediConfusion's results (an object of pairs)"
        )
    answers: dict[str, _Answer] = {}
    responses: dict[str, tuple[Response, ...]] = {}
    stored: dict[str, Counts] = {}
    for number, value in document.items():
        where = f"{path}: pair {number[:40]!r}"
        check_text(number, where)
        pair = check_shape(value, _Pair, where)
        name = f"mediconfusion:{number}"
        for which, image in ((1, pair.answer.im1), (2, pair.answer.im2)):
            place = f"{where}, im{which}"
            logged = check_shape(image if "answer" in image else {"answer": image}, _Logged, place)
            answers[f"{name}/{which}"] = logged.answer
            responses[f"{name}/{which}"] = _response(logged, place)
        if _is_whole(pair.score):
            stored[name] = _stored(check_shape(pair.score, _Score, where))
    marks = {name: (answer.mark_a, answer.mark_b) for name, answer in answers.items()}
    judged = not {*marks.values()} <= PARSER_MARKS or any(
        answer.gpt_reason is not msgspec.UNSET for answer in answers.values()
    )
    threshold = threshold_of(marks, stored) if judged else None
    return Predictions(
        path=path,
        format="upstream",
        digest=digest,
        responses={
            name: tuple(replace(turn, marks=_marks(marks[name], judged, threshold)) for turn in own)
            for name, own in responses.items()
        },
        marks=marks,
        stored=stored,
        threshold=threshold,
        notes=(*_on_scores(len(document), len(stored)), *_on_null(responses, marks)),
    )


def _is_whole(score: object) -> bool:
    """Whether a pair's score has all its blocks with their totals; a part of them is like none."""
    return isinstance(score, dict) and all(
        isinstance(score.get(block), dict) and "total" in score[block]
        for block in _Score.__struct_fields__
    )


def _marks(given: tuple[float, float], judged: bool, threshold: float | None) -> Marks:
    return Marks(by="judge" if judged else "letters", given=(given,), threshold=threshold)


def _response(logged: _Logged, where: str) -> tuple[Response, ...]:
    if logged.answer.full_answer is None:
        return ()
    text = check_text(logged.answer.full_answer, where)
    token = text.strip()
    logprobs = {} if logged.logprob is None else check_logprobs({token: logged.logprob}, where)
    # The log-probability is the reply's first token's: it is a letter's only if the reply is one.
    lone_letter = len(token) == 1 and token in LETTERS
    return (Response(text=text, logprobs=logprobs if lone_letter else {}),)


def _stored(score: _Score) -> Counts:
    return Counts(
        pairs=1,
        set=score.set_score["total"],
        individual=score.individual_score["total"],
        confused=score.confused["total"],
        invalid=score.invalid["total"],
        valid_pairs=score.valids["total"],
        distinct_pairs=score.valid_pairs["total"],
    )


def _on_scores(pairs: int, whole: int) -> Iterator[str]:
    """The authors' files from before the release lack blocks (mediconfusion.md 5.2.12c)."""
    if whole < pairs:
        yield (
            f"{pairs - whole} of {pairs} pairs store no whole score, so the file's totals are "
            "not checked"
        )


def _on_null(
    responses: Mapping[str, tuple[Response, ...]], marks: Mapping[str, tuple[float, float]]
) -> Iterator[str]:
    null = [sample for sample, turns in responses.items() if not turns]
    if null:
        yield f"{len(null)} answer(s) are null, taken as missing: {some(null)}"
    marked = {sample: f"A {a:g}, B {b:g}" for sample in null for a, b in [marks[sample]] if a or b}
    if marked:
        yield f"{len(marked)} of these are marked all the same: {some(marked, marked)}"
