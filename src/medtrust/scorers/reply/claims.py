"""What a reply's sentences say to a yes/no question, where they do not say yes or no.

"The heart is enlarged" says yes to "Is the heart enlarged?" and "No pleural effusion" says
no to "Is there a large pleural effusion?". What is supposed, asked, possible or past says
nothing, and so does whatever is about anything else: nothing is guessed.
"""

import re
from collections.abc import Iterator

from medtrust.scorers.reply.subject import NEGATIONS, Subject, content, said_words, spaced
from medtrust.scorers.reply.tokens import word_set

_SEGMENT_END = re.compile(
    r"[;:!?\n()]|\.(?!\d)|\s-\s|,? ?\b(?:but|however|although|though|while|whereas|yet|because|"
    r"since|therefore|thus|hence)\b|,?\s(?=without\b|with no\b|"
    r"for what\b|as (?:you|described|stated)\b)"
)
_JOINT = re.compile(r",? ?\b(or|nor|and)\b|,")
_VERBS = word_set(
    "is are was were has have does do appear look seem show demonstrate reveal contain there",
)
_OPENS = word_set("the there this it a an these both i we")
_UNCERTAIN = word_set(
    "if whether unless may might could would should possible possibly perhaps maybe suspected",
    "suspicious questionable equivocal uncertain unclear prior previous previously former",
    "formerly history only than otherwise consider compare check assess evaluate versus",
    "rule looked searched sought",
)
_TOLD_OTHERWISE = word_set(
    "hardly barely scarcely little insufficient doubt doubtful unable unlikely fails fail failed",
    "excludes exclude excluded mimic mimics mimicking mistaken resembles similar against risk low",
    "least inconsistent claim claims disagree false usually often generally general many typically",
    "recovered resolved vaccinated far off from past artefact artifact why like",
)
"""Words with which a sentence repeats what is asked about and does not affirm it, where the
question has no such word: "is often mistaken for", "a low likelihood of", "fails to show"."""
_LABEL_ENDS = frozenset({":", "(", " - "})


def claims(text: str, asked: Subject) -> frozenset[str]:
    """`yes` and `no`, as far as the sentences of a plain text say them to a question."""
    found: set[str] = set()
    label = ""
    text = spaced(text, asked)
    for first, segment, end in _segments(text):
        if end in _LABEL_ENDS and _is_label(segment, asked):
            label = segment
            continue
        # "Effusion: none" denies, "Effusion: seen" states; "Effusion: unknown" says neither.
        of_label = bool(label) and content(said_words(segment)) <= asked.words
        told = f"{label} {segment}" if of_label else segment
        found |= set(_claims(told, asked, alone=first or of_label))
        label = ""
    return frozenset(found - {""})


def _is_label(segment: str, asked: Subject) -> bool:
    """Whether a clause only names what is asked about, so that what follows says if it is so."""
    words = said_words(segment)
    plain = (_VERBS | NEGATIONS).isdisjoint(words)
    return plain and not content(words).isdisjoint(asked.words)


def _segments(text: str) -> Iterator[tuple[bool, str, str]]:
    """Clauses with whether each is the first, and what ends it; questions are left out."""
    start = 0
    for end in [*_SEGMENT_END.finditer(text), None]:
        segment = text[start : end.start()] if end else text[start:]
        if segment.strip() and not (end and end[0] == "?"):
            yield start == 0, segment, end[0] if end else ""
        start = end.end() if end else start


def _claims(segment: str, asked: Subject, *, alone: bool) -> Iterator[str]:
    """What the parts of a clause say; a negation reaches over a list that ends in "or"."""
    words = said_words(segment)
    otherwise = [word for word in words if word in _TOLD_OTHERWISE]
    if not _UNCERTAIN.isdisjoint(words) or not content(otherwise) <= asked.words:
        return
    parts = _parts(segment)
    either = any(joint in {"or", "nor"} for joint, _ in parts)
    denied_somewhere = any(not NEGATIONS.isdisjoint(words) for _, words in parts)
    stating = [words for _, words in parts if not _VERBS.isdisjoint(words)]
    if asked.compound and not either and not denied_somewhere and len(stating) == 1:
        yield asked.affirmed(content([word for _, words in parts for word in words]))
        return
    holder = everything = frozenset[str]()
    denied = False
    for joint, words in parts:
        said = content(words)
        cues = [place for place, word in enumerate(words) if word in NEGATIONS]
        if len(cues) > 1:
            denied = False
        elif cues:
            holder, denied = content(words[: cues[0]]), True
            everything |= said if said <= asked.words else frozenset()
            yield asked.denied(said)
        elif denied and (joint in {"or", "nor"} or (either and words[0] not in _OPENS)):
            said |= holder
            everything |= said if said <= asked.words else frozenset()
            yield asked.denied(said)
        elif denied and words[0] not in _OPENS:
            continue
        elif not either:
            denied = False
            stated = not _VERBS.isdisjoint(words) or (alone and not denied_somewhere)
            yield asked.affirmed(said) if stated else ""
    if asked.compound:  # "no masses or nodules", to a question about both
        yield asked.denied(everything)


def _parts(segment: str) -> list[tuple[str, list[str]]]:
    """The parts of a clause, each with the word that joins it to the one before."""
    pieces: list[tuple[str, str]] = []
    start, joint = 0, ""
    for found in _JOINT.finditer(segment):
        pieces.append((joint, segment[start : found.start()]))
        start, joint = found.end(), found[1] or ","
    pieces.append((joint, segment[start:]))
    return [(joint, words) for joint, piece in pieces if (words := said_words(piece))]
