"""Which option a reply names, read as a careful person would read it.

Rules run from the most explicit to the least; the first that finds a letter decides,
and one that finds two leaves the reply unparseable. Nothing is guessed: the reading
says which rule read the answer.

Why the released parser does not serve: mediconfusion.md 5.1.2. What other harnesses
got wrong: "The correct answer is (B)" read as T, the article read as option A.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from medtrust.common.thinking import spoken
from medtrust.records import LETTERS, Reading
from medtrust.scorers.declining import abstains, declined
from medtrust.scorers.reply.labels import Label, labels
from medtrust.scorers.reply.option_text import ends_clause, words
from medtrust.scorers.reply.plain import plain
from medtrust.scorers.reply.reply import CONTRADICTION, Reply
from medtrust.scorers.reply.said import KEPT, said
from medtrust.scorers.reply.statements import Statement, statements
from medtrust.scorers.reply.tokens import word_set


@dataclass(frozen=True, slots=True)
class Finding:
    """Letters a rule found. More than one, or none, leaves the reply unparseable."""

    letters: frozenset[str]
    note: str = ""


Rule = Callable[[Reply], Finding | None]


def read_option(text: str, options: Sequence[str]) -> Reading:
    """Read which of `options` (2 to 10, the first is A) a reply names.

    The outcome is `choice`, `abstention` or `unparseable`; `rule` says why. `value` is
    left to the scorer, which knows the reference. Never raises, whatever the text.
    """
    return _read(text, tuple(options))


@lru_cache(maxsize=KEPT)
def _read(text: str, options: tuple[str, ...]) -> Reading:
    told = _numbered(said(text).plain)
    if exact := _verbatim(text, options):
        return Reading(outcome="choice", choice=exact, rule="option text, verbatim")
    reply, refusal = Reply(told, options), declined(text)
    declining = abstains(text)
    for name, rule in _rules(refusal if declining else "", declining):
        finding = rule(reply)
        if finding and (len(finding.letters) == 1 or not refusal):
            return _reading(f"{name}, beside a refusal ({refusal})" if refusal else name, finding)
    if refusal or declining:
        return Reading(outcome="abstention", rule=f"refusal: {refusal or declining}")
    return Reading(outcome="unparseable", rule="no option named" if told else "empty")


def _rules(refusal: str, declining: str) -> Sequence[tuple[str, Rule]]:
    """Rules for a reply that refuses plainly, that declines in any way, or that does neither."""
    if refusal:
        return EXPLICIT
    return (*EXPLICIT, *IMPLICIT) if declining else (*EXPLICIT, *IMPLICIT, ("mention", _mention))


def _reading(name: str, finding: Finding) -> Reading:
    letters = sorted(finding.letters)
    if len(letters) == 1:
        return Reading(outcome="choice", choice=letters[0], rule=name)
    why = finding.note or f"names {' and '.join(letters)}"
    return Reading(outcome="unparseable", rule=f"{name}: {why}")


_ORDINALS = ("first", "second", "third", "fourth", "fifth")
_ORDINAL = re.compile(rf"(?i)\b(?:the )?({'|'.join(_ORDINALS)}) (?:option|choice)\b")


def _numbered(text: str) -> str:
    """The text with "the second option" as "option B"."""
    return _ORDINAL.sub(lambda found: f"option {LETTERS[_ORDINALS.index(found[1].lower())]}", text)


def _verbatim(text: str, options: Sequence[str]) -> str:
    """The letter of the one option that the reply repeats character for character."""
    whole = spoken(text).strip()
    same = [
        letter for letter, option in zip(LETTERS, options, strict=False) if option.strip() == whole
    ]
    return same[0] if whole and len(same) == 1 else ""


_NAMING = re.compile(r"(?i)^\W*(?:option|choice|letter)\b")
_WORD = re.compile(r"[^\W_]+")


_HEADED = re.compile(r"\W*([A-Za-z])\b\s?[).:,-]*\s+(?=\S)")


def _lettered_text(reply: Reply) -> Finding | None:
    """`C. D/(B+D)`: a letter and, character for character, the text of an option."""
    head = _HEADED.match(reply.text)
    if not head or head[1].upper() not in reply.letters:
        return None
    texts = [plain(option) for option in reply.options]
    rest = reply.text[head.end() :]
    same = [texts.index(text) for text in texts if rest.rstrip(".") == text.rstrip(".")]
    if not same:
        return None
    own = LETTERS.index(head[1].upper())
    named = {own} if own in same or texts[own] == texts[same[0]] else {own, *same}
    letters = frozenset(LETTERS[place] for place in named)
    return Finding(letters, CONTRADICTION if len(letters) > 1 else "")


def _lone_letter(reply: Reply) -> Finding | None:
    """`B`, `(b).`, `Option B`, `B B B`: nothing but letters on offer."""
    said = frozenset(word.upper() for word in _WORD.findall(_NAMING.sub("", reply.text)))
    return Finding(said) if said and said <= set(reply.letters) else None


def _marked_text(reply: Reply) -> Finding | None:
    """The reply is the text of one option, marks and case too: `Both A and B`, `s++`."""
    said = reply.text.rstrip(".")
    same = [place for place, text in enumerate(reply.options) if plain(text).rstrip(".") == said]
    several = len(_WORD.findall(said)) > 1 or not _WORD.search(said)
    return Finding(frozenset(LETTERS[same[0]])) if len(same) == 1 and several else None


def _whole_text(reply: Reply) -> Finding | None:
    """The reply is an option's text, up to case, punctuation and articles."""
    said = tuple(token.word for token in reply.tokens)
    same = frozenset(
        letter
        for letter, option in zip(LETTERS, reply.options, strict=False)
        if said and words(option) == said
    )
    return Finding(same) if same else None


def _conclusion(reply: Reply) -> Finding | None:
    """The last statement that affirms an option, with those that stand right before it."""
    made = statements(reply)
    affirmed = [statement for statement in made if statement.affirmed]
    if not affirmed or _breaks_off(reply, affirmed[-1]):
        return None
    last = affirmed[-1]
    letters = last.letters
    for earlier in reversed(affirmed[:-1]):
        if _WORD.search(reply.text, earlier.end, max(earlier.end, last.start)):
            break
        letters |= earlier.letters
    denied_later = (later for later in made if not later.affirmed and later.end > last.end)
    if any(last.letters <= later.letters for later in denied_later):
        return Finding(frozenset(), "taken back")
    return Finding(letters, last.note)


def _breaks_off(reply: Reply, last: Statement) -> bool:
    """Whether a last lone letter begins the next item of a list that was cut off."""
    if last.end < len(reply.text) or last.end - last.start > len("B)."):
        return False
    listed = _union(label.letters for label in labels(reply) if label.start < last.start - 1)
    return bool(listed) and not last.letters <= listed


def _leading_letter(reply: Reply) -> Finding | None:
    """`B: text`, `(B) because ...`, a first line `B`, unless other labels follow."""
    found = labels(reply)
    return _labelled(found) if any(label.start == 0 for label in found) else None


def _line_letter(reply: Reply) -> Finding | None:
    """The same further down."""
    return _labelled(labels(reply))


def _labelled(found: Sequence[Label]) -> Finding | None:
    if not found:
        return None
    note = next((label.note for label in found if label.note), "")
    return Finding(_union(label.letters for label in found), note)


def _union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset[str]().union(*sets)


_BETWEEN = word_set("and or but rather instead is it so both either")
_REJECTING = word_set("not than of neither nor")
_AFRESH = re.compile(r"[,;.]|\b(?:but|so)\b")


def _contrast(reply: Reply) -> Finding | None:
    """`B, not A`, `B rather than A`: nothing but letters and the words that set them apart."""
    kept: set[str] = set()
    rejecting, end = False, 0
    for word in _WORD.finditer(reply.text):
        rejecting = rejecting and not _AFRESH.search(reply.text, end, word.end())
        end = word.end()
        if word[0].lower() in _REJECTING:
            rejecting = True
        elif word[0] in set(reply.letters):
            kept |= set() if rejecting else {word[0]}
        elif word[0].lower() not in _BETWEEN:
            return None
    return Finding(frozenset(kept)) if kept else None


_YES_IT_IS = word_set("it there this that they i he she")


def _yes_or_no(reply: Reply) -> Finding | None:
    """A first word "yes" or "no" where one option begins with yes and one with no."""
    heads = ["".join(words(option)[:1]) for option in reply.options]
    if heads.count("yes") != 1 or heads.count("no") != 1 or not reply.tokens:
        return None
    first = reply.tokens[0].word
    clear = ends_clause(reply.tokens, 1) or reply.tokens[1].word in _YES_IT_IS
    if first not in {"yes", "no"} or not clear:
        return None
    return Finding(frozenset(LETTERS[heads.index(first)]))


_NAMED = re.compile(r"(?i:\b(?:option|choice|answer)) \(?([A-Z])(?![\w'-])(?!\)?\s?\?)")
_TRAILING = re.compile(r",? ?\(?([A-Z])\)?\.?$")


def _mention(reply: Reply) -> Finding | None:
    """One option named in passing: "option B", "its text (B)" or its text alone."""
    named = {found[1] for found in _NAMED.finditer(reply.text)}
    for mention in reply.mentions:
        if trailing := _TRAILING.match(reply.text, reply.tokens[mention.last - 1].end):
            named.add(trailing[1])
    denied = _union(made.letters for made in statements(reply) if not made.affirmed)
    letters = frozenset(named & set(reply.letters)) - denied
    texts = frozenset(LETTERS[said.option] for said in reply.mentions if said.affirmed) - denied
    clash = len(letters) == 1 and len(texts) == 1 and letters != texts
    found = letters | texts
    return Finding(found, CONTRADICTION if clash else "") if found else None


EXPLICIT: tuple[tuple[str, Rule], ...] = (
    ("letter and text", _lettered_text),
    ("option text", _marked_text),
    ("lone letter", _lone_letter),
    ("option text", _whole_text),
    ("conclusion", _conclusion),
    ("leading letter", _leading_letter),
    ("contrast", _contrast),
)
"""Rules that read an answer even beside a refusal."""

IMPLICIT: tuple[tuple[str, Rule], ...] = (
    ("yes or no", _yes_or_no),
    ("letter at a line's head", _line_letter),
)
"""Rules for replies that do not refuse; a mention in passing counts where nothing is declined."""
