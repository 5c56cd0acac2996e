"""Names in data files that lead elsewhere: out of the folder, to devices, to pipes without an end.

Nothing outside the data's folder is opened, and nothing waits for a writer that never comes.
"""

import io
import json
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from aiohttp import web
from PIL import Image as Pillow

import layout
from chat_server import completion, serving
from medtrust.cli import main
from medtrust.datasets.cares import FAIRVLMED, IU_XRAY
from medtrust.datasets.cares.fairvlmed_npz import npz_file
from medtrust.datasets.cares.pictures import finder, image_path
from medtrust.datasets.fetch.folder import place, settle, write_from
from medtrust.datasets.mediconfusion import IMAGES
from medtrust.datasets.mediconfusion import image_path as confusing_path
from medtrust.datasets.phantom import store
from medtrust.datasets.predictions import parse_predictions
from medtrust.errors import InputError

NAMES = (
    *("../secret.png", "a/../../secret.png", "/etc/passwd", "/dev/zero", "/proc/self/environ"),
    *("..", ".", "", "a\0b.png", "C:\\x.png", "..\\secret.png", "a" * 300, "x/" * 600, "~/x.png"),
    *("file:///etc/passwd", "\u202e.png", "a\nb.png", "a//../..//secret.png", "\ud800.png"),
)


def outside(folder: Path) -> Path:
    """A picture beside the folder that no data file may reach."""
    secret = folder.parent / "secret.png"
    Pillow.new("L", (4, 4)).save(secret)
    return secret


def stays(path: Path, folder: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_in_a_cares_row_never_leads_out(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    outside(folder)
    try:
        found = image_path(folder, name)
    except ValueError:
        return
    assert stays(found, folder)


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_in_mediconfusions_list_never_leads_out(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "set"
    (folder / "data").mkdir(parents=True)
    outside(folder / "data")
    outside(folder)
    found = confusing_path(folder, name, 7)
    assert found == folder / "data" / "images" / "7.jpg"


@pytest.mark.parametrize("kind", ["a link", "a link to a device", "a loop", "a pipe", "a folder"])
def test_what_stands_under_an_images_name_and_is_none_is_never_opened(
    tmp_path: Path, kind: str
) -> None:
    folder = tmp_path / "set"
    images = folder / "images"
    images.mkdir(parents=True)
    secret = outside(folder)
    name = images / "x.png"
    make: dict[str, Callable[[], object]] = {
        "a link": lambda: name.symlink_to(secret),
        "a link to a device": lambda: name.symlink_to("/dev/zero"),
        "a loop": lambda: name.symlink_to(name),
        "a pipe": lambda: os.mkfifo(name),
        "a folder": name.mkdir,
    }
    make[kind]()
    if kind == "a link":
        with pytest.raises(ValueError, match="is a link out of"):
            finder(folder, "cares/x")("x.png")
        return
    # Not there as far as the reader is concerned; whoever opens it is `images.encode`.
    assert finder(folder, "cares/x")("x.png").path == str(name)


def test_a_folder_that_is_a_link_is_followed_no_further_than_the_set(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    (folder / "images" / "kept").mkdir(parents=True)
    (folder / "images" / "within").symlink_to(folder / "images" / "kept")
    (folder / "images" / "out").symlink_to(tmp_path)
    (folder / "images" / "kept" / "x.png").write_bytes(b"")
    outside(folder)
    find = finder(folder, "cares/x")
    for name in ("kept/x.png", "within/x.png"):
        assert find(name).path == str(folder / "images" / name)
    for _ in range(2):  # what is remembered of a folder is refused again
        with pytest.raises(ValueError, match="is a link out of"):
            find("out/secret.png")


def test_an_npz_file_that_is_a_link_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    elsewhere = tmp_path / "elsewhere"
    (folder / "npz").mkdir(parents=True)
    elsewhere.mkdir()
    np.savez(elsewhere / "data_00001.npz", age=1)
    (folder / "npz" / "data_00001.npz").symlink_to(elsewhere / "data_00001.npz")
    with pytest.raises(InputError, match="a link out of its folder"):
        npz_file(folder, "00001")
    # The folder as a whole may be kept on another disk.
    (folder / "npz" / "data_00001.npz").unlink()
    (folder / "npz").rmdir()
    (folder / "npz").symlink_to(elsewhere)
    assert npz_file(folder, "00001") == folder / "npz" / "data_00001.npz"
    assert FAIRVLMED.name == "cares/fairvlmed"


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "\0", "images", "a" * 5000])
def test_a_manifest_that_names_other_files_has_none_of_them_read(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "phantom"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    manifest = {"version": store.VERSION, "files": {name: "0" * 64}}
    (folder / store.MANIFEST).write_bytes(msgspec.json.encode(manifest))
    # With another hash than the file's: whoever read it would raise.
    store.check(folder)


def test_a_drawn_image_replaced_by_a_link_is_refused(tmp_path: Path) -> None:
    case = store.all_cases()[0]
    file = tmp_path / case.file
    file.parent.mkdir(parents=True)
    file.symlink_to("/etc/hostname")
    manifest = {"version": store.VERSION, "files": {case.file: "0" * 64}}
    (tmp_path / store.MANIFEST).write_bytes(msgspec.json.encode(manifest))
    with pytest.raises(InputError, match="changed since it was drawn"):
        store.check(tmp_path)


@pytest.mark.parametrize("content", [b"\xff", b"[" * 100_000, b"{}", b'{"version": "1"}', b""])
def test_a_damaged_manifest_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / store.MANIFEST).write_bytes(content)
    with pytest.raises(InputError, match="not a manifest of phantom"):
        store.check(tmp_path)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("path", ["/dev/zero", "/dev/stdin", "/proc/self/mem", "a pipe", "."])
def test_a_file_of_answers_that_is_no_file_is_refused(tmp_path: Path, path: str) -> None:
    if path == "a pipe":
        path = str(tmp_path / "pipe")
        os.mkfifo(path)
    with pytest.raises(InputError):
        parse_predictions(Path(path))


# Fetching


@pytest.mark.parametrize(
    "name", ["../x", "a/../../x", "/etc/x", "a//x", "", ".", "a/.", "~/../../x", "a/\0"]
)
def test_nothing_is_fetched_to_a_place_outside(tmp_path: Path, name: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    with pytest.raises(InputError):
        place(root, name)
    assert [*tmp_path.iterdir()] == [root]


@pytest.mark.parametrize("where", ["folder", "file", "part"])
def test_nothing_is_fetched_through_a_link(tmp_path: Path, where: str) -> None:
    root, other = tmp_path / "root", tmp_path / "other"
    root.mkdir()
    other.mkdir()
    victim = other / "x"
    victim.write_bytes(b"kept")
    if where == "folder":
        (root / "a").symlink_to(other)
        with pytest.raises(InputError, match="symbolic link"):
            place(root, "a/x")
    elif where == "file":
        (root / "x").symlink_to(victim)
        with pytest.raises(InputError, match="symbolic link"):
            place(root, "x")
    else:
        # A link that appears after the look: the open itself refuses it.
        (root / "x.part").symlink_to(victim)
        with pytest.raises(OSError, match="symbolic links"):
            write_from(root / "x.part", 0)
    assert victim.read_bytes() == b"kept"


def test_a_finished_file_is_never_put_over_a_link(tmp_path: Path) -> None:
    part, target = tmp_path / "part", tmp_path / "target"
    part.write_bytes(b"new")
    target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="appeared while"):
        settle(part, target)
    assert target.is_symlink()


def archives() -> dict[str, bytes]:
    """Archives that would write outside, link out, or grow without end if they were unpacked."""
    tar, zipped = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        for name in ("../x", "/etc/x"):
            archive.addfile(tarfile.TarInfo(name))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        device = tarfile.TarInfo("device")
        device.type = tarfile.CHRTYPE
        archive.addfile(device)
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../x", "x")
        archive.writestr("bomb", bytes(10_000_000))
    return {"tar": tar.getvalue(), "zip": zipped.getvalue()}


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_an_archive_is_never_unpacked(tmp_path: Path, kind: str) -> None:
    """Fetch asks for single files, and readers know no archive but NPZ, of which no file is made.

    So one that is put in a question file's place is damaged JSON, and nothing comes out of it.
    """
    folder = tmp_path / "in" / "data" / "IU-Xray"
    folder.mkdir(parents=True)
    (folder / "iuxray_factuality.jsonl").write_bytes(archives()[kind])
    with pytest.raises(InputError, match=r"row 1.*: not (readable as JSON|UTF-8)"):
        IU_XRAY.load(tmp_path / "in")
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        *("IU-Xray", "data", "in", "iuxray_factuality.jsonl")
    ]


# The whole line


@pytest.mark.timeout(120)
def test_a_run_over_a_list_of_hostile_paths_reads_none_of_them(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = layout.write(tmp_path / "mediconfusion", 3)
    secret = outside(folder / "data")
    sources = json.loads((folder / IMAGES).read_text())
    pairs_file = folder / "data" / "dataset.json"
    text = pairs_file.read_text()
    for number, name in enumerate(("../../secret.png", "../secret.png", "/dev/zero")):
        old = f"train/{number + 1}_1.jpg"
        sources[name] = sources.pop(old)
        text = text.replace(json.dumps(old), json.dumps(name))
    (folder / IMAGES).write_text(json.dumps(sources))
    pairs_file.write_text(text)
    seen: list[str] = []

    async def answer(_: web.Request, body: dict[str, object]) -> web.StreamResponse:
        seen.append(json.dumps(body))
        return web.json_response(completion("B"))

    with serving(answer) as url:
        asked = [
            *("run", "--model", "openai/m", "--base-url", url, "--data", str(folder)),
            *("--task", "mediconfusion/mc", "--out", str(tmp_path / "run"), "--replicates", "20"),
        ]
        assert main(asked) == 0
    # What upstream calls `data/images/N.jpg` was sent instead.
    assert len(seen) == 6
    assert secret.is_file()
    assert all("data:image/jpeg" in body and "data:image/png" not in body for body in seen)
    assert "secret" not in capfd.readouterr().err
