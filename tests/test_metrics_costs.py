"""What errors cost: reading the file, counting by kind, and the cheapest constant answer."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sklearn.metrics import confusion_matrix

from medtrust.errors import InputError
from medtrust.metrics.costs import COSTS, Costs, error_of, read_costs
from medtrust.metrics.metric import Settings
from medtrust.records import Estimate, Score
from metric_scores import estimates, find, score

MISSED: Costs = {"yes": {"no": 10}, "no": {"yes": 1}}


def yes_no(said: Iterable[tuple[str, str]], **more: object) -> list[Score]:
    return [
        score(f"q{n}", gold, reply, options=0, reference=gold, **more)
        for n, (gold, reply) in enumerate(said)
    ]


def rows(scores: list[Score], costs: Costs) -> list[Estimate]:
    return estimates(COSTS, scores, Settings(costs=costs))


def cost(scores: list[Score], costs: Costs) -> Estimate:
    return find(rows(scores, costs), "expected_cost")


def written(tmp_path: Path, *entries: str) -> Path:
    file = tmp_path / "errors.toml"
    file.write_text("\n".join(f"[[error]]\n{entry}" for entry in entries))
    return file


# The file.


def test_a_file_is_read_whatever_the_case(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        'reference = "Yes"\nanswer = "No"\ncost = 10',
        'reference = "yes"\nanswer = "abstention"\ncost = 2.5',
        'reference = " Melanoma "\nanswer = "*"\ncost = 0',
        'reference = "*"\nanswer = "*"\ncost = 1',
    )
    assert read_costs(file) == {
        "yes": {"no": 10, "abstention": 2.5},
        "melanoma": {"*": 0},
        "*": {"*": 1},
    }


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('reference = "a"\nanswer = "b"', "give exactly reference, answer and cost"),
        ('reference = "a"\nanswer = "b"\ncost = 1\nwhy = ""', "give exactly reference"),
        ('reference = 1\nanswer = "b"\ncost = 1', "must be texts"),
        ('reference = "a"\nanswer = " "\ncost = 1', "not empty"),
        ('reference = "a"\nanswer = "b"\ncost = -1', "at least 0"),
        ('reference = "a"\nanswer = "b"\ncost = nan', "at least 0"),
        ('reference = "a"\nanswer = "b"\ncost = inf', "at least 0"),
        ('reference = "a"\nanswer = "b"\ncost = "1"', "at least 0"),
        ('reference = "a"\nanswer = "b"\ncost = true', "at least 0"),
        ('reference = "a"\nanswer = "A"\ncost = 1', "is right, and costs nothing"),
        ('reference = "YES"\nanswer = "no"\ncost = 1', "yes -> no is twice"),
    ],
)
def test_a_wrong_entry_is_named_in_one_line(tmp_path: Path, entry: str, said: str) -> None:
    file = written(tmp_path, 'reference = "yes"\nanswer = "no"\ncost = 1', entry)
    with pytest.raises(InputError) as error:
        read_costs(file)
    assert str(error.value).startswith(f"{file}: [[error]] number 2: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no toml", "cannot be read as TOML"),
        ("", "no [[error]] in it"),
        ("error = 1", "no [[error]] in it"),
        ("error = [1]", "number 1: give exactly"),
        ('default = 1\n[[error]]\nreference="a"\nanswer="b"\ncost=1', "not default"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "errors.toml"
    file.write_text(text)
    with pytest.raises(InputError, match=r"errors\.toml") as error:
        read_costs(file)
    assert said in str(error.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        read_costs(tmp_path / "nowhere.toml")


# The sums.


@given(
    st.lists(
        st.tuples(st.sampled_from(["yes", "no"]), st.sampled_from(["yes", "no"])),
        min_size=1,
        max_size=40,
    )
)
def test_the_expected_cost_is_that_of_the_confusion_matrix(said: list[tuple[str, str]]) -> None:
    gold, replies = zip(*said, strict=True)
    matrix = confusion_matrix(gold, replies, labels=["no", "yes"])
    expected = float((matrix * np.array([[0, 1], [10, 0]])).sum()) / len(said)
    found = rows(yes_no(said), MISSED)
    whole = find(found, "expected_cost")
    assert [whole.value, whole.n] == pytest.approx([expected, len(said)])
    parts = [one for one in found if one.group_by == "error"]
    assert sum(one.value or 0 for one in parts) == pytest.approx(expected)
    assert whole.low is not None
    assert whole.high is not None
    assert whole.low <= expected * (1 + 1e-9)
    assert whole.high >= expected * (1 - 1e-9)
    assert whole.high <= 10


def test_missed_findings_come_first_then_the_dearest() -> None:
    costs = {"no": {"yes": 5, "abstention": 7}, "yes": {"no": 3, "*": 1, "abstention": 0}}
    found = rows(yes_no([("yes", "no"), ("no", "yes"), ("no", "no")]), costs)
    assert [(one.group, one.value) for one in found] == [
        ("all", pytest.approx(8 / 3)),
        ("yes -> no", 1),
        ("yes -> *", 0),
        ("no -> abstention", 0),
        ("no -> yes", pytest.approx(5 / 3)),
    ]


def test_an_error_that_never_happened_has_an_upper_bound() -> None:
    found = find(rows(yes_no([("yes", "yes")] * 36), MISSED), "expected_cost", "error", "yes -> no")
    assert (found.value, found.low) == (0, 0)
    assert found.high is not None
    assert 0 < found.high < 1


def test_kinds_that_are_not_asked_about_have_no_row() -> None:
    found = rows(yes_no([("yes", "no")]), {**MISSED, "melanoma": {"nevus": 50}})
    assert [one.group for one in found] == ["all", "yes -> no"]


def test_letters_texts_and_words_name_an_answer() -> None:
    plain = score(
        "a", "A", "B", reference="Yes, calcification", option="No, none", options=2,
        details={"is_yes": 1.0, "said_yes": 0.0},
    )  # fmt: skip
    for costs in (
        {"a": {"b": 4}},
        {"yes, calcification": {"no, none": 4}},
        {"yes": {"no": 4}},
        {"yes": {"*": 4}},
        {"*": {"b": 4}},
    ):
        assert cost([plain], costs).value == 4
    assert cost([plain], {"b": {"a": 4}}).value == 0
    assert cost([replace(plain, choice="A", value=1.0)], {"a": {"*": 4}}).value == 0


def test_outcomes_are_answers_too_and_a_missing_one_is_none() -> None:
    costs = {"yes": {"abstention": 2, "unparseable": 3, "*": 9}}
    said = ["abstention", "unparseable", "tie", "no", "yes", "error"]
    found = cost(yes_no([("yes", reply) for reply in said]), costs)
    assert [found.value, found.n, found.missing] == pytest.approx([23 / 5, 5, 1])
    assert [found.best, found.worst] == pytest.approx([23 / 6, 32 / 6])


def test_the_entry_that_says_most_is_the_one_that_counts() -> None:
    costs = {"a": {"*": 1}, "melanoma": {"nevus": 2}, "*": {"abstention": 3, "*": 4}}
    assert error_of(costs, ["a", "melanoma"], ["b", "nevus"]) == ("melanoma", "nevus")
    assert error_of(costs, ["a", "melanoma"], ["b", "wart"]) == ("a", "*")
    assert error_of(costs, ["a", "melanoma"], ["abstention"]) == ("*", "abstention")
    assert error_of(costs, ["c", "wart"], ["b"]) == ("*", "*")
    assert error_of({}, ["a"], ["b"]) is None


def test_repeats_of_a_question_are_one_answer() -> None:
    once = yes_no([("yes", "no"), ("no", "no"), ("no", "yes"), ("no", "no")])
    again = [replace(one, repeat=n) for n in range(4) for one in once]
    assert cost(once, MISSED) == cost(again, MISSED)


def test_open_questions_are_in_no_cost() -> None:
    free = score("free", "a text", "text", options=0, value=0.3)
    found = cost([*yes_no([("yes", "no")]), free], MISSED)
    assert (found.value, found.n) == (10, 1)


def test_without_costs_or_officially_there_is_none() -> None:
    scores = yes_no([("yes", "no")])
    assert not rows(scores, {})
    assert not rows(scores, {"yes": {"no": 0}})
    assert not rows([replace(s, protocol="official") for s in scores], MISSED)


# The opponent.


def test_the_opponent_is_the_constant_answer_that_costs_least() -> None:
    """Always yes costs 1 in 80 of 100, always no 10 in 20 of 100."""
    said = [("yes", "yes")] * 20 + [("no", "no")] * 70 + [("no", "yes")] * 10
    found = cost(yes_no(said), MISSED)
    assert [found.value, found.constant, found.baseline] == pytest.approx([0.1, 0.8, 0.8])
    assert found.verdict == "shown"
    always = cost(yes_no([(gold, "yes") for gold, _ in said]), MISSED)
    assert [always.value, always.constant] == pytest.approx([0.8, 0.8])
    assert (always.verdict, always.p) == ("not shown", 1)
    # Right of 80 in 100, and dearer than always saying yes.
    never = cost(yes_no([(gold, "no") for gold, _ in said]), MISSED)
    assert (never.value, never.verdict) == (2, "worse")


def test_a_constant_text_is_right_wherever_it_is_the_reference() -> None:
    costs = {"melanoma": {"*": 10}, "nevus": {"melanoma": 1}}
    scores = [
        score(f"q{n}", "AB"[n % 2], "AB"[n % 2], reference=text, option=text, options=4)
        for n, text in enumerate(["melanoma"] * 10 + ["nevus"] * 30)
    ]
    found = cost(scores, costs)
    assert [found.value, found.constant] == pytest.approx([0, 0.75])
    assert found.verdict == "shown"


def test_letters_beside_texts_leave_no_constant_to_compare_with() -> None:
    found = cost(yes_no([("yes", "no"), ("no", "no")]), {**MISSED, "a": {"b": 1}})
    assert (found.constant, found.verdict, found.p) == (None, "", None)
