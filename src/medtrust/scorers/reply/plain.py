r"""A reply as plain text: thinking, markup, quotes and odd characters taken away.

What is left has words, digits and `.,:;!?()/-`, one space between words and one
newline between lines. Marked answers (`\boxed{B}`, `<answer>B</answer>`) become a
line `Final answer: B`. Every step is linear in the text, which is bounded first.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

LIMIT = 20_000
"""Characters of a reply that are read: half from its head, half from its tail."""

KEPT = 1 << 12
"""Readings of replies that are remembered: a model says the same to a question under many tasks."""

_THINKING = re.compile(r"<(/?)(?:think|thinking|thought|reasoning|scratchpad)>", re.IGNORECASE)

_CHARACTERS = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″「」『』", '"'),
        **dict.fromkeys("‘’‚‛′`´", "'"),  # noqa: RUF001 - the very characters meant
        **dict.fromkeys("‐‑‒–−", "-"),  # noqa: RUF001 - the very characters meant
        **dict.fromkeys("—―→⇒➔➜", " - "),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f", ""),
        **dict.fromkeys("\r\u2028\u2029", "\n"),
        **dict.fromkeys("【《", "("),
        **dict.fromkeys("】》", ")"),
        "。": ". ",
        "、": ", ",
    }
)

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"


def _beyond_ascii(text: str) -> bool:
    return not text.isascii()


def odd_blanks(text: str) -> bool:
    """Whether a text has other blanks than single spaces; a new line counts, too."""
    return "  " in text or not text.isprintable()  # of all blanks a space alone is printable


Changes = Callable[[str], object]
"""Whether a step may change a text."""

_STEPS: tuple[tuple[re.Pattern[str], str, Changes], ...] = tuple(
    (
        re.compile(pattern, flags),
        replacement,
        re.compile(f"[{re.escape(needed)}]").search if isinstance(needed, str) else needed,
    )
    for pattern, flags, replacement, needed in (
        # End-of-turn tokens that some servers leave in: <|im_end|>, </s>, [/INST].
        (r"<\|[^|<>]{1,40}\|>|</?s>|<(?:eos|bos|pad|unk)>|\[/?INST\]", 0, " ", "<["),
        # LaTeX: drop the font, keep what it dresses.
        (r"\\(?:text|math)?(?:text|rm|bf|sf|it|tt|normal)\s{0,3}(?=\{)", 0, "", "\\"),
        (
            r"\\f?box(?:ed)?\s{0,3}\{((?:[^{}]|\{[^{}]{0,400}\}){0,400})\}",
            0,
            r"\nFinal answer: \1\n",
            "\\",
        ),
        (r"\\boxed ([A-J])\b", 0, r"\nFinal answer: \1\n", "\\"),
        (r"\\[()\[\]]|\$", 0, " ", "\\$"),
        (r"<(?:final_?)?(?:answer|choice|option)>", re.IGNORECASE, "\nFinal answer: ", "<"),
        (r"</(?:final_?)?(?:answer|choice|option)>", re.IGNORECASE, "\n", "<"),
        # Other tags; a capital alone in angle brackets is an answer: <B>.
        (r"</?(?![A-J]>)[A-Za-z][^<>]{0,60}>", 0, " ", "<"),
        (r"~~[^~]{1,200}~~", 0, "", "~"),
        (r"[*\"]", 0, "", '*"'),
        (r"(?<![^\W_])[_']+|[_']+(?![^\W_])", 0, "", "_'"),
        (r"_+|\\", 0, " ", "_\\"),
        (r"[\[{<]", 0, "(", "[{<"),
        (r"[\]}>]", 0, ")", "]}>"),
        (rf"(?<=[{_CJK}])(?=[A-Za-z])|(?<=[A-Za-z])(?=[{_CJK}])", 0, " ", _beyond_ascii),
        # Capitals that only look like A and B, alone. Cyrillic Ve looks like B and is the third
        # letter of its alphabet, so it is left.
        (r"(?<!\w)[\u0391\u0410](?!\w)", 0, "A", "\u0391\u0410"),
        (r"(?<!\w)\u0392(?!\w)", 0, "B", "\u0392"),
        (r"[^\S\n]+", 0, " ", odd_blanks),
        (r" ?\n[\n ]*", 0, "\n", "\n"),
        (r" (?=[.,;!?)])", 0, "", " "),
        # Bullets, headings and block quotes at the head of a line.
        (r"^[-+#)•·| ]+(?=[^\s])", re.MULTILINE, "", "-+#)•·| "),
    )
)
"""Patterns, what takes the place of what they find, and the characters of which every match has
at least one, or another look that is cheaper than a search."""


def bounded(text: str) -> str:
    """The text itself, or its head and tail on separate lines where it is over `LIMIT`."""
    if len(text) <= LIMIT:
        return text
    return f"{text[: LIMIT // 2]}\n{text[-LIMIT // 2 :]}"


def spoken(text: str) -> str:
    """The part of a reply that is meant for the reader: without its thinking blocks.

    A block that is closed but never opened began in the prompt, so what stands before
    it is thinking too; one that is never closed was cut off and holds no answer.
    """
    if "<" not in text:
        return text
    pieces: list[str] = []
    depth = start = 0
    for tag in _THINKING.finditer(text):
        if depth == 0:
            pieces.append(text[start : tag.start()])
        if tag[1] and depth == 0:
            pieces.clear()
        depth = max(0, depth - 1) if tag[1] else depth + 1
        start = tag.end()
    if depth == 0:
        pieces.append(text[start:])
    return "\n".join(pieces)


@lru_cache(maxsize=64)
def characters(text: str) -> str:
    """Compatibility forms folded (full-width, styled letters), quotes and dashes made plain.

    Every detector begins with it, so that the latest texts are kept.
    """
    return bounded(unicodedata.normalize("NFKC", bounded(text)).translate(_CHARACTERS))


def plain(text: str) -> str:
    """What a careful person would hear if the reply were read aloud to them."""
    text = characters(spoken(text))
    for pattern, replacement, changes in _STEPS:
        # Most replies have little of what is looked for.
        if changes(text):
            text = pattern.sub(replacement, text)
    return text.strip()
