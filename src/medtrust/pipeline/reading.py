"""From a sample and its responses to its scores: one in each protocol."""

from collections.abc import Sequence

from medtrust.records import LETTERS, Protocol, Reading, Response, Sample, Score
from medtrust.scorers.scorer import ReadSettings, Scorer

PROTOCOLS: tuple[Protocol, ...] = ("official", "corrected")

REPLY = 2000
"""Characters of a reply that a score keeps; the journal has all of it."""


def read_both(
    scorer: Scorer, sample: Sample, responses: Sequence[Response | None], settings: ReadSettings
) -> tuple[Reading, Reading]:
    """The official and the corrected reading of an answer that came."""
    return (
        scorer.official(sample, responses, settings),
        scorer.corrected(sample, responses, settings),
    )


def scores_of(
    readings: tuple[Reading, Reading],
    sample: Sample,
    *,
    model: str,
    task: str,
    repeat: int = 0,
    reply: str = "",
    key: str = "",
) -> list[Score]:
    """Readings tied to their sample, in the order of `PROTOCOLS`."""
    return [
        Score(
            model=model,
            task=task,
            dataset=sample.dataset,
            sample=sample.id,
            protocol=protocol,
            outcome=reading.outcome,
            target=sample.target,
            cluster=sample.cluster,
            repeat=repeat,
            pair=sample.pair,
            choice=reading.choice,
            option=_option(sample, reading.choice),
            value=reading.value,
            confidence=reading.confidence,
            rule=reading.rule,
            reply=reply[:REPLY],
            options=len(sample.options),
            groups=sample.groups,
            details=reading.details,
            key=key,
        )
        for protocol, reading in zip(PROTOCOLS, readings, strict=True)
    ]


def _option(sample: Sample, choice: str) -> str:
    """Text of the option that a letter stands for; of `yes` and `no` the word itself."""
    place = LETTERS.find(choice) if len(choice) == 1 else -1
    return sample.options[place] if 0 <= place < len(sample.options) else choice
