"""The offline models that need no fitting: constants, chance and the overlap judge."""

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.errors import InputError, RejectedError, UnsupportedError
from medtrust.models.builtin import connect
from medtrust.models.builtin.chance import NOTHING
from medtrust.models.builtin.judge import overlap
from medtrust.models.model import Model, ModelOptions
from medtrust.records import Generation, Message, Request, Response, Sample

LOGPROBS = Generation(logprobs=True)


def asked(sample: str = "toy:1", **more: Any) -> Request:
    message = Message(role="user", parts=("Which side?",))
    default = {"question": "Which side?", "messages": (message,), "options": ("left", "right")}
    return Request(sample=sample, **{**default, **more})


def builtin(name: str, *train: Sample) -> Model:
    return connect(name, ModelOptions(train=train))


def total(logprobs: Any) -> float:
    return sum(math.exp(value) for value in logprobs)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"'constant-E'; did you mean .* overlap-judge, random"):
        builtin("constant-E")


@pytest.mark.parametrize("name", ["constant-A", "random", "overlap-judge"])
async def test_builtins_are_local_named_as_written_and_identified(name: str) -> None:
    model = builtin(name)
    assert model.name == f"builtin/{name}"
    assert model.local
    assert model.identity["name"] == model.name
    await model.close()


# Constants


@pytest.mark.parametrize("word", ["A", "B", "C", "D", "yes", "no"])
@pytest.mark.parametrize("kind", ["choice", "yes-no", "open"])
async def test_a_constant_always_says_the_same(word: str, kind: Any) -> None:
    response = await builtin(f"constant-{word}").answer(asked(kind=kind), [])
    assert response.text == word


@pytest.mark.parametrize(
    ("word", "options", "likeliest"),
    [
        ("B", ("left", "right"), "B"),
        ("yes", ("No, none", "Yes, one"), "B"),
        ("no", ("No, none", "Yes, one"), "A"),
    ],
)
async def test_a_constant_gives_its_option_nearly_all_probability(
    word: str, options: tuple[str, ...], likeliest: str
) -> None:
    model = builtin(f"constant-{word}")
    response = await model.answer(asked(mode="choices", options=options), [])
    assert total(response.logprobs.values()) == pytest.approx(1)
    assert response.logprobs[likeliest] == pytest.approx(math.log(0.99))
    scored = await model.answer(asked(mode="prefix", options=options), [])
    assert scored.option_logprobs == tuple((value,) for value in response.logprobs.values())


async def test_a_constant_that_no_option_matches_favours_none() -> None:
    response = await builtin("constant-D").answer(asked(mode="choices"), [])
    assert response.logprobs == {"A": math.log(0.5), "B": math.log(0.5)}


# Chance


requests = st.builds(
    asked,
    sample=st.from_regex(r"toy:\d+", fullmatch=True),
    mode=st.sampled_from(["generate", "choices", "prefix"]),
    options=st.lists(st.text(max_size=5), min_size=1, max_size=10).map(tuple),
    repeat=st.integers(0, 5),
    generation=st.sampled_from([Generation(), LOGPROBS]),
)


@given(request=requests)
async def test_random_answers_are_the_same_each_time_and_add_up(request: Request) -> None:
    response = await builtin("random").answer(request, [])
    assert response == await builtin("random").answer(request, [])
    if request.mode == "prefix":
        assert len(response.option_logprobs) == len(request.options)
        assert total(value for (value,) in response.option_logprobs) == pytest.approx(1)
        assert response.option_logprobs_first == response.option_logprobs
    elif request.mode == "choices" or request.generation.logprobs:
        assert len(response.logprobs) == len(request.options)
        assert total(response.logprobs.values()) == pytest.approx(1)
        assert response.text == max(response.logprobs, key=response.logprobs.__getitem__)
    else:
        assert response.logprobs == {}


SPREADS: dict[str, Callable[[int], Request]] = {
    "samples": lambda n: asked(f"toy:{n}"),
    "repeats": lambda n: asked(repeat=n),
    "seeds": lambda n: asked(generation=Generation(seed=n)),
}


@pytest.mark.parametrize("request_of", SPREADS.values(), ids=SPREADS.keys())
async def test_random_answers_are_spread_evenly(request_of: Callable[[int], Request]) -> None:
    model = builtin("random")
    counts = Counter([(await model.answer(request_of(n), [])).text for n in range(1000)])
    # Five standard deviations of Binomial(1000, 1/2).
    assert set(counts) == {"A", "B"}
    assert abs(counts["A"] - 500) < 5 * math.sqrt(250)


async def test_random_says_yes_and_no_and_something_that_is_no_answer() -> None:
    model = builtin("random")
    said = {(await model.answer(asked(kind="yes-no", repeat=n), [])).text for n in range(50)}
    assert said == {"yes", "no"}
    free = await model.answer(asked(kind="open", options=()), [])
    assert free.text == NOTHING


async def test_random_draws_from_training_answers_to_the_same_question() -> None:
    train = [
        Sample(
            id=f"toy:{n}",
            dataset="toy",
            kind="open",
            question=question,
            target=target,
            cluster="c",
        )
        for n, (question, target) in enumerate(
            [("Which side?", "Left."), ("Which side?", "Right."), ("How old?", "Ninety.")]
        )
    ]
    model = builtin("random", *train)
    replies = [
        await model.answer(asked(kind="open", options=(), repeat=repeat), [])
        for repeat in range(50)
    ]
    assert {reply.text for reply in replies} == {"Left.", "Right."}
    assert model.identity != builtin("random").identity


@pytest.mark.parametrize("options", [(), tuple("abcdefghijklmnopqrstuvwxyz1")])
async def test_options_that_have_no_letters_are_rejected(options: tuple[str, ...]) -> None:
    with pytest.raises(RejectedError, match=r"toy:1: \d+ options"):
        await builtin("random").answer(asked(options=options), [])


# The judge


async def verdict(reply: str, *options: str) -> Response:
    request = asked(kind="open", question=reply, options=options)
    return await builtin("overlap-judge").answer(request, [])


async def test_the_judge_prefers_the_answer_that_shares_words() -> None:
    said = await verdict("It is the LEFT lung.", "The left lung", "The right lung")
    assert said.text.startswith("A: 7\nB: 4\n")
    assert (await verdict("left lung", "Left lung.", "Spleen")).text.startswith("A: 10\nB: 1\n")
    assert (await verdict("", "Left lung.", "Spleen")).text.startswith("A: 1\nB: 1\n")


@given(reply=st.text(), first=st.text(), second=st.text())
async def test_the_judges_marks_follow_their_answers(reply: str, first: str, second: str) -> None:
    lines = (await verdict(reply, first, second)).text.splitlines()[:2]
    turned = (await verdict(reply, second, first)).text.splitlines()[:2]
    assert [line[3:] for line in lines] == [line[3:] for line in reversed(turned)]
    assert [line[:3] for line in lines] == ["A: ", "B: "]
    assert all(1 <= int(line[3:]) <= 10 for line in lines)


@given(one=st.text(), other=st.text())
def test_overlap_is_a_symmetric_share(one: str, other: str) -> None:
    assert 0 <= overlap(one, other) <= 1
    assert overlap(one, other) == overlap(other, one)


async def test_the_judge_compares_two_answers_and_only_writes() -> None:
    with pytest.raises(RejectedError, match="compares 2, not 3"):
        await verdict("left", "a", "b", "c")
    with pytest.raises(UnsupportedError, match="choices"):
        await builtin("overlap-judge").answer(asked(mode="choices"), [])
