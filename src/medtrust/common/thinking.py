"""What a model thinks before it answers: one table of how models mark it.

Nothing is ever read from it. A block that is never closed was cut off, so all after its beginning
is thinking; one that is closed but never opened began in the prompt, so all before its end is.
"""

import json
import re
from collections.abc import Iterator
from typing import Literal

Does = Literal["opens", "closes", "closes if open", "answers", "answers if open"]
"""What a sign does: begins thinking, ends it, or begins the answer, whatever stood before."""

_NAME = (
    r"(?:\w{1,10}[:_])?(?:think|thinking|thoughts?|thought_process|reasoning|reason|scratchpad|"
    r"reflection|rationale|cot|analysis)"
)

_SIGNS: tuple[tuple[Does, str], ...] = (
    ("opens", rf"<{_NAME}(?: [^<>]{{0,40}})?>"),  # DeepSeek, Qwen and most others
    ("closes", rf"</{_NAME}>"),
    ("opens", r"◁think▷"),  # Kimi
    ("closes", r"◁/think▷"),
    ("opens", r"\[THINK\]"),  # Magistral
    ("closes", r"\[/THINK\]"),
    ("opens", r"<\|(?:start_thinking|begin_of_thought|thinking|think)\|>"),  # Cohere and others
    ("closes", r"<\|(?:end_thinking|end_of_thought|/thinking|/think)\|>"),
    ("opens", r"<unused94>(?:thought)?"),  # MedGemma
    ("closes", r"<unused95>"),
    ("opens", r"<details type=\"reasoning\"[^<>]{0,80}>"),  # Open WebUI
    ("closes if open", r"</details>"),
    ("opens", r"<\|channel\|>\s{0,3}(?:analysis|commentary)[^<]{0,80}<\|message\|>"),  # harmony
    ("closes if open", r"<\|(?:end|return|call)\|>"),
    ("answers", r"<\|channel\|>\s{0,3}final[^<]{0,80}<\|message\|>"),
    ("opens", r"\A\s{0,9}(?-i:analysis)(?=[A-Z])"),  # harmony whose signs a tokenizer dropped
    ("answers if open", r"(?-i:assistantfinal)"),
    ("opens", r"\A\s{0,9}\*{0,2}Here is my thought process:"),  # Granite
    ("answers if open", r"Here is my response:"),
)
_SIGN = re.compile("|".join(f"({pattern})" for _, pattern in _SIGNS), re.IGNORECASE)
_FIRST = re.compile(r"[<◁\[]|\A\s{0,9}(?:analysis|\*{0,2}Here is my)", re.IGNORECASE)
"""What every text with a sign that does anything has."""

_PARTS = 1_000_000
"""Characters of a reply in typed parts: a longer one is no reply."""


def spoken(text: str) -> str:
    """The part of a reply that is meant for its reader: without the thinking."""
    if text.startswith("[{") and text.endswith("]"):
        text = _of_parts(text)
    if not _FIRST.search(text):
        return text
    pieces: list[str] = []
    depth = start = 0
    for does, sign in _signs(text):
        if does.endswith("if open") and not depth:
            continue
        if depth == 0:
            pieces.append(text[start : sign.start()])
        if does.startswith("answers") or (does == "closes" and depth == 0):
            pieces.clear()
        depth = depth + 1 if does == "opens" else 0 if "answers" in does else max(0, depth - 1)
        start = sign.end()
    if depth == 0:
        pieces.append(text[start:])
    return "\n".join(pieces)


def _signs(text: str) -> Iterator[tuple[Does, re.Match[str]]]:
    for sign in _SIGN.finditer(text):
        yield _SIGNS[(sign.lastindex or 1) - 1][0], sign


def _of_parts(text: str) -> str:
    """The text of a reply that a server gave in typed parts: `[{"type": "text", ...}, ...]`."""
    try:
        parts = json.loads(text) if len(text) <= _PARTS else None
    except (ValueError, RecursionError):
        return text
    if not isinstance(parts, list) or not all(isinstance(p, dict) and "type" in p for p in parts):
        return text
    said = [part.get("text") for part in parts if str(part["type"]).endswith("text")]
    return "\n".join(one for one in said if isinstance(one, str))
