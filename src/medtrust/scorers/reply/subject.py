"""What a yes/no question asks about, as words that a reply's sentence can be set against.

Words about the picture and about seeing ("on the chest X-ray", "any evidence of") carry
nothing: "Is there any evidence of an effusion?" and "An effusion is seen" share their one
word that counts.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from medtrust.scorers.reply.plain import plain
from medtrust.scorers.reply.tokens import word_set

NEGATIONS = word_set(
    "no not nothing without absent absence none nil neither never free lack lacks lacking negative",
    "excluded unlikely resolved gone cleared ruled",
)
"""Words that deny what stands in their clause."""

NORMAL = word_set("normal")
ABNORMAL = word_set("abnormal enlarged widened dilated")
"""What is the one is not the other."""

_EMPTY = word_set(
    # Articles, prepositions, pronouns, auxiliaries.
    "a an the this that these those it its there he she they we i you one some any such as",
    "in on at of to from by with within for into per is are was were be been being am do does did",
    "have has had can which both either here also so indeed very quite and or nor",
    # The picture and the patient.
    "image picture photo photograph scan x ray xray radiograph radiography film study view exam",
    "examination figure slide frontal lateral chest thorax ct mri patient person individual report",
    # Seeing and saying.
    "show shown see seen visible visualize visualized present presence evidence sign indication",
    "indicate indicated indicative finding demonstrate demonstrated reveal revealed display",
    "displayed depict depicted contain appear appearance look seem note noted observe observed",
    "identify identified detect detected evident apparent exist suggest suggested suggestive",
    "suggestion provided given according based think believe conclude say size limit definite",
    "obvious certainly clearly definitely overall currently current hence thus therefore then",
    "consequently accordingly",
)
_WELL = NORMAL | word_set("clear intact sharp")
_EXISTENTIAL = word_set(
    "there show shown see seen visible visualized present presence evidence sign indication",
    "indicate indicated indicative demonstrate demonstrated reveal revealed display displayed",
    "depict depicted contain observe observed identify identified detect detected evident",
    "apparent noted note have suggest suggested suggestive",
)
_RULED_OUT = word_set("rule exclude deny")
# Comparisons, and changes: "no tube" does not answer "has the tube been removed?".
_OPAQUE = word_set(
    "than improved improvement improving resolution resolving worsened worsening worse better",
    "increase increased increasing decrease decreased decreasing change changed removed removal",
    "progressed progression stable unchanged reduced reduction disappeared",
)
_ENTIRE = word_set("both bilateral bilaterally completely fully entirely grossly")
_SAME = {
    "abnormality": "abnormal",
    "enlargement": "enlarged",
    "dilation": "dilated",
    "dilatation": "dilated",
    "widening": "widened",
    "normally": "normal",
    "unremarkable": "normal",
}
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
# "No clear indication of", "the largest of the three": words that add nothing.
_ADDS_NOTHING = re.compile(
    r"\b(?:clear|obvious|definite|definitive|convincing|conclusive|overt|strong|apparent|direct|"
    r"specific|appreciable|frank|gross|discernible|significant|radiographic|visible|visual) "
    r"(?=(?:evidence|indication|sign|suggestion|finding|feature|suspicion|demonstration)s?\b)|"
    r"\bof (?:the |these |those |all |them )*(?:two|three|four|five|six|group|lot|set|organs|"
    r"options|structures|them)\b"
)
_ENDINGS = (
    *("ifications", "ification", "ified", "ifying", "ications", "ication", "ements", "ement"),
    *("ations", "ation", "ating", "ated", "ates", "ate", "ments", "ment", "ities", "ity"),
    *("ions", "ion", "ings", "ing", "ied", "ies", "ed", "es", "e", "y"),
)
"""Endings of one word in several forms: fractured, fracture; calcified, calcification."""
_ROOT = 4
"""Letters that are left of a word without its ending at least."""
_LIMITS = re.compile(r"\bwithin (?:the )?normal limits\b")
_SENTENCES = re.compile(r"(?<=[.!])\s+|\n")
# "Among the liver, spleen and kidney, is the spleen the largest?" asks about the spleen.
_OPENING = re.compile(
    r"(?i)^(?:among|between|of|from|in|on|at|during|according|based|given|considering|for|after|"
    r"before|with|as|if|when|since|by|regarding|compared|looking|judging)\b.*,\s+"
    r"(?=(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b)"
)
_SEVERAL = re.compile(r"[,(]|\b(?:and|or|nor|such as|including|like|e\.g)\b")


def said_words(text: str) -> list[str]:
    """Words in lower case and the singular; "isn't" is "is not", "cannot" is "can not"."""
    words: list[str] = []
    for word in _WORD.findall(_ADDS_NOTHING.sub(" ", _LIMITS.sub("normal", text.lower()))):
        if word.endswith("n't") or word == "cannot":
            words += [word.removesuffix("n't").removesuffix("not"), "not"]
            continue
        stem = _singular(word.removesuffix("'s"))
        words.append(_SAME.get(stem, stem))
    return words


def _singular(word: str) -> str:
    if word in _EMPTY or word in NEGATIONS or len(word) < 4 or word.endswith(("ss", "us", "is")):
        return word
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")


def content(words: Iterable[str]) -> frozenset[str]:
    """The roots of the words that carry something, negations aside."""
    return frozenset(map(root, frozenset(words) - _EMPTY - NEGATIONS))


@lru_cache(maxsize=4096)
def root(word: str) -> str:
    """A word without its ending, where it says what other words with that root say."""
    if word in _WELL or word in ABNORMAL or word in _ENTIRE:
        return word
    ending = next((one for one in _ENDINGS if word.endswith(one)), "")
    return word.removesuffix(ending) if len(word) - len(ending) >= _ROOT else word


def spaced(text: str, asked: "Subject") -> str:
    """A text with the blank that is missing before a word of the question: `iscalcified`."""
    long = sorted(one for one in asked.words if len(one) >= _ROOT)
    glued = "|".join([r"not\b", *map(re.escape, long)])
    return re.sub(rf"(?i)\b(is|are|was|were|not|no|has|the)(?={glued})", r"\1 ", text)


@dataclass(frozen=True, slots=True)
class Subject:
    """A question's words that count, and what a sentence with some words says to it."""

    words: frozenset[str] = frozenset()
    """None where the question is not understood: then no sentence answers it."""
    last: str = ""
    """The last of them, which is what a question with "is" asks about its subject."""
    existential: bool = False
    """It asks whether something is there or can be seen."""
    negated: bool = False
    """It denies something itself ("free of", "no"): a plain sentence is no answer."""
    compound: bool = False
    """It asks about several things at once."""

    @property
    def asks_for_normal(self) -> bool:
        """Whether "yes" means that all is well."""
        return not self.words.isdisjoint(_WELL)

    @property
    def asks_for_finding(self) -> bool:
        """Whether "yes" means that something is there, so that "none" and "negative" mean no."""
        found = self.existential or not self.words.isdisjoint(ABNORMAL)
        return found and not self.asks_for_normal and not self.negated

    def affirmed(self, said: frozenset[str]) -> str:
        """`yes` where all that is asked about is said; `no` where its opposite is."""
        if not self.words or self.negated or not said:
            return ""
        if self.words <= said:
            # The right lung is not the lungs: what is all well may not be narrowed down.
            narrower = said - self.words - _ENTIRE if self.asks_for_normal else frozenset()
            return "" if narrower else "yes"
        for asked, opposite in ((NORMAL, ABNORMAL), (ABNORMAL, NORMAL)):
            rest = self.words - asked
            if rest == self.words or self.words & opposite or not said & opposite:
                continue
            # "Normal" denies everything else, so that nothing must narrow it down.
            narrower = said - opposite - rest if opposite == NORMAL else frozenset()
            if (rest <= said and not narrower) or said <= opposite:
                return "no"
        # "The silhouette is normal", where it was said before which one.
        repeats = said <= self.words and not said.isdisjoint(NORMAL | ABNORMAL)
        return "yes" if repeats and not self.compound else ""

    def denied(self, said: frozenset[str]) -> str:
        """`no` where what is denied is what is asked about.

        No effusion, so no large effusion; but to "Are the lungs clear of fluid?" and "Is the
        tube in place?" neither "no fluid" nor "no tube" says no.
        """
        if not said or not said <= self.words or self.negated:
            return ""
        if self.compound:
            return "no" if said == self.words else ""
        if self.existential and not self.asks_for_normal:
            return "no"
        predicate = self.words & (_WELL | ABNORMAL) or {self.last}
        return "" if said.isdisjoint(predicate) else "no"


@lru_cache(maxsize=4096)
def subject(question: str) -> Subject | None:
    """What a question asks about; None where there is no question."""
    stated, mark, _ = plain(question).partition("?")
    if not stated.strip():
        return None
    asked = _OPENING.sub("", _SENTENCES.split(stated)[-1])
    words = said_words(asked)
    counting = [root(word) for word in words if root(word) in content(words)]
    if not mark or not counting or not _OPAQUE.isdisjoint(words):
        return Subject()
    return Subject(
        words=frozenset(counting),
        last=counting[-1],
        existential=not _EXISTENTIAL.isdisjoint(words),
        negated=not (NEGATIONS | _RULED_OUT).isdisjoint(words),
        compound=_SEVERAL.search(asked) is not None,
    )
