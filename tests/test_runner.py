"""The loop: everything is asked once, nothing is lost, nothing is mixed up."""

import asyncio
import json
import random
import shutil
import socket
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

import layout
from chat_server import completion, letter_of, serving, text_of
from medtrust.datasets.mediconfusion import PROMPTS, QUESTIONS
from medtrust.errors import FatalError, InputError
from medtrust.models.model import ModelOptions
from medtrust.pipeline.planning import RunSettings
from medtrust.pipeline.run import RunResult, run
from medtrust.records import Response
from medtrust.runner.journal import FILE, Journal
from medtrust.runner.plan import Overrides
from medtrust.runner.tally import Limits, Tally, Watcher, unwatched


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return layout.write(tmp_path_factory.mktemp("benchmark"), pairs=12)


def ask(data: Path, out: Path, base_url: str = "", **more: Any) -> RunResult:
    limits = more.pop("limits", Limits(attempts=4))
    settings = RunSettings(
        models=more.pop("models", ("openai/scripted",)),
        tasks=more.pop("tasks", ("mediconfusion/mc",)),
        data=data,
        out=out,
        options=ModelOptions(base_url=base_url, timeout=5),
        limits=limits,
        **more,
    )
    return run(settings, unwatched)


def answers(out: Path) -> dict[tuple[str, str, str, int], str]:
    """(model, task, sample, repeat) -> reply, of everything that is answered."""
    journal = Journal(out / FILE)
    found = {
        (plan.model, plan.task, item.sample.id, item.repeat): response.text
        for number, plan in journal.plans().items()
        for item, _, response, _, _ in journal.answers(number)
        if response is not None
    }
    journal.close()
    return found


class Scripted:
    """A server that counts what it is asked and answers by a hash."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []

    async def __call__(self, _: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        self.bodies.append(body)
        return web.json_response(completion(letter_of(body)))


def test_every_question_is_asked_once_with_its_image(benchmark: Path, tmp_path: Path) -> None:
    server = Scripted()
    with serving(server) as url:
        result = ask(benchmark, tmp_path / "run", url)
    assert result.complete
    assert len(answers(tmp_path / "run")) == len(server.bodies) == 24
    texts = Counter(text_of(body) for body in server.bodies)
    assert set(texts.values()) == {2}, "both halves of a pair put the same words"
    urls = [
        part["image_url"]["url"]
        for body in server.bodies
        for part in body["messages"][0]["content"]
        if part["type"] == "image_url"
    ]
    assert len(set(urls)) == 24
    assert all(url.startswith("data:image/jpeg;base64,/9j/") for url in urls)


def test_running_again_asks_nothing(benchmark: Path, tmp_path: Path) -> None:
    server = Scripted()
    with serving(server) as url:
        ask(benchmark, tmp_path / "run", url)
        before = answers(tmp_path / "run")
        result = ask(benchmark, tmp_path / "run", url)
    assert len(server.bodies) == 24
    assert result.tallies["openai/scripted"].known == 24
    assert answers(tmp_path / "run") == before


def test_the_same_question_from_two_tasks_is_sent_once(benchmark: Path, tmp_path: Path) -> None:
    server = Scripted()
    with serving(server) as url:
        ask(benchmark, tmp_path / "run", url, tasks=("mediconfusion/mc", "control/text-only"))
    texts_only = [body for body in server.bodies if len(body["messages"][0]["content"]) == 1]
    assert len(texts_only) == 12, "without images, both halves of a pair are one question"
    assert len(answers(tmp_path / "run")) == 48


def test_a_model_never_gets_anothers_answers(benchmark: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    ask(benchmark, out, models=("builtin/constant-A", "builtin/constant-B"))
    by_model = {(model, reply) for (model, _, _, _), reply in answers(out).items()}
    assert by_model == {("builtin/constant-A", "A"), ("builtin/constant-B", "B")}


def test_two_servers_with_one_model_name_are_two_models(benchmark: Path, tmp_path: Path) -> None:
    first, second = Scripted(), Scripted()
    with serving(first) as one, serving(second) as two:
        ask(benchmark, tmp_path / "run", one)
        ask(benchmark, tmp_path / "run", two)
    assert len(first.bodies) == len(second.bodies) == 24


@pytest.mark.parametrize("change", ["question", "option", "prompt", "image"])
def test_what_changed_is_asked_anew(benchmark: Path, tmp_path: Path, change: str) -> None:
    data = shutil.copytree(benchmark, tmp_path / "data")
    server = Scripted()
    with serving(server) as url:
        ask(data, tmp_path / "run", url)
        if change == "image":
            layout.draw(data / "data" / "images" / "2.jpg", "another picture")
        else:
            file = data / (PROMPTS if change == "prompt" else QUESTIONS)
            content = json.loads(file.read_text())
            if change == "prompt":
                content["prompts"]["mc"]["default"] = "Anew. " + layout.LETTER_PROMPT
            else:
                content["10001"]["question" if change == "question" else "option_A"] += " now"
            file.write_text(json.dumps(content))
        result = ask(data, tmp_path / "run", url)
    expected = {"question": 2, "option": 2, "prompt": 24, "image": 1}[change]
    assert len(server.bodies) == 24 + expected
    assert result.tallies["openai/scripted"].answered == expected
    latest = answers(tmp_path / "run")
    assert len(latest) == 24
    for body in server.bodies[24:]:
        assert letter_of(body) in latest.values()


def test_other_settings_are_asked_anew(benchmark: Path, tmp_path: Path) -> None:
    server = Scripted()
    with serving(server) as url:
        ask(benchmark, tmp_path / "run", url)
        ask(benchmark, tmp_path / "run", url, overrides=Overrides(temperature=0.7))
    assert [body["temperature"] for body in server.bodies] == [0.0] * 24 + [0.7] * 24


def test_repeats_are_separate_answers(benchmark: Path, tmp_path: Path) -> None:
    server = Scripted()
    with serving(server) as url:
        ask(benchmark, tmp_path / "run", url, repeats=3, limit=4)
    assert len(server.bodies) == 12
    assert {repeat for (_, _, _, repeat) in answers(tmp_path / "run")} == {0, 1, 2}


def test_limit_keeps_pairs_whole(benchmark: Path, tmp_path: Path) -> None:
    ask(benchmark, tmp_path / "run", models=("builtin/random",), limit=5)
    samples = {sample for (_, _, sample, _) in answers(tmp_path / "run")}
    assert samples == {f"mediconfusion:1000{n}/{k}" for n in (1, 2) for k in (1, 2)}


def test_overload_is_waited_out(benchmark: Path, tmp_path: Path) -> None:
    """A server that takes four requests at once, says 429 to the rest, and now and then 500."""
    open_now = 0
    refused = 0
    rng = random.Random(1)

    async def handle(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        nonlocal open_now, refused
        if open_now >= 4:
            refused += 1
            headers = {"Retry-After": "0.1"} if refused % 2 else {}
            return web.json_response({"error": {"message": "slow"}}, status=429, headers=headers)
        if rng.random() < 0.1:
            return web.json_response({"error": {"message": "oops"}}, status=500)
        open_now += 1
        await asyncio.sleep(0.02)
        open_now -= 1
        return web.json_response(completion(letter_of(body)))

    with serving(handle) as url:
        result = ask(benchmark, tmp_path / "run", url, limits=Limits(attempts=12))
    assert refused
    assert result.complete
    assert result.tallies["openai/scripted"].limit < 64


def test_what_stays_broken_is_reported_missing_and_asked_again(
    benchmark: Path, tmp_path: Path
) -> None:
    broken = True

    async def handle(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        if broken and "picture 3 " in text_of(body):
            return web.json_response({"error": {"message": "broken"}}, status=503)
        return web.json_response(completion(letter_of(body)))

    with serving(handle) as url:
        result = ask(benchmark, tmp_path / "run", url, limits=Limits(attempts=2))
        assert not result.complete
        journal = Journal(tmp_path / "run" / FILE)
        (number,) = journal.plans()
        failed = {
            item.sample.id: (outcome, reason)
            for item, _, response, outcome, reason in journal.answers(number)
            if response is None
        }
        journal.close()
        assert set(failed) == {"mediconfusion:10003/1", "mediconfusion:10003/2"}
        assert all(
            outcome == "error" and "HTTP 503" in reason and "asked 2 times" in reason
            for outcome, reason in failed.values()
        )
        broken = False
        assert ask(benchmark, tmp_path / "run", url).complete


def test_a_wrong_key_stops_at_once(
    benchmark: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    asked = 0

    async def handle(request: web.Request, _: dict[str, Any]) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        quoted = request.headers["Authorization"]
        return web.json_response({"error": {"message": f"no such key: {quoted}"}}, status=401)

    with (
        serving(handle) as url,
        pytest.raises(FatalError, match="OPENAI_API_KEY") as caught,
    ):
        ask(benchmark, tmp_path / "run", url, limits=Limits(concurrency=2))
    assert asked <= 2
    assert "very-secret" not in str(caught.value)
    for path in (tmp_path / "run").rglob("*"):
        if path.is_file():
            assert b"very-secret" not in path.read_bytes()


def test_a_server_that_is_gone_is_given_up(benchmark: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    result = ask(benchmark, tmp_path / "run", url, limits=Limits(attempts=1, give_up=3))
    assert "in a row failed" in result.tallies["openai/scripted"].stopped
    assert not result.complete


def test_the_budget_stops_the_run(benchmark: Path, tmp_path: Path) -> None:
    server = Scripted()
    # 11 tokens a request, at one unit a token.
    limits = Limits(concurrency=1, budget=55, price=(1e6, 1e6))
    with serving(server) as url:
        result = ask(benchmark, tmp_path / "run", url, limits=limits)
    tally = result.tallies["openai/scripted"]
    assert "budget" in tally.stopped
    assert 55 <= tally.cost <= 55 + 11 * 3
    assert len(answers(tmp_path / "run")) == tally.answered


def test_silence_raises_an_alarm(benchmark: Path, tmp_path: Path) -> None:
    lines: list[str] = []

    async def handle(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        await asyncio.sleep(0.6)
        return web.json_response(completion(letter_of(body)))

    settings = RunSettings(
        models=("openai/scripted",),
        tasks=("mediconfusion/mc",),
        data=benchmark,
        out=tmp_path / "run",
        limit=2,
    )
    with serving(handle) as url:
        run(
            RunSettings(
                **{
                    name: getattr(settings, name)
                    for name in ("models", "tasks", "data", "out", "limit")
                },
                options=ModelOptions(base_url=url),
                limits=Limits(stall=0.2),
            ),
            lambda _: Watcher(warn=lines.append),
        )
    assert any("no answer for" in line for line in lines)


def test_an_absent_image_is_a_missing_answer(benchmark: Path, tmp_path: Path) -> None:
    data = shutil.copytree(benchmark, tmp_path / "data")
    (data / "data" / "images" / "2.jpg").unlink()
    result = ask(data, tmp_path / "run", models=("builtin/random",))
    tally: Tally = result.tallies["builtin/random"]
    assert (tally.done, tally.failed) == (23, 1)


def test_a_folder_that_is_no_run_is_left_alone(benchmark: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="no run of medtrust"):
        ask(benchmark, tmp_path, models=("builtin/random",))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_response_survives_the_journal(tmp_path: Path) -> None:
    """Log-probabilities, notes and the strangest of texts come back as they went in."""
    text = "\x00 \u202e \U0001f600 " + "x" * 10
    response = Response(text=text, logprobs={" A": -0.1}, option_logprobs=((-1.5, -2.0), ()))
    again = msgspec.json.decode(msgspec.json.encode(response), type=Response)
    assert again == response
