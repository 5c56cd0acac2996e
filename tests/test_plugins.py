"""What other packages add: the documented example works, and a broken one is named."""

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import msgspec
import pytest

import layout
from medtrust import registry
from medtrust.cli import main
from medtrust.errors import InputError

DOCUMENT = Path(__file__).parents[1] / "docs" / "architecture.md"


def forget() -> None:
    """Look at what is installed anew."""
    registry._installed.cache_clear()
    registry._points.cache_clear()


@pytest.fixture
def documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The backend of docs/architecture.md, installed under its documented entry point."""
    text = DOCUMENT.read_text()
    (program,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (toml,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    value = tomllib.loads(toml)["project"]["entry-points"]["medtrust.models"]["mine"]
    module, _, _ = value.partition(":")
    package, name = module.split(".")
    site = tmp_path / "site"
    (site / package).mkdir(parents=True)
    (site / package / f"{name}.py").write_text(program)
    information = site / f"{package}-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(f"[medtrust.models]\nmine = {value}\n")
    monkeypatch.syspath_prepend(site)
    monkeypatch.delitem(sys.modules, module, raising=False)
    forget()
    yield
    forget()
    for loaded in (package, module):
        sys.modules.pop(loaded, None)


@pytest.mark.usefixtures("documented")
def test_the_documented_backend_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = layout.write(tmp_path / "data", pairs=4)
    run = str(tmp_path / "run")
    code = main(
        ["run", "--model", "mine/A", "--task", "mediconfusion/mc", "--data", str(data),
         "--out", run, "--replicates", "50"]
    )  # fmt: skip
    assert code == 0
    capsys.readouterr()
    assert main(["report", run, "--json", "-"]) == 0
    rows = msgspec.json.decode(capsys.readouterr().out)["rows"]
    confusion = next(
        row for row in rows if row["metric"] == "confusion" and row["protocol"] == "corrected"
    )
    assert (confusion["model"], confusion["value"]) == ("mine/A", 1)


@pytest.mark.parametrize(
    ("program", "attribute", "reason"),
    [
        ("import no_such_library", "connect", "No module named 'no_such_library'"),
        ("", "connect", "has no attribute 'connect'"),
        ("def connect(:", "connect", "invalid syntax"),
    ],
)
def test_a_broken_plugin_is_named_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str, attribute: str, reason: str
) -> None:
    (tmp_path / "broken_plugin.py").write_text(program)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "broken_plugin", raising=False)
    point = EntryPoint("broken", f"broken_plugin:{attribute}", "medtrust.models")
    monkeypatch.setattr(registry, "_points", lambda _group: {"broken": point})
    with pytest.raises(InputError) as raised:
        registry.load("models", "broken")
    sys.modules.pop("broken_plugin", None)
    message = str(raised.value)
    assert "model 'broken' (broken_plugin:connect) cannot be loaded" in message
    assert reason in message
    assert "\n" not in message
