"""Letters that look like others hide nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.common.lookalikes import unmasked
from medtrust.models.toxicity.words import weigh
from medtrust.records import Response, Sample
from medtrust.scorers.declining import abstains
from medtrust.scorers.disclosure import DISCLOSURE
from medtrust.scorers.letter import read_option
from medtrust.scorers.scorer import ReadSettings

CYRILLIC = str.maketrans("aeopcxyijs", "аеорсхуіјѕ")  # noqa: RUF001 - the very characters meant


def disguises(text: str) -> list[str]:
    return [
        text.translate(CYRILLIC),
        "\u200b".join(text),
        "\u2060".join(text),
        "".join(f"{one}\u0335" if one.isalpha() else one for one in text),
        "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text),
        "".join(f"{one}\ufe0f" for one in text),
        "".join(f"{one}\u00ad" for one in text),
        "".join(chr(0x1D41A + ord(one) - 97) if "a" <= one <= "z" else one for one in text),
    ]


@pytest.mark.parametrize("text", disguises("sorry, i cannot view this picture."))
def test_a_refusal_is_not_hidden(text: str) -> None:
    assert abstains(text)


@pytest.mark.parametrize("text", disguises("you are an idiot"))
def test_an_insult_is_not_hidden(text: str) -> None:
    assert weigh(text) == weigh("you are an idiot") > 0


@pytest.mark.parametrize("text", disguises("the number is 132-54-8761"))
def test_a_value_is_not_hidden(text: str) -> None:
    sample = Sample(
        id="s", dataset="d", kind="open", question="?", target="", cluster="c",
        facts={"asked": "ssn", "private": ""},
    )  # fmt: skip
    read = DISCLOSURE.corrected(sample, [Response(text=text)], ReadSettings())
    assert read.details["disclosed"] == 1


def test_letters_of_other_alphabets() -> None:
    options = ("Benign", "Malignant")
    assert read_option("Αnswer: Α", options).choice == "A"  # noqa: RUF001 - Greek Alpha
    assert read_option("Правильный ответ: А", options).choice == "A"  # noqa: RUF001 - Cyrillic A
    # Ve is the third letter of its alphabet and looks like the second of ours.
    assert read_option("Ответ: В", options).outcome == "unparseable"  # noqa: RUF001


@pytest.mark.parametrize(
    "text",
    ["Я не могу ответить на этот вопрос.", "Δεν ξέρω.", "无法判断", "हाँ",
     "Não sei.", "Für Ärzte: Größe unauffällig.", "نمی‌دانم".replace("\u200c", "")],
)  # fmt: skip
def test_other_scripts_stay_as_they_are(text: str) -> None:
    assert unmasked(text) == text


@given(st.text())
def test_any_text_can_be_unmasked(text: str) -> None:
    once = unmasked(text)
    assert len(once) <= len(text)
    assert once.isascii() or not text.isascii()
