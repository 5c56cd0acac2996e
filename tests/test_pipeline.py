"""The steps tied together: what is scored is what was asked and answered, no more."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

import layout
from chat_server import completion, letter_of, serving, text_of
from medtrust import registry
from medtrust.cli import main
from medtrust.datasets.dataset import Dataset
from medtrust.datasets.mediconfusion import CARD, PROMPTS
from medtrust.errors import ConsentError, FatalError, InputError
from medtrust.metrics.metric import Settings
from medtrust.models import builtin
from medtrust.models.model import ModelOptions
from medtrust.pipeline.judge import JudgeSettings
from medtrust.pipeline.planning import RunSettings
from medtrust.pipeline.report import read_results
from medtrust.pipeline.run import RunResult, run
from medtrust.pipeline.score import ScoreSettings, score_run
from medtrust.records import Estimate, Response
from medtrust.reports.result import Result
from medtrust.reports.scores import read_scores
from medtrust.runner.plan import Overrides
from medtrust.runner.tally import Limits, unwatched

QUICK = ScoreSettings(metrics=Settings(replicates=50))


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return layout.write(tmp_path_factory.mktemp("benchmark"), pairs=6)


def ask(data: Path, out: Path, **more: Any) -> RunResult:
    url = more.pop("url", "")
    return run(
        RunSettings(
            models=more.pop("models", ("openai/subject",)),
            tasks=more.pop("tasks", ("mediconfusion/mc",)),
            data=data,
            out=out,
            options=ModelOptions(base_url=url, timeout=5),
            limits=more.pop("limits", Limits(attempts=1)),
            **more,
        ),
        unwatched,
    )


def value(result: Result, metric: str, **wanted: str) -> Estimate:
    wanted = {"protocol": "corrected", "group_by": "all"} | wanted
    (found,) = (
        e
        for e in result.estimates
        if e.metric == metric and all(getattr(e, k) == v for k, v in wanted.items())
    )
    return found


def choices(out: Path) -> dict[str, str]:
    scores = read_scores(out / "scores.parquet")
    return {s.sample: s.choice for s in scores if s.protocol == "corrected" and s.repeat == 0}


class Both:
    """A server that is asked as a subject and as a judge, and remembers."""

    def __init__(self, side: str = "left") -> None:
        self.side = side
        self.judged = 0

    async def __call__(self, _: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        text = text_of(body)
        if "[Answer A]" not in text:
            return web.json_response(completion(f"It is on the {self.side}."))
        self.judged += 1
        # Likes what it reads first by 3 points, and the right answer by 4.
        first, second = (text.partition(f"[Answer {x}]\n")[2].split("\n")[0] for x in "AB")
        reply = text.partition("[Model]\n")[2].split("\n")[0]
        side = "left" if "left" in reply else "right"
        a, b = 4 + 3 + 2 * (side in first), 4 + 2 * (side in second)
        a, b = a + 2 * (side in first), b + 2 * (side in second)
        return web.json_response(completion(f"A: {min(a, 10)}\nB: {min(b, 10)}\nBecause."))


def judge(url: str, **more: Any) -> JudgeSettings:
    return JudgeSettings(model="openai/judge", base_url=url, **more)


def test_a_judges_orders_samples_and_repeats_find_their_reply(
    benchmark: Path, tmp_path: Path
) -> None:
    server = Both()
    with serving(server) as url:
        result = ask(
            benchmark, tmp_path, url=url, tasks=("mediconfusion/ff",), repeats=2,
            judge=judge(url, samples=2, decoding=Overrides(temperature=0.5)),
        )  # fmt: skip
    assert result.complete
    # All 24 replies are alike, so 12 questions x 2 orders x 2 samples are asked, for 2 repeats.
    scored = score_run(tmp_path, QUICK)
    assert value(scored, "individual_accuracy").missing == 0
    scores = [s for s in read_scores(tmp_path / "scores.parquet") if s.protocol == "corrected"]
    assert len(scores) == 24
    assert {s.choice for s in scores} == {"A"}, "option A is the one on the left, in either order"
    assert {s.details["judgements"] for s in scores} == {4.0}


def test_a_new_reply_is_not_judged_by_what_was_said_of_the_old(
    benchmark: Path, tmp_path: Path
) -> None:
    data = shutil.copytree(benchmark, tmp_path / "data")
    server = Both("left")
    out = tmp_path / "run"
    with serving(server) as url:
        ask(data, out, url=url, tasks=("mediconfusion/ff",), judge=judge(url))
        server.side = "right"
        for image in (data / "data" / "images").iterdir():
            layout.draw(image, f"another {image.name}")
        ask(data, out, url=url, tasks=("mediconfusion/ff",))
        scored = score_run(out, QUICK)
        assert value(scored, "individual_accuracy").missing == 12
        again = score_run(out, replace(QUICK, judge=judge(url)))
    assert value(again, "individual_accuracy").missing == 0
    assert set(choices(out).values()) == {"B"}


def test_a_judge_that_fails_does_not_wipe_out_another(benchmark: Path, tmp_path: Path) -> None:
    async def broken(_: web.Request, __: dict[str, Any]) -> web.StreamResponse:
        return web.json_response({"error": {"message": "no"}}, status=400)

    with serving(Both()) as url, serving(broken) as other:
        ask(benchmark, tmp_path, url=url, tasks=("mediconfusion/ff",), judge=judge(url))
        score_run(tmp_path, replace(QUICK, judge=judge(other)))
        scored = score_run(tmp_path, QUICK)
    assert value(scored, "individual_accuracy").missing == 0


def test_a_judge_that_answered_nothing_is_told_apart_from_none(
    benchmark: Path, tmp_path: Path
) -> None:
    async def broken(_: web.Request, __: dict[str, Any]) -> web.StreamResponse:
        return web.json_response({"error": {"message": "no"}}, status=400)

    with serving(Both()) as url, serving(broken) as other:
        ask(benchmark, tmp_path, url=url, tasks=("mediconfusion/ff",), judge=judge(other))
        scored = score_run(tmp_path, QUICK)
    assert value(scored, "individual_accuracy").missing == 12
    notes = " ".join(scored.notes)
    assert "openai/judge has answered nothing" in notes
    assert "no judge was asked" not in notes


@pytest.mark.parametrize(
    ("options", "temperature", "tokens"),
    [
        ((), 0, 1024),
        (("--judge-temperature", "server", "--judge-max-tokens", "4096"), None, 4096),
        (("--judge-temperature", "0.5"), 0.5, 1024),
    ],
)
def test_a_judge_is_asked_as_it_can_be(
    benchmark: Path,
    tmp_path: Path,
    options: tuple[str, ...],
    temperature: float | None,
    tokens: int,
) -> None:
    """A model that thinks first takes no temperature and needs more tokens."""
    bodies: list[dict[str, Any]] = []

    async def thinker(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        bodies.append(body)
        return web.json_response(completion("<think>A: 1\nB: 9</think>A: 8\nB: 3"))

    with serving(thinker) as url:
        main(
            ["run", "--model", "builtin/random", "--task", "mediconfusion/ff", "--data",
             str(benchmark), "--out", str(tmp_path / "run"), "--replicates", "50", "--judge",
             "openai/judge", "--judge-base-url", url, *options]
        )  # fmt: skip
    assert bodies
    assert {(body.get("temperature"), body["max_tokens"]) for body in bodies} == {
        (temperature, tokens)
    }


def test_without_a_judge_free_replies_are_missing_and_said_so(
    benchmark: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(
        ["run", "--model", "builtin/random", "--task", "mediconfusion/ff", "--data",
         str(benchmark), "--out", str(tmp_path / "run"), "--replicates", "50"]
    )  # fmt: skip
    assert code == 1
    assert "no judge was asked" in capsys.readouterr().out.replace("\n", " ")


def test_the_data_may_lie_elsewhere_next_time(benchmark: Path, tmp_path: Path) -> None:
    partial = shutil.copytree(benchmark, tmp_path / "partial")
    (partial / "data" / "images" / "2.jpg").unlink()
    out = tmp_path / "run"
    assert not ask(partial, out, models=("builtin/random",)).complete
    result = ask(benchmark, out, models=("builtin/random",))
    assert result.complete
    tally = result.tallies["builtin/random"]
    assert (tally.known, tally.answered) == (11, 1)


def test_answers_to_images_that_changed_do_not_count_even_when_stopped(
    benchmark: Path, tmp_path: Path
) -> None:
    data = shutil.copytree(benchmark, tmp_path / "data")
    out = tmp_path / "run"

    async def handle(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        return web.json_response(completion(letter_of(body)))

    with serving(handle) as url:
        ask(data, out, url=url)
        for image in (data / "data" / "images").iterdir():
            layout.draw(image, f"another {image.name}")
        # What the first 12 cost is spent already, so that nothing more is asked.
        limits = Limits(budget=100, price=(1e6, 1e6), concurrency=1)
        result = ask(data, out, url=url, limits=limits)
    assert result.tallies["openai/subject"].stopped
    scored = score_run(out, QUICK)
    assert value(scored, "individual_accuracy").n == 0
    assert value(scored, "individual_accuracy").missing == 12
    assert any("interrupted" in note for note in scored.notes)


def test_a_deleted_image_takes_its_answer_along(benchmark: Path, tmp_path: Path) -> None:
    data = shutil.copytree(benchmark, tmp_path / "data")
    out = tmp_path / "run"
    ask(data, out, models=("builtin/random",))
    (data / "data" / "images" / "2.jpg").unlink()
    ask(data, out, models=("builtin/random",))
    assert value(score_run(out, QUICK), "individual_accuracy").missing == 1


def test_a_budget_is_for_all_models_together(benchmark: Path, tmp_path: Path) -> None:
    async def uncounted(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        return web.json_response({k: v for k, v in completion("A").items() if k != "usage"})

    with serving(uncounted) as url:
        limits = Limits(budget=700, price=(1e6, 1e6), concurrency=1)
        models = ("openai/one", "openai/two")
        first = ask(benchmark, tmp_path, url=url, models=models, limits=limits)
        assert not first.complete
        assert "budget" in first.tallies["openai/one"].stopped
        assert first.tallies["openai/two"].total == 12, "known to be missing"
        answered = first.tallies["openai/one"].answered
        again = ask(benchmark, tmp_path, url=url, models=models, limits=limits)
        assert again.tallies["openai/one"].done == answered, "spent stays spent"
        rich = Limits(budget=1e6, price=(1e6, 1e6))
        assert ask(benchmark, tmp_path, url=url, models=models, limits=rich).complete


def test_a_finished_run_at_its_budget_is_finished(benchmark: Path, tmp_path: Path) -> None:
    async def handle(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        return web.json_response(completion("A"))

    with serving(handle) as url:
        ask(benchmark, tmp_path, url=url)
        limits = Limits(budget=1, price=(1e6, 1e6))
        assert ask(benchmark, tmp_path, url=url, limits=limits).complete


def test_requests_that_a_server_will_not_take_do_not_stop_the_rest(tmp_path: Path) -> None:
    data = layout.write(tmp_path / "data", pairs=30)

    async def handle(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        digest = hashlib.sha256(json.dumps(body["messages"]).encode()).digest()
        if digest[0] < 192:
            return web.json_response({"error": {"message": "not this one"}}, status=400)
        return web.json_response(completion("A"))

    with serving(handle) as url:
        tally = ask(data, tmp_path / "run", url=url).tallies["openai/subject"]
    assert tally.answered + tally.failed == 60
    assert tally.answered
    assert not tally.stopped


def test_one_reply_without_log_probabilities_is_one_missing_answer(
    benchmark: Path, tmp_path: Path
) -> None:
    count = 0

    async def handle(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        nonlocal count
        count += 1
        top = [{"token": "A", "logprob": -0.1}, {"token": "B", "logprob": -2.5}]
        logprobs = None if count == 3 else {"content": [top[0] | {"top_logprobs": top}]}
        return web.json_response(completion("A", logprobs=logprobs))

    with serving(handle) as url:
        limits = Limits(attempts=1, concurrency=1)
        tally = ask(
            benchmark, tmp_path, url=url, tasks=("mediconfusion/gd",), limits=limits
        ).tallies["openai/subject"]
    assert (tally.answered, tally.failed) == (11, 1)


def test_controls_asked_otherwise_are_not_compared(benchmark: Path, tmp_path: Path) -> None:
    async def handle(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        return web.json_response(completion(letter_of(body)))

    control = ("control/option-swap:mediconfusion/mc",)
    with serving(handle) as url:
        ask(benchmark, tmp_path, url=url)
        ask(benchmark, tmp_path, url=url, tasks=control, overrides=Overrides(temperature=1.0))
        scored = score_run(tmp_path, QUICK)
        assert not any(e.metric == "swap_consistency" for e in scored.estimates)
        assert any("asked otherwise" in note for note in scored.notes)
        ask(benchmark, tmp_path, url=url, tasks=control)
    assert value(score_run(tmp_path, QUICK), "swap_consistency").n == 12


def test_a_file_of_answers_is_not_asked_twice(benchmark: Path, tmp_path: Path) -> None:
    answers = tmp_path / "answers.jsonl"
    answers.write_text(
        "\n".join(
            json.dumps({"id": f"mediconfusion:1000{n}/{k}", "text": "A"})
            for n in range(1, 7)
            for k in (1, 2)
        )
    )
    model = (f"replay/{answers}",)
    for more in ({"tasks": ("control/repeat:mediconfusion/mc",)}, {"repeats": 2}):
        with pytest.raises(InputError, match="one answer to each question"):
            ask(benchmark, tmp_path / "run", models=model, **more)
    assert ask(benchmark, tmp_path / "run", models=model).complete


def test_errata_take_samples_out_of_a_run_and_of_a_file(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = str(shared_data / "mediconfusion")
    replies = str(shared_data / "responses/mediconfusion-mc-gpt-4o.json")
    errata = ["--errata", "suspect-labels-2026-11", "--replicates", "50"]
    common = ["--task", "mediconfusion/mc", "--data", data, *errata]
    assert main(
        ["score", "--dataset", "mediconfusion", "--predictions", replies, "--json", *common]
    ) == 0  # fmt: skip
    rows = json.loads(capsys.readouterr().out)["rows"]
    (direct,) = (
        row
        for row in rows
        if row["metric"] == "set_accuracy"
        and row["protocol"] == "corrected"
        and row["group_by"] == "all"
    )
    assert direct["n"] == 164
    out = tmp_path / "run"
    assert main(["run", "--model", f"replay/{replies}", "--out", str(out), *common]) == 0
    scored = read_results([out])
    assert value(scored, "set_accuracy").value == pytest.approx(direct["value"])
    assert value(scored, "set_accuracy").n == 164
    assert any("left out by errata" in note for note in scored.notes)
    assert main(["score", str(out), "--errata", "suspect-labels-2026-11"]) == 2
    assert "run it again with --errata" in capsys.readouterr().err


def test_restricted_data_go_nowhere_without_consent(
    benchmark: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load_restricted(data: Path | None) -> Dataset:
        return replace(CARD.load(data), access="credentialed")

    restricted = replace(CARD, access="credentialed", load=load_restricted)
    real = registry.load

    def load(group: registry.Group, name: str) -> Any:
        return restricted if (group, name) == ("datasets", "mediconfusion") else real(group, name)

    monkeypatch.setattr(registry, "load", load)
    asked = 0

    async def handle(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        return web.json_response(completion("A"))

    far = "http://elsewhere.invalid/v1"
    with serving(handle) as url:
        with pytest.raises(ConsentError, match="--allow-remote mediconfusion"):
            ask(benchmark, tmp_path / "far", url=far)
        with pytest.raises(ConsentError, match="openai/judge"):
            ask(
                benchmark, tmp_path / "judged", url=url, tasks=("mediconfusion/ff",),
                judge=judge(far),
            )  # fmt: skip
        assert asked == 0
        assert not (tmp_path / "judged").exists()
        assert ask(benchmark, tmp_path / "near", url=url).complete
    allowed = ask(
        benchmark, tmp_path / "allowed", url=far, allow_remote=("mediconfusion",),
        limits=Limits(attempts=1, give_up=1, concurrency=1),
    )  # fmt: skip
    assert "cannot connect" in allowed.tallies["openai/subject"].stopped
    recorded = json.loads((tmp_path / "allowed" / "run.json").read_text())
    assert recorded["settings"]["allow_remote"] == ["mediconfusion"]


def test_runs_side_by_side_keep_their_names_apart(benchmark: Path, tmp_path: Path) -> None:
    for name, family in (("one", "default"), ("two", "gpt")):
        ask(benchmark, tmp_path / name, models=("builtin/random",), prompts=family)
        score_run(tmp_path / name, QUICK)
    both = read_results([tmp_path / "one", tmp_path / "two"])
    assert {e.model for e in both.estimates} == {
        f"builtin/random ({tmp_path / name})" for name in ("one", "two")
    }
    once = read_results([tmp_path / "one"])
    assert read_results([tmp_path / "one", tmp_path / "one"]).estimates == once.estimates


def test_results_older_than_the_answers_are_not_shown(benchmark: Path, tmp_path: Path) -> None:
    ask(benchmark, tmp_path, models=("builtin/random",), limit=4)
    score_run(tmp_path, QUICK)
    ask(benchmark, tmp_path, models=("builtin/random",))
    with pytest.raises(InputError, match="not scored"):
        read_results([tmp_path])


def test_every_command_is_on_record(benchmark: Path, tmp_path: Path) -> None:
    ask(benchmark, tmp_path, models=("builtin/random",))
    score_run(tmp_path, QUICK)
    recorded = json.loads((tmp_path / "run.json").read_text())
    first, second = recorded["commands"]
    assert (first["command"], first["models"]) == ("run", ["builtin/random"])
    assert (second["command"], second["metrics"]["replicates"]) == ("score", 50)


def test_a_backend_that_breaks_is_one_line(benchmark: Path, tmp_path: Path) -> None:
    def boom(*_: object) -> Response:
        raise RuntimeError("boom")

    def connect(name: str, options: ModelOptions) -> Any:
        model: Any = builtin.connect(name, options)
        return replace(model, reply=boom)

    with pytest.MonkeyPatch.context() as patch:
        real = registry.load
        patch.setattr(
            registry,
            "load",
            lambda g, n: connect if (g, n) == ("models", "builtin") else real(g, n),
        )
        with pytest.raises(FatalError, match="RuntimeError: boom"):
            ask(benchmark, tmp_path, models=("builtin/random",))


def test_a_prompt_file_that_does_not_fit_is_named(benchmark: Path, tmp_path: Path) -> None:
    data = shutil.copytree(benchmark, tmp_path / "data")
    prompts = layout.prompts()
    prompts["prompts"]["mc"]["default"] = "Only {} and {}"  # type: ignore[index]
    (data / PROMPTS).write_text(json.dumps(prompts))
    with pytest.raises(InputError, match="does not fit mediconfusion/mc"):
        ask(data, tmp_path / "run", models=("builtin/random",))
