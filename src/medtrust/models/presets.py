"""OpenAI-compatible endpoints by name: where they are and which variable holds the key."""

import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from medtrust.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One provider. Hosts and variables are those of the providers' own documentation."""

    base_url: str
    """May be empty where every customer has an address of their own."""
    key: str = ""
    """Environment variable with the key; empty where none is needed."""
    base_url_from: str = ""
    """Environment variable with the address, where it is a customer's own."""
    key_header: str = "Authorization"
    max_tokens: str = "max_tokens"
    """What the server calls the bound on a reply's length."""


PRESETS = {
    "openai": Preset(
        base_url="https://api.openai.com/v1",
        key="OPENAI_API_KEY",
        max_tokens="max_completion_tokens",
    ),
    "anthropic": Preset(base_url="https://api.anthropic.com/v1", key="ANTHROPIC_API_KEY"),
    "google": Preset(
        base_url="https://generativelanguage.googleapis.com/v1beta/openai", key="GEMINI_API_KEY"
    ),
    "azure": Preset(
        base_url="",
        base_url_from="AZURE_OPENAI_ENDPOINT",
        key="AZURE_OPENAI_API_KEY",
        key_header="api-key",
        max_tokens="max_completion_tokens",
    ),
    "openrouter": Preset(base_url="https://openrouter.ai/api/v1", key="OPENROUTER_API_KEY"),
    "ollama": Preset(base_url="http://localhost:11434/v1"),
    "perspective": Preset(
        base_url="https://commentanalyzer.googleapis.com/v1alpha1",
        key="PERSPECTIVE_API_KEY",
        # In a header and not in the address, where logs would keep it.
        key_header="X-Goog-Api-Key",
    ),
    "vllm": Preset(base_url="http://localhost:8000/v1", key="VLLM_API_KEY"),
}


SHORTEST_SECRET = 6
"""What is shorter stands in for a key (`EMPTY`, `none`); taking it out would garble replies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where to send requests. `headers` hold the key and are never shown or stored."""

    url: str
    headers: dict[str, str]
    key_variable: str
    max_tokens: str
    lacks_key: bool
    """A key is needed and its variable is not set: nothing can be asked, only planned."""
    secrets: tuple[str, ...] = ()
    """What else is never shown: a proxy's password."""

    def redact(self, body: bytes, hide: Collection[str] = ()) -> bytes:
        """A server's reply without the key, plain or in any spelling that JSON allows.

        `hide` are other texts to take out: addresses of images, whose paths name patients.
        """
        for value in (*self.headers.values(), *self.secrets):
            secret = value.removeprefix("Bearer ")
            if len(secret) >= SHORTEST_SECRET:
                body = re.sub(_spellings(secret), b"[key]", body)
        for text in hide:
            body = re.sub(_apart(text), b"[image]", body)
        return body

    def __repr__(self) -> str:
        return f"Endpoint(url={self.url!r})"


@lru_cache(1024)
def _spellings(secret: str) -> bytes:
    """A pattern of the secret as it may stand in JSON, where some servers escape `/` and `+`."""
    return b"".join(
        rb"(?:\\?%s|\\u(?i:%04x))" % (re.escape(character.encode()), ord(character))
        for character in secret
    )


@lru_cache(1024)
def _apart(text: str) -> bytes:
    """A pattern of the text as it may stand in JSON, but not inside of a longer number."""
    left = rb"(?<![0-9.])" if text[:1].isdigit() else b""
    right = rb"(?![0-9])" if text[-1:].isdigit() else b""
    return left + _spellings(text) + right


def check_address(url: str) -> None:
    """Refuse an address that cannot be used, or that could hold a secret.

    It is written into the run's folder. Raises InputError, which does not quote it.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or re.search(r"\s", url):
        raise InputError("--base-url is no http:// or https:// address of a server")
    if "@" in parts.netloc or "?" in url or "#" in url:
        raise InputError(
            "--base-url must hold no user name, password, query or fragment; set the key's variable"
        )


def endpoint(provider: str, base_url: str = "") -> Endpoint:
    """The endpoint of a provider; `base_url` puts another server in its place.

    A server given by `--base-url` is one of the user's own: it may need no key, and
    it takes the plain `max_tokens` that all of them know. A missing key is left for the
    first request to find. Raises InputError where an address is missing or unusable.
    """
    preset = PRESETS[provider]
    address = base_url or preset.base_url
    if not address:
        address = os.environ.get(preset.base_url_from, "").strip()
        if not address:
            raise InputError(
                f"{provider}/: set {preset.base_url_from} to your endpoint, or give --base-url"
            )
        address = address.rstrip("/") + "/openai/v1"
    check_address(address)
    key = os.environ.get(preset.key, "").strip() if preset.key else ""
    if not key.isprintable():
        raise InputError(f"{preset.key} holds a line break or another control character")
    own = bool(base_url) or provider in {"ollama", "vllm"}
    bearer = preset.key_header == "Authorization"
    return Endpoint(
        url=address.rstrip("/"),
        headers={preset.key_header: f"Bearer {key}" if bearer else key} if key else {},
        key_variable=preset.key,
        max_tokens="max_tokens" if own else preset.max_tokens,
        lacks_key=not key and not own,
    )
