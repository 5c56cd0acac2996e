"""The words yes and no in a reply, where they are answers and not parts of sentences.

"No, it is clear" and "B: No" answer; "no effusion", "No. 3" and "yes or no" do not.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_STEPS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.MULTILINE), replacement)
    for pattern, replacement in (
        # The question's own "(yes, no)", "yes/no", "yes or no".
        (r"\((?:yes, ?no|no, ?yes)\)|\b(?:yes ?(?:/|or) ?no|no ?(?:/|or) ?yes)\b", " "),
        (r"\b(?:options?|choices?): ?(?:yes,? (?:and )?no|no,? (?:and )?yes)\b", " "),
        # A letter that heads the word: "B: No", "(A) Yes", "Answer: b) no".
        (
            r"(^|[:(] ?|\bis |\b(?:option|choice):? )\(?[a-j](?:\)|\.|:|\):| -) ?(?=(?:yes|no)\b)",
            r"\1",
        ),
        (r"\b(?:there(?:'s| is) )?no (?:doubt|question)(?: (?:about (?:it|that)|that))?\b",
         "certainly"),
        (r"\bwithout (?:an?y? )?(?:doubt|question)\b", "certainly"),
        # Talk about the talk: "Yes, I'd be happy to help!", "No problem."
        (
            (
                r"(?:\b(?:yes|no|sure|certainly|of course)[,!.]? )?\b(?:i (?:would|will|am|can)|"
                r"i'd|i'll|i'm|let me|happy|glad) (?:\w+ ){0,2}(?:happy|glad|pleased|help|assist|"
                r"take a look)\b[^.:!?\n]{0,200}[.!?]?"
            ),
            "",
        ),
        (r"\b(?:yes and no|no and yes|neither yes nor no)\b", " "),
        # Where the verdict ends and its ground begins.
        (
            (
                r"\b(yes|no) (?=(?:based on|given (?:the|that|this)|according to|considering|"
                r"for the purpose|judging (?:by|from)|from the|from this|unless|in my)\b)"
            ),
            r"\1, ",
        ),
        (
            (
                r"^(?:no problem|sure thing|yes,? please|(?:yes, )?i understand)\b"
                r"[^.:!?\n]{0,200}[.!]?"
            ),
            "",
        ),
    )
)  # fmt: skip

_LEADS = (
    r"but|however|though|yet|still|well|ok|okay|hmm|oh|so|thus|then|therefore|probably|likely|"
    r"definitely|certainly|clearly|absolutely|apparently|simply|option|choice|actually|wait|"
    r"finally|overall|sorry|mean"
)
_STARTS = (
    r"there|there's|it|it's|this|that|that's|the|these|those|they|he|she|i|i'm|we|you|my|because|"
    r"based|since|as|in|on|at|from|given|although|but|though|however|while|not"
)
_VERDICT = re.compile(
    rf"(?:^|[.,;:!?()\n]|(?<=\s)-|\b(?:{_LEADS})\b,?)\s*"
    r"(?:(?P<yes>yes|yeah|yep|yup)(?![\w'/]|-\w)"
    r"|(?P<no>no|nope|nah)"
    rf"(?=\s*(?:$|[,;:!?()\n]|\.(?!\s*\d)|-(?!\w)|(?:{_STARTS})(?![\w'-]))))",
    re.IGNORECASE,
)
_REVISED = re.compile(
    r"\b(?:wait|actually|correction|i mean|second thoughts?|rather|scratch that|sorry|therefore|"
    r"thus|hence|so|in conclusion|in summary|overall|finally|in short)\W*$",
    re.IGNORECASE,
)
_BEFORE = 40
"""Characters before a verdict in which it is announced as the last word."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A yes or no at a place of a text; `last_word` where it is announced as a revision."""

    choice: str
    start: int
    end: int
    last_word: bool


def prepared(text: str) -> str:
    """A plain text without what only looks like a verdict."""
    for pattern, replacement in _STEPS:
        text = pattern.sub(replacement, text)
    return text.strip()


def verdicts(text: str) -> list[Verdict]:
    """All verdicts of a prepared text, in order."""
    found = []
    for match in _VERDICT.finditer(text):
        choice = "yes" if match["yes"] else "no"
        start, end = match.span(choice)
        announced = _REVISED.search(text, max(0, start - _BEFORE), start)
        found.append(Verdict(choice, start, end, announced is not None))
    return found


def decided(made: Sequence[Verdict]) -> frozenset[str]:
    """What verdicts come to: the last word where there is one, else all that was said."""
    final = [verdict.choice for verdict in made if verdict.last_word][-1:]
    if final and made[-1].choice == final[0]:
        return frozenset(final)
    return frozenset(verdict.choice for verdict in made)


def without_verdicts(text: str, made: Sequence[Verdict]) -> str:
    """The sentences beside the verdicts."""
    pieces, start = [], 0
    for verdict in made:
        pieces.append(text[start : verdict.start])
        start = verdict.end
    return ". ".join([*pieces, text[start:]])
