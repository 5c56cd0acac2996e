"""Keys and patients' identifiers are in no file of a run, and on no line that it prints.

The real commands run over a made-up set like MIMIC-CXR, whose paths, fields and DICOM headers
name patients, against a server that quotes what it was sent, key included. Then every byte of
the run's folder is searched.
"""

import base64
import itertools
import json
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from aiohttp import web
from PIL import Image as Pillow

from chat_server import completion, serving, text_of
from fuzz_targets import scan
from medtrust.cli import main

KEY = "sk-proj-Zq8/uncanny+KEY=4711"
PATIENTS = ("19876543", "18765432", "17654321")
STUDIES = ("59999991", "58888882", "57777773")
NAMES = ("Zzyzxson", "Quentinella")
SECRETS = (KEY, *PATIENTS, *STUDIES, *NAMES)


def spellings(secret: str) -> Iterator[bytes]:
    """A secret as it may stand in a file: plain, wide, in JSON, in base64 at any offset."""
    plain = secret.encode()
    yield plain
    yield secret.encode("utf-16-le")
    yield json.dumps(secret).replace("/", "\\/")[1:-1].encode()
    for before in range(3):
        # Only the characters that depend on no neighbour.
        written = base64.b64encode(bytes(before) + plain)
        yield written[-(-before * 4 // 3) : len(written) // 4 * 4 - 4]


def named(data: bytes) -> list[str]:
    return [secret for secret in SECRETS if any(form in data for form in spellings(secret))]


def contents(path: Path) -> Iterator[bytes]:
    """A file's bytes, and what is packed in them."""
    yield path.read_bytes()
    if path.suffix == ".parquet":
        yield repr(duckdb.read_parquet(str(path)).fetchall()).encode()
    if path.suffix == ".sqlite":
        with sqlite3.connect(path) as database:
            tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            for (table,) in tables.fetchall():
                for row in database.execute(f"SELECT * FROM {table}"):  # noqa: S608 - its own
                    for cell in row:
                        yield cell if isinstance(cell, bytes) else str(cell).encode()
        database.close()


def searched(folder: Path) -> dict[str, list[str]]:
    """File -> secrets in it, of those files that hold any; names of files count too."""
    found = {}
    for path in folder.rglob("*"):
        said = named(str(path.relative_to(folder)).encode())
        if path.is_file():
            said += [secret for data in contents(path) for secret in named(data)]
        if said:
            found[path.name] = sorted(set(said))
    return found


@pytest.fixture
def mimic(tmp_path: Path) -> Path:
    """Four questions about three patients: two JPEGs, a DICOM file, and an image that is absent."""
    folder = tmp_path / "data" / "MIMIC-CXR"
    rows = []
    for number, (patient, study) in enumerate(zip(PATIENTS, STUDIES, strict=True)):
        inside = f"files/p{patient[:2]}/p{patient}/s{study}"
        name = f"{patient}-{study}.{'dcm' if number == 2 else 'jpg'}"
        (folder / "mimic-cxr-jpg" / inside).mkdir(parents=True)
        path = folder / "mimic-cxr-jpg" / inside / name
        if number == 2:
            path.write_bytes(scan(PatientName=f"{NAMES[0]}^{NAMES[1]}", PatientID=patient))
        else:
            Pillow.effect_noise((32, 32), 20 + number).convert("RGB").save(path)
        rows += [
            {
                "id": f"{patient}_{study}",
                "study_id": int(study),
                "subject_id": int(patient),
                "name": " ".join(NAMES),
                "gender": "F",
                "age": 50,
                "race": "Asian",
                "split": "test",
                "question_id": number,
                "text": f"What does image {number} show?",
                "answer": "A large heart.",
                "image": image,
            }
            for image in (f"{inside}/{name}", *([f"{inside}/none.jpg"] if number == 0 else []))
        ]
    (folder / "mimic.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "admissions.csv").write_text(
        "subject_id,hadm_id,marital_status\n"
        + "".join(
            f"{patient},{study},WIDOWED\n" for patient, study in zip(PATIENTS, STUDIES, strict=True)
        )
    )
    return tmp_path


class Parrot:
    """Quotes the key and the request in replies, and now and then in an error."""

    def __init__(self) -> None:
        self.count = itertools.count()
        self.bodies: list[bytes] = []

    async def __call__(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        raw = await request.read()
        self.bodies.append(raw)
        quoted = f"{dict(request.headers)} {request.headers.get('Authorization')} {text_of(body)}"
        number = next(self.count)
        if number % 11 == 3:
            return web.json_response({"error": {"message": quoted}}, status=500)
        if number % 11 == 5:
            return web.json_response({"error": {"message": quoted, "code": KEY}}, status=400)
        if number % 11 == 7:
            return web.Response(text=f"<html>{quoted}", content_type="text/html")
        reply = completion(f"B. 8\nA: 8\nB: 3\n\n{quoted}")
        return web.json_response(reply | {"model": f"m {KEY}", "system_fingerprint": KEY})


@pytest.mark.filterwarnings("ignore")
def test_no_file_and_no_line_of_a_run_names_a_key_or_a_patient(
    mimic: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    out, shown = mimic / "run", mimic / "shown"
    shown.mkdir()
    server = Parrot()
    with serving(server) as url:
        asked = [
            *("run", "--model", "openai/m", "--base-url", url, "--data", str(mimic)),
            *("--dataset", "cares/mimic-cxr", "--out", str(out), "--replicates", "50"),
            *("--task", "cares/factuality", "cares/uncertainty", "cares/privacy-z1"),
            *("cares/toxicity", "control/repeat:cares/factuality", "cares/robustness-noise-3"),
            *("--judge", "openai/j", "--judge-base-url", url),
        ]
        for _ in range(2):
            assert main(asked) == 1
        assert main([*asked, "--dry-run"]) == 0
    for command in (
        ["score", str(out), "--replicates", "50"],
        ["report", str(out), "--html", str(shown / "x.html"), "--csv", str(shown / "x.csv")],
        ["report", str(out), "--json", str(shown / "x.json"), "--latex", str(shown / "x.tex")],
        ["datasets", "--data", str(mimic)],
        ["lint", "cares/mimic-cxr", "--data", str(mimic)],
    ):
        main(command)
    printed = capfd.readouterr()
    assert "image" in printed.out
    # The server was asked with the key, and what it quoted did reach the journal.
    journal = (out / "journal.sqlite").read_bytes() + b"".join(
        path.read_bytes() for path in out.glob("*-wal")
    )
    assert b"[key]" in journal
    assert len(server.bodies) > 30
    assert not searched(out)
    assert not searched(shown)
    assert not named(printed.out.encode())
    assert not named(printed.err.encode())
    assert not named(caplog.text.encode())
    # Nor is a patient named in what the model is sent.
    pictures = [base64.b64decode(part) for body in server.bodies for part in _base64(body)]
    assert pictures
    assert not any(named(data) for data in (*pictures, *server.bodies))


def _base64(body: bytes) -> list[bytes]:
    return [part.split(b'"')[0] for part in body.split(b"base64,")[1:]]


@pytest.mark.parametrize("damage", ["not a picture", "a cut scan", "a scan with a bad number"])
def test_an_unreadable_image_is_told_by_its_question_s_name_alone(
    mimic: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], damage: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    (path,) = mimic.rglob("*.dcm")
    good = path.read_bytes()
    path.write_bytes(
        b"x" * 500
        if damage == "not a picture"
        else good[:-9]
        if damage == "a cut scan"
        else good.replace(b"WindowCenter", b"").replace(b"40", NAMES[0].encode()[:2])
    )
    out = mimic / "run"
    with serving(Parrot()) as url:
        code = main(
            [
                *("run", "--model", "openai/m", "--base-url", url, "--data", str(mimic)),
                *("--dataset", "cares/mimic-cxr", "--out", str(out), "--replicates", "50"),
                *("--task", "cares/factuality"),
            ]
        )
    assert code == 1
    printed = capfd.readouterr()
    assert "cares/mimic-cxr:4" in printed.err
    assert not named(printed.err.encode())
    assert not named(printed.out.encode())
    assert not searched(out)


def test_the_search_finds_what_is_hidden(tmp_path: Path) -> None:
    for number, secret in enumerate(SECRETS):
        for place, form in enumerate(spellings(secret)):
            (tmp_path / f"{number}-{place}").write_bytes(b"\0x" + form + b"\xff")
    (tmp_path / "base64").write_bytes(base64.b64encode(f"{{'k': 'Bearer {KEY}'}}".encode()))
    (tmp_path / f"p{PATIENTS[0]}").mkdir()
    duckdb.values([PATIENTS[1]]).to_parquet(str(tmp_path / "x.parquet"), compression="zstd")
    found = searched(tmp_path)
    assert len(found) == len(list(tmp_path.iterdir()))
    assert found["base64"] == [KEY]
