"""Phrases that mean yes or no without saying it: "Negative.", "It does not.", "There is none".

Some say it to any question, some only to one that asks whether something is there: to "Is the
heart normal?" neither "negative" nor "none" is an answer. A phrase counts if it is a clause of
its own, and no other clause before it says anything.
"""

import re

from medtrust.scorers.reply.subject import Subject, content, said_words


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern})", re.IGNORECASE)


_PRONOUN = r"(?:it|this|that|he|she|they|these|the patient|there)"
_AUXILIARY = r"(?:is|are|does|do|has|have|was|were|can|did)"
_SEEN = (
    r"(?:seen|present|visible|identified|observed|detected|evident|noted|found|demonstrated|"
    r"visuali[sz]ed|appreciated|apparent|shown)"
)
_SO = r"(?:think|believe|suppose|would say|'d say)"

_YES = _whole(
    r"correct|(?:that|this)(?: is|'s) (?:correct|right|true)|true|indeed|certainly|definitely|"
    r"absolutely|of course|undoubtedly|affirmative|(?:most |very )?(?:likely|probably)|"
    rf"most (?:certainly|definitely)|i {_SO} so|(?:so )?it (?:appears|seems)(?: so| to be)?|"
    rf"{_PRONOUN} (?:certainly |definitely |clearly |probably |indeed )?{_AUXILIARY}(?: indeed)?|y"
)
_NO = _whole(
    r"incorrect|(?:that|this)(?: is|'s) (?:incorrect|not correct|not true|wrong|false|"
    r"not the case)|false|wrong|(?:certainly |definitely |absolutely |probably |of course |"
    r"most likely |clearly )not|not (?:really|at all|exactly|quite|that i can (?:see|tell))|"
    r"never|by no means|far from it|(?:very |highly |most )?unlikely|on the contrary|"
    rf"i (?:do not|don't) {_SO} so|i {_SO} not|n|"
    rf"{_PRONOUN} (?:certainly |definitely |clearly |probably )?{_AUXILIARY}(?: not|n't)(?: any)?"
)
_THERE = _whole(
    rf"(?:clearly )?(?:present|positive)|{_PRONOUN} (?:is|are) (?:clearly )?{_SEEN}|"
    rf"(?:clearly )?{_SEEN}"
)
_NOT_THERE = _whole(
    rf"negative|absent|none(?: {_SEEN})?|nil|nothing(?: {_SEEN})?|nothing of the (?:sort|kind)|"
    rf"there(?: is|'s| are) (?:none|nothing)(?: {_SEEN})?|not {_SEEN}|none (?:is|are) {_SEEN}|"
    rf"{_PRONOUN} (?:is|are) (?:absent|negative|not {_SEEN})|{_PRONOUN} (?:isn't|aren't) {_SEEN}|"
    rf"i (?:see|find|note|observe) none|not to be {_SEEN}"
)
_DENIAL = _whole(
    r"(?:there (?:is|are|was|were) no|there (?:isn't|aren't|is not|are not)|without|"
    r"no(?! (?:answer|response|comment|information|data|image|idea|way|one)\b)|"
    r"absence of|negative for|it (?:is not|isn't|does not|doesn't|has no)|"
    r"i (?:do not|don't|cannot|can't|can not) (?:see|detect|identify|find|observe))\b.{1,300}"
)
"""What denies something to a question nobody knows."""

_ON_THIS_VIEW = re.compile(
    r"(?i) (?:on|in) (?:this|the|these) (?:chest )?(?:images?|pictures?|views?|x-?rays?|films?|"
    r"scans?|radiographs?|stud(?:y|ies))$"
)
_SENTENCE = re.compile(r"[.!?;\n]")
_CLAUSE = re.compile(r"[,:()]|\s-|-\s")


def phrase(text: str, asked: Subject | None) -> frozenset[str]:
    """`yes` or `no` where the first sentence of a plain text is a phrase for it, else nothing."""
    if asked is not None and asked.negated:
        return frozenset()
    sentence = next((piece for piece in _SENTENCE.split(text) if piece.strip()), "")
    for clause in _CLAUSE.split(sentence):
        said = _ON_THIS_VIEW.sub("", clause.strip().rstrip("'"))
        if found := _meaning(said, asked):
            return frozenset({found})
        if content(said_words(said)):
            break
    return frozenset()


def _meaning(said: str, asked: Subject | None) -> str:
    finding = asked is None or asked.asks_for_finding
    if _YES.fullmatch(said) or (finding and _THERE.fullmatch(said)):
        return "yes"
    if _NO.fullmatch(said) or (finding and _NOT_THERE.fullmatch(said)):
        return "no"
    return "no" if asked is None and _DENIAL.fullmatch(said) else ""
