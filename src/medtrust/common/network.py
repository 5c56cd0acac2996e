"""The way out of this machine: which proxy a server is asked through, and whose certificates count.

Both are said by the variables of the environment that curl, pip and requests read too.
"""

import ipaddress
import os
import ssl
from pathlib import Path
from urllib.request import getproxies, proxy_bypass

from yarl import URL


def is_loopback(url: str) -> bool:
    """Whether an address can only be this machine's own."""
    host = URL(url).raw_host or ""
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def proxy_for(url: URL) -> URL | None:
    """The proxy through which a server is asked; None where it is asked directly.

    `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY`, also in small letters, unless `NO_PROXY` lists the
    host, a domain that it is in, or a network (`10.0.0.0/8`). This machine is asked directly: what
    is meant to stay here must not leave it. Raises ValueError, which quotes no password.
    """
    named = getproxies()
    value = named.get(url.scheme) or named.get("all")
    host = url.raw_host or ""
    if not value or is_loopback(str(url)) or proxy_bypass(f"{host}:{url.port}"):
        return None
    if _in_a_network(host, named.get("no", "")):
        return None
    try:
        proxy = URL(value if "://" in value else f"http://{value}")
        usable = proxy.scheme in {"http", "https"} and proxy.raw_host and proxy.port
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(
            f"{url.scheme.upper()}_PROXY or ALL_PROXY is no http:// or https:// address of a proxy"
            f" (asked for {url.host}); mend it, or list the host in NO_PROXY"
        )
    return proxy


def trusted_certificates() -> ssl.SSLContext:
    """Checks certificates by `SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE` or the system's authorities.

    OpenSSL reads `SSL_CERT_DIR` by itself. Raises ValueError for a file that cannot be used.
    """
    for variable in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        if name := os.environ.get(variable):
            folder = Path(name).is_dir()
            try:
                return ssl.create_default_context(
                    cafile=None if folder else name, capath=name if folder else None
                )
            except OSError as error:
                why = error.strerror or "no certificates in it"
                raise ValueError(f"{variable}: {name} cannot be used ({why})") from None
    return ssl.create_default_context()


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _in_a_network(host: str, listed: str) -> bool:
    """Whether a host that is an address lies in one of the networks among what is listed."""
    address = _address(host)
    if address is None:
        return False
    for name in listed.split(","):
        try:
            if address in ipaddress.ip_network(name.strip(), strict=False):
                return True
        except ValueError:
            continue
    return False
