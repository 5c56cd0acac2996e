"""From a sample and its responses to its scores: one in each protocol."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from medtrust.records import LETTERS, Mode, Protocol, Reading, Response, Sample, Score
from medtrust.scorers.endings import read_guarded
from medtrust.scorers.scorer import ReadSettings, Scorer

PROTOCOLS: tuple[Protocol, ...] = ("official", "corrected")

REPLY = 2000
"""Characters of a reply that a score keeps; the journal has all of it."""


def read_both(
    scorer: Scorer,
    sample: Sample,
    responses: Sequence[Response | None],
    settings: ReadSettings,
    *,
    turns: int = 1,
    mode: Mode = "generate",
) -> tuple[Reading, Reading]:
    """The official and the corrected reading of an answer that came.

    Args:
        scorer: Who reads it.
        sample: What was asked.
        responses: The model's own, then its judge's.
        settings: What may be chosen about reading.
        turns: How many of the responses are the model's own.
        mode: What the model was asked for.
    """
    return (
        scorer.official(sample, responses, settings),
        read_guarded(scorer, sample, responses, settings, turns=turns, mode=mode),
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
    """Readings tied to their sample, in the order of `PROTOCOLS`.

    A lone surrogate, which a model's reply can hold and no file or message can, becomes a
    question mark.
    """
    kept = reply[:REPLY].encode("utf-8", "replace").decode()
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
            reply=kept,
            options=len(sample.options),
            reference=_option(sample, sample.target) if sample.kind != "open" else "",
            about=next(iter(sample.groups.get("question_type", ())), sample.kind),
            groups=sample.groups,
            details=_details(sample, reading),
            key=key,
        )
        for protocol, reading in zip(PROTOCOLS, readings, strict=True)
    ]


def _option(sample: Sample, choice: str) -> str:
    """Text of the option that a letter stands for; of `yes` and `no` the word itself."""
    place = LETTERS.find(choice) if len(choice) == 1 else -1
    return sample.options[place] if 0 <= place < len(sample.options) else choice


_FIRST_WORD = re.compile(r"\W*(\w+)")


def _details(sample: Sample, reading: Reading) -> Mapping[str, float]:
    """A reading's details, and whether reference and answer are yes, where two options are.

    A question whose options begin with yes and no is a yes/no question in other clothes: gaps in
    how often groups are told yes are about it too. Answers that never came say neither.
    """
    yes = _yes(sample.options)
    if not yes or reading.value is None:
        return reading.details
    said = {"is_yes": float(sample.target == yes), "said_yes": float(reading.choice == yes)}
    return {**reading.details, **said}


@lru_cache(maxsize=1 << 12)
def _yes(options: tuple[str, ...]) -> str:
    """The letter of the option that begins with yes, where one does and the other with no."""
    heads = [_FIRST_WORD.match(option) for option in options]
    words = [head[1].lower() if head else "" for head in heads]
    return LETTERS[words.index("yes")] if sorted(words) == ["no", "yes"] else ""
