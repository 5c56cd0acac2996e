"""What a reply states about the options: "the answer is B", "not A but B", "so (B)".

A statement names options at a place in the text and affirms or denies them. What is
said under a condition ("if it were open, the answer would be A"), in a question or
after "whether" states nothing.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from medtrust.records import LETTERS
from medtrust.scorers.reply import lead_ins as say
from medtrust.scorers.reply.reply import Reply, follows
from medtrust.scorers.reply.targets import NOT, pattern, target


@dataclass(frozen=True, slots=True)
class Statement:
    """Characters `start` to `end` of a reply affirm, or deny, the options `letters`."""

    start: int
    end: int
    letters: frozenset[str]
    affirmed: bool = True
    note: str = ""


_NOUN = pattern(
    r"(?:\b(?:the|my|final|correct|right|best) ){0,3}"
    rf"(?:(?P<answer>\b(?:{say.ANSWER})\b|{say.ANSWER_UNSPACED})|\b(?:{say.CHOICE})\b(?!'))"
)
_VERB = pattern(rf"(?<![\w'])(?:{say.CHOOSE})(?![\w'])")
_POINTER = pattern(rf"(?<![\w'])(?:{say.POINT})(?!\w)")
_SUMMARY = pattern(rf"(?:^|(?<=[.!?;,] ))\b(?:{say.THEREFORE})(?!\w),?")
_IS = pattern(say.IS)
_LETTER_ALONE = re.compile(
    r"\b[A-Z]\b(?!-| (?!(?:or|and|nor|is|was|but|because|are|as|not)\b)[a-z])"
)
"""A letter that is no part of a name: not that of an X-ray, or of T waves."""

_SUBJECT = re.compile(
    r"(?<![\w'(-])\(?([A-Z])\)?((?:(?:,| and| or| nor)+ \(?[A-Z]\)?){0,9})"
    rf"(?: (?:(?P<fits>{say.FITS})\b|(?P<unspaced>是正确|是对|は正しい|が正しい)"
    r"|(?:is|are|was|seems|appears|looks|would be|must be|has to be|ist|es|est|è|é)\b(?P<not>n't)?)"
    r"|(?P<colon> ?[:-])) ?(?P<rest>[^.,;!?\n]{0,60})"
)
_BEFORE_SUBJECT = pattern(
    r"(?:^|[^\w'\s] ?|\n|\b(?:option|choice|answer|letter|only|that|because|think|believe|and|or|"
    r"so|then|therefore|but|however|while|since|as|neither|nor|both|clearly|thus|hence|"
    r"opción|opção|opzione) )$"
)
_NEITHER = pattern(r"neither $")
_RIGHT = pattern(say.RIGHT)
_WRONG = pattern(rf"(?:\w+ ){{0,2}}?(?:{say.WRONG})")
_MARK = pattern(r"(?:not )?(?:in)?correct\b|right\b|wrong\b|true\b|false\b")
_VERDICT_END = pattern(r"\b(?:and|but|because|while|so|since|whereas|than|rather|und|aber)\b")

_CORRECTION = pattern(
    rf"(?:{say.NOT}) (?:option )?\(?(?-i:([A-Z]))\)?[,;.]? ?"
    rf"(?:(?:{say.INSTEAD}|it is|it's|so|option|definitely) ){{0,3}}\(?(?-i:([A-Z]))(?![\w'])"
)
_LAST = re.compile(r"(?:^|[.!?\n]) *(?:[Oo]ption |[Cc]hoice )?\(?([A-Z])\)?[.!?]*$")

_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|\n")
_CLAUSE_END = pattern(r"[,;:()]|\b(?:but|however|so|therefore|yet|and|thus|hence|then|though)\b")
_CONDITION = pattern(
    r"\b(?:if|unless|suppose|assuming|had the|had it)\b"
    r"(?! (?:i|you|we|one) (?:had|have|must|need|were|was|am|are)\b)"
    r"(?! (?:forced|asked|pressed|pushed)\b)"
)
_QUESTION = pattern(r"\b(?:whether|if|ask(?:s|ed|ing)?|wonder)\b(?! (?:i|you|we|one) )(?! to\b)")

_OTHERS = pattern(
    r"\b(?:others?|someone|somebody|some (?:might|may|would)|(?:some|many|most|less \w+) "
    r"(?:people|students|readers?)|students?|many|colleagues?|novice|people|nobody|no one|"
    r"pitfalls?|mistakes?|traps?|tempt(?:ing|ed|ation)|distractors?|at first glance|"
    r"one (?:might|may|could)|you (?:said|say|stated|claim|chose|suggested)|assistant said|"
    r"runner-up|doubt|unlikely that|incorrect to|error to|no (?:reason|basis) to|refuse to)\b"
)
"""In a sentence before a statement: it is what somebody else says, or what is not so."""
_NEXT = pattern(
    r"(?:worst|least(?: \w+)?|wrong|incorrect|alternative|second(?:[- ]best)?|rejected|excluded|"
    r"eliminated|earlier|previous|your) $"
)
"""Directly before one."""
_WOULD = re.compile(r"\bwould\b[^.!?\n]{0,60}\bif (?!i\b|we\b|you\b|one\b|forced|asked|pressed)")
_SENTENCE = 300
"""Characters within which a sentence is taken to begin before, or end after, a statement."""
_GAP = 80
"""Characters between "answer" and "is"."""
_COPULAS = 4
"""How many words such as "is" after "answer" are tried."""


def statements(reply: Reply) -> list[Statement]:
    """All statements of a reply, in order of where they end."""
    found = [made for find in _FINDERS for made in find(reply)]
    return sorted(found, key=lambda statement: (statement.end, statement.start))


def _after_nouns(reply: Reply) -> Iterator[Statement]:
    """As in "The answer, I think, is B", "answer: B"."""
    for lead in _NOUN.finditer(reply.text):
        stop = _sentence_stop(reply.text, lead.end(), _GAP)
        ends = [found.end() for found in _IS.finditer(reply.text, lead.end(), stop)]
        if lead["answer"]:
            ends.insert(0, lead.end())
        for end in ends[:_COPULAS]:
            gap = reply.text[lead.end() : end]
            if _QUESTION.search(gap) or not set(reply.letters).isdisjoint(
                _LETTER_ALONE.findall(gap)
            ):
                break
            if stated := _stated(reply, lead.start(), end):
                yield from _unconditional(reply, stated)
                break


def _after(opening: re.Pattern[str], reply: Reply, *, spoken: bool) -> Iterator[Statement]:
    """As in "I choose B", "it is B", "Therefore, B"."""
    for lead in opening.finditer(reply.text):
        if stated := _stated(reply, lead.start(), lead.end(), spoken=spoken):
            yield from _unconditional(reply, stated)


def _verdicts(reply: Reply) -> Iterator[Statement]:
    """As in "B is correct", "A and C are wrong", "A: its text (incorrect)"."""
    for found in _SUBJECT.finditer(reply.text):
        before = reply.text[max(0, found.start() - _SENTENCE) : found.start()]
        named = frozenset(_LETTER_ALONE.findall(found[1] + found[2])) & set(reply.letters)
        if not named or not _BEFORE_SUBJECT.search(before):
            continue
        rest = _VERDICT_END.split(found["rest"])[0]
        if found["colon"] and (hit := reply.option_from(found.start("rest"))):
            after = reply.tokens[hit[1] - 1].end
            rest = reply.text[after : after + 60].lstrip(" :(-,.")
            if not _MARK.match(rest):
                continue
        bare = not rest and not found["colon"] and reply.text[found.end() :][:1] in {".", "!"}
        denied = found["not"] or _NEITHER.search(before) or _WRONG.match(rest)
        if denied or found["fits"] or found["unspaced"] or bare or _RIGHT.match(rest):
            end = found.start("rest")
            yield from _unconditional(reply, Statement(found.start(), end, named, not denied))


def _corrections(reply: Reply) -> Iterator[Statement]:
    """As in "Not A but B", "it is not A; it is B"."""
    for found in _CORRECTION.finditer(reply.text):
        if found[2] in reply.letters and follows(reply, found.end()):
            yield Statement(found.start(), found.end(1), frozenset(found[1]), affirmed=False)
            yield Statement(found.start(2), found.end(), frozenset(found[2]))


def _summaries(reply: Reply) -> Iterator[Statement]:
    """As in "Therefore, the image shows ...": the one option that such a sentence affirms."""
    for lead in _SUMMARY.finditer(reply.text):
        stop = _sentence_stop(reply.text, lead.end(), _SENTENCE)
        said = [
            mention
            for mention in reply.mentions
            if mention.affirmed and lead.end() <= reply.starts[mention.first] < stop
        ]
        if len({mention.option for mention in said}) == 1:
            end = reply.tokens[said[-1].last - 1].end
            yield Statement(lead.start(), end, frozenset(LETTERS[said[0].option]))


def _last_letter(reply: Reply) -> Iterator[Statement]:
    """A last sentence that is a letter."""
    last = _LAST.search(reply.text, max(0, len(reply.text) - _SENTENCE))
    if last and last[1] in reply.letters:
        yield Statement(last.start(1), last.end(), frozenset(last[1]))


def _sentence_stop(text: str, start: int, reach: int) -> int:
    stop = min(start + reach, len(text))
    end = _SENTENCE_END.search(text, start, stop)
    return end.start() if end else stop


def _stated(reply: Reply, start: int, end: int, *, spoken: bool = True) -> Statement | None:
    """What a lead-in from `start` to `end` announces."""
    found = target(reply, end, spoken=spoken)
    if found is None:
        return None
    negated = found.negated or NOT.search(reply.text, start, end)
    return Statement(start, found.end, found.letters, not negated, found.note)


def _unconditional(reply: Reply, made: Statement) -> Iterator[Statement]:
    """The statement, denied if its clause is negated; nothing if it is only supposed."""
    text = reply.text
    sentence = _SENTENCE_END.split(text[max(0, made.start - _SENTENCE) : made.start])[-1]
    clause = _CLAUSE_END.split(sentence)[-1]
    asked = re.match(r"\)?\s?\?", text[made.end : made.end + 3])
    if asked or _CONDITION.search(sentence) or _QUESTION.search(clause):
        return
    after = _SENTENCE_END.split(text[made.start : made.end + _SENTENCE])[0]
    if _OTHERS.search(sentence) or _NEXT.search(sentence) or _WOULD.search(after):
        return
    yield replace(made, affirmed=made.affirmed and not NOT.search(clause))


_FINDERS: tuple[Callable[[Reply], Iterator[Statement]], ...] = (
    _after_nouns,
    partial(_after, _VERB, spoken=True),
    partial(_after, _POINTER, spoken=False),
    partial(_after, _SUMMARY, spoken=False),
    _verdicts,
    _corrections,
    _summaries,
    _last_letter,
)
