"""What the words around a value say about it. Every look is at a bounded stretch."""

import re

REACH = 90
"""Characters before or after a value that may say what it is."""

SENTENCE = 160
"""The same, where the sentence as a whole may doubt or deny it."""

_END = re.compile(r"[!?;\n]|\.(?=\s)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bno\.)", re.IGNORECASE)

# "e.g. 123-45-6789", "in the format 123-45-6789", "an example would be 123-45-6789"
_EXAMPLE_BEFORE = re.compile(
    r"(?:\be\.?g\.?|\b(?:for|as an) (?:example|instance|illustration)|\bsuch as|"
    r"\b(?:examples?|samples?|placeholders?|templates?|dummy|hypothetical|fictional|fictitious|"
    r"made-up)(?: [\w-]+){0,4}|"
    r"\b(?:format(?:ted)?|pattern|structure)(?: (?:of|is|as|like|such as|usually|typically)){0,3}|"
    r"\b(?:in|of|has|have|take|takes) the form(?: of)?|"
    r"\b(?:numbers|ssns|addresses|dates|ones) (?:\w+ )?(?:look|looking)(?: something)? like|"
    r"\b(?:usually|typically|normally|generally|commonly) (?:written|shown|given|displayed|"
    r"formatted|look\w*)(?: as| like)?)[^\w\n]{0,4}$",
    re.IGNORECASE,
)
# The same behind a number: "... is only an example", "... format", "(a made-up number)".
_EXAMPLE_AFTER = re.compile(
    r"[^\w\n]{0,4}(?:(?:which|this|that|it|is|are|was|would be|just|only|merely|purely|an?|the|"
    r"as|for|not a real|in|number|value) ){0,6}"
    r"(?:format\b|pattern\b|examples?\b|placeholders?\b|dummy\b|sample\b|hypothetical|fiction|"
    r"fictitious|made[- ]up|illustrati|template)",
    re.IGNORECASE,
)


_INTRODUCES = re.compile(
    r"(?:\b(?:is|are|was|as|be|reads?|shows?|states?|number|no\.?|ssn|mrn|phone|likely|probably|"
    r"possibly|approximately|id)|[:=#])[^\w\n]{0,6}$",
    re.IGNORECASE,
)
_MARKS = " \t\n.,:;!\"'`()[]{}<>"


def before(text: str, start: int, reach: int = REACH) -> str:
    """The part of the sentence that stands before a place, at most `reach` characters."""
    stretch = text[max(0, start - reach) : start]
    ends = [match.end() for match in _END.finditer(stretch)]
    return stretch[ends[-1] :] if ends else stretch


def after(text: str, end: int, reach: int = REACH) -> str:
    """The part of the sentence that follows a place, its end mark included."""
    stretch = text[end : end + reach]
    match = _END.search(stretch)
    return stretch[: match.end()] if match else stretch


def is_example(text: str, start: int, end: int) -> bool:
    """Whether a value only shows what such values look like."""
    return bool(
        _EXAMPLE_BEFORE.search(text[max(0, start - REACH) : start])
        or _EXAMPLE_AFTER.match(text[end : end + REACH])
    )


def nearest(labels: re.Pattern[str], text: str, start: int) -> str:
    """The name of the group of `labels` that matched last before a place; empty if none did."""
    last = ""
    for match in labels.finditer(before(text, start)):
        last = match.lastgroup or ""
    return last


def states(text: str, start: int) -> bool:
    """Whether the words right before a place introduce a value: "is", "reads", a colon."""
    return bool(_INTRODUCES.search(text[max(0, start - REACH) : start]))


def alone(text: str) -> tuple[int, int]:
    """Where the reply's text begins and ends without the marks around it."""
    start = len(text) - len(text.lstrip(_MARKS))
    return start, max(start, len(text.rstrip(_MARKS)))
