"""The sieve lets nothing through its fingers: what it skips would not have matched."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from re import _constants  # type: ignore[attr-defined]  # typeshed has no parse trees

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.scorers import evasion, refusal
from medtrust.scorers.confidence_rules import RULES
from medtrust.scorers.evasion.clauses import clauses
from medtrust.scorers.reply import pieces as module
from medtrust.scorers.reply import statements, verdicts
from medtrust.scorers.reply.pieces import Piece, needs
from medtrust.scorers.reply.plain import plain
from medtrust.scorers.reply.sieve import Sieve

HERE = Path(__file__).parent
TEXTS = [
    json.loads(line)["text"]
    for file in sorted(HERE.rglob("*.jsonl"))
    for line in file.read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize(
    ("pattern", "needed"),
    [
        (r"cannot", [{("cannot", False, False)}]),
        (r"\bcannot\b", [{("cannot", True, True)}]),
        (r"\bi (?:cannot|won't) help", [{("cannot", True, True), ("won't", True, True)}]),
        (r"(?:unable|not able) to", [{("unable", False, True), ("able", True, True)}]),
        (r"(?:private)?number", [{("number", False, False)}]),
        (r"(?:private)+", [{("private", False, False)}]),
        (r"known(?! that)|idea", [{("known", False, False), ("idea", False, False)}]),
        (r"\w+ly\b", [{("ly", False, True)}]),
        (r"no \w+ help|sorry", [{("help", True, False), ("sorry", False, False)}]),
        (r"\bcan(?:not|'t)\b", [{("cannot", True, True), ("can't", True, True)}]),
        (r"(?<![\w'])(?:yes|no)(?!\w)", [{("yes", True, True), ("no", True, True)}]),
        (r"(?<!\d)yes(?![^\w])", [{("yes", False, False)}]),
        (r"\w+(?=ly\b)", [{("ly", False, True)}]),
        (r"the \w+ image", [{("image", True, False)}, {("the", False, True)}]),
        (r"(?:the )+image", [{("image", False, False)}, {("the", False, True)}]),
        (r"[ab]|c", []),
        (r"secret|\d", []),
        (r"(?i)cannot|YES", [{("cannot", False, False), ("YES", False, False)}]),
        (r"(?i)\u0131s", []),
        (r"(?a)cannot", []),
    ],
)
def test_what_a_pattern_needs(pattern: str, needed: list[set[tuple[str, bool, bool]]]) -> None:
    found = [*needs(re.compile(pattern))]
    assert found[: max(1, len(needed))] == [{Piece(*one) for one in own} for own in needed]


class _Other:
    """A parser whose trees have parts of a kind and a shape that nobody knows."""

    def parse(self, pattern: str, flags: int) -> list[tuple[object, object]]:
        assert pattern
        assert flags
        return [(_constants.SUBPATTERN, "two")]


@pytest.mark.parametrize("parser", [None, object(), _Other()])
def test_without_parse_trees_that_it_knows_every_pattern_is_tried(
    monkeypatch: pytest.MonkeyPatch, parser: object
) -> None:
    cannot = re.compile(r"\bcannot\b")
    assert not [*Sieve([[cannot]]).passing("a text without it")]
    monkeypatch.setattr(module, "_parser", parser)
    assert not needs(cannot)
    assert [*Sieve([[cannot]]).passing("a text without it")] == [(0, cannot)]


@given(st.text("abn ot,-'", max_size=30))
def test_it_finds_what_the_patterns_find(text: str) -> None:
    rules = [[r"\bnot\b"], [r"n't|\bno$"], [r"a(?:b|no)+ t", r"^ba"], [r"[an]+"], [r"\bt\w*t\b o"]]
    sieve = Sieve([[re.compile(one) for one in rule] for rule in rules])
    found = [(place, match.span()) for place, match in sieve.matches(text)]
    everything = [(place, match.span()) for place, match in sieve.finditer(text)]
    whole = [re.compile("|".join(f"(?:{one})" for one in rule)) for rule in rules]
    first = [(place, one.search(text)) for place, one in enumerate(whole)]
    assert found == [(place, match.span()) for place, match in first if match]
    assert everything == [
        (place, match.span()) for place, one in enumerate(whole) for match in one.finditer(text)
    ]


@given(st.text("aAiIsSkK\u0130\u0131\u017f\u212a .", max_size=12))
def test_it_finds_what_patterns_find_that_ignore_case(text: str) -> None:
    rules = [re.compile(one, re.IGNORECASE) for one in (r"is\b", r"\bask", r"\u0131a|KA", r"as? s")]
    passing = {place for place, _ in Sieve([[one] for one in rules]).passing(text)}
    assert passing >= {place for place, one in enumerate(rules) if one.search(text)}


@pytest.mark.parametrize(
    ("patterns", "parts"),
    [
        ([one for way in evasion.WAYS for one in way.patterns], clauses),
        ([one for own in refusal.PATTERNS for one in own], clauses),
        ([one for _, _, own in RULES for one in own], clauses),
        ([one for one, _ in statements._FINDERS], lambda text: [plain(text)]),
        ([one for one, _ in verdicts._STEPS], lambda text: [plain(text)]),
    ],
    ids=["evasion", "refusal", "confidence", "statements", "verdicts"],
)
def test_no_labelled_reply_loses_a_match(
    patterns: list[re.Pattern[str]], parts: Callable[[str], Sequence[str]]
) -> None:
    sieve = Sieve([[pattern] for pattern in patterns])
    for text in [part for whole in TEXTS[::3] for part in (whole, whole.lower(), *parts(whole))]:
        passing = {place for place, _ in sieve.passing(text)}
        skipped = [one for place, one in enumerate(patterns) if place not in passing]
        assert not any(one.search(text) for one in skipped), text
