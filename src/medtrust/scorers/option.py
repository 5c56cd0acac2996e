"""Which option did the model name? The scorer of multiple-choice replies."""

import math
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from medtrust.records import LETTERS, Reading, Response, Sample
from medtrust.scorers.letter import read_option
from medtrust.scorers.letter_official import notes, read_official, with_marks
from medtrust.scorers.reader import heard
from medtrust.scorers.scorer import ReadSettings, Scorer, own

_DRESS = " \t\n\"'“”‘’()[]{}*`▁ĠĊ"  # noqa: RUF001 - quotes and tokenizers' blanks, as they come


def corrected(
    sample: Sample, responses: Sequence[Response | None], settings: ReadSettings
) -> Reading:
    """As a careful person reads it (`scorers/letter.py`)."""
    response = own(responses)
    reading = _scored(read_option(response.text, sample.options), sample, response)
    return heard(reading, settings.said.declines)


def official(sample: Sample, responses: Sequence[Response | None], _: ReadSettings) -> Reading:
    """As MediConfusion's released code reads it (`scorers/letter_official.py`).

    Its threshold `tr`, which is meant for the judge, is not applied to letters.
    """
    response = own(responses)
    reading = _scored(read_official(response.text, len(sample.options)), sample, response)
    return with_marks(reading, response.marks)


OPTION = Scorer(
    name="option", official=official, corrected=corrected, reads=("abstention",), notes=notes
)


def _scored(reading: Reading, sample: Sample, response: Response) -> Reading:
    """Set against the reference. No choice is the model's own doing, so it counts as wrong."""
    if reading.outcome != "choice":
        return replace(reading, value=0.0)
    return replace(
        reading,
        value=1.0 if reading.choice == sample.target else 0.0,
        confidence=letter_confidence(reading.choice, response.logprobs, len(sample.options)),
    )


def letter_confidence(
    choice: str, logprobs: Mapping[str, float], option_count: int
) -> float | None:
    """The model's probability of its letter, from the first token's log-probabilities.

    Tokens count as a letter without the blanks, quotes and brackets around it; several
    spellings of one letter add up. With two or more letters among the tokens it is the
    share of the chosen one, with the chosen one alone its own probability, and None
    where the chosen one is missing or nothing can be computed.
    """
    spellings: dict[str, list[float]] = {}
    for token, value in logprobs.items():
        letter = token.strip(_DRESS)
        if len(letter) == 1 and letter in LETTERS[:option_count] and not math.isnan(value):
            spellings.setdefault(letter, []).append(min(value, 0.0))
    if choice not in spellings:
        return None
    # Relative to the likeliest, so that very unlikely letters do not underflow to 0/0.
    most = max(value for values in spellings.values() for value in values)
    if not math.isfinite(most):
        return None
    mass = {
        letter: math.fsum(math.exp(value - most) for value in values)
        for letter, values in spellings.items()
    }
    if len(mass) == 1:
        return min(1.0, mass[choice] * math.exp(most))
    return mass[choice] / math.fsum(mass.values())
