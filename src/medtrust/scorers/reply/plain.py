r"""A reply as plain text: thinking, markup, quotes and odd characters taken away.

What is left has words, digits and `.,:;!?()/-`, one space between words and one
newline between lines. Marked answers (`\boxed{B}`, `<answer>B</answer>`) become a
line `Final answer: B`. Every step is linear in the text, which is bounded first.
"""

import re
import unicodedata
from collections.abc import Callable

from medtrust.common.lookalikes import unmasked
from medtrust.common.thinking import spoken

LIMIT = 20_000
"""Characters of a reply that are read: half from its head, half from its tail."""

_CHARACTERS = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″「」『』", '"'),
        **dict.fromkeys("‘’‚‛′`´", "'"),  # noqa: RUF001 - the very characters meant
        **dict.fromkeys("‐‑‒–−", "-"),  # noqa: RUF001 - the very characters meant
        **dict.fromkeys("—―→⇒➔➜", " - "),
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
        # What somebody else wrote, quoted: the earlier report states "Finding: no".
        (
            (
                r"(?i)\b((?:report|note|caption|label|record|chart|reader|radiologist|prompt|"
                r"history|referral|requisition|colleague|text|question)s?\b[^.\n\"]{0,60} "
                r"(?:states?|said|says?|reads?|notes?|wrote|lists?|stated|mentions?|claims?|is|"
                r"was|with):? )"
                r"\"[^\"\n]{1,200}\""
            ),
            0,
            r"\1",
            '"',
        ),
        # LaTeX: drop the font and its braces, keep what it dresses.
        (
            (
                r"\\(?:text|math)?(?:text|rm|bf|sf|it|tt|normal|sl|sc|up|emph|mbox)\s{0,3}"
                r"\{([^{}]{0,400})\}"
            ),
            0,
            r"\1",
            "\\",
        ),
        (
            r"\\f?box(?:ed)?\s{0,3}\{((?:[^{}]|\{[^{}]{0,400}\}){0,400})\}",
            0,
            r"\nFinal answer: \1\n",
            "\\",
        ),
        (r"\\boxed ([A-Z])\b", 0, r"\nFinal answer: \1\n", "\\"),
        (r"\\[()\[\]]|\$", 0, " ", "\\$"),
        (r"<(?:final_?)?(?:answer|choice|option)>", re.IGNORECASE, "\nFinal answer: ", "<"),
        (r"</(?:final_?)?(?:answer|choice|option)>", re.IGNORECASE, "\n", "<"),
        # Other tags; a capital alone in angle brackets is an answer: <B>.
        (r"</?(?![A-Z]>)[A-Za-z][^<>]{0,60}>", 0, " ", "<"),
        (r"~~[^~]{1,200}~~", 0, "", "~"),
        (r"[*\"]", 0, "", '*"'),
        (r"(?<![^\W_])[_']+|[_']+(?![^\W_])", 0, "", "_'"),
        (r"_+|\\", 0, " ", "_\\"),
        (r"[\[{<]", 0, "(", "[{<"),
        (r"[\]}>]", 0, ")", "]}>"),
        (rf"(?<=[{_CJK}])(?=[A-Za-z])|(?<=[A-Za-z])(?=[{_CJK}])", 0, " ", _beyond_ascii),
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


_NEXT_TURN = re.compile(
    r"(?<=\S)\s*(?:<\|im_end\|>\s*<\|im_start\|>|<\|eot_id\|>\s*<\|start_header|"
    r"<end_of_turn>\s*<start_of_turn>|</s>\s*\[INST\]|"
    r"\n\s*(?:#{1,4} ?(?:instruction|human|user|question)s?|human|user|question) ?:"
    r"(?=.{0,2000}\n\s*(?:#{1,4} ?)?(?:assistant|response|answer) ?:))",
    re.IGNORECASE | re.DOTALL,
)
"""Where a model goes on with another's turn and its answer to that: it stopped too late."""


def characters(text: str) -> str:
    """Its own turn alone, compatibility forms, look-alikes, quotes and dashes plain; bounded."""
    text = bounded(text)
    if turned := _NEXT_TURN.search(text):
        text = text[: turned.start()]
    folded = unicodedata.normalize("NFKC", bounded(text))
    return bounded(unmasked(folded).translate(_CHARACTERS))


def unmarked(folded: str) -> str:
    """A text of plain characters without its markup."""
    for pattern, replacement, changes in _STEPS:
        # Most replies have little of what is looked for.
        if changes(folded):
            folded = pattern.sub(replacement, folded)
    return folded.strip()


def plain(text: str) -> str:
    """What a careful person would hear if the text were read aloud to them."""
    return unmarked(characters(spoken(text)))
