"""What a model that reads replies has said of one, and what that makes of an answer's reading."""

from collections.abc import Collection, Mapping
from typing import Literal

from msgspec.structs import replace

from medtrust.common.thinking import spoken
from medtrust.records import Reading, Response
from medtrust.scorers.scorer import BY_READER, Said

WORDS = {"abstention": frozenset({"yes", "no"}), "confidence": frozenset({"yes", "no", "neither"})}
"""The answers there are to each of a reader's questions."""

_CONFIDENCE: Mapping[str, Literal["sure", "unsure", "unreadable"]] = {
    "yes": "sure",
    "no": "unsure",
    "neither": "unreadable",
}
_DRESS = " \t\r\n\"'`*_.!()[]{}"


def read_word(response: Response | None, words: Collection[str]) -> str:
    """Which of the words a reader answered; empty unless that is all it said, thinking aside."""
    word = spoken(response.text).strip(_DRESS).lower() if response else ""
    return word if word in words else ""


def said(words: Mapping[str, str]) -> Said:
    """A reader's words by what they are about; what it was not asked stays with the rules."""
    declines = words.get("abstention")
    return Said(
        declines=None if declines is None else declines == "yes",
        confidence=_CONFIDENCE[words["confidence"]] if "confidence" in words else "",
    )


def heard(reading: Reading, declines: bool | None) -> Reading:
    """The reading of a closed question, once a model has said whether the reply declines.

    A reply that declines chooses nothing, whatever a rule has found in it; one that does not,
    and in which no rule finds a choice, is unparseable.
    """
    if declines and (reading.choice or reading.outcome == "unparseable"):
        return replace(
            reading,
            outcome="abstention",
            choice="",
            value=0.0,
            confidence=None,
            rule=f"refusal: {BY_READER}",
        )
    if declines is False and reading.outcome == "abstention":
        return replace(reading, outcome="unparseable", rule=f"no refusal, {BY_READER}")
    return reading
