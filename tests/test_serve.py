"""The same checkpoint through `hf/` and through real servers gives the same replies."""

import asyncio
import base64
from typing import Any

import aiohttp
import pytest

from asking import ask, picture, request, user
from medtrust.models.hf import connect
from medtrust.models.model import Model, ModelOptions, Probed
from medtrust.models.openai import openai
from medtrust.records import Image, Message
from serve import Server

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


@pytest.mark.parametrize("has_logprobs", [False, True])
def test_one_question_tells_whether_a_server_gives_log_probabilities(
    request: pytest.FixtureRequest, *, has_logprobs: bool
) -> None:
    name = "logprob_server" if has_logprobs else "transformers_server"
    server: Server = request.getfixturevalue(name)
    model = openai(server.model, ModelOptions(base_url=server.base_url))
    assert isinstance(model, Probed)
    asyncio.run(model.probe())
    assert ("choices" in model.modes) is has_logprobs


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
