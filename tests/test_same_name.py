"""Two models behind one name, and one that changes while it is asked."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from aiohttp import web

from chat_server import completion, letter_of, serving
from medtrust.cli import main


def ask(out: Path, url: str, task: str, *more: str) -> int:
    return main(
        ["run", "--model", "openai/m", "--base-url", url, "--task", task, "--dataset", "phantom",
         "--limit", "8", "--replicates", "50", "--out", str(out), *more]
    )  # fmt: skip


def names(out: Path, file: str = "results") -> set[str]:
    return set(pq.read_table(out / f"{file}.parquet")["model"].to_pylist())


async def plain(_: web.Request, body: dict[str, Any]) -> web.Response:
    return web.json_response(completion(letter_of(body)))


def test_other_servers_for_other_tasks_are_told_apart_everywhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    with serving(plain) as one, serving(plain) as two:
        assert ask(out, one, "mediconfusion/mc") == 0
        assert names(out) == {"openai/m"}
        assert ask(out, two, "cares/uncertainty") == 0
    both = {f"openai/m ({one})", f"openai/m ({two})"}
    assert names(out) == names(out, "scores") == both
    capsys.readouterr()
    main(["report", str(out), "--html", str(tmp_path / "r.html"), "--csv", str(tmp_path / "r.csv")])
    main(["report", str(out)])
    shown = "".join(capsys.readouterr().out.split())
    for text in ((tmp_path / "r.html").read_text(), (tmp_path / "r.csv").read_text(), shown):
        assert all(url in text for url in (one, two))
    models = json.loads((out / "run.json").read_text())["models"]
    assert [model["identity"]["endpoint"] for model in models] == [one, two]


def test_a_task_that_is_asked_of_another_server_anew_is_that_one_s_alone(tmp_path: Path) -> None:
    with serving(plain) as one, serving(plain) as two:
        assert ask(tmp_path / "run", one, "mediconfusion/mc") == 0
        assert ask(tmp_path / "run", two, "mediconfusion/mc") == 0
    assert names(tmp_path / "run") == {"openai/m"}


def test_a_control_of_another_server_is_not_set_against_the_task(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(plain) as one, serving(plain) as two:
        assert ask(tmp_path / "run", one, "mediconfusion/mc") == 0
        assert ask(tmp_path / "run", two, "control/text-only:mediconfusion/mc") == 0
    rows = pq.read_table(tmp_path / "run" / "results.parquet").to_pylist()
    assert {row["model"] for row in rows} == {f"openai/m ({one})", f"openai/m ({two})"}
    assert not any(row["text_only"] for row in rows)


CHANGES: dict[str, tuple[list[dict[str, str]], str]] = {
    "another model": ([{"model": "m-1"}, {"model": "m-2"}], "m-2"),
    "another build": (
        [{"system_fingerprint": "fp_1"}, {"system_fingerprint": "fp_2"}], "scripted fp_2"
    ),
    "none": ([{"model": "m-1"}], ""),
    "one that does not always say": ([{"model": "m-1"}, {"model": ""}], ""),
}  # fmt: skip


@pytest.mark.parametrize(("says", "named"), CHANGES.values(), ids=CHANGES)
def test_a_server_that_changes_is_told_at_the_top(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], says: list[dict[str, str]], named: str
) -> None:
    number = count()

    async def handle(_: web.Request, body: dict[str, Any]) -> web.Response:
        reply = completion(letter_of(body)) | says[next(number) % len(says)]
        return web.json_response(reply)

    with serving(handle) as url:
        assert ask(tmp_path / "run", url, "mediconfusion/mc") == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert ("what answers changed during the run" in printed) is bool(named)
    if named:
        assert f"4 by {named}" in printed
        assert "4 by" in (tmp_path / "run" / "report.html").read_text()
