"""Certificates that must not be accepted: the run stops at once, having sent nothing."""

import re
import shutil
from pathlib import Path

import pytest

from certificates import certificate
from chaos_bench import (
    answered,
    check,
    check_secrets,
    check_text,
    command,
    environment,
    lines,
    medtrust,
    serving,
    write_questions,
)

QUESTIONS = 16
CONCURRENCY = 4

pytestmark = pytest.mark.skipif(
    not shutil.which("openssl"), reason="openssl makes the certificates"
)


@pytest.mark.parametrize(
    ("says", "trusted", "made"),
    [
        ("self-signed certificate|unable to get local issuer", False, {}),
        ("certificate has expired", True, {"days": -1}),
        ("Hostname mismatch", True, {"host": "elsewhere.invalid"}),
    ],
    ids=["self-signed", "expired", "wrong-host"],
)
def test_a_certificate_that_is_not_accepted_ends_the_run(
    tmp_path: Path, says: str, made: dict[str, int], *, trusted: bool
) -> None:
    tls = tmp_path / "tls"
    tls.mkdir()
    files = certificate(tls, **made)  # type: ignore[arg-type]
    env = environment(**({"SSL_CERT_FILE": str(tls / "authority.pem")} if trusted else {}))
    data = write_questions(tmp_path / "data", QUESTIONS)
    with serving(tmp_path / "server", *map(str, files)) as server:
        line = command(data, tmp_path / "run", server.case("tls"), concurrency=CONCURRENCY)
        done = medtrust(line, env=env)
        assert not server.asked("tls")
        connections = (server.folder / "connections.log").read_text().splitlines()
    check_text(done)
    assert done.code == 2
    (told,) = lines(done)
    assert re.search(f"certificate not accepted .*({says})", told)
    assert 0 < len(connections) <= CONCURRENCY
    assert not answered(tmp_path / "run")
    check_secrets(tmp_path / "run")


def test_a_good_certificate_is_accepted(tmp_path: Path) -> None:
    tls = tmp_path / "tls"
    tls.mkdir()
    files = certificate(tls)
    data = write_questions(tmp_path / "data", QUESTIONS)
    with serving(tmp_path / "server", *map(str, files)) as server:
        line = command(data, tmp_path / "run", server.case("tls"), concurrency=CONCURRENCY)
        done = medtrust(line, env=environment(SSL_CERT_FILE=str(tls / "authority.pem")))
        asked = server.asked("tls")
    assert done.code == 0, done.err
    check(tmp_path / "run", asked, before={})
