"""The text-only baseline: it knows what a wording gives away, and nothing of images."""

import itertools
import math
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.errors import InputError
from medtrust.models.builtin import connect
from medtrust.models.model import Model, ModelOptions
from medtrust.records import LETTERS, Generation, Message, Request, Sample


def taught(question: str, answer: str, *others: str, kind: Any = "choice") -> Sample:
    options = (*others, answer) if kind == "choice" else ()
    return Sample(
        id=f"toy:{question}/{answer}",
        dataset="toy",
        kind=kind,
        question=question,
        target=LETTERS[len(others)] if kind == "choice" else answer,
        cluster="c",
        options=options,
    )


TRAIN = (
    taught("Which organ?", "Heart", "Lung"),
    taught("Which organ?", "Heart", "Spleen"),
    taught("Which organ?", "Lung", "Heart"),
    taught("What is seen?", "a small mass", "a large mass"),
    taught("What is seen?", "a small cyst", "a large cyst"),
    taught("Is it normal?", "no", kind="yes-no"),
    taught("Is it normal?", "no", kind="yes-no"),
    taught("Is it normal?", "yes", kind="yes-no"),
    taught("Describe it.", "All is well.", kind="open"),
    taught("Describe it.", "All is well.", kind="open"),
    taught("Describe it.", "A fracture.", kind="open"),
)


def prior(*train: Sample) -> Model:
    return connect("text-prior", ModelOptions(train=train or TRAIN))


def asked(question: str, *options: str, **more: Any) -> Request:
    message = Message(role="user", parts=(question,))
    return Request(sample="toy:1", question=question, messages=(message,), options=options, **more)


async def chosen(model: Model, request: Request) -> str:
    return request.options[LETTERS.index((await model.answer(request, [])).text)]


async def test_the_commonest_training_answer_wins_whatever_its_spelling() -> None:
    assert await chosen(prior(), asked("WHICH organ", "lung.", "HEART", "Spleen")) == "HEART"


async def test_confidence_is_the_smoothed_share_of_training_answers() -> None:
    request = asked("Which organ?", "Lung", "Heart", "Liver", mode="choices")
    logprobs = (await prior().answer(request, [])).logprobs
    shares = {"A": 2 / 6, "B": 3 / 6, "C": 1 / 6}
    assert logprobs == pytest.approx({k: math.log(v) for k, v in shares.items()}, abs=1e-5)


async def test_unknown_questions_are_judged_by_the_words_of_their_options() -> None:
    assert await chosen(prior(), asked("New?", "large node", "small node")) == "small node"


async def test_yes_no_and_open_questions() -> None:
    model = prior()
    assert (await model.answer(asked("Is it normal?", kind="yes-no"), [])).text == "no"
    assert (await model.answer(asked("describe it", kind="open"), [])).text == "All is well."
    # The commonest of all answers; of those equally common, the first in order.
    assert (await model.answer(asked("New?", kind="open"), [])).text == "All is well."


words = st.sampled_from(["small", "large", "mass", "cyst", "heart", "lung", "left"])
options_of_words = st.lists(
    st.lists(words, min_size=1, max_size=3).map(" ".join), min_size=2, max_size=4, unique=True
)


@given(
    options=options_of_words,
    question=st.sampled_from(["Which organ?", "What is seen?", "New?"]),
    mode=st.sampled_from(["generate", "choices"]),
)
async def test_the_order_of_options_never_changes_the_answer(
    options: list[str], question: str, mode: Literal["generate", "choices"]
) -> None:
    model = prior()
    texts = {
        await chosen(model, asked(question, *order, mode=mode))
        for order in itertools.permutations(options)
    }
    assert len(texts) == 1


async def test_a_tie_is_decided_in_log_probabilities_too() -> None:
    model = prior(taught("Side?", "left", "right"), taught("Side?", "right", "left"))
    first = await model.answer(asked("Side?", "left", "right", mode="choices"), [])
    second = await model.answer(asked("Side?", "right", "left", mode="choices"), [])
    assert first.logprobs["A"] > first.logprobs["B"]
    assert second.logprobs["A"] < second.logprobs["B"]
    assert first.logprobs["A"] == pytest.approx(math.log(0.5), abs=1e-5)


async def test_yes_no_log_probabilities_come_by_word() -> None:
    request = asked("Is it normal?", kind="yes-no", generation=Generation(logprobs=True))
    logprobs = (await prior().answer(request, [])).logprobs
    assert math.exp(logprobs["no"]) == pytest.approx(3 / 5, abs=1e-5)


async def test_prefix_scores_rank_as_letters_do() -> None:
    letters = await prior().answer(asked("Which organ?", "Lung", "Heart", mode="choices"), [])
    texts = await prior().answer(asked("Which organ?", "Lung", "Heart", mode="prefix"), [])
    assert texts.option_logprobs == tuple((value,) for value in letters.logprobs.values())


def test_without_training_samples_it_cannot_be_had() -> None:
    with pytest.raises(InputError, match="builtin/text-prior is fitted on a training split"):
        connect("text-prior", ModelOptions())


def test_a_training_target_that_is_no_option_is_an_error() -> None:
    sample = Sample(
        id="toy:1",
        dataset="toy",
        kind="choice",
        question="?",
        target="C",
        cluster="c",
        options=("a", "b"),
    )
    with pytest.raises(InputError, match="toy:1: target 'C'"):
        prior(sample)


def test_the_training_samples_are_part_of_its_identity() -> None:
    assert prior().identity == prior().identity
    assert prior().identity != prior(*TRAIN[:-1]).identity
