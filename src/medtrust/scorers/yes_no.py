"""Whether a reply says yes or no, read as a careful person would read it.

Rules run from the most explicit to the least: a conclusion ("the answer is no"), the words
yes and no where they stand for themselves ("No, ..." but not "no effusion"), phrases that
mean one of them ("Negative.", "It does not."), and sentences that answer the question in its
own words. Whatever says both, or neither, is unparseable: nothing is guessed.

Why the released reader does not serve: cares.md section 4, Y1 and Y3.
"""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from msgspec.structs import replace

from medtrust.records import Reading, Response, Sample
from medtrust.scorers.declining import abstains, declined, only_disclaims
from medtrust.scorers.reply.claims import claims
from medtrust.scorers.reply.phrases import phrase
from medtrust.scorers.reply.reply import Reply
from medtrust.scorers.reply.said import KEPT, said
from medtrust.scorers.reply.statements import statements
from medtrust.scorers.reply.subject import subject
from medtrust.scorers.reply.verdicts import decided, prepared, verdicts, without_verdicts
from medtrust.scorers.scorer import ReadSettings, own

CHOICES = ("yes", "no")

_SENTENCES = re.compile(r"(?<=[.!?])\s|\n")
_TURN = re.compile(r",?\s(?:but|however),?\s")
_LINE = re.compile(r"\W*no\W*\n", re.IGNORECASE)
_EITHER = re.compile(r"\b(?:yes|no)\b")


@lru_cache(maxsize=KEPT)
def read_yes_no(text: str, question: str = "") -> Reading:
    """Read whether a reply says yes or no to `question`.

    Without a question, or with one that is not understood, only what means yes or no by
    itself is read. The outcome is `choice` (`yes` or `no`), `abstention` or `unparseable`;
    `rule` says why. `value` is left to the scorer. Never raises, whatever the text.
    """
    told = prepared(said(text).plain)
    refusal = declined(text)
    if concluded := _concluded(told):
        return _reading("conclusion", concluded, refusal)
    if refusal and (bare := _bare(text, question)):
        return _reading("yes or no before a disclaimer", {bare}, refusal)
    if refusal and (abstention := abstains(text)):
        return Reading(outcome="abstention", rule=f"refusal: {abstention}")
    if refusal:
        told = _answering(told)
    asked = subject(question)
    made = verdicts(told)
    claimed = claims(without_verdicts(told, made), asked) if asked else frozenset[str]()
    # A sentence that says the opposite of what a rule found leaves nothing to go by.
    against = claimed if len(claimed) == 1 else frozenset[str]()
    for rule, found in (
        ("yes or no", decided(made)),
        ("phrase", phrase(told, asked)),
        ("sentence", claimed),
    ):
        if found:
            return _reading(rule, found | against, refusal)
    if declining := refusal or abstains(text):
        return Reading(outcome="abstention", rule=f"refusal: {declining}")
    return Reading(outcome="unparseable", rule="neither yes nor no" if told else "empty")


def corrected(sample: Sample, responses: Sequence[Response | None], _: ReadSettings) -> Reading:
    """The reading set against the reference. Neither yes nor no counts as wrong."""
    reading = read_yes_no(own(responses).text, sample.question)
    right = reading.outcome == "choice" and reading.choice == sample.target
    return replace(reading, value=float(right))


def _reading(rule: str, found: Collection[str], refusal: str) -> Reading:
    name = f"{rule}, beside a refusal ({refusal})" if refusal else rule
    if len(found) == 1:
        return Reading(outcome="choice", choice=next(iter(found)), rule=name)
    return Reading(outcome="unparseable", rule=f"{name}: says both yes and no")


def _bare(text: str, question: str) -> str:
    """A first sentence that is "yes" or "no", where the rest only disclaims advice or diagnosis.

    To "Can you tell ...?" it answers whether one can, and "No. I cannot diagnose" on one line
    declines twice.
    """
    first = said(text).sentences[0].clauses
    asks = question.lower().lstrip().startswith(("can you", "could you", "are you able"))
    is_bare = first == ("yes",) or (first == ("no",) and _LINE.match(said(text).folded))
    return first[0] if is_bare and not asks and only_disclaims(text) else ""


def _concluded(said: str) -> frozenset[str]:
    """What the last statement such as "the answer is no" says, and any later word against it."""
    stated = []
    for made in statements(Reply(said, CHOICES)):
        words = set(_EITHER.findall(said[made.start : made.end].lower()))
        if len(words) == 1:
            stated.append((made, words.pop()))
    affirmed = [(made, word) for made, word in stated if made.affirmed]
    if not affirmed:
        return frozenset()
    last, word = affirmed[-1]
    if any(made.end > last.end and other == word for made, other in stated if not made.affirmed):
        return frozenset(CHOICES)
    later = (verdict.choice for verdict in verdicts(said) if verdict.start >= last.end)
    return frozenset({word, *later})


def _answering(said: str) -> str:
    """The sentences that decline nothing and say more than yes or no.

    "No. I cannot help with that." declines twice; "I cannot diagnose, but no effusion is
    seen" answers after its turn.
    """
    kept = []
    for whole in _SENTENCES.split(said):
        sentence = _TURN.split(whole, maxsplit=1)[-1] if declined(whole) else whole
        alone = without_verdicts(sentence, verdicts(sentence))
        if not declined(sentence) and re.search(r"\w", alone):
            kept.append(sentence)
    return "\n".join(kept)
