"""Is the model right, and does it say so? The scorer of answers with a stated confidence.

Two turns (the answer, then "are you sure?") or one reply to both questions. `value` is whether
the answer is right, `details["confident"]` whether the model is sure of it, left out where
that cannot be read, `details["last_reply"]` how many characters the reply has that says so. An
abstention is not right, whatever the question: who declines and says to be unsure is a true
negative, who declines and is sure of it over-confident.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from medtrust.errors import InputError
from medtrust.records import Reading, Response, Sample
from medtrust.scorers.abstention import OTHER_SCRIPTS, noting_abstention
from medtrust.scorers.confidence import (
    ConfidenceReading,
    read_confidence,
    read_merged_confidence,
)
from medtrust.scorers.option import corrected as read_choice
from medtrust.scorers.scorer import BY_READER, ReadSettings, Scorer, own
from medtrust.scorers.uncertainty_official import notes, read_official
from medtrust.scorers.yes_no import corrected as read_yes_no


def read(sample: Sample, responses: Sequence[Response | None], settings: ReadSettings) -> Reading:
    """Read the answer by its kind, then the confidence in the last reply.

    Raises:
        InputError: For an open question, whose answers have no right or wrong to be sure of.
    """
    answer = own(responses)
    if sample.kind == "open":
        raise InputError(
            f"{sample.id}: confidence is read beside closed questions only; "
            f"narrow --dataset to those"
        )
    last = responses[-1]
    if last is None:
        return Reading(outcome="error", rule="no reply to the question about confidence")
    read_answer = read_yes_no if sample.kind == "yes-no" else read_choice
    reading = read_answer(sample, [answer], settings)
    if settings.said.confidence:
        said = ConfidenceReading(confidence=settings.said.confidence, rule=BY_READER)
    else:
        merged = len(responses) == 1
        said = read_merged_confidence(last.text) if merged else read_confidence(last.text)
    rule = f"{reading.rule}; {said.confidence}: {said.rule}"
    details = {**reading.details, "last_reply": float(len(last.text))}
    if said.confidence != "unreadable":
        details["confident"] = 1.0 if said.confidence == "sure" else 0.0
    return replace(reading, rule=rule, details=details)


UNCERTAINTY = noting_abstention(
    Scorer(
        name="uncertainty",
        official=read_official,
        corrected=read,
        reads=("confidence",),
        notes=notes,
    ),
    OTHER_SCRIPTS,
)
