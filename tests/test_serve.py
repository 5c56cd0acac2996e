"""The same checkpoint through `hf/` and through real servers gives the same replies."""

import asyncio
import base64
import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import torch
from PIL import Image as Pillow
from transformers import AutoModelForImageTextToText, AutoProcessor

from asking import ask, picture, request, user
from medtrust.models.dialect import DECIDED
from medtrust.models.hf import connect
from medtrust.models.model import Model, ModelOptions, Probed
from medtrust.models.openai import openai
from medtrust.records import Image, Message, Request, Response
from serve import Server, serving_logprobs

pytest.importorskip("transformers", reason="needs medtrust[hf]")

QUESTIONS = (
    "Which artery is narrowed in this image?",
    "Is there a fracture of the lower spine?",
    "Is the left lung clear?\nA: Yes\nB: No\nAnswer with one letter.",
    "Naïve “quotes” — and a dash; 5 µm: é < 漢?",
)
CONVERSATIONS = (
    *((user(text),) for text in QUESTIONS),
    *((user(0, text),) for text in QUESTIONS),
    (user(1, QUESTIONS[0]),),
    (user(QUESTIONS[0], 0),),
    (user(0, 1, "Compare these."),),
    (user(1, 0, "Compare these."),),
    (user("The first:", 0, "the second:", 1, "compare."),),
    (Message(role="system", parts=("You are brief.",)), user(0, QUESTIONS[1])),
    (
        user(0, QUESTIONS[0]),
        Message(role="assistant", parts=("The left one.",)),
        user("Are you sure?"),
    ),
)


@pytest.fixture(scope="module")
def local(transformers_server: Server) -> Model:
    return connect(transformers_server.model, ModelOptions(device="cpu"))


def shown(conversation: tuple[Message, ...]) -> list[int]:
    """The numbers of a conversation's images, in order."""
    parts = (part for message in conversation for part in message.parts)
    return [int(part.id.split("/")[1]) for part in parts if isinstance(part, Image)]


def chat(conversation: tuple[Message, ...]) -> list[dict[str, Any]]:
    """The conversation as chat completions are asked, with images as data URIs."""

    def content(part: str | Image) -> dict[str, Any]:
        if isinstance(part, str):
            return {"type": "text", "text": part}
        data = base64.b64encode(picture(int(part.id.split("/")[1])).data).decode()
        return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}

    return [{"role": turn.role, "content": list(map(content, turn.parts))} for turn in conversation]


def letters(*messages: Message, options: int = 2) -> Request:
    """What `gd` asks: the letters' log-probabilities."""
    asked = ("Yes", "No", "Perhaps", "Neither")[:options]
    return request(*messages, mode="choices", options=asked, max_tokens=1, logprobs=True)


def ask_server(server: Server, asked: Request, *images: int) -> Response:
    async def once() -> Response:
        model = openai(server.model, ModelOptions(base_url=server.base_url))
        try:
            return await model.answer(asked, [picture(seed) for seed in images])
        finally:
            await model.close()

    return asyncio.run(once())


async def post(server: Server, messages: list[dict[str, Any]], **settings: Any) -> dict[str, Any]:
    body = {"model": server.model, "messages": messages, "temperature": 0, "max_tokens": 12}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.base_url}/chat/completions", json=body | settings) as response,
    ):
        assert response.status == 200, await response.text()
        reply: dict[str, Any] = await response.json()
        return reply


@pytest.mark.parametrize("conversation", CONVERSATIONS)
def test_transformers_serve_replies_as_hf_does(
    transformers_server: Server, local: Model, conversation: tuple[Message, ...]
) -> None:
    reply = asyncio.run(post(transformers_server, chat(conversation)))
    response = ask(local, request(*conversation, max_tokens=12), *shown(conversation))
    assert response.text == reply["choices"][0]["message"]["content"]
    assert response.finish == reply["choices"][0]["finish_reason"]
    assert response.prompt_tokens == reply["usage"]["prompt_tokens"]
    assert response.completion_tokens == reply["usage"]["completion_tokens"]


def test_the_replies_compared_differ_among_each_other(local: Model) -> None:
    replies = {
        ask(local, request(*each, max_tokens=12), *shown(each)).text for each in CONVERSATIONS
    }
    assert len(replies) >= 12


def test_transformers_serve_gives_no_log_probabilities(transformers_server: Server) -> None:
    asked = post(transformers_server, chat((user("Hm?"),)), logprobs=True, top_logprobs=20)
    assert "logprobs" not in asyncio.run(asked)["choices"][0]


@pytest.mark.parametrize("name", ["logprob_server", "transformers_server"])
def test_one_question_tells_how_a_server_gives_the_letters_probabilities(
    request: pytest.FixtureRequest, name: str
) -> None:
    server: Server = request.getfixturevalue(name)
    model = openai(server.model, ModelOptions(base_url=server.base_url))
    assert isinstance(model, Probed)
    asyncio.run(model.probe())
    assert "choices" in model.modes
    response = ask_server(server, letters(user(0, QUESTIONS[2])), 0)
    assert (DECIDED in response.notes) is (name == "transformers_server")


@pytest.mark.parametrize("conversation", CONVERSATIONS)
def test_log_probabilities_of_a_server_are_those_of_hf(
    logprob_server: Server, local: Model, conversation: tuple[Message, ...]
) -> None:
    reply = asyncio.run(post(logprob_server, chat(conversation), logprobs=True, top_logprobs=20))
    asked = request(*conversation, max_tokens=12, logprobs=True)
    response = ask(local, asked, *shown(conversation))
    assert response.text == reply["choices"][0]["message"]["content"]
    tokens = reply["choices"][0]["logprobs"]["content"]
    assert len(tokens) == response.completion_tokens
    top = {each["token"]: each["logprob"] for each in tokens[0]["top_logprobs"]}
    assert dict(response.logprobs) == pytest.approx(top, abs=1e-5)


SENTENCE = "Answer with the letter of the option that fits best (A to {}) only."


@pytest.mark.parametrize("options", [2, 4])
@pytest.mark.parametrize(
    "talk",
    [
        (user(QUESTIONS[2]),),
        (user(0, QUESTIONS[2]),),
        (user("First:", 0, "second:", 1, "compare <image 0>."),),
        (user(0, 0, QUESTIONS[3]),),
        (Message(role="system", parts=("You are brief.",)), user(1, QUESTIONS[1])),
    ],
)
def test_letters_of_transformers_serve_are_those_of_its_weights(
    transformers_server: Server, talk: tuple[Message, ...], options: int
) -> None:
    found = ask_server(transformers_server, letters(*talk, options=options), *shown(talk))
    lines = [f"{letter}. {letter}" for letter in "ABCD"[:options]]
    after = "\n\n" + "\n".join([*lines, SENTENCE.format("ABCD"[options - 1])])
    texts = [f"{part}\n\n" for turn in talk[:-1] for part in turn.parts]
    folder = transformers_server.model
    auto: Any = AutoProcessor
    processor = auto.from_pretrained(folder)
    model: Any = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32)
    content = [
        {"type": "text", "text": part} if isinstance(part, str) else {"type": "image"}
        for part in (*texts, *talk[-1].parts, after)
    ]
    prompt = processor.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
    )
    pictures = [Pillow.open(io.BytesIO(picture(seed).data)) for seed in shown(talk)] or None
    inputs = processor(text=prompt, images=pictures, return_tensors="pt", add_special_tokens=False)
    with torch.inference_mode():
        logits = model(**inputs).logits[0, -1]
    own = [processor.tokenizer.convert_tokens_to_ids(letter) for letter in "ABCD"[:options]]
    expected = torch.log_softmax(logits[own], dim=-1).tolist()
    assert dict(found.logprobs) == pytest.approx(
        dict(zip("ABCD", expected, strict=False)), abs=1e-4
    )
    assert found.prompt_tokens == inputs["input_ids"].shape[1]
    assert (found.completion_tokens, found.letter_mass) == (0, {})


@pytest.fixture(scope="module")
def naming_server(tiny_checkpoint: Path) -> Iterator[Server]:
    with serving_logprobs(tiny_checkpoint, names_tokens=True) as server:
        yield server


@pytest.mark.parametrize("options", [2, 4])
@pytest.mark.parametrize("talk", CONVERSATIONS[:8])
def test_a_server_that_names_tokens_gives_every_letter(
    naming_server: Server, local: Model, talk: tuple[Message, ...], options: int
) -> None:
    asked = letters(*talk, options=options)
    found, own = ask_server(naming_server, asked, *shown(talk)), ask(local, asked, *shown(talk))
    assert {*found.logprobs} == {*found.letter_mass} == {*"ABCD"[:options]}
    # `hf/` reads one spelling, its template's, and the server all of them.
    for letter, value in own.logprobs.items():
        assert found.letter_mass[letter] >= math.exp(value) - 1e-6
