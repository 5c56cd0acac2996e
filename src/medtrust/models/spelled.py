"""vLLM's log-probabilities of exactly the letters' tokens, in place of those of the likeliest.

A letter below a server's top tokens would be absent. `POST /tokenize` (vLLM,
`entrypoints/serve/tokenize/protocol.py`) says which tokens spell a letter, and the field
`logprob_token_ids` of a chat request (vLLM, pull request 43463) asks for those. vLLM's older
versions and other servers that ignore the field name their likeliest tokens as ever.
"""

import asyncio
from dataclasses import replace
from itertools import product

import msgspec

from medtrust.errors import ModelError
from medtrust.models.http import JsonClient
from medtrust.models.presets import Endpoint
from medtrust.records import LETTERS

SPELLINGS = ("{}", " {}", "\n{}", '"{}', "'{}", "({}", "*{}")
"""A letter as the first token of a reply; `models/chat.py` reads these."""


class _Tokens(msgspec.Struct):
    tokens: list[int]


class Spelled:
    """The tokens of one server's letters, asked for once."""

    def __init__(self, at: Endpoint, timeout: float, model: str) -> None:
        # vLLM has it above its `/v1`.
        self._at = replace(at, url=at.url.removesuffix("/v1"))
        self._timeout = timeout
        self._model = model
        self._known: dict[int, list[int]] = {}
        """Number of letters -> the tokens that spell them."""
        self._asking = asyncio.Lock()

    async def field(self, options: int) -> dict[str, list[int]]:
        """The field that asks for the letters' own tokens; none where a server cannot say them."""
        async with self._asking:
            if options not in self._known:
                self._known[options] = await self._ask(options)
        return {"logprob_token_ids": self._known[options]} if self._known[options] else {}

    async def _ask(self, options: int) -> list[int]:
        http = JsonClient(self._at, self._timeout)
        found: set[int] = set()
        try:
            for spelling, letter in product(SPELLINGS, LETTERS[:options]):
                text = spelling.format(letter)
                body = {"model": self._model, "prompt": text, "add_special_tokens": False}
                data = await http.post("/tokenize", body)
                tokens = msgspec.json.decode(data, type=_Tokens).tokens
                found |= {*tokens} if len(tokens) == 1 else set()
        except (ModelError, msgspec.DecodeError, RecursionError):
            return []
        finally:
            await http.close()
        return sorted(found)
