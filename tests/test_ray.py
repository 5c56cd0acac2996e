"""`--on ray` over a real cluster of two nodes: the results of one process, whatever dies.

No part of Ray is replaced here: nodes are killed as nodes, workers as processes.
"""

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

import layout
import ray_nodes
from chat_server import completion, letter_of, serving, text_of
from counting_server import counting, line_of
from medtrust import registry
from medtrust.cli import main
from medtrust.datasets.dataset import Dataset
from medtrust.datasets.mediconfusion import CARD, load
from medtrust.errors import ConsentError, FatalError, InputError
from medtrust.models.model import ModelOptions
from medtrust.pipeline.planning import RunSettings
from medtrust.pipeline.run import RunResult, run
from medtrust.pipeline.select import connect
from medtrust.runner.cluster.actors import Machines
from medtrust.runner.cluster.actors import machines as machines_of
from medtrust.runner.cluster.cluster import Cluster as RayCluster
from medtrust.runner.cluster.crew import Crew, Recruiting
from medtrust.runner.cluster.replica import Setup, Stated, Work
from medtrust.runner.cluster.segment import SUFFIX, decode
from medtrust.runner.cluster.settings import ClusterSettings
from medtrust.runner.journal import FILE, Journal
from medtrust.runner.tally import Limits, Watcher, unwatched
from ray_nodes import until

PAIRS = 100
"""Of the benchmark that is asked while something dies: 200 questions in several batches."""


@pytest.fixture(scope="module")
def machines() -> Iterator[Any]:
    with ray_nodes.nodes() as found:
        yield found


@pytest.fixture
def cluster(machines: Any) -> Any:
    """Two nodes, whatever the test before has left."""
    if not machines.worker_nodes:
        ray_nodes.add(machines)
    return machines


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return layout.write(tmp_path_factory.mktemp("benchmark"), pairs=PAIRS)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A server in a process of its own; its address, and where it writes what it is asked."""
    with counting(tmp_path_factory.mktemp("server"), delay=0.1) as found:
        yield found


def command(data: Path, out: Path, url: str, *more: str) -> list[str]:
    return [
        "run", "--model", "openai/scripted", "--base-url", url, "--task", "mediconfusion/mc",
        "--data", str(data), "--out", str(out), "--replicates", "50", *more,
    ]  # fmt: skip


def start(*arguments: str) -> "subprocess.Popen[str]":
    program = [sys.executable, "-m", "medtrust.cli", *arguments]
    return subprocess.Popen(program, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ask(data: Path, out: Path, url: str = "", **more: Any) -> RunResult:
    watch = more.pop("watch", unwatched)
    settings = RunSettings(
        models=more.pop("models", ("openai/scripted",)),
        tasks=("mediconfusion/mc",),
        data=data,
        out=out,
        options=ModelOptions(base_url=url, timeout=5),
        cluster=more.pop("cluster", ClusterSettings(replicas=2)),
        **more,
    )
    return run(settings, watch)


def tables(out: Path) -> tuple[bytes, bytes]:
    return (out / "scores.parquet").read_bytes(), (out / "results.parquet").read_bytes()


@pytest.fixture(scope="module")
def undisturbed(
    benchmark: Path, server: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[bytes, bytes]:
    """The tables of one process that nothing happened to."""
    out = tmp_path_factory.mktemp("local") / "run"
    assert main(command(benchmark, out, server[0])) == 0
    return tables(out)


def committed(out: Path) -> set[str]:
    """Samples whose answer is in the journal."""
    try:
        with closing(sqlite3.connect(f"file:{out / FILE}?mode=ro", uri=True)) as journal:
            rows = journal.execute("SELECT sample FROM items WHERE key IS NOT NULL").fetchall()
    except sqlite3.OperationalError:
        return set()
    return {row[0] for row in rows}


def segments(out: Path) -> list[Path]:
    """Segments that wait for the journal; none once a run that has ended removed their folder."""
    try:
        return list((out / "segments").rglob(f"*{SUFFIX}"))
    except FileNotFoundError:
        return []


def safe(out: Path) -> set[str]:
    """Samples whose answer is in the journal or on its way to it."""
    found = committed(out)
    for path in segments(out):
        if segment := decode(path.read_bytes()):
            found |= {name for places, *_ in segment.answers for _, name, _, _ in places}
    return found


class Asked:
    """What a server was asked from some moment on."""

    def __init__(self, log: Path, data: Path) -> None:
        self._log = log
        self._names = {
            line_of(sample.question, Path(sample.images[0].path)): sample.id
            for sample in load(data).samples
        }
        self._first = len(log.read_text().splitlines())

    def samples(self) -> list[str]:
        return [self._names[line] for line in self._log.read_text().splitlines()[self._first :]]


def test_two_nodes_give_the_bytes_of_one_process(
    cluster: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Images, turns, a control without images, a model that reads training samples."""
    asked = [
        "run", "--dataset", "phantom", "--limit", "100", "--replicates", "50", "--task",
        "mediconfusion/mc", "cares/uncertainty", "control/text-only:mediconfusion/mc",
        "--model", "builtin/template",
    ]  # fmt: skip
    here = main([*asked, "--out", str(tmp_path / "here")])
    capsys.readouterr()
    assert main([*asked, "--out", str(tmp_path / "there"), "--on", "ray"]) == here
    printed = capsys.readouterr()
    assert tables(tmp_path / "there") == tables(tmp_path / "here")
    assert printed.err == ""
    assert "ray" not in printed.out
    assert not (tmp_path / "there" / "segments").exists()


def test_an_absent_image_and_a_place_with_a_url(
    cluster: Any, benchmark: Path, tmp_path: Path
) -> None:
    data = shutil.copytree(benchmark, tmp_path / "data")
    (data / "data" / "images" / "2.jpg").unlink()
    asked = ["run", "--model", "builtin/random", "--task", "mediconfusion/mc", "--data", str(data)]
    asked += ["--replicates", "50"]
    assert main([*asked, "--out", str(tmp_path / "here")]) == 1
    there = [*asked, "--out", str(tmp_path / "there"), "--on", "ray", "--replicas", "1"]
    assert main([*there, "--shared", (tmp_path / "shared").as_uri()]) == 1
    assert tables(tmp_path / "there") == tables(tmp_path / "here")
    assert [path for path in (tmp_path / "shared").rglob("*") if path.is_file()] == []


def test_a_node_that_dies_half_way(
    cluster: Any,
    benchmark: Path,
    server: tuple[str, Path],
    undisturbed: tuple[bytes, bytes],
    tmp_path: Path,
) -> None:
    url, log = server
    asked, out = Asked(log, benchmark), tmp_path / "run"
    more = ("--on", "ray", "--replicas", "2", "--concurrency", "2")
    running = start(*command(benchmark, out, url, *more))
    node = cluster.worker_nodes.copy().pop()
    until(lambda: bool(ray_nodes.replicas(node)) and len(committed(out)) > 50, "half of it")
    kept = safe(out)
    before = len(asked.samples())
    cluster.remove_node(node, allow_graceful=False)
    output, errors = running.communicate()
    assert running.returncode == 0, output + errors
    assert errors.splitlines() == ["a replica was lost; others take over what it had open"]
    assert "raylet" not in output
    assert before < 2 * PAIRS
    assert kept.isdisjoint(asked.samples()[before:])
    assert tables(out) == undisturbed


def test_a_worker_that_is_killed(
    cluster: Any,
    benchmark: Path,
    server: tuple[str, Path],
    undisturbed: tuple[bytes, bytes],
    tmp_path: Path,
) -> None:
    """The only one there is: Ray starts it again and it goes on."""
    url, log = server
    asked, out = Asked(log, benchmark), tmp_path / "run"
    more = ("--on", "ray", "--replicas", "1", "--concurrency", "4")
    running = start(*command(benchmark, out, url, *more))
    until(lambda: len(committed(out)) > 50, "the first answers")
    kept, before = safe(out), len(asked.samples())
    for node in cluster.list_all_nodes():
        for process in ray_nodes.replicas(node):
            os.kill(process, signal.SIGKILL)
    output, errors = running.communicate()
    assert running.returncode == 0, output + errors
    assert "a replica was lost" in errors
    assert before < 2 * PAIRS
    again = asked.samples()
    assert kept.isdisjoint(again[before:])
    # What was open, and what had come since the last segment.
    assert sum(number - 1 for number in Counter(again).values()) <= 4 + 40 * 2
    assert tables(out) == undisturbed


@pytest.mark.parametrize("second", [("--on", "ray", "--replicas", "2"), ()])
def test_a_driver_that_is_killed_and_started_again(
    cluster: Any,
    benchmark: Path,
    server: tuple[str, Path],
    undisturbed: tuple[bytes, bytes],
    tmp_path: Path,
    second: tuple[str, ...],
) -> None:
    """With another number of replicas, or with none: in one process."""
    url, log = server
    asked, out = Asked(log, benchmark), tmp_path / "run"
    more = ("--on", "ray", "--replicas", "1", "--concurrency", "4")
    running = start(*command(benchmark, out, url, *more))
    until(lambda: len(safe(out)) > 50, "the first answers")
    running.kill()
    running.communicate()
    until(lambda: not any(map(ray_nodes.replicas, cluster.list_all_nodes())), "the replica's end")
    kept, before = safe(out), len(asked.samples())
    assert before < 2 * PAIRS
    assert main(command(benchmark, out, url, *second)) == 0
    assert kept.isdisjoint(asked.samples()[before:])
    assert tables(out) == undisturbed


def test_a_replica_that_joins_and_a_run_that_moves(
    cluster: Any,
    benchmark: Path,
    server: tuple[str, Path],
    undisturbed: tuple[bytes, bytes],
    tmp_path: Path,
) -> None:
    """Begun in one process, stopped, gone on with on one node, joined by a second."""
    url, log = server
    asked, out = Asked(log, benchmark), tmp_path / "run"
    running = start(*command(benchmark, out, url, "--concurrency", "4"))
    until(lambda: len(committed(out)) > 20, "the first answers")
    running.send_signal(signal.SIGTERM)
    assert running.wait() == 1
    running.communicate()
    cluster.remove_node(cluster.worker_nodes.copy().pop())
    seen: list[int] = []

    def go_on() -> RunResult:
        watcher = Watcher(changed=lambda tally: seen.append(tally.replicas))
        limits, every = Limits(concurrency=1), ClusterSettings()
        return ask(benchmark, out, url, cluster=every, limits=limits, watch=lambda _: watcher)

    writers = set()
    with ThreadPoolExecutor(1) as beside:
        found = beside.submit(go_on)
        until(lambda: 1 in seen, "the first replica")
        ray_nodes.add(cluster)
        while not found.done():
            # Each replica's segments carry a name of its own.
            names = (path.name for path in segments(out))
            writers |= {name.split(".")[1] for name in names if not name.startswith(".")}
            time.sleep(0.02)
        assert found.result().complete
    assert max(seen) == len(writers) == 2
    assert set(Counter(asked.samples()).values()) == {1}
    assert main(command(benchmark, out, url)) == 0
    assert len(asked.samples()) == 2 * PAIRS
    assert tables(out) == undisturbed


def test_sigterm_lets_replicas_finish_what_is_open(
    cluster: Any,
    benchmark: Path,
    server: tuple[str, Path],
    undisturbed: tuple[bytes, bytes],
    tmp_path: Path,
) -> None:
    url, log = server
    asked, out = Asked(log, benchmark), tmp_path / "run"
    more = ("--on", "ray", "--replicas", "2", "--concurrency", "4")
    running = start(*command(benchmark, out, url, *more))
    until(lambda: len(committed(out)) > 20, "the first answers")
    running.send_signal(signal.SIGTERM)
    _, errors = running.communicate()
    assert running.returncode == 1
    assert "stopped by SIGTERM" in errors
    assert len(asked.samples()) == len(committed(out)) < 2 * PAIRS
    assert main(command(benchmark, out, url)) == 0
    assert set(Counter(asked.samples()).values()) == {1}
    assert tables(out) == undisturbed


def test_a_wrong_key_ends_the_run_once(cluster: Any, benchmark: Path, tmp_path: Path) -> None:
    asked = 0

    async def handle(_: web.Request, __: dict[str, Any]) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        return web.json_response({"error": {"message": "no such key"}}, status=401)

    limits = Limits(concurrency=2)
    with serving(handle) as url, pytest.raises(FatalError, match="OPENAI_API_KEY"):
        ask(benchmark, tmp_path / "run", url, limits=limits)
    assert 0 < asked <= 4


def test_the_budget_of_the_whole_run_stops_all(
    cluster: Any, benchmark: Path, tmp_path: Path
) -> None:
    asked = 0

    async def handle(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        return web.json_response(completion(letter_of(body)))

    # 11 tokens a request, at one unit a token.
    limits = Limits(concurrency=1, budget=55, price=(1e6, 1e6))
    with serving(handle) as url:
        tally = ask(benchmark, tmp_path / "run", url, limits=limits).tallies["openai/scripted"]
    assert tally.stopped == "the budget of 55 is spent"
    assert tally.sent == asked == tally.cost / 11
    assert 5 <= asked < 2 * PAIRS


def test_what_kills_every_replica_is_given_up_and_named(
    cluster: Any, benchmark: Path, tmp_path: Path
) -> None:
    lines: list[str] = []

    async def handle(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        if "picture 7 " in text_of(body):
            for node in cluster.list_all_nodes():
                for process in ray_nodes.replicas(node):
                    os.kill(process, signal.SIGKILL)
        return web.json_response(completion(letter_of(body)))

    with serving(handle) as url:
        found = ask(
            benchmark, tmp_path / "run", url, limit=24, cluster=ClusterSettings(replicas=1),
            watch=lambda _: Watcher(warn=lines.append), limits=Limits(concurrency=1),
        )  # fmt: skip
    tally = found.tallies["openai/scripted"]
    assert tally.done + tally.failed == 24
    assert 2 <= tally.failed <= 4, "what was open with it may go too"
    journal = Journal(tmp_path / "run" / FILE)
    ((number, _),) = journal.plans().items()
    failed = {
        item.sample.id: (outcome, why)
        for item, _, response, outcome, why in journal.answers(number)
        if response is None
    }
    journal.close()
    assert {"mediconfusion:10007/1", "mediconfusion:10007/2"} <= failed.keys()
    assert {*failed.values()} == {("error", "lost 3 times with its replica, which died or ended")}
    assert any("questions were lost 3 times" in line for line in lines)


async def admitted(found: Machines, setup: Setup, stated: Stated) -> bool:
    recruiting = Recruiting(machines=found, setup=setup, stated=stated, first=None, replicas=1)
    work = Work(plans={}, limits=Limits(), place=("", ""), session="")
    crew = Crew(recruiting, work, None, print, at_home=False)
    (member,) = crew.recruit()
    try:
        return await crew.admitted(member)
    finally:
        await crew.end()


def test_replicas_that_differ_are_refused(cluster: Any, tmp_path: Path) -> None:
    """A file of answers that changes between the first replica and the second."""
    file = tmp_path / "answers.jsonl"
    setup = Setup(connect=connect, name=f"replay/{file}", options=ModelOptions(), folder="/")
    file.write_text(json.dumps({"id": "1", "text": "A"}))
    with machines_of(0) as found:
        settings = ClusterSettings(replicas=1)
        first = RayCluster(found, settings, connect, patience=60, allowed=())
        stated = first.connect(setup.name, setup.options)
        first._let_go()
        file.write_text(json.dumps({"id": "1", "text": "B"}))
        with pytest.raises(InputError, match=r"not one model: they differ in sha256"):
            asyncio.run(admitted(found, setup, stated))


def test_credentialed_data_stay_on_this_machine(
    cluster: Any, benchmark: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load_restricted(data: Path | None) -> Dataset:
        return replace(CARD.load(data), access="credentialed")

    restricted = replace(CARD, access="credentialed", load=load_restricted)
    real = registry.load

    def found(group: registry.Group, name: str) -> Any:
        return restricted if (group, name) == ("datasets", "mediconfusion") else real(group, name)

    monkeypatch.setattr(registry, "load", found)
    models, one = ("builtin/random",), ClusterSettings(replicas=1)
    far = ray_nodes.add(cluster, node_ip_address="127.0.0.2")
    try:
        with pytest.raises(ConsentError, match="--allow-remote mediconfusion"):
            ask(benchmark, tmp_path / "no", models=models, cluster=one)
        assert not (tmp_path / "no").exists()
        allowed = ("mediconfusion",)
        assert ask(
            benchmark, tmp_path / "yes", models=models, cluster=one, allow_remote=allowed, limit=4
        ).complete
    finally:
        cluster.remove_node(far)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--on", "ray", "--gpus-per-replica", "1", "--stall", "1"), "no room for a replica"),
        (("--on", "ray", "--model", "builtin/nobody"), "nobody"),
        (("--on", "ray", "--shared", "s3://key:secret@bucket/a"), "no user name"),
        (("--replicas", "2"), "need --on ray"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(
    cluster: Any,
    benchmark: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: tuple[str, ...],
    message: str,
) -> None:
    asked = ["run", "--task", "mediconfusion/mc", "--data", str(benchmark), *more]
    asked += [] if "--model" in more else ["--model", "builtin/random"]
    assert main([*asked, "--out", str(tmp_path / "run")]) == 2
    errors = capsys.readouterr().err
    assert message in errors
    assert len(errors.splitlines()) == 1
    assert "secret" not in errors


def test_without_ray_a_line_says_what_to_install(
    benchmark: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("medtrust.pipeline.where.find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"pip install 'medtrust\[ray\]'"):
        ask(benchmark, tmp_path / "run")
