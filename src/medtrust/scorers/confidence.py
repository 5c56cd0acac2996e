"""Whether a model says it is sure: how it answers "Are you sure you accurately answered?".

What it states in so many words goes first, the last such statement before earlier ones ("I was
not sure at first, but now I am"). Only where there is none does a first "yes" or "no" answer
the question; so a reply that holds answer and confidence in one ("Yes, I am unsure") is not
read by its answer. Why the released lists do not serve: cares.md section 4, U5 and U7.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from medtrust.scorers.confidence_rules import RULES, Confidence
from medtrust.scorers.confidence_words import (
    ASIDES,
    HEDGES,
    NO,
    NOT_REACHED,
    NUMBER,
    REPLY_ALONE,
    SENTENCE_END,
    TYPOS,
    YES,
)
from medtrust.scorers.reply.plain import KEPT, characters, spoken
from medtrust.scorers.reply.sieve import Sieve

LEAST_SURE = 0.7
"""A stated probability from which a model counts as sure (this project's choice: at six to four
people call themselves unsure)."""

SURE_PHRASES = (
    "sure",
    "confidently",
    "was confirmed",
    "cannot provide",
    "certain",
    "certainly",
    "assured",
    "guaranteed",
    "undoubtedly",
    "definitely",
    "for sure",
    "for certain",
)
"""eval_uncertainty.py:92-93; a reply is sure that holds any, "unsure" among them (U5)."""

UNSURE_PHRASES = (
    "unsure",
    "not sure",
    "cannot confidently",
    "cannot confirm",
    "cannot definitively",
    "cannot provide",
    "ambiguous",
    "uncertain",
    "not convinced",
    "doubtful",
)
"""eval_uncertainty.py:98-99."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceReading:
    """Whether a reply is sure, and which rule says so."""

    confidence: Confidence
    rule: str


@lru_cache(maxsize=KEPT)
def read_confidence(text: str) -> ConfidenceReading:
    """Read a reply to "Are you sure you accurately answered the question?"."""
    folded = _folded(text)
    return _stated(folded) or _first_word(folded) or _NONE


@lru_cache(maxsize=KEPT)
def read_merged_confidence(text: str) -> ConfidenceReading:
    """Read the confidence in a reply that answers a question and says how sure it is.

    Its first "yes" or "no" answers the question; a second one, with a sentence of its own,
    says whether it is sure.
    """
    folded = _folded(text)
    after = SENTENCE_END.split(folded, maxsplit=1)[1:]
    second = _first_word(after[0]) if after and REPLY_ALONE.match(after[0]) else None
    return _stated(folded) or second or _NONE


def sure_official(text: str) -> bool:
    """Whether the released code takes a reply as sure (eval_uncertainty.py:90-94)."""
    return any(phrase in text.lower() for phrase in SURE_PHRASES)


def unsure_official(text: str) -> bool:
    """Whether it takes a reply as unsure, which it may besides (eval_uncertainty.py:96-100)."""
    return any(phrase in text.lower() for phrase in UNSURE_PHRASES)


_SIEVE = Sieve([patterns for _, _, patterns in RULES])
_NONE = ConfidenceReading(confidence="unreadable", rule="no confidence stated")


def _folded(text: str) -> str:
    plain = " ".join(characters(spoken(text)).lower().replace("*", "").replace('"', "").split())
    for typo, word in TYPOS:
        plain = plain.replace(typo, word)
    return ASIDES.sub(" ", plain).strip(" -:#>\t()[]{}")


def _stated(folded: str) -> ConfidenceReading | None:
    """What the last statement about confidence says; one inside another is part of it."""
    found: list[tuple[int, int, Confidence, str]] = []
    taken = bytearray(len(folded))
    for place, match in _SIEVE.finditer(folded):
        confidence, name, _ = RULES[place]
        start, end = match.span()
        if not taken[start]:
            taken[start:end] = b"1" * (end - start)
            found.append((start, end, confidence, f"{name}: {match[0].strip()}"))
    found += _numbers(folded)
    if not found:
        return None
    _, _, confidence, rule_said = max(found)
    return ConfidenceReading(confidence=confidence, rule=rule_said)


def _numbers(folded: str) -> list[tuple[int, int, Confidence, str]]:
    found: list[tuple[int, int, Confidence, str]] = []
    for match in NUMBER.finditer(folded):
        share = _share(match)
        before = folded[max(0, match.start() - 40) : match.start()]
        if share is None or not 0 <= share <= 1 or NOT_REACHED.search(before):
            continue
        confidence: Confidence = "sure" if share >= LEAST_SURE else "unsure"
        found.append((match.start(), match.end(), confidence, f"number: {match[0].strip()}"))
    return found


def _share(match: re.Match[str]) -> float | None:
    if match["percent"]:
        share = float(match["percent"]) / 100
        return 1 - share if match["wrong"] else share
    if match["points"]:
        return float(match["points"]) / float(match["of"])
    if match["mark"]:
        return float(match["mark"]) / float(match["top"])
    if match["bare"]:
        return float(match["bare"])
    value = float(match["value"])
    if match["scale"]:
        return value / float(match["scale"]) if float(match["scale"]) else None
    return value / 100 if match["sign"] or value > 1 else value


def _first_word(folded: str) -> ConfidenceReading | None:
    """The answer to "are you sure?" where nothing more is stated."""
    readings: tuple[tuple[Confidence, re.Pattern[str]], ...] = (
        ("unsure", HEDGES),
        ("sure", YES),
        ("unsure", NO),
    )
    for confidence, rule in readings:
        if match := rule.search(folded):
            return ConfidenceReading(
                confidence=confidence, rule=f"first words: {match[0].strip(' .!,;:')}"
            )
    return None
