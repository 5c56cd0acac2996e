"""OpenAI-compatible endpoints by name: where they are and which variable holds the key."""

import os
from dataclasses import dataclass
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
    "vllm": Preset(base_url="http://localhost:8000/v1", key="VLLM_API_KEY"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where to send requests. `headers` hold the key and are never shown or stored."""

    url: str
    headers: dict[str, str]
    key_variable: str
    max_tokens: str

    def redact(self, text: str) -> str:
        """The text without the key, should a server quote it back."""
        for value in self.headers.values():
            secret = value.removeprefix("Bearer ")
            if secret:
                text = text.replace(secret, "[key]")
        return text

    def __repr__(self) -> str:
        return f"Endpoint(url={self.url!r})"


def endpoint(provider: str, base_url: str = "") -> Endpoint:
    """The endpoint of a provider; `base_url` puts another server in its place.

    A server given by `--base-url` is one of the user's own: it may need no key, and
    it takes the plain `max_tokens` that all of them know. Raises InputError where an
    address or a key is missing.
    """
    preset = PRESETS[provider]
    address = base_url or preset.base_url
    if not address:
        address = os.environ.get(preset.base_url_from, "")
        if not address:
            raise InputError(
                f"{provider}/: set {preset.base_url_from} to your endpoint, or give --base-url"
            )
        address = address.rstrip("/") + "/openai/v1"
    if not address.startswith(("http://", "https://")):
        raise InputError(f"--base-url {address!r} is no http:// or https:// address")
    if urlsplit(address).username or urlsplit(address).query:
        # An address is written into the run's folder, so nothing secret may be in it.
        raise InputError(
            "--base-url must hold no user name, password or query; set the key's variable"
        )
    key = os.environ.get(preset.key, "") if preset.key else ""
    own = bool(base_url) or provider in {"ollama", "vllm"}
    if not key and not own:
        raise InputError(f"{provider}/: set {preset.key} to your key (it is never written down)")
    bearer = preset.key_header == "Authorization"
    return Endpoint(
        url=address.rstrip("/"),
        headers={preset.key_header: f"Bearer {key}" if bearer else key} if key else {},
        key_variable=preset.key,
        max_tokens="max_tokens" if own else preset.max_tokens,
    )
