"""What a scorer is: a pure function from a sample and its replies to a reading."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from medtrust.records import Reading, Response, Sample, Score

Reads = Literal["abstention", "confidence"]
"""What of a reply a model may read in place of the rules (`--read-with`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a model that reads made of one sample's replies."""

    declines: bool | None = None
    """Whether the first reply declines to answer; None where rules decide."""
    confidence: Literal["", "sure", "unsure", "unreadable"] = ""
    """What the last reply says of itself; empty where rules decide."""

    def refusal(self, rules: Callable[[str], str], text: str) -> str:
        """How a reply declines, empty where it does not: by the model, or else by the rules."""
        if self.declines is None:
            return rules(text)
        return BY_READER if self.declines else ""


BY_READER = "so the reader says"
"""Rule of what a model has read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSettings:
    """What may be chosen about reading without asking again."""

    threshold: float | None = None
    """Points by which a judge must prefer one option for it to count as chosen. None leaves it at
    0 in the corrected reading, and in the official one at the released code's own default."""
    marks: Literal["relative", "absolute"] = "relative"
    """What an open answer is worth: the judge's mark of it over its mark of the reference
    (at most 1), or its mark alone on a scale from 0 to 1."""
    by_rules: bool = False
    """Whether rules read abstention and confidence although a model has read them."""
    said: Said = Said()
    """What that model said; the pipeline fills it in for each sample."""


Read = Callable[[Sample, Sequence[Response | None], ReadSettings], Reading]
"""The sample as it was asked, then its responses: the model's own (one a turn; the first
is there, a later one may be None), then, for a judged task, the judge's in the order of
its turns (`tasks/judge.py`), None where the judge gave no answer."""


def no_notes(_: Sequence[Score]) -> Sequence[str]:
    """For scorers whose released twin neither crashes nor drops anything."""
    return ()


def worth_nothing(_: Sample, rule: str) -> Reading:
    """For questions of right and wrong: no answer is not right."""
    return Reading(outcome="abstention", value=0.0, rule=rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorer:
    """An entry point of the group `medtrust.scorers`: two readings of each answer."""

    name: str
    official: Read
    """Reads what the released code would read: any reply, as it came."""
    corrected: Read
    """Reads no empty reply that was cut or blocked: `scorers/endings.py` has read those."""
    abstention: Callable[[Sample, str], Reading] = worth_nothing
    """What it is worth that the model declined, by the rule given."""
    reads: tuple[Reads, ...] = ()
    """What of its replies a model may read in place of the rules; the corrected reading then
    heeds `ReadSettings.said`."""
    notes: Callable[[Sequence[Score]], Iterable[str]] = no_notes
    """What the released code would have done with a result's official scores, a line each:
    where it crashes, what it drops or shifts, and where it is said to have read otherwise."""


CUT = "cut at the token limit"
"""How a rule ends that read a reply which the request's own bound cut short."""


def own(responses: Sequence[Response | None]) -> Response:
    """The model's own response; raises ValueError where a caller passed none."""
    if not responses or responses[0] is None:
        raise ValueError("a sample without a response has no reading")
    return responses[0]
