"""What may be opened at all: regular files of a bounded size, in formats that run no program."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from PIL import Image as Pillow

import layout
from chat_server import completion, serving
from medtrust.cli import main
from medtrust.datasets.files import read_bytes
from medtrust.datasets.mediconfusion import QUESTIONS, load
from medtrust.errors import InputError, MedtrustError
from medtrust.images.encode import encode
from medtrust.records import Image


@contextmanager
def pipe(path: Path) -> Iterator[list[str]]:
    """A pipe in a file's place; yields a list that is no longer empty once it has been opened."""
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    opened: list[str] = []

    def write() -> None:
        with path.open("wb") as file:
            opened.append("opened")
            with suppress(BrokenPipeError):
                file.write(b"not what was wanted")

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    try:
        yield opened
    finally:
        found = [*opened]
        # Lets the writer go where nobody has.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        thread.join(10)
        os.close(handle)
        opened[:] = found


def refuses(read: Callable[[], object]) -> None:
    with pytest.raises(MedtrustError):
        read()


@pytest.mark.timeout(60)
def test_a_pipe_is_no_image(tmp_path: Path) -> None:
    with pipe(tmp_path / "x.png") as opened:
        refuses(lambda: encode(Image(id="x", path=str(tmp_path / "x.png"))))
        assert not opened


@pytest.mark.timeout(60)
def test_a_pipe_is_no_question_file(tmp_path: Path) -> None:
    folder = layout.write(tmp_path / "mediconfusion", 1)
    with pipe(folder / QUESTIONS) as opened:
        refuses(lambda: load(folder))
        assert not opened


@pytest.mark.timeout(60)
def test_a_proc_file_that_says_it_is_empty_is_no_data_file() -> None:
    """Stands for /dev/zero, which says so too and never ends."""
    with pytest.raises(InputError):
        read_bytes(Path("/dev/null"))


@pytest.mark.timeout(60)
def test_an_image_of_many_gigabytes_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "x.png").open("wb") as file:
        file.truncate(300 * 2**20)  # a hole: it takes no room on the disk
    with pytest.raises(InputError, match="larger than"):
        encode(Image(id="x", path=str(tmp_path / "x.png")))


def test_a_path_that_no_file_can_have_is_an_input_error() -> None:
    refuses(lambda: encode(Image(id="x", path="a\0b.png")))


@pytest.mark.timeout(60)
def test_no_format_runs_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import EpsImagePlugin  # noqa: PLC0415 - what Pillow loads for such a file

    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("gs", "gswin64c", "convert"):
        (programs / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    # Pillow looks for Ghostscript once and remembers what it found.
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", None)
    Pillow.new("L", (30, 30)).save(tmp_path / "x.eps")
    (tmp_path / "x.eps").rename(tmp_path / "x.png")
    refuses(lambda: encode(Image(id="x", path=str(tmp_path / "x.png"))))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("kind", ["SGI", "TGA", "PCX", "ICNS", "DDS", "MSP", "XBM", "BLP"])
def test_a_format_that_no_dataset_has_is_not_decoded(tmp_path: Path, kind: str) -> None:
    mode = {"MSP": "1", "XBM": "1", "BLP": "P"}.get(kind, "RGB")
    Pillow.new(mode, (64, 64)).save(tmp_path / "x", kind)
    refuses(lambda: encode(Image(id="x", path=str(tmp_path / "x"))))


@pytest.mark.timeout(120)
def test_an_address_that_a_server_quotes_is_not_written_down(tmp_path: Path) -> None:
    """As vLLM does: "No such file or directory: '/data/p10/p10000032/...'"."""
    folder = layout.write(tmp_path / "p19876543", 2)
    out = tmp_path / "run"

    async def answer(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        quoted = json.dumps(body["messages"])
        if "picture 1 " in quoted:
            # Cut anywhere, so that no whole path is left.
            cut = quoted.partition("p19876543")
            return web.json_response({"error": {"message": cut[1] + cut[2][:200]}}, status=400)
        return web.json_response(completion(f"B. {quoted}"))

    with serving(answer) as url:
        asked = [
            *("run", "--model", "openai/m", "--base-url", url, "--data", str(folder)),
            *("--task", "mediconfusion/mc", "--out", str(out), "--replicates", "20"),
            *("--image-transport", "file"),
        ]
        assert main(asked) == 1
    held = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert b"Which" in held or b"picture 2" in held
    assert b"19876543" not in held
