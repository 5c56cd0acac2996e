"""A run's folder may come from a stranger: nothing in it is obeyed."""

import json
import os
import shutil
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import duckdb
import pytest

from medtrust.cli import main
from medtrust.reports import parquet
from medtrust.reports.scores import read_scores
from medtrust.runner.cluster.segment import MAGIC, SUFFIX, is_ours

NAME = "0123456789abcdef" * 2
FILES = {
    "notes.txt": b"mine",
    f"report{SUFFIX}": b"mine too",
    "0123456789ab.begun": b"no",
    "d": b"",
}


def run(out: Path) -> int:
    return main(
        ["run", "--model", "builtin/constant-A", "--dataset", "phantom", "--limit", "4",
         "--task", "mediconfusion/mc", "--replicates", "50", "--out", str(out)]
    )  # fmt: skip


def planted(out: Path, **fields: object) -> None:
    path = out / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    folder = tmp_path / "victim" / NAME
    folder.mkdir(parents=True)
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    return folder


PLANS: dict[str, Callable[[Path, Path], dict[str, object]]] = {
    "a folder of somebody's": lambda _, victim: {
        "shared": str(victim.parent), "shared_as": victim.name
    },
    "a folder and a dot": lambda _, victim: {"shared": str(victim), "shared_as": "."},
    "a way up": lambda out, victim: {"shared": str(out), "shared_as": f"../victim/{victim.name}"},
    "a name that is a path": lambda _, victim: {"shared": "/", "shared_as": str(victim)},
    "a file URL": lambda _, victim: {"shared": victim.parent.as_uri(), "shared_as": victim.name},
    "wrong types": lambda *_: {"shared": ["x"], "shared_as": {"y": 1}},
}  # fmt: skip


@pytest.mark.parametrize("plan", PLANS)
def test_a_place_that_the_folder_names_is_left_alone(
    plan: str, victim: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    assert run(out) == 0
    planted(out, **PLANS[plan](out, victim))
    assert run(out) == 0
    assert {path.name: path.read_bytes() for path in victim.iterdir()} == FILES


def test_a_link_in_the_folder_leads_to_nothing_that_is_removed(
    victim: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    assert run(out) == 0
    (out / "segments").symlink_to(victim.parent)
    planted(out, shared=str(out / "segments"), shared_as=NAME)
    assert run(out) == 0
    assert {path.name: path.read_bytes() for path in victim.iterdir()} == FILES


def test_an_address_that_the_folder_names_is_not_gone_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            asked.append("something")
            super().handle_one_request()

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    out = tmp_path / "run"
    assert run(out) == 0
    planted(out, shared=f"http://127.0.0.1:{server.server_port}/x", shared_as=NAME)
    capsys.readouterr()
    assert run(out) == 0
    server.shutdown()
    server.server_close()
    assert asked == []
    assert "if that place is yours, name it with --shared" in " ".join(
        capsys.readouterr().err.split()
    )


@pytest.mark.parametrize(
    ("name", "data", "ours"),
    [
        (f"a.00000001{SUFFIX}", MAGIC + b"cut", True),
        (f"a.00000001{SUFFIX}", b"something else", False),
        ("0123456789ab.begun", b"", True),
        ("0123456789ab.begun", b"full", False),
        ("begun", b"", False),
        ("notes.txt", MAGIC, False),
    ],
)
def test_what_is_ours_is_known_by_name_and_content(name: str, data: bytes, *, ours: bool) -> None:
    assert is_ours(name, data) is ours


@pytest.mark.parametrize(
    "where", ["model=gpt-9/protocol=official", "n=7", "value=1/low=0.9", "metric=x", "sample=7"]
)
def test_no_column_is_read_from_a_folders_name(where: str, tmp_path: Path) -> None:
    plain, named = tmp_path / "plain", tmp_path / where / "run"
    assert run(plain) == run(named) == 0
    tables = []
    for out in (plain, named):
        assert main(["report", str(out), "--json", str(tmp_path / "table.json")]) == 0
        tables.append((tmp_path / "table.json").read_text())
    assert tables[0] == tables[1]
    assert read_scores(plain / "scores.parquet") == read_scores(named / "scores.parquet")


def test_what_a_killed_command_left_is_cleaned_up(victim: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert run(out) == 0
    (out / ".parquet-left").mkdir()
    (out / ".parquet-left" / "rows.jsonl").write_text("{}")
    (out / ".parquet-link").symlink_to(victim)
    assert main(["score", str(out), "--replicates", "50"]) == 0
    assert not (out / ".parquet-left").exists()
    assert {path.name: path.read_bytes() for path in victim.iterdir()} == FILES


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("hostile") / "run"
    assert run(out) == 0
    return out


KINDS: dict[str, object] = {
    "commands": {"a": 1},
    "commands of text": ["x"],
    "models": [None],
    "models without a name": [{}],
    "models of one name": [{"name": "m", "identity": 3}],
    "tasks": 7,
    "datasets": "x",
    "settings": [],
    "primary": {"x": 1},
    "primary_changes": [1],
    "created": 0,
    "scored": "no",
    "notes_on_scores": None,
    "changed": "x",
}


@pytest.mark.parametrize("field", KINDS)
@pytest.mark.parametrize("command", ["score", "report"])
def test_a_field_of_another_kind_is_refused_in_a_line(
    scored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], field: str, command: str
) -> None:
    out = tmp_path / "run"
    shutil.copytree(scored, out)
    (out / "manifest.json").unlink()
    planted(out, **{field.partition(" ")[0]: KINDS[field]})
    assert main([command, str(out)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"medtrust: {out / 'run.json'}")


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{", "null", "[]", '{"scored": true, "scored": 1}']
)
def test_what_is_no_description_of_a_run_is_refused_in_a_line(
    scored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    out = tmp_path / "run"
    shutil.copytree(scored, out)
    (out / "manifest.json").unlink()
    (out / "run.json").write_text(text)
    assert main(["report", str(out)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


PLANTED = {
    "a trigger": "CREATE TRIGGER t AFTER INSERT ON responses BEGIN "
    "UPDATE responses SET body = replace(body, 'A', 'B'); END",
    "a view": "CREATE VIEW v AS SELECT * FROM plans",
    "an endless view in a table's place": "ALTER TABLE failures RENAME TO f; "
    "CREATE VIEW failures AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
    "SELECT x AS plan, '' AS sample, 0 AS repeat, 0 AS turn, '' AS outcome, '' AS message FROM n",
    "a column": "ALTER TABLE items ADD COLUMN extra TEXT",
    "a generated column": "ALTER TABLE items ADD COLUMN e AS (zeroblob(100000000))",
    "an index on an expression": "CREATE INDEX i ON responses (hex(body))",
    "another table": "CREATE TABLE mine (x)",
    "a table less": "DROP TABLE images",
    "a schema that names another page": "PRAGMA writable_schema = ON; "
    "UPDATE sqlite_master SET sql = replace(sql, 'body BLOB', 'body TEXT') WHERE name = 'samples'",
    "statistics": "ANALYZE",
    "no version": "PRAGMA user_version = 0",
    "another version": "PRAGMA user_version = 2",
}


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        *((kind, "score") for kind in PLANTED),
        *(("a trigger", c) for c in ("run", "sample", "merge")),
    ],
)
def test_a_journal_with_anything_of_its_own_is_not_used(
    scored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, command: str
) -> None:
    out = tmp_path / "run"
    shutil.copytree(scored, out)
    with closing(sqlite3.connect(out / "journal.sqlite")) as journal:
        journal.executescript(PLANTED[kind])
    before = (out / "journal.sqlite").read_bytes()
    if command == "run":
        assert run(out) == 2
    elif command == "merge":
        assert main(["merge", str(scored), str(out), "--out", str(tmp_path / "new")]) == 2
    else:
        assert main([command, str(out)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert (out / "journal.sqlite").read_bytes() == before


@pytest.mark.parametrize("version", [0, 3, 7])
def test_a_file_of_somebody_s_never_gets_our_tables(tmp_path: Path, version: int) -> None:
    out = tmp_path / "run"
    out.mkdir()
    with closing(sqlite3.connect(out / "journal.sqlite")) as other:
        other.executescript(f"CREATE TABLE bookmarks (url); PRAGMA user_version = {version}")
    before = (out / "journal.sqlite").read_bytes()
    assert run(out) == 2
    assert main(["score", str(out)]) == 2
    assert (out / "journal.sqlite").read_bytes() == before


def rollback_journal(journal: Path, named: Path) -> bytes:
    """A journal that SQLite would roll back, and then remove the file that it names.

    Its header and the record at its end: https://sqlite.org/fileformat.html
    """
    magic, sector, page = bytes.fromhex("d9d505f920a163d7"), 512, 4096
    header = magic + struct.pack(">5I", 0, 0, journal.stat().st_size // page, sector, page)
    name = os.fsencode(named)
    end = struct.pack(">2I", len(name), sum(name)) + magic
    return header.ljust(sector, b"\0") + struct.pack(">I", 2**30 // page + 1) + name + end


@pytest.mark.parametrize("command", ["score", "run", "merge", "sample"])
def test_a_rollback_journal_removes_and_changes_nothing(
    scored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    out, precious = tmp_path / "run", tmp_path / "precious"
    shutil.copytree(scored, out)
    precious.write_text("mine")
    journal = out / "journal.sqlite"
    Path(f"{journal}-journal").write_bytes(rollback_journal(journal, precious))
    before = journal.read_bytes()
    words = [command, str(out)] + ["--out", str(tmp_path / "new")] * (command == "merge")
    assert (run(out) if command == "run" else main(words)) == 2
    assert "journal.sqlite-journal" in capsys.readouterr().err
    assert (precious.read_text(), journal.read_bytes()) == ("mine", before)


@pytest.mark.parametrize("name", [f"journal.sqlite{end}" for end in ("", "-wal", "-shm")])
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["a pipe", "a folder"])
def test_what_is_no_file_is_refused_and_not_waited_for(
    scored: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    make: Callable[[Path], None],
) -> None:
    out = tmp_path / "run"
    shutil.copytree(scored, out)
    (out / name).unlink(missing_ok=True)
    make(out / name)
    assert run(out) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{out / name}: a link or no plain file" in line


@pytest.mark.parametrize("name", ["results.parquet", "scores.parquet", "run.json"])
def test_a_pipe_is_not_read(
    scored: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    out = tmp_path / "run"
    shutil.copytree(scored, out)
    (out / name).unlink()
    os.mkfifo(out / name)
    assert main(["report", str(out)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("to", ["a file", "nothing", "a pipe"])
@pytest.mark.parametrize("name", ["report.html", "run.json", "results.parquet", "manifest.json"])
def test_what_a_run_writes_takes_the_place_of_a_link(
    scored: Path, tmp_path: Path, name: str, to: str
) -> None:
    out, target = tmp_path / "run", tmp_path / "precious"
    shutil.copytree(scored, out)
    if to == "a file":
        target.write_bytes((out / name).read_bytes())
    elif to == "a pipe":
        os.mkfifo(target)
    before = target.read_bytes() if target.is_file() else b""
    (out / name).unlink()
    (out / name).symlink_to(target)
    assert run(out) == 0
    assert not (out / name).is_symlink()
    assert target.exists() == (to != "nothing")
    assert (target.read_bytes() if target.is_file() else b"") == before


@pytest.mark.parametrize("name", ["journal.sqlite", "journal.sqlite-wal", ".lock"])
def test_a_link_in_a_file_s_place_is_not_written_through(
    scored: Path, tmp_path: Path, name: str
) -> None:
    out, target = tmp_path / "run", tmp_path / "precious"
    shutil.copytree(scored, out)
    target.write_bytes((out / name).read_bytes() if name == "journal.sqlite" else b"precious")
    before = target.read_bytes()
    (out / name).unlink(missing_ok=True)
    (out / name).symlink_to(target)
    assert main(["score", str(out)]) == 2
    assert target.read_bytes() == before


@pytest.mark.parametrize(
    "select",
    [
        "repeat('x', 1000000) AS model, * EXCLUDE (model) FROM f, range(100)",
        "* FROM f, range(100000)",
        "1 AS model, * EXCLUDE (model) FROM f",
        "* EXCLUDE (task) FROM f",
    ],
)
def test_results_that_are_not_ours_are_refused_in_a_line(
    scored: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    select: str,
) -> None:
    monkeypatch.setattr(parquet, "LARGEST", 20_000_000)
    out = tmp_path / "run"
    shutil.copytree(scored, out)
    results = out / "results.parquet"
    duckdb.sql(f"CREATE OR REPLACE TABLE f AS SELECT * FROM '{results}' LIMIT 1")  # noqa: S608 - our own file
    duckdb.sql(f"COPY (SELECT {select}) TO '{results}' (FORMAT parquet, COMPRESSION zstd)")
    assert main(["report", str(out)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
