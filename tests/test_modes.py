"""All four modes over MediConfusion's 176 real pairs, asked of one model in two ways.

The pictures are drawn stand-ins, the model a tiny random LLaVA: what is tested is that
the whole line holds, and that it does not matter how the model is reached.
"""

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from aiohttp import web
from transformers import AutoModelForImageTextToText, AutoTokenizer

import layout
from chat_server import completion, serving
from medtrust.cli import main
from medtrust.models.dialect import DECIDED
from medtrust.records import Response
from medtrust.reports.scores import read_scores
from medtrust.reports.table import read_parquet
from medtrust.runner.journal import FILE, Journal
from medtrust.scorers.logits import LEAST_MASS
from serve import Server, serving_logprobs

SHORT = ["--max-tokens", "6", "--replicates", "200"]


@pytest.fixture(scope="module")
def benchmark(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return layout.with_stand_ins(
        shared_data / "mediconfusion", tmp_path_factory.mktemp("mediconfusion")
    )


@pytest.fixture(scope="module")
def local_run(
    benchmark: Path, tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("local") / "run"
    code = main(
        ["run", "--model", f"hf/{tiny_checkpoint}", "--dtype", "float32", "--device", "cpu",
         "--task", "mediconfusion/*", "--data", str(benchmark), "--out", str(out),
         "--judge", "builtin/overlap-judge", *SHORT]
    )  # fmt: skip
    assert code == 0
    return out


def responses(out: Path, task: str) -> dict[str, Response]:
    journal = Journal(out / FILE)
    found = {
        item.sample.id: response
        for number, plan in journal.plans().items()
        if plan.task == task
        for item, _, response, _, _ in journal.answers(number)
        if response is not None
    }
    journal.close()
    return found


def test_every_mode_has_all_its_numbers(local_run: Path) -> None:
    estimates = read_parquet(local_run / "results.parquet")
    for mode in ("mc", "ff", "gd", "ps"):
        own = {
            (e.metric, e.protocol): e
            for e in estimates
            if e.task == f"mediconfusion/{mode}" and e.group_by == "all"
        }
        for protocol in ("official", "corrected"):
            assert own["set_accuracy", protocol].n == 176
            assert own["set_accuracy", protocol].missing == 0
            assert own["individual_accuracy", protocol].n == 352
        assert own["set_accuracy", "corrected"].clusters == 58
    assert (local_run / "report.html").is_file()


def test_both_ways_to_ask_give_the_same_replies(
    local_run: Path, benchmark: Path, transformers_server: Server, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    code = main(
        ["run", "--model", f"openai/{transformers_server.model}",
         "--base-url", transformers_server.base_url, "--concurrency", "4",
         "--task", "mediconfusion/mc", "mediconfusion/ff", "--data", str(benchmark),
         "--out", str(out), "--judge", "builtin/overlap-judge", *SHORT]
    )  # fmt: skip
    assert code == 0
    for task in ("mediconfusion/mc", "mediconfusion/ff"):
        local, served = responses(local_run, task), responses(out, task)
        assert len(local) == len(served) == 352
        assert {k: r.text for k, r in local.items()} == {k: r.text for k, r in served.items()}
        assert len({r.text for r in local.values()}) > 20, "a model that always says the same"


@pytest.fixture(scope="module")
def eager_checkpoint(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny LLaVA with much to say about A and B: servers name the 20 likeliest tokens only."""
    folder = tmp_path_factory.mktemp("eager") / "llava"
    shutil.copytree(tiny_checkpoint, folder)
    model: Any = AutoModelForImageTextToText.from_pretrained(folder)
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    # Letters as its chat template writes them, after a space.
    a, b, c = (tokenizer.encode(f" {letter}", add_special_tokens=False)[-1] for letter in "ABC")
    head = model.lm_head.weight
    with torch.no_grad():
        # One direction that its last states share makes both likely, two others tell them apart.
        shared = -8 * head[a]
        head[a] = shared + 4 * head[c]
        head[b] = shared + 4 * head[b]
    model.save_pretrained(folder)
    return folder


def test_letters_by_log_probability_are_the_same_from_a_server(
    benchmark: Path, eager_checkpoint: Path, tmp_path: Path
) -> None:
    ask = ["run", "--task", "mediconfusion/gd", "--data", str(benchmark), "--replicates", "200"]
    here = ["--model", f"hf/{eager_checkpoint}", "--dtype", "float32", "--device", "cpu"]
    assert main([*ask, *here, "--out", str(tmp_path / "local")]) == 0
    with serving_logprobs(eager_checkpoint) as server:
        there = ["--model", f"openai/{server.model}", "--base-url", server.base_url]
        assert main([*ask, *there, "--out", str(tmp_path / "served")]) == 0
    local = responses(tmp_path / "local", "mediconfusion/gd")
    served = responses(tmp_path / "served", "mediconfusion/gd")
    assert len(local) == len(served) == 352
    for sample, response in served.items():
        for letter, value in response.logprobs.items():
            assert value == pytest.approx(local[sample].logprobs[letter], abs=1e-3)
    assert sum(len(response.logprobs) == 2 for response in served.values()) > 100
    assert len({round(response.logprobs["A"], 3) for response in served.values()}) > 100
    own_scores, served_scores = (
        read_scores(tmp_path / out / "scores.parquet") for out in ("local", "served")
    )
    for own, other in zip(own_scores, served_scores, strict=True):
        # A model of chance says no letter with much certainty, and over a server that is seen.
        sure = own.protocol == "official" or other.details["letters"] >= LEAST_MASS
        assert other.choice == (own.choice if sure else "")
        assert sure or other.outcome == "unparseable"


@pytest.mark.parametrize("way", ["found out", "--no-logprobs"])
def test_where_a_server_gives_no_log_probabilities_gd_is_left_out(
    benchmark: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], way: str
) -> None:
    asked: list[bool] = []

    async def handle(_: Any, body: dict[str, Any]) -> Any:
        asked.append("logprobs" in body)
        return web.json_response(completion("A"))

    with serving(handle) as url:
        code = main(
            ["run", "--model", "openai/plain", "--base-url", url, "--task", "mediconfusion/*",
             "--data", str(benchmark), "--out", str(tmp_path / "run"), "--limit", "8",
             "--replicates", "50", "--judge", "builtin/overlap-judge",
             *([] if way == "found out" else [way])]
        )  # fmt: skip
    printed = capfd.readouterr()
    assert code == 0
    assert "cannot be asked mediconfusion/gd" in printed.err
    assert "answers are missing" not in printed.err
    assert asked.count(True) == (1 if way == "found out" else 0)
    results = read_parquet(tmp_path / "run" / "results.parquet")
    assert {row.task for row in results} == {"mediconfusion/mc", "mediconfusion/ff"}


def test_a_server_without_log_probabilities_that_is_asked_for_nothing_else_gets_a_clear_line(
    benchmark: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    asked = 0

    async def handle(_: Any, body: dict[str, Any]) -> Any:
        nonlocal asked
        asked += 1
        return web.json_response(completion("A"))

    with serving(handle) as url:
        code = main(
            ["run", "--model", "openai/plain", "--base-url", url, "--task", "mediconfusion/gd",
             "--data", str(benchmark), "--out", str(tmp_path / "run"), "--concurrency", "1",
             "--replicates", "50"]
        )  # fmt: skip
    printed = capfd.readouterr()
    assert code == 2
    assert asked == 1, "one answer tells it"
    assert "gives no log-probabilities" in printed.err
    assert not (tmp_path / "run").exists()


def test_scoring_given_texts_over_a_chat_server_is_refused(
    benchmark: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = main(
        ["run", "--model", "openai/any", "--base-url", "http://127.0.0.1:9/v1", "--task",
         "mediconfusion/ps", "--data", str(benchmark), "--out", str(tmp_path / "run")]
    )  # fmt: skip
    assert code == 2
    assert "use hf/" in capfd.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_run_that_is_complete_needs_no_server_any_more(benchmark: Path, tmp_path: Path) -> None:
    async def handle(_: Any, body: dict[str, Any]) -> Any:
        given = [{"token": token, "logprob": -0.7} for token in "AB"]
        logprobs = {"content": [{**given[0], "top_logprobs": given}]}
        return web.json_response(completion("A", logprobs=logprobs if "logprobs" in body else None))

    with serving(handle) as url:
        ask = [
            *("run", "--model", "openai/m", "--base-url", url, "--task", "mediconfusion/gd"),
            *("--data", str(benchmark), "--limit", "8", "--replicates", "50"),
            *("--out", str(tmp_path / "run")),
        ]
        assert main(ask) == 0
    assert main(ask) == 0


def test_a_server_without_log_probabilities_may_decide_among_the_letters(
    benchmark: Path,
    transformers_server: Server,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    code = main(
        ["run", "--model", f"openai/{transformers_server.model}",
         "--base-url", transformers_server.base_url, "--task", "mediconfusion/*",
         "--data", str(benchmark), "--out", str(tmp_path / "run"), "--limit", "8",
         "--judge", "builtin/overlap-judge", *SHORT]
    )  # fmt: skip
    printed = capfd.readouterr()
    assert code == 0
    found = responses(tmp_path / "run", "mediconfusion/gd")
    assert len(found) == 8
    assert all({*one.logprobs} == {"A", "B"} for one in found.values())
    assert f"8 of 8 answers: {DECIDED}" in " ".join((printed.out + printed.err).split())
    assert "models together" not in printed.out + printed.err
    results = read_parquet(tmp_path / "run" / "results.parquet")
    assert {row.task for row in results} >= {"mediconfusion/mc", "mediconfusion/gd"}
