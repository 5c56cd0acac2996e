"""A proxy that is the only way out: of a run, of its judge and of `fetch`."""

import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from yarl import URL

import bucket as buckets
import layout
from certificates import certificate
from chat_server import completion, serving, text_of
from medtrust.cli import main
from medtrust.common.network import proxy_for, trusted_certificates
from medtrust.errors import InputError

PASSWORD = "pass/word+4711"  # noqa: S105 - of a proxy of ours
"""In an address its marks are escaped, and in what is sent it is in base64."""
LOGIN = f"me:{PASSWORD}"
ESCAPED = "me:pass%2Fword%2B4711@"

Way = Callable[..., tuple[str, Path]]


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """None but those that a test sets."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-behind-a-proxy")


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Way]:
    """Starts proxies: their address, without a login, and the file of what they are asked."""
    started = []

    def start(login: str = "", **ports: int) -> tuple[str, Path]:
        log = tmp_path / "proxy.log"
        log.touch()
        program = Path(__file__).with_name("proxy_server.py")
        hosts = [f"{name}.invalid={port}" for name, port in ports.items()]
        process = subprocess.Popen(
            [sys.executable, program, log, login, *hosts], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        return f"127.0.0.1:{int(process.stdout.readline())}", log

    yield start
    for process in started:
        process.kill()
        process.communicate()


async def chat(_: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    """A subject and a judge."""
    judged = "[Answer A]" in text_of(body)
    return web.json_response(completion("A: 9\nB: 1\nBecause." if judged else "The left."))


def command(data: Path, out: Path, url: str, *more: str) -> int:
    return main(
        ["run", "--model", "openai/m", "--base-url", url, "--task", "mediconfusion/ff",
         "--data", str(data), "--out", str(out), "--replicates", "20", "--attempts", "2",
         "--judge", "openai/judge", *more]
    )  # fmt: skip


def port_of(url: str) -> int:
    return urlsplit(url).port or 0


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificates")
@pytest.mark.parametrize("bundle", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_run_and_its_judge_go_through_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    proxy: Way,
    bundle: str,
) -> None:
    """The model by CONNECT, the judge over plain http, each with the proxy's password."""
    made = certificate(tmp_path, host="model.invalid")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*made)
    data = layout.write(tmp_path / "data", pairs=2)
    with serving(chat, tls=tls) as model, serving(chat) as judge:
        address, log = proxy(LOGIN, model=port_of(model), judge=port_of(judge))
        monkeypatch.setenv("HTTPS_PROXY", f"http://{ESCAPED}{address}")
        monkeypatch.setenv("http_proxy", f"{ESCAPED}{address}")
        monkeypatch.setenv(bundle, str(tmp_path / "authority.pem"))
        code = command(
            data, tmp_path / "run", "https://model.invalid/v1",
            "--judge-base-url", "http://judge.invalid/v1",
        )  # fmt: skip
    told = capsys.readouterr()
    assert code == 0, told.err
    asked = set(log.read_text().splitlines())
    assert asked == {
        "CONNECT model.invalid:443 HTTP/1.1",
        "POST http://judge.invalid/v1/chat/completions HTTP/1.1",
    }
    assert_secret(tmp_path / "run", told.out, told.err)


async def test_fetch_goes_through_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxy: Way
) -> None:
    async with buckets.serving(buckets.small()) as bucket:
        address, log = proxy(LOGIN, bucket=port_of(bucket.url))
        monkeypatch.setenv("HTTP_PROXY", f"http://{ESCAPED}{address}")
        bucket.url = "http://bucket.invalid/"
        report = await buckets.fetch(bucket, tmp_path / "data")
        assert report.complete
        monkeypatch.setenv("HTTP_PROXY", f"http://me:wrong@{address}")
        with pytest.raises(InputError, match="the proxy wants a name and a password") as failed:
            await buckets.fetch(bucket, tmp_path / "other", attempts=1)
    assert "wrong" not in str(failed.value)
    assert len(set(log.read_text().splitlines())) > 5


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("login", "host", "says"),
    [
        ("me:not-the-password@", "model", r"wants a name and a password \(HTTP 407\)"),
        ("", "model", r"wants a name and a password \(HTTP 407\)"),
        (ESCAPED, "elsewhere", r"HTTP 403"),
    ],
)
def test_a_proxy_that_refuses_ends_the_run_with_a_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    proxy: Way,
    scheme: str,
    login: str,
    host: str,
    says: str,
) -> None:
    data = layout.write(tmp_path / "data", pairs=1)
    address, _ = proxy(LOGIN, model=1)
    monkeypatch.setenv("ALL_PROXY", f"http://{login}{address}")
    assert command(data, tmp_path / "run", f"{scheme}://{host}.invalid/v1") == 2
    told = capsys.readouterr()
    assert re.search(says, told.err), told.err
    assert "not-the-password" not in told.err + told.out
    assert_secret(tmp_path / "run", told.out, told.err)


def test_a_proxy_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = layout.write(tmp_path / "data", pairs=1)
    monkeypatch.setenv("HTTPS_PROXY", f"http://{ESCAPED}127.0.0.1:1")
    assert command(data, tmp_path / "run", "https://model.invalid/v1") == 1
    told = capsys.readouterr()
    where = "through the proxy http://127.0.0.1:1 (Connection refused)"
    assert where in " ".join(told.err.split())
    assert_secret(tmp_path / "run", told.out, told.err)


def test_this_machine_is_asked_directly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxy: Way
) -> None:
    data = layout.write(tmp_path / "data", pairs=1)
    with serving(chat) as url:
        address, log = proxy()
        monkeypatch.setenv("HTTP_PROXY", f"http://{address}")
        assert command(data, tmp_path / "run", url, "--judge-base-url", url) == 0
    assert not log.read_text()


def assert_secret(folder: Path, *texts: str) -> None:
    """The password is nowhere, in no spelling."""
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    for data in (*files, *(text.encode() for text in texts)):
        for spelling in (PASSWORD, "pass%2Fword", "bWU6cGFzcy93b3JkKzQ3MTE"):
            assert spelling.encode() not in data


HTTPS = {"HTTPS_PROXY": "http://out:3128"}


@pytest.mark.parametrize(
    ("url", "variables", "expected"),
    [
        ("https://a.org/v1", HTTPS, "http://out:3128"),
        ("http://a.org/v1", HTTPS, None),
        ("http://a.org", {"http_proxy": "out:3128"}, "http://out:3128"),
        ("http://a.org", {"ALL_PROXY": "https://out"}, "https://out"),
        ("https://a.org", HTTPS | {"https_proxy": "http://other:1"}, "http://other:1"),
        ("https://a.org", HTTPS | {"https_proxy": ""}, None),
        ("https://a.org", HTTPS | {"NO_PROXY": "a.org"}, None),
        ("https://x.a.org", HTTPS | {"NO_PROXY": "b.org, .a.org"}, None),
        ("https://xa.org", HTTPS | {"NO_PROXY": "a.org"}, "http://out:3128"),
        ("https://a.org:8443", HTTPS | {"NO_PROXY": "a.org:8443"}, None),
        ("https://a.org", HTTPS | {"NO_PROXY": "a.org:8443"}, "http://out:3128"),
        ("https://a.org", HTTPS | {"no_proxy": "*"}, None),
        ("https://10.1.2.3", HTTPS | {"NO_PROXY": "10.0.0.0/8"}, None),
        ("https://11.1.2.3", HTTPS | {"NO_PROXY": "10.0.0.0/8,x/y"}, "http://out:3128"),
        ("https://[fd00::1]", HTTPS | {"NO_PROXY": "fd00::/8"}, None),
        ("https://[fd00::1]:8", HTTPS | {"NO_PROXY": "fd00::1"}, None),
        ("https://localhost:1", HTTPS, None),
        ("https://127.8.8.8", HTTPS, None),
        ("https://[::1]:3", HTTPS, None),
    ],
)
def test_which_proxy(
    url: str, variables: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(URL(url)) == (URL(expected) if expected else None)


@pytest.mark.parametrize("value", ["socks5://me:secret@x:1", "http://me:secret@", "http://x:y:z"])
def test_a_proxy_that_cannot_be_used_is_said_without_its_password(
    value: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ALL_PROXY", value)
    data = layout.write(tmp_path / "data", pairs=1)
    assert command(data, tmp_path / "run", "https://model.invalid/v1") == 2
    told = capsys.readouterr().err
    assert "HTTPS_PROXY or ALL_PROXY is no http:// or https:// address" in " ".join(told.split())
    assert "secret" not in told


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_used(
    variable: str, content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv(variable, str(path))
    with pytest.raises(ValueError, match=f"{variable}: .*ca.pem cannot be used"):
        trusted_certificates()


def test_a_folder_of_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path))
    assert trusted_certificates().verify_mode is ssl.CERT_REQUIRED
