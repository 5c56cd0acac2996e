"""Where a reply says an option in the option's own words, and whether it affirms them.

Words are compared without case, punctuation and articles. A longer option hides a
shorter one inside it ("Not dilated" hides "Dilated"), and a mention under a negation,
a condition or a question mark is not affirmed ("not the left kidney", "a cyst would
be dark").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from medtrust.scorers.reply.plain import plain
from medtrust.scorers.reply.tokens import Token, tokenize, word_set

_NEGATIONS = word_set(
    "no not never neither nor without than instead opposed unlike rule rules ruling absence lack",
    "exclude excludes excluding excluded against denies free if whether unless",
)
_IDIOMS = frozenset({("no", "doubt"), ("without", "doubt"), ("no", "question"), ("not", "only")})
"""Negations that affirm what follows them."""
_DENIALS = word_set("absent unlikely incorrect wrong excluded ruled less false")
_VERBS = word_set("is are was were be does do can could would has should")
_HYPOTHETICAL = word_set("would could might")
_PLURALS = {"nevi": "nevus", "keratoses": "keratosis", "metastases": "metastasis"}
_REACH = 6
"""Words over which a negation is taken to reach within its clause."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Tokens `first` up to `last` (exclusive) say the option with this index."""

    option: int
    first: int
    last: int
    affirmed: bool


@lru_cache(maxsize=4096)
def words(option: str) -> tuple[str, ...]:
    """An option's words as they are compared."""
    return tuple(token.word for token in tokenize(plain(option)))


def is_bare(option: Sequence[str]) -> bool:
    """Whether an option is only "yes" or "no", words that stand in any sentence."""
    return tuple(option) in {("yes",), ("no",)}


def ends_clause(tokens: Sequence[Token], last: int) -> bool:
    """Whether a clause ends before token `last`."""
    return last == len(tokens) or tokens[last].clause != tokens[last - 1].clause


def option_at(
    tokens: Sequence[Token], place: int, options: Sequence[str]
) -> tuple[int, int] | None:
    """The longest option said from token `place` on: its index and the token after it.

    "Melanocytic nevus" says the class "melanocytic nevi", unless another option is just
    that; "tumours" does not say "tumour".
    """
    best: tuple[int, int] | None = None
    exact = False
    if place >= len(tokens) or tokens[place].word not in _beginnings(tuple(options)):
        return None
    for index, option in enumerate(options):
        wanted = words(option)
        last = place + len(wanted)
        said = [token.word for token in tokens[place:last]]
        if not wanted or len(said) != len(wanted) or not all(map(_says, said, wanted)):
            continue
        if last < len(tokens) and tokens[last].joined:
            continue
        if is_bare(wanted) and not ends_clause(tokens, last):
            continue
        if best is None or (last, said == list(wanted)) > (best[1], exact):
            best, exact = (index, last), said == list(wanted)
    return best


def _says(said: str, wanted: str) -> bool:
    """Whether a word is the wanted one, or one of those that the wanted plural is of."""
    return said in (wanted, _singular(wanted))


@lru_cache(maxsize=4096)
def _singular(wanted: str) -> str:
    """The word of which the wanted one is the plural, or the word itself."""
    if len(wanted) < 4 or wanted.endswith(("ss", "us", "is")):
        return wanted
    return _PLURALS.get(wanted, wanted.removesuffix("s"))


@lru_cache(maxsize=1024)
def _beginnings(options: tuple[str, ...]) -> frozenset[str]:
    """The words that an option can begin with as it is said: most words of a reply are none."""
    first = [own[0] for own in map(words, options) if own]
    return frozenset(first) | frozenset(map(_singular, first))


def mentions(tokens: Sequence[Token], options: Sequence[str]) -> list[Mention]:
    """All places where an option is said, in order; yes and no alone are left out.

    If one option is another with a negation in it ("dilated", "not dilated"), then the
    other under a negation is that option.
    """
    found: list[Mention] = []
    reach = 0
    for place, token in enumerate(tokens):
        hit = option_at(tokens, place, options)
        if hit is None or token.joined or is_bare(words(options[hit[0]])):
            continue
        index, last = hit
        if last <= reach:  # inside a longer mention
            continue
        reach = last
        negated = _negated_before(tokens, place)
        opposite = _opposite(index, options) if negated else None
        if opposite is not None:
            found.append(Mention(opposite, place, last, affirmed=True))
        else:
            denied = negated or tokens[last - 1].asked or _denied_after(tokens, last)
            found.append(Mention(index, place, last, affirmed=not denied))
    return found


def _negated_before(tokens: Sequence[Token], place: int) -> bool:
    for back in range(place - 1, max(-1, place - 1 - _REACH), -1):
        if tokens[back].clause != tokens[place].clause:
            return False
        pair = (tokens[back].word, tokens[back + 1].word)
        if pair[0] in _NEGATIONS and pair not in _IDIOMS:
            return True
    return False


def _denied_after(tokens: Sequence[Token], last: int) -> bool:
    clause = tokens[last - 1].clause
    after = [token.word for token in tokens[last : last + _REACH] if token.clause == clause]
    if after and after[0] in _HYPOTHETICAL:
        return True
    return not _DENIALS.isdisjoint(after) or any(
        verb in _VERBS and word == "not" for verb, word in pairwise(after)
    )


def _opposite(index: int, options: Sequence[str]) -> int | None:
    """The option that is this one with a negation in it."""
    base = words(options[index])
    for other, option in enumerate(options):
        longer = words(option)
        if len(longer) == len(base) + 1 and any(
            longer[cut] in {"no", "not", "without"} and longer[:cut] + longer[cut + 1 :] == base
            for cut in range(len(longer))
        ):
            return other
    return None
