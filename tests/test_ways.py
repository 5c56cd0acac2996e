"""The files of rules: every way has its examples, and every template says what it is told to."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.errors import InputError
from medtrust.scorers.reply.said import said
from medtrust.scorers.rules.template import Template, compile_template
from medtrust.scorers.rules.ways import Way, Ways, load

FILES = ("abstention", "answer", "confidence", "first_words")
WAYS = [(name, way) for name in FILES for way in load(name).ways]
LISTS = {"who": ("i", "this model"), "cannot": ("can not", "am unable to"), "loop": ("{loop}",)}


def found_in(name: str, reply: str) -> list[Way]:
    return [found.way for clause in said(reply).clauses if (found := load(name).find(clause))]


@pytest.mark.parametrize(("name", "way"), WAYS, ids=lambda one: getattr(one, "name", one))
def test_a_way_is_found_in_its_own_examples_and_in_no_others(name: str, way: Way) -> None:
    assert way.yes
    assert way.no
    assert [text for text in way.yes if way not in found_in(name, text)] == []
    assert [text for text in way.no if way in found_in(name, text)] == []


@pytest.mark.parametrize("name", FILES)
def test_names_are_told_apart(name: str) -> None:
    names = [way.name for way in load(name).ways]
    assert len(set(names)) == len(names)


def matches(template: str, clause: str) -> bool:
    return compile_template(template, LISTS).pattern.search(f" {clause} ") is not None


@pytest.mark.parametrize(
    ("template", "clause", "expected"),
    [
        ("{who} {cannot} see", "i can not see it", True),
        ("{who} {cannot} see", "this model am unable to see", True),
        ("{who} {cannot} see", "i can not seek", False),
        ("diagnos*", "my diagnosis", True),
        ("*itis", "appendicitis is seen", True),
        ("yes|no", "no", True),
        ("not really? sure", "not sure", True),
        ("not really? sure", "not really sure", True),
        ("not really? sure", "not at all sure", False),
        ("no .. finding", "no very clear finding", True),
        ("no .. finding", "no one of the four finding", False),
        ("no ... finding", "no one of the four finding", True),
        ("^ no", "no effusion", True),
        ("^ no", "there is no effusion", False),
        ("unsure $", "i am unsure", True),
        ("unsure $", "unsure of it", False),
        ("help !but", "i can not help but see", False),
        ("help !but", "i can not help", True),
        ("###-####", "call 555-0199", True),
        ("###-####", "call 555-019", False),
    ],
)
def test_what_a_template_matches(template: str, clause: str, expected: bool) -> None:
    assert matches(template, clause) is expected


@pytest.mark.parametrize(
    ("template", "complaint"),
    [("{nobody}", "no word list"), ("{loop}", "holds itself"), ("^ ...", "no word"),
     ("on?e", "after the whole part"), ("", "no word")],
)  # fmt: skip
def test_a_wrong_template_is_named(template: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint) as raised:
        compile_template(template, LISTS)
    assert "\n" not in str(raised.value)


words = st.sampled_from(["i", "can", "not", "see", "sees", "itis", "no", "555-0199", "who", "x"])
parts = st.sampled_from(
    ["i", "can|could", "not?", "se*", "*itis", "{who}", "{cannot}", "..", "...", "!x", "###-####"]
)


@given(st.lists(parts, min_size=1, max_size=5), st.lists(words, min_size=1, max_size=10))
def test_the_index_hides_no_match(template: list[str], clause: list[str]) -> None:
    try:
        compiled = compile_template(" ".join(template), LISTS)
    except InputError:
        return
    way = Way(name="w", kind="", says=(compiled,), unless=(), yes=(), no=())
    text = " ".join(clause)
    assert bool(Ways([way]).find(text)) == bool(compiled.pattern.search(f" {text} "))


def test_what_overrules_a_way_is_looked_for_in_the_same_clause() -> None:
    def compiled(text: str) -> Template:
        return compile_template(text, LISTS)

    way = Way(
        name="w", kind="k", says=(compiled("not"),), unless=(compiled("not only"),), yes=(), no=()
    )
    found = Ways([way]).find("i do not know")
    assert found is not None
    assert str(found) == "w: not"
    assert Ways([way]).find("not only that") is None


def test_no_template_takes_long() -> None:
    """A clause of the words of all templates: none is tried at every place for ever."""
    every = re.sub(r"[^\w ]", " ", " ".join(t.text for _, way in WAYS for t in way.says))
    for name in FILES:
        load(name).find(f"{every} " * 3)
