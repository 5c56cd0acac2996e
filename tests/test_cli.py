"""The commands as a person types them: what they print, write and return."""

import functools
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import layout
from medtrust.cli import main

REPLIES = "responses/mediconfusion-mc-gpt-4o.json"


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return layout.write(tmp_path_factory.mktemp("benchmark"), pairs=6)


def score_real(shared_data: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    code = main(
        ["score", "--dataset", "mediconfusion", "--task", "mediconfusion/mc",
         "--data", str(shared_data / "mediconfusion"),
         "--predictions", str(shared_data / REPLIES), "--json"]
    )  # fmt: skip
    assert code == 0
    rows: list[dict[str, object]] = json.loads(capsys.readouterr().out)["rows"]
    return rows


def pick(rows: list[dict[str, object]], **wanted: object) -> dict[str, object]:
    (row,) = (row for row in rows if all(row[key] == value for key, value in wanted.items()))
    return row


def test_the_real_answers_score_as_published(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = score_real(shared_data, capsys)
    official = {"protocol": "official", "group_by": "all"}
    for metric, count, of in (
        ("set_accuracy", 30, 176),
        ("individual_accuracy", 189, 352),
        ("confusion", 116, 157),
        ("invalid", 20, 352),
    ):
        row = pick(rows, metric=metric, **official)
        assert row["n"] == of
        assert row["value"] == pytest.approx(count / of)
    categories = {row["group"] for row in rows if row["group_by"] == "category"}
    assert len(categories) == 9


def test_the_real_answers_read_our_way(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = score_real(shared_data, capsys)
    corrected = {"protocol": "corrected", "group_by": "all"}
    refused = pick(rows, metric="abstention", **corrected)
    assert refused["value"] == pytest.approx(20 / 352)
    assert pick(rows, metric="unparseable", **corrected)["value"] == 0
    accuracy = pick(rows, metric="set_accuracy", **corrected)
    assert accuracy["value"] == pytest.approx(30 / 176)
    # Wilson's with 176 pairs at a design effect of 2.08; resampled clusters give .108 and .235.
    assert accuracy["low"] == pytest.approx(0.1051, abs=1e-4)
    assert accuracy["high"] == pytest.approx(0.2645, abs=1e-4)
    assert str(accuracy["interval"]).startswith("wilson (correlation 0.12, design effect 2.08)")
    assert accuracy["clusters"] == 58
    assert accuracy["chance"] == 0.25
    # Both readings make the same choices: a refusal is no choice in either.
    assert pick(rows, metric="protocol_disagreement", **corrected)["value"] == 0
    assert 0 < float(str(pick(rows, metric="ece", **corrected)["value"])) < 1
    assert pick(rows, metric="ece", **corrected)["n"] == 332


def constant(shared_data: Path, folder: Path, letters: str) -> Path:
    """Answers to all questions: `letters` by turns."""
    pairs = json.loads((shared_data / "mediconfusion/data/dataset.json").read_text())
    path = folder / "answers.jsonl"
    lines = [
        json.dumps({"id": f"mediconfusion:{pair}/{k + 1}", "text": letters[k % len(letters)]})
        for pair in pairs
        for k in (0, 1)
    ]
    path.write_text("\n".join(lines))
    return path


@pytest.mark.parametrize(
    ("letters", "expected"),
    [("A", (0, 0.5, 1)), ("AB", (0.5, 0.5, 0))],
    ids=["constant", "by turns"],
)
@pytest.mark.parametrize("protocol", ["official", "corrected"])
def test_blind_answers_score_what_they_must(
    shared_data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    letters: str,
    expected: tuple[float, float, float],
    protocol: str,
) -> None:
    path = constant(shared_data, tmp_path, letters)
    assert main(
        ["score", "--dataset", "mediconfusion", "--task", "mediconfusion/mc", "--data",
         str(shared_data / "mediconfusion"), "--predictions", str(path), "--json"]
    ) == 0  # fmt: skip
    rows = json.loads(capsys.readouterr().out)["rows"]
    found = tuple(
        pick(rows, metric=metric, protocol=protocol, group_by="all")["value"]
        for metric in ("set_accuracy", "individual_accuracy", "confusion")
    )
    assert found == expected


def test_an_impossible_results_file_is_called_so(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = json.loads((shared_data / REPLIES).read_text())
    for pair in forged.values():
        pair["score"]["set_score"]["total"] = 1
    path = tmp_path / "forged.json"
    path.write_text(json.dumps(forged))
    code = main(
        ["score", "--dataset", "mediconfusion", "--task", "mediconfusion/mc", "--data",
         str(shared_data / "mediconfusion"), "--predictions", str(path)]
    )  # fmt: skip
    assert code == 2
    assert "impossible" in capsys.readouterr().err


def one_line(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that must fail with exit code 2 and one line; returns the line."""
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    return line


def test_wrong_input_is_one_clear_line(
    benchmark: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], shared_data: Path
) -> None:
    out = str(tmp_path / "run")
    ask = ("run", "--task", "mediconfusion/mc", "--out", out)
    random = (*ask, "--model", "builtin/random")

    line = one_line(capsys, *random, "--data", str(tmp_path / "nowhere"))
    assert "dataset.json: no such file" in line

    cut = shutil.copytree(benchmark, tmp_path / "cut")
    questions = cut / "data" / "dataset.json"
    questions.write_bytes(questions.read_bytes()[:500])
    assert "dataset.json, line 1 column" in one_line(capsys, *random, "--data", str(cut))

    questions.write_text('{"10001": {"im_1": 3}}')
    assert "Expected `str`" in one_line(capsys, *random, "--data", str(cut))

    line = one_line(capsys, *ask, "--model", "builtin/randon", "--data", str(benchmark))
    assert "random" in line
    line = one_line(capsys, *ask, "--model", "opnai/gpt", "--data", str(benchmark))
    assert "openai" in line
    line = one_line(
        capsys, "run", "--model", "builtin/random", "--task", "mediconfusion/mcc",
        "--data", str(benchmark), "--out", out,
    )  # fmt: skip
    assert "mediconfusion/mc" in line
    line = one_line(capsys, *random, "--data", str(benchmark), "--prompts", "gpt5")
    assert "gpt" in line
    line = one_line(capsys, *random, "--data", str(benchmark), "--dataset", "mediconfusing")
    assert "mediconfusion" in line
    line = one_line(capsys, *random, "--data", str(benchmark), "--errata", "none-such")
    assert "suspect-labels" in line

    no_images = layout.write(tmp_path / "no-images", pairs=2)
    shutil.rmtree(no_images / "data" / "images")
    assert "fetch" in one_line(capsys, *random, "--data", str(no_images))

    other = tmp_path / "other.jsonl"
    other.write_text('{"id": "cares/iu-xray:1", "text": "yes"}\n')
    line = one_line(
        capsys, "score", "--dataset", "mediconfusion", "--task", "mediconfusion/mc",
        "--data", str(shared_data / "mediconfusion"), "--predictions", str(other),
    )  # fmt: skip
    assert "another dataset" in line
    assert "no run of medtrust" in one_line(capsys, "score", str(tmp_path))
    assert "no run of medtrust" in one_line(capsys, "report", str(tmp_path))


def test_a_missing_key_is_named(
    benchmark: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    line = one_line(
        capsys, "run", "--model", "openai/gpt-4o", "--task", "mediconfusion/mc",
        "--data", str(benchmark), "--out", str(tmp_path / "run"),
    )  # fmt: skip
    assert "OPENAI_API_KEY" in line


def test_a_dry_run_says_what_it_would_send_and_writes_nothing(
    benchmark: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(
        ["run", "--model", "builtin/random", "--task", "mediconfusion/mc", "control/text-only",
         "--data", str(benchmark), "--out", str(tmp_path / "run"), "--dry-run",
         "--price", "2.5,10"]
    )  # fmt: skip
    printed = capsys.readouterr().out
    assert code == 0
    assert "12 requests, 12 images" in printed
    assert "12 requests, 0 images" in printed
    assert "cost: at most about" in printed
    assert not (tmp_path / "run").exists()


def test_a_run_is_reported_in_every_form(
    benchmark: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert main(
        ["run", "--model", "builtin/random", "builtin/constant-A", "--task", "mediconfusion/mc",
         "control/*", "--data", str(benchmark), "--out", str(run), "--replicates", "100"]
    ) == 0  # fmt: skip
    assert {"run.json", "journal.sqlite", "scores.parquet", "results.parquet", "report.html"} <= {
        path.name for path in run.iterdir()
    }
    written = {kind: tmp_path / f"table.{kind}" for kind in ("html", "csv", "latex", "parquet")}
    arguments = [a for kind, path in written.items() for a in (f"--{kind}", str(path))]
    assert main(["report", str(run), *arguments]) == 0
    assert all(path.stat().st_size for path in written.values())
    capsys.readouterr()
    assert main(["report", str(run), "--json", "-"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {row["model"] for row in rows} == {"builtin/random", "builtin/constant-A"}
    metrics = {row["metric"] for row in rows}
    assert {"swap_consistency", "repeat_stability", "text_only_agreement"} <= metrics
    assert main(["score", str(run), "--replicates", "100", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == rows


def test_repeats_show_how_often_an_answer_changes(
    benchmark: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(
        ["run", "--model", "builtin/random", "builtin/constant-A", "--task", "mediconfusion/mc",
         "--repeats", "4", "--data", str(benchmark), "--out", str(tmp_path / "run")]
    ) == 0  # fmt: skip
    capsys.readouterr()
    main(["report", str(tmp_path / "run"), "--json", "-"])
    rows = json.loads(capsys.readouterr().out)["rows"]
    flips = {row["model"]: row["value"] for row in rows if row["metric"] == "flip_rate"}
    assert flips["builtin/constant-A"] == 0
    assert flips["builtin/random"] > 0.5


@pytest.mark.timeout(3600)  # the whole line, drawing included
@pytest.mark.skipif(os.name != "posix", reason="network namespaces are Linux's")
def test_demo_score_and_report_work_without_a_network(tmp_path: Path, benchmark: Path) -> None:
    """Every connection fails at once: a module put in the way of `socket` sees to it."""
    blocker = tmp_path / "sitecustomize.py"
    blocker.write_text(
        "import socket\n"
        "def refuse(*args, **more):\n    raise OSError('the network is blocked')\n"
        "socket.socket.connect = refuse\nsocket.socket.connect_ex = refuse\n"
        "socket.getaddrinfo = refuse\nsocket.create_connection = refuse\n"
    )
    path = f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"
    environment = os.environ | {"PYTHONPATH": path}
    probe = subprocess.run(
        [sys.executable, "-c", "import socket; socket.create_connection(('127.0.0.1', 9))"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "the network is blocked" in probe.stderr

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "medtrust.cli", *arguments],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    printed = run("demo", "--out", str(tmp_path / "demo"))
    assert "report.html" in printed
    answers = tmp_path / "answers.jsonl"
    answers.write_text(
        "\n".join(
            json.dumps({"id": f"mediconfusion:1000{pair}/{k}", "text": "A"})
            for pair in range(1, 7)
            for k in (1, 2)
        )
    )
    run(
        "score", "--dataset", "mediconfusion", "--task", "mediconfusion/mc",
        "--data", str(benchmark), "--predictions", str(answers),
    )  # fmt: skip
    page = tmp_path / "page.html"
    reported = run("report", str(tmp_path / "demo"), "--html", str(page), "--json", "-")
    assert page.stat().st_size > 10_000
    rows = json.loads(reported)["rows"]
    check_demo(rows)


def check_demo(rows: list[dict[str, object]]) -> None:
    """What the demo is there to show."""

    def value(model: str, metric: str) -> dict[str, object]:
        return pick(
            rows, model=f"builtin/{model}", task="mediconfusion/mc", metric=metric,
            protocol="corrected", group_by="all",
        )  # fmt: skip

    assert float(str(value("text-prior", "set_accuracy")["value"])) < 0.05
    assert float(str(value("text-prior", "confusion")["value"])) > 0.95
    assert float(str(value("template", "set_accuracy")["low"])) > 0.25
    random = value("random", "set_accuracy")
    assert float(str(random["low"])) < 0.25 < float(str(random["high"]))


def test_importing_is_light() -> None:
    """No torch, no numpy: a script that only wants the records does not wait for them."""
    program = (
        "import sys, medtrust, medtrust.records, medtrust.errors, medtrust.cli\n"
        "heavy = {'numpy', 'torch', 'aiohttp', 'duckdb', 'rich', 'PIL'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    printed = capsys.readouterr().out
    for command in ("demo", "datasets", "fetch", "lint", "run", "score", "report"):
        assert f"  {command}" in printed


def test_datasets_says_what_is_here(benchmark: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["datasets", "--data", str(benchmark), "--json"]) == 0
    rows = {row["dataset"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    assert rows["mediconfusion"]["samples"] == 12
    assert rows["mediconfusion"]["state"] == "present"
    assert rows["phantom"]["access"] == "open"
    (benchmark / "data" / "images" / "2.jpg").rename(benchmark / "data" / "images" / "2.away")
    assert main(["datasets", "--data", str(benchmark)]) == 0
    assert "11 of 12" in capsys.readouterr().out.replace("\n", " ")
    (benchmark / "data" / "images" / "2.away").rename(benchmark / "data" / "images" / "2.jpg")


def test_lint_speaks_json(shared_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["lint", "mediconfusion", "--data", str(shared_data / "mediconfusion"), "--json"])
    assert code == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {"dataset", "check", "count", "samples"} <= rows[0].keys()


def test_an_unreachable_server_ends_with_a_line_and_is_resumable(
    benchmark: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    code = main(
        ["run", "--model", "openai/any", "--base-url", url, "--task", "mediconfusion/mc",
         "--attempts", "1", "--data", str(benchmark), "--out", str(tmp_path / "run"),
         "--replicates", "50"]
    )  # fmt: skip
    assert code == 1
    assert "run the same command again" in capsys.readouterr().err


def test_fetch_brings_what_can_be_had_and_says_what_that_means(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The question files come and are verified; of the images the bucket here has none."""
    files = functools.partial(QuietHandler, directory=str(shared_data / "mediconfusion"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), files) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        code = main(
            ["fetch", "mediconfusion", "--to", str(tmp_path / "here"), "--questions-url", url,
             "--images-url", url + "no-bucket/", "--parallel", "16"]
        )  # fmt: skip
        server.shutdown()
    printed = capsys.readouterr().out
    assert code == 1
    assert "0 of 228" in printed
    assert "176" in printed
    assert main(["lint", "mediconfusion", "--data", str(tmp_path / "here"), "--json"]) == 0


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""
