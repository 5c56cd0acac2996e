"""The chat client: what it sends, and what it makes of what comes back."""

import asyncio
import json
import socket
from typing import Any

import msgspec
import pytest
from aiohttp import web

from asking import picture, request, user
from chat_server import completion, serving
from medtrust.common.endings import ending
from medtrust.common.network import is_loopback
from medtrust.errors import (
    FatalError,
    InputError,
    ModelError,
    RejectedError,
    TransientError,
    UnsupportedError,
)
from medtrust.models.dialect import NO_LOGPROBS
from medtrust.models.model import ModelOptions
from medtrust.models.openai import openai
from medtrust.models.presets import PRESETS, check_address, endpoint
from medtrust.records import Message, Mode, Response


def ask(reply: Any, **more: Any) -> Response:
    """Ask a server that gives this reply (a web.Response, or a function of the body)."""

    async def handle(http: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        made = reply(http, body) if callable(reply) else reply
        return made if isinstance(made, web.StreamResponse) else web.json_response(made)

    async def once(url: str) -> Response:
        model = openai("m", ModelOptions(base_url=url, timeout=more.pop("timeout", 5)))
        images = more.pop("images", [])
        asked = more.pop("asked", None)
        try:
            return await model.answer(asked or request(user("Hi"), **more), images)
        finally:
            await model.close()

    with serving(handle) as url:
        return asyncio.run(once(url))


def test_the_request_is_what_the_protocol_says() -> None:
    seen: list[dict[str, Any]] = []

    def reply(_: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        seen.append(body)
        return completion("B")

    system = Message(role="system", parts=("Be brief.",))
    asked = request(system, user(1, 'Say "A" or "B"\n'), max_tokens=7, seed=5, logprobs=True)
    response = ask(reply, asked=asked, images=[picture(1)])
    (body,) = seen
    assert response.text == "B"
    assert (response.prompt_tokens, response.completion_tokens) == (10, 1)
    assert response.server == "scripted"
    assert body["model"] == "m"
    assert body["messages"][0] == {"role": "system", "content": "Be brief."}
    image, text = body["messages"][1]["content"]
    assert image["image_url"]["url"].startswith("data:image/png;base64,iVBOR")
    assert text == {"type": "text", "text": 'Say "A" or "B"\n'}
    assert (body["temperature"], body["max_tokens"], body["seed"]) == (0.0, 7, 5)
    assert (body["stream"], body["logprobs"], body["top_logprobs"]) == (False, True, 20)


def test_each_repeat_has_its_own_seed() -> None:
    def reply(_: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        return completion(str(body["seed"]))

    assert [ask(reply, seed=5, repeat=repeat).text for repeat in range(3)] == ["5", "6", "7"]


def test_a_server_that_refuses_any_temperature_is_sent_none() -> None:
    def reply(_: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        assert "temperature" not in body
        return completion("ok")

    assert ask(reply, temperature=None).text == "ok"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, RejectedError), (401, FatalError), (402, FatalError), (403, FatalError),
        (404, FatalError), (408, TransientError), (413, RejectedError), (422, RejectedError),
        (429, TransientError), (500, TransientError), (503, TransientError),
        (302, FatalError), (308, FatalError),
    ],
)  # fmt: skip
def test_a_status_says_whether_to_ask_again(status: int, expected: type[ModelError]) -> None:
    failed = web.json_response(
        {"error": {"message": "why\nnot"}},
        status=status,
        headers={"Retry-After": "3", "Location": "http://elsewhere.invalid/"},
    )
    with pytest.raises(expected, match=f"HTTP {status}.*why not") as caught:
        ask(failed)
    if isinstance(caught.value, TransientError):
        assert caught.value.retry_after == 3
        assert caught.value.throttled == (status in {429, 503})


def test_nothing_left_to_spend_is_final() -> None:
    body = {"error": {"message": "insufficient_quota: pay first"}}
    with pytest.raises(FatalError, match="nothing left to spend"):
        ask(web.json_response(body, status=429))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"<html>gateway</html>", b'{"choices": []}', b"[]", b'{"choices": [{}]}',
        json.dumps(completion("A")).encode()[:-20],
        json.dumps({"error": {"message": "overloaded", "code": 500}}).encode(),
    ],
)  # fmt: skip
def test_a_body_that_is_no_completion_is_asked_again(body: bytes) -> None:
    with pytest.raises(TransientError):
        ask(web.Response(body=body, content_type="application/json"))


def test_half_a_character_can_be_written_down() -> None:
    body = json.dumps(completion("A \ud800 B")).encode()
    response = ask(web.Response(body=body, content_type="application/json"))
    assert response.text == "A ? B"
    assert msgspec.json.decode(msgspec.json.encode(response), type=Response) == response


def test_a_reply_without_end_is_not_read_to_it() -> None:
    with pytest.raises(RejectedError, match="over 8 MiB"):
        ask(completion("x" * (10 * 2**20)))


def test_a_server_that_says_nothing_is_given_up() -> None:
    async def never(_: web.Request, __: dict[str, Any]) -> web.StreamResponse:
        await asyncio.sleep(30)
        raise AssertionError

    async def once(url: str) -> None:
        model = openai("m", ModelOptions(base_url=url, timeout=0.3))
        try:
            await model.answer(request(user("Hi")), [])
        finally:
            await model.close()

    with serving(never) as url, pytest.raises(TransientError, match=r"within 0\.3 s"):
        asyncio.run(once(url))


def test_content_comes_in_several_shapes() -> None:
    def message(**fields: Any) -> dict[str, Any]:
        return completion("") | {"choices": [{"message": {"role": "assistant"} | fields}]}

    assert ask(message(content=None)).text == ""
    parts = [{"type": "text", "text": "one "}, {"type": "text", "text": "two"}]
    assert ask(message(content=parts)).text == "one two"
    refused = ask(message(content=None, refusal="I will not."))
    assert (refused.text, refused.finish) == ("I will not.", "refusal")


ODD: dict[str, dict[str, Any]] = {
    "float counts": {"usage": {"prompt_tokens": 10.0, "completion_tokens": 1.0}},
    "half a token": {"usage": {"prompt_tokens": 10.5, "completion_tokens": 1}},
    "negative counts": {"usage": {"prompt_tokens": -1, "completion_tokens": -1}},
    "huge counts": {"usage": {"prompt_tokens": 10**30, "completion_tokens": 2**63}},
    "counts in words": {"usage": {"prompt_tokens": "10", "completion_tokens": True}},
    "usage as a list": {"usage": [10, 1]}, "usage as a word": {"usage": "none"},
    "an object for a fingerprint": {"system_fingerprint": {"build": 7}},
    "a number for a model": {"model": 7}, "a list for a model": {"model": ["m"]},
    "an empty error": {"error": {}}, "a null error": {"error": None}, "more": {"more": [[]] * 50},
}  # fmt: skip
ODD_CHOICE: dict[str, dict[str, Any]] = {
    "list log-probabilities": {"logprobs": [-0.1, -2.0]}, "no content": {"logprobs": {}},
    "log-probabilities of an old kind": {"logprobs": {"tokens": ["A"], "content": "A"}},
    "log-probabilities in words": {"logprobs": {"content": [{"token": "A", "logprob": "low"}]}},
    "a number for an ending": {"finish_reason": 7}, "no ending": {"finish_reason": None},
    "an object for an ending": {"finish_reason": {"type": "stop"}}, "null error": {"error": None},
    "parts": {"message": {"content": [{"type": "text", "text": "A"}]}},
    "null among the parts": {"message": {"content": [None, {"type": "text", "text": "A"}, None]}},
    "plain parts": {"message": {"content": ["A"]}},
    "a part without text": {"message": {"content": [{"type": "text", "text": "A"}, {"n": 1}]}},
    "null text in a part": {"message": {"content": [{"text": None}, "A"]}},
    "a thought among the parts": {
        "message": {"content": [{"type": "thinking", "text": "B?"}, {"type": "text", "text": "A"}]}
    },
    "an object for a refusal": {"message": {"content": "A", "refusal": {}}},
    "a list for the reasoning": {"message": {"content": "A", "reasoning": [{}]}},
}  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("status", [200, 201])
def test_an_odd_field_beside_a_reply_loses_nothing(odd: str, status: int) -> None:
    found = ask(web.json_response(completion("A") | ODD[odd], status=status))
    assert found.text == "A"
    assert found.prompt_tokens in {None, 10}
    assert found.completion_tokens in {None, 1}


@pytest.mark.parametrize("odd", ODD_CHOICE)
def test_an_odd_field_in_a_choice_loses_nothing(odd: str) -> None:
    assert ask(completion("A", **ODD_CHOICE[odd])).text == "A"


WHOLE = completion("")
MODERATED = {"error": {"code": 403, "message": "m", "metadata": {"reasons": ["harm"]}}}
TAKEN_AWAY: dict[str, tuple[int, Any]] = {
    "content_filter": (200, completion("", finish_reason="content_filter")),
    "Gemini's safety": (200, completion("", finish_reason="SAFETY")),
    "Gemini's prohibited content": (200, completion("", finish_reason="PROHIBITED_CONTENT")),
    "Anthropic's refusal": (200, completion("", finish_reason="refusal")),
    "no choices": (200, WHOLE | {"choices": []}),
    "no message": (200, WHOLE | {"choices": [{"index": 0, "finish_reason": "stop"}]}),
    "a null message": (200, WHOLE | {"choices": [{"message": None}]}),
    "a blocked choice": (200, WHOLE | {"choices": [{"error": {"code": "content_filter"}}]}),
    "an error of a filter under 200": (200, MODERATED),
    "OpenAI": (400, {"error": {"code": "content_policy_violation", "message": "m"}}),
    "OpenAI's type": (400, {"error": {"type": "moderation_blocked", "message": "m"}}),
    "Azure": (400, {"error": {"code": "content_filter", "message": "m"}}),
    "Azure, within": (400, {"error": {"code": "x", "message": "m", "innererror": {
        "code": "ResponsibleAIPolicyViolation"}}}),
    "DashScope": (400, {"code": "DataInspectionFailed", "message": "m"}),
    "OpenRouter": (403, MODERATED),
}  # fmt: skip


@pytest.mark.parametrize("kind", TAKEN_AWAY)
def test_what_a_filter_takes_away_is_the_providers_abstention(kind: str) -> None:
    status, body = TAKEN_AWAY[kind]
    found = ask(web.json_response(body, status=status))
    assert (found.text, ending(found.finish)) == ("", "blocked")


@pytest.mark.parametrize(
    "choice",
    [
        {"error": {"code": 502, "message": "upstream down"}},
        {"finish_reason": "error", "message": {"content": "A"}},
        {"finish_reason": "ERROR", "message": None},
        {"error": "upstream down", "message": {"content": "A"}},
    ],
)
def test_an_error_in_a_choice_is_asked_again(choice: dict[str, Any]) -> None:
    with pytest.raises(TransientError, match="under HTTP 200"):
        ask(WHOLE | {"choices": [choice]})


@pytest.mark.parametrize(
    ("message", "finish", "meaning"),
    [
        ({"content": "", "reasoning_content": "It is A."}, "stop", "unsaid"),
        ({"content": None, "reasoning": "It is A."}, None, "unsaid"),
        ({"content": [{"type": "thinking", "thinking": []}]}, "stop", "unsaid"),
        ({"content": "", "reasoning_content": "It is"}, "length", "cut"),
        ({"content": "", "reasoning_content": ""}, "stop", None),
    ],
)
def test_text_in_the_reasoning_alone_is_no_empty_reply(
    message: dict[str, Any], finish: str | None, meaning: str | None
) -> None:
    found = ask(completion("", message=message, finish_reason=finish))
    assert (found.text, ending(found.finish)) == ("", meaning)


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (
            400,
            [{"error": {"code": 400, "message": "API key not valid.", "status": "I"}}],
            "refused",
        ),
        (400, {"error": {"message": "API_KEY_INVALID"}}, "access refused"),
        (401, {"error": {"message": "Incorrect API key provided"}}, "access refused"),
        (429, {"error": {"code": "insufficient_quota", "message": "m"}}, "nothing left to spend"),
        (429, {"error": {"type": "insufficient_quota", "message": "m"}}, "nothing left to spend"),
        (402, {"error": {"message": "Insufficient credits"}}, "nothing left to spend"),
    ],
)
def test_a_key_that_opens_nothing_is_known_in_every_dress(
    status: int, body: Any, says: str
) -> None:
    with pytest.raises(FatalError, match=says):
        ask(web.json_response(body, status=status))


def position(**tokens: float) -> dict[str, Any]:
    listed = [{"token": token, "logprob": value} for token, value in tokens.items()]
    return {"content": [listed[0] | {"top_logprobs": listed}]}


def test_letters_are_read_in_one_spelling() -> None:
    logprobs = position(**{" A": -0.3, " B": -1.6, "A": -4.0, "b": -4.5, "An": -5.0})
    found = ask(completion("A", logprobs=logprobs), mode="choices", options=("l", "r"))
    assert found.logprobs == {"A": -0.3, "B": -1.6}


def test_without_a_letter_the_tokens_are_kept_as_reported() -> None:
    logprobs = position(The=-0.1, It=-2.5)
    found = ask(completion("The", logprobs=logprobs), mode="choices", options=("l", "r"))
    assert found.logprobs == {"The": -0.1, "It": -2.5}


@pytest.mark.parametrize("value", ["0.001", "1000", "1e999", "NaN", "Infinity"])
@pytest.mark.parametrize("mode", ["choices", "generate"])
def test_an_impossible_log_probability_is_zero_or_left_out(value: str, mode: Mode) -> None:
    body = json.dumps(completion("A", logprobs=position(A=-7.5, B=-1.5))).replace("-7.5", value)
    http = web.Response(text=body, content_type="application/json")
    found = ask(http, mode=mode, options=("l", "r"), logprobs=True).logprobs
    assert found["B"] == -1.5
    assert found.get("A", 0.0) == 0.0


def test_no_log_probabilities_is_no_guess() -> None:
    with pytest.raises(UnsupportedError, match="gives no log-probabilities"):
        ask(completion("A"), mode="choices", options=("l", "r"))


@pytest.mark.parametrize(
    ("text", "finish"),
    [("", "content_filter"), ("I was", "content_filter"), ("", "stop"), (None, "length")],
)
def test_a_reply_taken_away_says_nothing_of_the_server(text: str | None, finish: str) -> None:
    reply = completion("", finish_reason=finish, message={"role": "assistant", "content": text})
    found = ask(reply, mode="choices", options=("l", "r"), logprobs=True)
    assert (found.text, found.finish, found.logprobs) == (text or "", finish, {})


@pytest.mark.parametrize("status", [400, 403, 422])
def test_a_server_without_logprobs_is_asked_again_once(status: int) -> None:
    asked: list[bool] = []

    async def handle(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        asked.append("logprobs" in body or "top_logprobs" in body)
        if asked[-1]:
            error = {"error": {"message": "Logprobs are not supported"}}
            return web.json_response(error, status=status)
        return web.json_response(completion("A"))

    async def thrice(url: str) -> list[Response]:
        model = openai("m", ModelOptions(base_url=url))
        try:
            found = [
                await model.answer(request(user("Hi"), logprobs=logprobs), [])
                for logprobs in (True, True, False)
            ]
            choices = request(user("Hi"), mode="choices", options=("l", "r"), logprobs=True)
            with pytest.raises(UnsupportedError, match="Logprobs are not supported"):
                await model.answer(choices, [])
        finally:
            await model.close()
        return found

    with serving(handle) as url:
        replies = asyncio.run(thrice(url))
    assert asked == [True, False, False, False, True]
    assert [reply.text for reply in replies] == ["A"] * 3
    assert [reply.notes for reply in replies] == [(NO_LOGPROBS,), (NO_LOGPROBS,), ()]


def test_a_bad_request_is_not_blamed_on_logprobs() -> None:
    def reply(_: web.Request, body: dict[str, Any]) -> web.Response:
        return web.json_response({"error": f"no such image in {sorted(body)}"}, status=422)

    with pytest.raises(RejectedError, match="no such image"):
        ask(reply, logprobs=True)


KEY = "sk-Se/cr+et-" + "0123456789" * 4


@pytest.mark.parametrize("fill", [0, 250, 260, 270, 280, 299])
@pytest.mark.parametrize("status", [200, 400, 401, 500])
@pytest.mark.parametrize("escaped", [KEY, KEY.replace("/", "\\/").replace("+", "\\u002B")])
def test_a_key_that_a_server_quotes_goes_nowhere(
    monkeypatch: pytest.MonkeyPatch, fill: int, status: int, escaped: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\n")

    def reply(http: web.Request, _: dict[str, Any]) -> web.Response:
        assert http.headers["Authorization"] == f"Bearer {KEY}"
        quoted = "." * fill + " " + KEY
        made = completion(quoted, logprobs=position(**{KEY: -0.1})) | {"model": quoted}
        failed = {"error": {"message": quoted}}
        body = json.dumps(made if status == 200 else failed).replace(KEY, escaped)
        return web.Response(text=body, status=status, content_type="application/json")

    try:
        shown = repr(ask(reply, logprobs=True))
    except ModelError as error:
        shown = str(error)
    assert "sk-" not in shown
    assert "[key]" in shown or fill > 290


def test_a_stand_in_for_a_key_garbles_no_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "token")
    assert ask(completion("A token of it")).text == "A token of it"


def test_a_key_over_two_lines_is_one_line_of_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-one\nsk-two")
    with pytest.raises(InputError, match="OPENAI_API_KEY holds a line break") as caught:
        endpoint("openai")
    assert "sk-" not in str(caught.value)


def test_a_missing_key_stops_the_first_request_and_not_the_plan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    model = openai("m", ModelOptions())
    with pytest.raises(FatalError, match=r"^openai/: set OPENAI_API_KEY to your key"):
        asyncio.run(model.answer(request(user("Hi")), []))
    assert ask(completion("own servers need none")).text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_server_reads_as_a_sentence(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    model = openai("m", ModelOptions(base_url=f"http://{host}:{port}/v1"))

    async def once() -> None:
        try:
            await model.answer(request(user("Hi")), [])
        finally:
            await model.close()

    with pytest.raises(TransientError) as caught:
        asyncio.run(once())
    assert str(caught.value) == (
        f"http://{host}:{port}/v1: cannot connect (Connection refused); is the server running?"
    )


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://localhost:8000/v1", True),
        ("http://127.0.0.1:1/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://10.0.0.1/v1", False),
        ("https://api.example.invalid/v1", False),
        ("http://localhost.example.invalid/v1", False),
    ],
)
def test_only_the_loopback_is_this_machine(url: str, local: bool) -> None:
    assert is_loopback(url) is local


def test_presets_know_their_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, preset in PRESETS.items():
        if preset.key:
            monkeypatch.setenv(preset.key, f"key-of-{name}")
        if preset.base_url_from:
            monkeypatch.setenv(preset.base_url_from, f"https://{name}.invalid/")
        found = endpoint(name)
        assert found.url.startswith(("https://", "http://localhost"))
        if preset.key:
            assert f"key-of-{name}" in found.headers[preset.key_header]
        assert f"key-of-{name}" not in repr(found)


@pytest.mark.parametrize(
    "address",
    [
        "https://user:secret@host.invalid/v1", "http://:secret@host.invalid", "user:secret@host",
        "http://@host.invalid/v1", "https://host.invalid/v1?key=secret", "https://host.invalid/v1?",
        "https://host.invalid/v1#secret", "ftp://secret", "http://[::1", "http://host:secret/",
        "http://", "https:///secret", "http://host.invalid/a secret",
    ],
)  # fmt: skip
def test_an_address_with_a_secret_or_another_scheme_is_refused(address: str) -> None:
    with pytest.raises(InputError) as caught:
        endpoint("openai", address)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["http://[::1]:8000/v1", "https://host.invalid", "https://host.invalid/v1/@cf/x"]
)
def test_a_plain_address_is_taken(address: str) -> None:
    check_address(address)
