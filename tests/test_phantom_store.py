"""Where phantom's images lie, and that drawing them survives interruption."""

import hashlib
import json
from pathlib import Path

import pytest

from medtrust.datasets.phantom import fetch, load, store
from medtrust.datasets.phantom.cases import Case
from medtrust.errors import InputError


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> list[Case]:
    """A dataset of six images: the others are drawn in the same way."""
    cases = store.all_cases()[::130]
    monkeypatch.setattr(store, "all_cases", lambda: cases)
    return cases


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_fetch_draws_every_image_and_a_manifest_of_their_hashes(
    tmp_path: Path, few: list[Case]
) -> None:
    fetch(tmp_path / "new")
    manifest = json.loads((tmp_path / "new" / "manifest.json").read_bytes())
    assert manifest["version"] == store.VERSION
    assert manifest["files"].keys() == {case.file for case in few}
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((tmp_path / "new" / name).read_bytes()).hexdigest() == digest
    assert files(tmp_path / "new") == {*manifest["files"], "manifest.json"}


def test_an_interrupted_drawing_is_completed(
    tmp_path: Path, few: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = store.render

    def interrupted(case: Case) -> bytes:
        if case is few[3]:
            raise KeyboardInterrupt
        return real(case)

    monkeypatch.setattr(store, "render", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch(tmp_path)
    assert files(tmp_path) == {case.file for case in few[:3]}

    monkeypatch.setattr(store, "render", real)
    before = (tmp_path / few[0].file).stat().st_mtime_ns
    fetch(tmp_path)
    assert files(tmp_path) == {*(case.file for case in few), "manifest.json"}
    assert (tmp_path / few[0].file).stat().st_mtime_ns == before


def test_a_lost_image_is_redrawn_as_it_was(tmp_path: Path, few: list[Case]) -> None:
    fetch(tmp_path)
    lost = tmp_path / few[1].file
    original = lost.read_bytes()
    lost.unlink()
    fetch(tmp_path)
    assert lost.read_bytes() == original


def test_a_complete_folder_is_left_alone(tmp_path: Path, few: list[Case]) -> None:
    fetch(tmp_path)
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in files(tmp_path)}
    fetch(tmp_path)
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in files(tmp_path)} == before


def test_nothing_else_in_a_folder_is_touched(tmp_path: Path, few: list[Case]) -> None:
    mine = tmp_path / "phantom" / "images" / "mine.png"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    own = tmp_path / "phantom" / few[0].file
    own.write_text("drawn by someone else")
    load(tmp_path / "phantom")
    assert mine.read_text() == "mine"
    assert own.read_text() == "drawn by someone else"


def test_a_folder_given_is_used(
    tmp_path: Path, few: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "data" / "phantom").mkdir(parents=True)
    dataset = load(tmp_path / "data" / "phantom")
    assert not (tmp_path / "cache").exists()
    assert next(iter(dataset.samples)).images[0].path.startswith(str(tmp_path / "data" / "phantom"))


@pytest.mark.parametrize("data", [None, "data"])
def test_the_cache_is_used_where_there_is_no_folder(
    tmp_path: Path, few: list[Case], monkeypatch: pytest.MonkeyPatch, data: str | None
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    dataset = load(tmp_path / data if data else None)
    image = Path(next(iter(dataset.samples)).images[0].path)
    assert image.is_relative_to(tmp_path / "cache" / "medtrust" / f"phantom-v{store.VERSION}")
    assert image.is_file()
    assert not (tmp_path / "data").exists()


def test_a_relative_cache_variable_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert store.cache_folder().is_relative_to(Path.home() / ".cache")


def test_a_folder_of_another_version_is_refused(tmp_path: Path, few: list[Case]) -> None:
    (tmp_path / "manifest.json").write_text('{"version": 0, "files": {}}')
    with pytest.raises(InputError, match=r"version 0.*move the folder"):
        fetch(tmp_path)
    assert files(tmp_path) == {"manifest.json"}


def test_a_broken_manifest_is_refused_by_name(tmp_path: Path, few: list[Case]) -> None:
    (tmp_path / "manifest.json").write_text('{"version":')
    with pytest.raises(InputError, match=r"manifest\.json: not a manifest"):
        fetch(tmp_path)


def test_an_image_that_changed_is_noticed(tmp_path: Path, few: list[Case]) -> None:
    fetch(tmp_path)
    (tmp_path / few[2].file).write_bytes((tmp_path / few[1].file).read_bytes())
    with pytest.raises(InputError, match="changed since it was drawn"):
        load(tmp_path)


def test_a_path_that_cannot_be_written_says_so(tmp_path: Path, few: list[Case]) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written here"):
        fetch(tmp_path / "file")
