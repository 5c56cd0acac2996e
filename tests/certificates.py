"""Certificates for tests, made by openssl."""

import subprocess
from pathlib import Path


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def certificate(folder: Path, *, host: str = "localhost", days: int = 2) -> tuple[Path, Path]:
    """A certificate and its key, signed by the authority in the folder (which is made too)."""
    authority, its_key = folder / "authority.pem", folder / "authority.key"
    made, key, wish = folder / "server.pem", folder / "server.key", folder / "server.csr"
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *kind, "-keyout", its_key, "-out", authority, "-subj", "/CN=authority")
    openssl("req", *kind, "-keyout", key, "-out", wish, "-subj", f"/CN={host}")
    names = folder / "names"
    names.write_text(f"subjectAltName=DNS:{host}\n")
    openssl(
        *("x509", "-req", "-in", wish, "-CA", authority, "-CAkey", its_key, "-CAcreateserial"),
        *("-days", str(days), "-extfile", names, "-out", made),
    )
    return made, key
