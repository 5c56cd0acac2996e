"""Servers that want to be asked otherwise: found out on the first refusal, and remembered."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from msgspec import structs

from asking import picture, request, user
from chat_server import Handler, completion, serving, serving_at
from medtrust.cli import main
from medtrust.errors import FatalError, RejectedError, TransientError, UnsupportedError
from medtrust.models.dialect import NO_LOGPROBS, Dialect
from medtrust.models.model import ModelOptions, Probed
from medtrust.models.openai import openai
from medtrust.records import Message, Request
from medtrust.reports.scores import read_scores

Refusal = tuple[int, str]
Rule = Callable[[dict[str, Any]], Refusal | None]


def refused(when: Callable[[dict[str, Any]], bool], said: str, status: int = 400) -> Rule:
    return lambda body: (status, said) if when(body) else None


def top(body: dict[str, Any]) -> int:
    return int(body.get("top_logprobs", 0))


def has_image(body: dict[str, Any]) -> bool:
    return "image_url" in json.dumps(body["messages"])


def has_system(body: dict[str, Any]) -> bool:
    return bool(body["messages"][0]["role"] == "system")


def given_logprobs(body: dict[str, Any]) -> dict[str, Any]:
    if not body.get("logprobs"):
        return {}
    ranked = [{"token": t, "logprob": p} for t, p in (("A", -0.2), ("B", -1.8), ("C", -9.0))]
    return {"logprobs": {"content": [{**ranked[0], "top_logprobs": ranked[: top(body)]}]}}


class Server:
    """A server with rules of its own; `seen` is every body it was sent."""

    def __init__(self, *rules: Rule) -> None:
        self.rules, self.seen = rules, list[dict[str, Any]]()

    async def __call__(self, _: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        self.seen.append(body)
        for rule in self.rules:
            if found := rule(body):
                error = {"error": {"message": found[1]}}
                return web.json_response(error, status=found[0])
        return web.json_response(completion("A", **given_logprobs(body)))


ASKED = request(
    Message(role="system", parts=("Be brief.",)), user(1, "Which?"), logprobs=True, max_tokens=9
)


def ask(server: Handler, times: int = 1) -> list[Any]:
    """What several requests at once come to: each a Response or what it raised."""

    async def all_at_once(url: str) -> list[Any]:
        model = openai("m", ModelOptions(base_url=url, timeout=20))
        try:
            first = await asyncio.gather(
                *(model.answer(ASKED, [picture(1)]) for _ in range(times)), return_exceptions=True
            )
            last = await asyncio.gather(model.answer(ASKED, [picture(1)]), return_exceptions=True)
            return [*first, *last]
        finally:
            await model.close()

    with serving(server) as url:
        return asyncio.run(all_at_once(url))


WANTS: dict[str, tuple[Rule, Callable[[dict[str, Any]], bool]]] = {
    "five, as OpenAI's say it": (
        refused(lambda b: top(b) > 5, "Invalid value: 20. top_logprobs must be between 0 and 5."),
        lambda b: top(b) == 5,
    ),
    "five, as vLLM says it": (
        refused(lambda b: top(b) > 5, "Requested sample logprobs of 20, which is greater than max "
                "allowed: 5"),
        lambda b: top(b) == 5,
    ),
    "five, as pydantic says it": (
        refused(lambda b: top(b) > 5, "[{'loc': ['body', 'top_logprobs'], 'msg': 'Input should be "
                "less than or equal to 5', 'input': 20}]", 422),
        lambda b: top(b) == 5,
    ),
    "none": (
        refused(lambda b: "logprobs" in b, "logprobs is not supported by this model", 403),
        lambda b: "logprobs" not in b,
    ),
    "none, not even five": (
        lambda b: (400, "top_logprobs is at most 5") if top(b) > 5
        else (400, "This model does not support logprobs") if "logprobs" in b else None,
        lambda b: "logprobs" not in b,
    ),
    "max_completion_tokens": (
        refused(lambda b: "max_tokens" in b, "Unsupported parameter: 'max_tokens' is not supported "
                "with this model. Use 'max_completion_tokens' instead."),
        lambda b: b["max_completion_tokens"] == 9,
    ),
    "no system": (
        refused(has_system, "System role not supported"),
        lambda b: b["messages"][0]["content"][0]["text"].startswith("Be brief.\n\n"),
    ),
    "no developer": (
        refused(has_system, "Developer instruction is not enabled for models/gemma-3-27b-it"),
        lambda b: not has_system(b),
    ),
    "user and assistant in turn": (
        refused(has_system, "Conversation roles must alternate user/assistant/user/assistant/..."),
        lambda b: not has_system(b),
    ),
    "only user": (
        refused(has_system, "Only user and assistant roles are supported!"),
        lambda b: not has_system(b),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "suits"), WANTS.values(), ids=WANTS)
@pytest.mark.parametrize("at_once", [1, 64])
def test_a_server_is_asked_its_way_and_so_for_good(
    rule: Rule, suits: Callable[[dict[str, Any]], bool], at_once: int
) -> None:
    server = Server(rule)
    replies = ask(server, at_once)
    assert [reply.text for reply in replies] == ["A"] * (at_once + 1)
    assert suits(server.seen[-1])
    # The last one came after the others: it was not refused first.
    assert rule(server.seen[-2]) is None or at_once > 1
    assert sum(rule(body) is not None for body in server.seen) <= 2 * at_once


def test_all_wishes_together_are_met() -> None:
    names = ("five, as vLLM says it", "max_completion_tokens", "no system")
    server = Server(*(WANTS[name][0] for name in names))
    first, last = ask(server)
    assert first.text == last.text == "A"
    assert last.notes == ("the system text was put before the user's",)
    assert all(WANTS[name][1](server.seen[-1]) for name in names)


@pytest.mark.parametrize("status", [500, 502])
def test_a_server_that_breaks_on_logprobs_is_soon_asked_without(status: int) -> None:
    server = Server(refused(lambda b: "logprobs" in b, "Internal Server Error", status))
    replies = ask(server, 3)
    assert [(reply.text, reply.notes) for reply in replies] == [("A", (NO_LOGPROBS,))] * 4
    assert "logprobs" not in server.seen[-1]


def test_one_failure_is_not_blamed_on_logprobs() -> None:
    failures = iter([(500, "oops")])
    server = Server(lambda _: next(failures, None))
    first, last = ask(server)
    assert (first.text, first.notes) == ("A", (NO_LOGPROBS,))
    assert (last.text, last.notes, len(last.logprobs)) == ("A", (), 3)


def test_a_server_that_is_simply_broken_says_so() -> None:
    (first, _) = ask(Server(refused(lambda _: True, "oops", 500)))
    assert isinstance(first, TransientError)


BLIND = (
    "This model does not support image input",
    "image_url is only supported by certain models",
    "Invalid content type. image_url is only supported by certain models.",
    "No endpoints found that support image input",
    "At most 0 image(s) may be provided in one request.",
    "m is not a multimodal model",
    "image input is not supported - hint: you may need to provide the mmproj",
    "The model does not support vision",
    "messages[0].content must be a string",
    "Model does not support images",
    "unknown variant `image_url`, expected `text`",
    "Input tag 'image_url' found using 'type' does not match any of the expected tags: 'text'",
    "Unsupported content type: image_url",
    "Images need a model whose processor handles them.",
)  # fmt: skip
SEEING = (
    "image larger than 20 MB is not supported",
    "unsupported image format: image/tiff",
    "could not process image",
    "the image is not supported in this format",
    "At most 1 image(s) may be provided in one request.",
    "does not support images larger than 8000 pixels",
    "prompt is too long",
)


@pytest.mark.parametrize(("said", "status"), [(s, c) for s in BLIND for c in (400, 404, 500)])
def test_a_server_that_takes_no_images_ends_the_run(said: str, status: int) -> None:
    (error, _) = ask(Server(refused(has_image, said, status)))
    assert isinstance(error, FatalError)
    assert "takes no images" in str(error)


@pytest.mark.parametrize("said", SEEING)
def test_one_image_that_is_refused_ends_nothing(said: str) -> None:
    (error, _) = ask(Server(refused(has_image, said)))
    assert isinstance(error, RejectedError)
    assert not isinstance(error, FatalError)


def chunk(content: str = "", **choice: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "model": "m",
        "choices": [{"index": 0, "delta": {"content": content}} | choice],
    }


LOGPROBS = {"content": [{"token": "A", "logprob": -0.1, "top_logprobs": []}]}
END = {"finish_reason": "stop"}
STREAMS: dict[str, tuple[list[Any], Any]] = {
    "pieces": ([chunk("The "), chunk("left"), chunk(**END), "[DONE]"], ("The left", "stop")),
    "an end without a mark": ([chunk("A"), chunk(**END)], ("A", "stop")),
    "a mark without an end": ([chunk("A"), "[DONE]"], ("A", "")),
    "usage last": (
        [chunk("A", **END), {"choices": [], "usage": {"prompt_tokens": 3}}, "[DONE]"], ("A", "stop")
    ),
    "a role first": ([chunk(delta={"role": "assistant"}), chunk("A", **END)], ("A", "stop")),
    "cut at the limit": ([chunk("A"), chunk(finish_reason="length")], ("A", "length")),
    "blocked": ([chunk(finish_reason="content_filter"), "[DONE]"], ("", "content_filter")),
    "broken off": ([chunk("The ")], TransientError),
    "an error": ([chunk("A"), {"error": {"message": "overloaded"}}], TransientError),
    "an error in a choice": ([chunk("A", error={"message": "x"}), "[DONE]"], TransientError),
    "half a line": (['{"choices": [{"del'], TransientError),
    "no objects": (["[1, 2]", "[DONE]"], TransientError),
}  # fmt: skip


@pytest.mark.parametrize(("events", "expected"), STREAMS.values(), ids=STREAMS)
@pytest.mark.parametrize("between", ["\n\n", "\r\n\r\n: ping\r\n\r\n"])
def test_a_server_that_streams_all_the_same_is_read(
    events: list[Any], expected: Any, between: str
) -> None:
    lines = [one if isinstance(one, str) else json.dumps(one) for one in events]
    body = "".join(f"data: {line}{between}" for line in lines)

    async def stream(_: web.Request, __: dict[str, Any]) -> web.StreamResponse:
        return web.Response(text=body, content_type="text/event-stream")

    (reply, _) = ask(stream)
    if isinstance(expected, tuple):
        assert (reply.text, reply.finish) == expected
    else:
        assert isinstance(reply, expected)


def test_a_stream_has_log_probabilities_and_counts_too() -> None:
    events = [chunk("A", logprobs=LOGPROBS), chunk(**END) | {"usage": {"prompt_tokens": 7}}]

    async def stream(_: web.Request, __: dict[str, Any]) -> web.StreamResponse:
        return web.Response(text="".join(f"data: {json.dumps(one)}\n\n" for one in events))

    (reply, _) = ask(stream)
    assert (dict(reply.logprobs), reply.prompt_tokens) == ({"A": -0.1}, 7)


REFUSES_SCHEMAS = {
    "by name": "This model does not support response_format json_schema",
    "as unknown": "Unrecognized request argument supplied: response_format",
    "by pydantic": "[{'loc': ['body', 'response_format'], 'msg': 'Extra inputs not permitted'}]",
    "by what it lacks": "structured outputs need the guided decoding backend xgrammar",
    "by its grammar": "failed to parse grammar",
}


@pytest.mark.parametrize("said", REFUSES_SCHEMAS.values(), ids=REFUSES_SCHEMAS)
def test_a_server_that_holds_no_reply_to_a_schema_says_so(said: str) -> None:
    other = Dialect().after(
        RejectedError(f"http://x/v1: HTTP 400 ({said})"), shown=False, heated=True
    )
    assert other == Dialect(holds_to_schema=False)


@pytest.mark.parametrize("said", [None, REFUSES_SCHEMAS["by name"]])
def test_a_judge_is_held_to_a_schema_where_its_server_can(tmp_path: Path, said: str | None) -> None:
    seen: list[dict[str, Any]] = []

    async def handle(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        seen.append(body)
        held = body.get("response_format")
        if held and said:
            return web.json_response({"error": {"message": said}}, status=400)
        names = held["json_schema"]["schema"]["required"] if held else ["A", "B", "Mark"]
        if held:
            return web.json_response(completion(json.dumps(dict.fromkeys(names, 7))))
        return web.json_response(completion("\n".join(f"{name}: 7" for name in names)))

    with serving(handle) as url:
        code = main(
            ["run", "--model", "builtin/template", "--task", "cares/factuality", "--dataset",
             "phantom", "--limit", "260", "--replicates", "50", "--out", str(tmp_path / "run"),
             "--judge", "openai/judge", "--judge-base-url", url]
        )  # fmt: skip
    assert code == 0
    assert "response_format" in seen[0]
    assert ("response_format" in seen[-1]) is (said is None)
    scores = read_scores(tmp_path / "run" / "scores.parquet")
    marked = [s for s in scores if s.protocol == "corrected" and "relative" in s.details]
    assert marked
    assert {score.details["relative"] for score in marked} == {1.0}


def ask_each(server: Handler, *asked: Request) -> list[Any]:
    """What requests one after the other come to: each a Response or what it raised."""

    async def one_by_one(url: str) -> list[Any]:
        model = openai("m", ModelOptions(base_url=url, timeout=20))
        found: list[Any] = []
        for one in asked:
            images = [picture(1)] if one is ASKED else []
            found += await asyncio.gather(model.answer(one, images), return_exceptions=True)
        await model.close()
        return found

    with serving(server) as url:
        return asyncio.run(one_by_one(url))


LETTERS = request(user("Which?"), mode="choices", options=("a", "b"), logprobs=True)
TEMPERATURE = {
    "OpenAI's": "Unsupported value: 'temperature' does not support 0 with this model. Only the "
    "default (1) value is supported.",
    "OpenAI's of old": "Unsupported parameter: 'temperature' is not supported with this model.",
    "Anthropic's": "`temperature` may only be set to 1 when thinking is enabled.",
    "deprecated": "`temperature` is deprecated for this model.",
    "Moonshot's": "invalid temperature: only 1 is allowed for this model",
    "TGI's": "Input validation error: `temperature` must be strictly positive",
    "pydantic's": "[{'loc': ['body', 'temperature'], 'msg': 'Extra inputs are not permitted'}]",
    "unknown": "Unrecognized request argument supplied: temperature",
}


@pytest.mark.parametrize("said", TEMPERATURE.values(), ids=TEMPERATURE)
def test_a_server_that_sets_its_temperature_ends_the_run_with_the_option_to_give(said: str) -> None:
    server = Server(refused(lambda body: "temperature" in body, said))
    (error, _) = ask(server)
    assert isinstance(error, FatalError)
    assert "--temperature server" in str(error)
    assert len(server.seen) == 2


def test_letters_are_asked_for_without_a_temperature_that_a_server_refuses() -> None:
    rule = refused(lambda body: "temperature" in body, TEMPERATURE["OpenAI's"])
    server = Server(rule)
    first, second, reply = ask_each(server, LETTERS, LETTERS, ASKED)
    assert (dict(first.logprobs), second.text) == ({"A": -0.2, "B": -1.8}, "A")
    assert sum(rule(body) is not None for body in server.seen) == 2
    # A reply is another with each temperature, so nothing is left out of its request.
    assert isinstance(reply, FatalError)


@pytest.mark.parametrize("said", ["prompt is too long", "temperature and top_p were both given"])
def test_other_refusals_are_of_one_request(said: str) -> None:
    (error, _) = ask(Server(refused(lambda _: True, said)))
    assert isinstance(error, RejectedError)
    assert not isinstance(error, FatalError)


TOO_MANY = (
    "max_tokens is too large: 4096. This model supports at most 2048 completion tokens.",
    "'max_tokens' or 'max_completion_tokens' is too large: 4096. The context has 2048 tokens.",
)


@pytest.mark.parametrize("said", TOO_MANY)
@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_a_bound_that_is_too_large_is_no_wrong_name(said: str, name: str) -> None:
    error = RejectedError(f"http://x/v1: HTTP 400 ({said.replace('max_tokens', name)})")
    assert Dialect(max_tokens=name).after(error, shown=False, heated=True) is None


FIVE = (
    "at most 5 top_logprobs are allowed",
    "Only 5 logprobs per token can be given, not 20",
    "m-11: top_logprobs: maximum is 5",
    "5 is the most that this server gives of log probabilities",
)


@pytest.mark.parametrize("said", FIVE)
def test_the_most_of_log_probabilities_is_found_wherever_it_stands(said: str) -> None:
    server = Server(refused(lambda body: top(body) > 5, said))
    (_, last) = ask(server)
    assert (last.text, top(server.seen[-1])) == ("A", 5)


STRINGS = (
    "messages[0].content must be a string",
    "Failed to deserialize the JSON body: messages[0]: invalid type: sequence, expected a string",
    "[{'loc': ['body', 'messages', 0, 'content'], 'msg': 'Input should be a valid string'}]",
)


@pytest.mark.parametrize("said", STRINGS)
def test_a_server_of_texts_alone_is_sent_texts(said: str) -> None:
    def parts(body: dict[str, Any]) -> bool:
        return isinstance(body["messages"][-1]["content"], list)

    server = Server(refused(parts, said, 422))
    plain = request(user("Which? ", "A or B?"))
    first, last, with_image = ask_each(server, plain, plain, ASKED)
    assert first.text == last.text == "A"
    assert [parts(body) for body in server.seen[:3]] == [True, False, False]
    assert server.seen[2]["messages"][0]["content"] == "Which? A or B?"
    assert isinstance(with_image, RejectedError | FatalError)


def test_what_was_answered_once_is_no_reason_to_end_a_run() -> None:
    refusals = iter(["", BLIND[0], "", "temperature is not supported"])
    server = Server(lambda body: (400, said) if (said := next(refusals, "the same")) else None)
    replies = ask_each(server, ASKED, ASKED, ASKED, ASKED)
    assert [getattr(reply, "text", type(reply)) for reply in replies] == [
        "A", RejectedError, "A", RejectedError
    ]  # fmt: skip


def test_a_server_that_refuses_to_be_told_tokens_names_its_likeliest() -> None:
    said = "[{'loc': ['body', 'logprob_token_ids'], 'msg': 'Extra inputs are not permitted'}]"
    error = RejectedError(f"http://x/v1: HTTP 422 ({said})")
    dialect = Dialect().after(error, shown=False, heated=True)
    assert dialect == Dialect(takes_token_ids=False)


DECISIONS: dict[str, tuple[int, Any, Any]] = {
    "two letters": (200, {"A": 0.25, "B": 0.75}, {"A": -1.3863, "B": -0.2877}),
    "one letter": (200, {"A": 1.0, "B": 0.0}, {"A": 0.0}),
    "a letter too few": (200, {"A": 1.0}, None),
    "no probabilities": (200, {"A": 3.0, "B": -2.0}, None),
    "not whole": (200, {"A": 0.1, "B": 0.1}, None),
    "no numbers": (200, {"A": "x", "B": None}, None),
    "not one": (200, None, None),
    "no such place": (404, None, None),
    "broken": (500, None, None),
}


@pytest.mark.parametrize(("status", "given", "expected"), DECISIONS.values(), ids=DECISIONS)
def test_a_decision_is_read_or_the_server_gives_no_letters(
    status: int, given: Any, expected: Any
) -> None:
    asked: list[str] = []

    async def chat(_: web.Request, __: dict[str, Any]) -> web.StreamResponse:
        asked.append("chat")
        return web.json_response(completion("A"))

    async def decide(_: web.Request, __: dict[str, Any]) -> web.StreamResponse:
        asked.append("decision")
        answers = {"letter": {"type": "choice", "choice": "A", "probabilities": given}}
        return web.json_response({"answers": answers}, status=status)

    async def talk(url: str) -> tuple[bool, list[Any]]:
        model = openai("m", ModelOptions(base_url=url, timeout=20))
        assert isinstance(model, Probed)
        await model.probe()
        three = (model.answer(LETTERS, ()) for _ in range(3))
        found = await asyncio.gather(*three, return_exceptions=True)
        await model.close()
        return "choices" in model.modes, found

    with serving_at({"/v1/chat/completions": chat, "/v1/systemone": decide}) as url:
        can, found = asyncio.run(talk(url))
    assert can is (expected is not None)
    if can:
        assert [dict(one.logprobs) for one in found] == [pytest.approx(expected, abs=1e-4)] * 3
        assert (asked.count("chat"), asked.count("decision")) == (1, 4)
    else:
        assert {type(one) for one in found} == {UnsupportedError}
        assert asked.count("decision") == 1


def test_a_server_that_drops_images_in_chat_is_found_out_by_its_decisions() -> None:
    async def chat(_: web.Request, __: dict[str, Any]) -> web.StreamResponse:
        return web.json_response(completion("A"))

    async def decide(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        if body["assets"]:
            detail = "Images need a model whose processor handles them."
            return web.json_response({"detail": detail}, status=400)
        return web.json_response({"answers": {"letter": {"probabilities": {"A": 0.5, "B": 0.5}}}})

    async def talk(url: str) -> Any:
        model = openai("m", ModelOptions(base_url=url, timeout=20))
        assert isinstance(model, Probed)
        await model.probe()
        await model.answer(ASKED, [picture(1)])
        try:
            shown = structs.replace(LETTERS, messages=(user(1, "Which?"),))
            return await asyncio.gather(model.answer(shown, [picture(1)]), return_exceptions=True)
        finally:
            await model.close()

    with serving_at({"/v1/chat/completions": chat, "/v1/systemone": decide}) as url:
        (error,) = asyncio.run(talk(url))
    assert isinstance(error, FatalError)
    assert "takes no images" in str(error)
