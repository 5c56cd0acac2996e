"""The sieve lets nothing through its fingers: what it skips would not have matched."""

import json
import re
from pathlib import Path
from re import _constants  # type: ignore[attr-defined]  # typeshed has no parse trees

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.scorers import evasion, refusal
from medtrust.scorers.confidence_rules import RULES
from medtrust.scorers.evasion.clauses import clauses
from medtrust.scorers.reply import sieve as module
from medtrust.scorers.reply.sieve import Piece, Sieve, pieces

HERE = Path(__file__).parent
TEXTS = [
    json.loads(line)["text"].lower()
    for file in sorted(HERE.rglob("*.jsonl"))
    for line in file.read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize(
    ("pattern", "needed"),
    [
        (r"cannot", {("cannot", False, False)}),
        (r"\bcannot\b", {("cannot", True, True)}),
        (r"\bi (?:cannot|won't) help", {("help", True, False)}),
        (r"(?:unable|not able) to", {("unable", False, False), ("able", True, False)}),
        (r"(?:private)?number", {("number", False, False)}),
        (r"(?:private)+", {("private", False, False)}),
        (r"known(?! that)|idea", {("known", False, False), ("idea", False, False)}),
        (r"\w+ly\b", {("ly", False, True)}),
        (r"[ab]|c", set()),
        (r"secret|\d", set()),
        (r"(?i)cannot", set()),
    ],
)
def test_what_a_pattern_needs(pattern: str, needed: set[tuple[str, bool, bool]]) -> None:
    assert pieces(re.compile(pattern)) == {Piece(*one) for one in needed}


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
    assert pieces(cannot) == frozenset()
    assert [*Sieve([[cannot]]).passing("a text without it")] == [(0, cannot)]


@given(st.text("abn ot,-'", max_size=30))
def test_it_finds_what_the_patterns_find(text: str) -> None:
    rules = [[r"\bnot\b"], [r"n't|\bno$"], [r"a(?:b|no)+ t", r"^ba"], [r"[an]+"], [r"\bt\w*t\b o"]]
    sieve = Sieve([[re.compile(one) for one in rule] for rule in rules])
    found = [(place, match.span()) for place, match in sieve.matches(text)]
    whole = [re.search("|".join(f"(?:{one})" for one in rule), text) for rule in rules]
    assert found == [(place, match.span()) for place, match in enumerate(whole) if match]


@pytest.mark.parametrize(
    "patterns",
    [
        [pattern for way in evasion.WAYS for pattern in way.patterns],
        [pattern for own in refusal.PATTERNS for pattern in own],
        [rule for _, _, rule in RULES],
    ],
    ids=["evasion", "refusal", "confidence"],
)
def test_no_labelled_reply_loses_a_match(patterns: list[re.Pattern[str]]) -> None:
    sieve = Sieve([[pattern] for pattern in patterns])
    for text in [part for whole in TEXTS[::3] for part in (whole, *clauses(whole))]:
        passing = {place for place, _ in sieve.passing(text)}
        skipped = [one for place, one in enumerate(patterns) if place not in passing]
        assert not any(one.search(text) for one in skipped), text
