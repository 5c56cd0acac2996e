"""Words of datasets, models and servers command nobody: terminal, spreadsheet, browser, LaTeX."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

import layout
from chat_server import completion, serving
from medtrust.cli import main
from medtrust.datasets.mediconfusion import QUESTIONS

ESCAPE = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\u202e"
HOSTILE = (
    '=HYPERLINK("http://x.invalid","a")',
    "+1+cmd|'/C calc'!A0",
    "-2+3",
    "@SUM(1,1)",
    "\t=1",
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "\\input{/etc/passwd}$x^2$%",
    "[red]bold[/red] [link=http://x.invalid]a[/link]",
    f"group {ESCAPE}",
    "{{ 7 * 7 }}",
)
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a terminal would do something about, new lines and tabs aside."""

STYLE = re.compile(r"\x1b\[[\d;]*m")
"""Our own colours, where a terminal is taken to be there."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Pairs whose questions, options and categories are all made to harm."""
    folder = layout.write(tmp_path / "mediconfusion", len(HOSTILE))
    pairs = json.loads((folder / QUESTIONS).read_text())
    for pair, text in zip(pairs.values(), HOSTILE, strict=True):
        pair["question"] += f" {text}"
        pair["option_A"] += f" {text}"
        pair["category_1"] = pair["category_2"] = [text]
    (folder / QUESTIONS).write_text(json.dumps(pairs))
    return folder


def hostile_server(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    text = "".join(HOSTILE)
    if "picture 3 " in json.dumps(body):
        return web.json_response({"error": {"message": f"no {text}"}}, status=400)
    return web.json_response(completion(f"B {text}") | {"model": text})


async def answer(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    return hostile_server(request, body)


def test_a_run_over_a_hostile_set_and_server_obeys_neither(
    data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    files = {kind: tmp_path / f"x.{kind}" for kind in ("html", "csv", "latex", "json")}
    with serving(answer) as url:
        asked = [
            *("run", "--model", "openai/<b>[red]m", "--base-url", url, "--data", str(data)),
            *("--task", "mediconfusion/mc", "--out", str(out), "--replicates", "20"),
        ]
        assert main(asked) == 1
    assert main(["report", str(out), *(f"--{kind}={path}" for kind, path in files.items())]) == 0
    assert main(["report", str(out)]) == 0
    assert main(["score", str(out), "--json", "--replicates", "20"]) == 1
    main(["lint", "mediconfusion", "--data", str(data)])
    main(["lint", "mediconfusion", "--data", str(data), "--json"])
    printed = capfd.readouterr()
    assert not OBEYED.search(STYLE.sub("", printed.out))
    assert not OBEYED.search(STYLE.sub("", printed.err))
    assert "<b>[red]m" in printed.out
    assert "HTTP 400" in printed.err
    for made in (files["html"], out / "report.html"):
        page = made.read_text()
        # Escaped, a tag has no `<` of its own.
        assert not re.search(r"<(?:script|img|b>)", page)
        assert "&lt;script&gt;" in page
        assert "{{ 7 * 7 }}" in page
        assert not OBEYED.search(page)
    cells = [cell for row in csv.reader(io.StringIO(files["csv"].read_text())) for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell[:1] in "=+@\t\r" and cell]
    assert not [cell for cell in cells if re.match(r"-\D", cell)]
    latex = files["latex"].read_text()
    assert r"\input" not in latex
    assert not OBEYED.search(latex)
    groups = {row["group"] for row in json.loads(files["json"].read_text())["rows"]}
    assert set(HOSTILE) <= groups


@pytest.mark.parametrize("status", [200, 401, 404])
def test_an_error_that_quotes_a_server_is_one_harmless_line(
    data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], status: int
) -> None:
    async def fail(_: web.Request, __: dict[str, Any]) -> web.StreamResponse:
        return web.json_response({"error": {"message": f"bad\n{ESCAPE} key"}}, status=status)

    with serving(fail) as url:
        asked = [
            *("run", "--model", "openai/m", "--base-url", url, "--data", str(data)),
            *("--task", "mediconfusion/mc", "--out", str(tmp_path / "run"), "--replicates", "20"),
            *("--attempts", "1", "--limit", "2"),
        ]
        code = main(asked)
    printed = capfd.readouterr()
    assert code == (2 if status != 200 else 1)
    assert not OBEYED.search(STYLE.sub("", printed.out + printed.err))
    assert "owned" in printed.err or status == 200
    if status != 200:
        assert len(printed.err.splitlines()) == 1


def test_a_table_and_a_path_of_strangers_are_shown_and_not_obeyed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / f"a{ESCAPE}b.csv"
    table.write_text(f'Model,Acc\n"[red]{ESCAPE}m",150\n"=1+1",20\n', encoding="utf-8")
    assert main(["audit", str(table)]) == 0
    assert main(["audit", str(tmp_path / f"none{ESCAPE}.csv")]) == 2
    printed = capfd.readouterr()
    assert "[red]" in printed.out
    assert not OBEYED.search(STYLE.sub("", printed.out + printed.err))
