"""Which checkpoints `hf/` takes, how it tells them apart, and what it says of the others."""

import asyncio
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from asking import ask, changed, request, user
from medtrust.errors import InputError
from medtrust.models.hf import connect
from medtrust.models.model import Model, ModelOptions

torch = pytest.importorskip("torch", reason="needs medtrust[hf]")
transformers = pytest.importorskip("transformers", reason="needs medtrust[hf]")


@pytest.fixture(scope="module")
def model(tiny_checkpoint: Path) -> Iterator[Model]:
    connected = connect(str(tiny_checkpoint), ModelOptions(device="cpu"))
    yield connected
    asyncio.run(connected.close())


class TestIdentity:
    def test_it_says_what_was_loaded_and_how(self, model: Model, tiny_checkpoint: Path) -> None:
        assert model.name == f"hf/{tiny_checkpoint}"
        assert model.local
        assert model.modes == {"generate", "choices", "prefix"}
        assert model.identity["dtype"] == "float32"
        assert model.identity["device"] == "cpu"
        assert len(model.identity["revision"]) == 64

    def test_a_checkpoint_keeps_the_type_it_is_stored_in(self, tmp_path: Path) -> None:
        from tiny_llava import build  # noqa: PLC0415 - imports torch

        stored = build(tmp_path, dtype=torch.bfloat16)
        assert connect(str(stored), ModelOptions()).identity["dtype"] == "bfloat16"
        asked = ModelOptions(dtype="float32")
        assert connect(str(stored), asked).identity["dtype"] == "float32"

    def test_each_response_says_which_libraries_made_it(self, model: Model) -> None:
        assert f"transformers {transformers.__version__}" in ask(model, request(user("Hm"))).server

    def test_it_changes_with_weights_and_template_but_not_with_the_readme(
        self, model: Model, tiny_checkpoint: Path, tmp_path: Path
    ) -> None:
        def revision(folder: Path) -> str:
            return connect(str(folder), ModelOptions(device="cpu")).identity["revision"]

        readme = changed(tiny_checkpoint, tmp_path / "a", "README.md", lambda _: "Hello")
        template = changed(
            tiny_checkpoint, tmp_path / "b", "chat_template.jinja", lambda text: text + "{# #}"
        )
        weights = changed(tiny_checkpoint, tmp_path / "c", "README.md", lambda _: "Hello")
        file = weights / "model.safetensors"
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content)
        assert revision(readme) == model.identity["revision"]
        assert len({revision(readme), revision(template), revision(weights)}) == 3

    def test_the_same_seed_builds_the_same_checkpoint(self, model: Model, tmp_path: Path) -> None:
        from tiny_llava import build  # noqa: PLC0415 - imports torch

        again = connect(str(build(tmp_path)), ModelOptions(device="cpu"))
        assert again.identity["revision"] == model.identity["revision"]


class TestUnusableCheckpoints:
    @pytest.mark.parametrize(
        ("name", "change", "message"),
        [
            ("config.json", lambda _: "{", "config cannot be read"),
            ("config.json", lambda _: '{"model_type": "nonesuch"}', "config cannot be read"),
            ("config.json", lambda _: '{"model_type": "bert"}', "no image-text-to-text model"),
            ("model.safetensors", lambda _: "", "weights cannot be loaded"),
            ("chat_template.jinja", None, "no chat template"),
            ("processor_config.json", None, "processor"),
            ("config.json", None, "no config.json"),
            ("model.safetensors", None, "weights cannot be loaded"),
        ],
    )
    def test_a_broken_folder_is_one_clear_line(
        self,
        tiny_checkpoint: Path,
        tmp_path: Path,
        name: str,
        change: Callable[[str], str] | None,
        message: str,
    ) -> None:
        folder = tmp_path / "checkpoint"
        shutil.copytree(tiny_checkpoint, folder)
        if change is None:
            (folder / name).unlink()
        else:
            (folder / name).write_text(change(""))
        with pytest.raises(InputError, match=message) as raised:
            connect(str(folder), ModelOptions(device="cpu"))
        assert "\n" not in str(raised.value)
        assert str(raised.value).startswith(f"hf/{folder}")

    def test_weights_that_are_missing_are_not_made_up(
        self, tiny_checkpoint: Path, tmp_path: Path
    ) -> None:
        from safetensors.torch import load_file, save_file  # noqa: PLC0415 - imports torch

        folder = tmp_path / "checkpoint"
        shutil.copytree(tiny_checkpoint, folder)
        weights = load_file(folder / "model.safetensors")
        del weights[next(name for name in weights if name.endswith("lm_head.weight"))]
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        with pytest.raises(InputError, match="1 weights are missing, such as lm_head"):
            connect(str(folder), ModelOptions(device="cpu"))

    def test_pickled_weights_are_not_read(self, tiny_checkpoint: Path, tmp_path: Path) -> None:
        from safetensors.torch import load_file  # noqa: PLC0415 - imports torch

        folder = tmp_path / "checkpoint"
        shutil.copytree(tiny_checkpoint, folder)
        torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
        (folder / "model.safetensors").unlink()
        with pytest.raises(InputError, match="weights cannot be loaded"):
            connect(str(folder), ModelOptions(device="cpu"))

    def test_a_hub_id_that_is_not_cached_offline(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
        with pytest.raises(InputError, match="the hub does not give it") as raised:
            connect("medtrust-tests/nothing-here", ModelOptions())
        assert "\n" not in str(raised.value)

    @pytest.mark.parametrize(
        ("name", "options", "message"),
        [
            ("/no/such/folder", {}, "no such folder"),
            ("./no-such-folder", {}, "no such folder"),
            ("{}", {"revision": "main"}, "a folder has no revision"),
            ("{}", {"dtype": "int8"}, "dtype 'int8' is not one of"),
            ("{}", {"device": "abacus"}, "device 'abacus' cannot be used"),
        ],
    )
    def test_options_that_do_not_fit(
        self, tiny_checkpoint: Path, name: str, options: dict[str, Any], message: str
    ) -> None:
        with pytest.raises(InputError, match=message):
            connect(name.format(tiny_checkpoint), ModelOptions(**options))

    @pytest.mark.parametrize("package", ["torch", "transformers", "accelerate"])
    def test_missing_packages_are_named(
        self, monkeypatch: pytest.MonkeyPatch, package: str
    ) -> None:
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(InputError, match=r"pip install 'medtrust\[hf\]'"):
            connect("anything", ModelOptions())
