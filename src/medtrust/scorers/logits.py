"""Reading log-probabilities: of the letters (`gd`) and of the options' texts (`ps`)."""

import math
from collections.abc import Sequence

from msgspec import structs

from medtrust.records import LETTERS, Reading, Response, Sample
from medtrust.scorers.scorer import ReadSettings, Scorer, own


def read_letters(sample: Sample, responses: Sequence[Response | None], _: ReadSettings) -> Reading:
    """The most likely letter; equally likely ones are a tie, not a choice.

    A response with no log-probabilities at all is the server's doing: missing. Over a server the
    spellings of a letter are summed. Where all letters together have little of the probability,
    the model was about to say something else, and its preference among them is no answer.

    argmax_c z_c over the letters on offer (mediconfusion.md 2.1).
    """
    response = own(responses)
    if not response.letter_mass:
        return _of_letters(sample, response)
    mass = {
        LETTERS[i]: response.letter_mass.get(LETTERS[i], 0.0) for i in range(len(sample.options))
    }
    total = math.fsum(mass.values())
    if total < LEAST_MASS:
        return Reading(
            outcome="unparseable",
            value=0.0,
            rule=f"the letters have {total:.2g} of the probability of the first token",
            details={"letters": total},
        )
    read = _best(sample, [math.log(p) if p > 0 else -math.inf for p in mass.values()])
    return structs.replace(read, details={**read.details, "letters": total})


def read_letters_official(
    sample: Sample, responses: Sequence[Response | None], _: ReadSettings
) -> Reading:
    """As released: an exact tie goes to A (mediconfusion.md 2.1, GD)."""
    return _of_letters(sample, own(responses), tie="A")


def read_prefix(sample: Sample, responses: Sequence[Response | None], _: ReadSettings) -> Reading:
    """The option whose tokens are most likely on average.

    s(o) = exp((1/n) sum_t log p_t), in log space (mediconfusion.md 2.1, PS).
    """
    return _of_texts(sample, own(responses).option_logprobs)


def read_prefix_official(
    sample: Sample, responses: Sequence[Response | None], _: ReadSettings
) -> Reading:
    """As released: every token read at the first position; a tie goes to B.

    mediconfusion.md 5.1.1 and 5.1.4. The released code multiplies probabilities in the
    model's own precision, where long options underflow to a tie; log space does not.
    """
    return _of_texts(sample, own(responses).option_logprobs_first, tie="B")


LEAST_MASS = 0.5
"""The letters' share of the first token's probability below which none of them was chosen."""

LETTER_LOGITS = Scorer(name="logits", official=read_letters_official, corrected=read_letters)
PREFIX = Scorer(name="prefix", official=read_prefix_official, corrected=read_prefix)


def _of_letters(sample: Sample, response: Response, tie: str = "") -> Reading:
    if not response.logprobs:
        return Reading(outcome="error", rule="no log-probabilities")
    letters = LETTERS[: len(sample.options)]
    # A letter below all that were reported is less likely than any of them.
    return _best(sample, [response.logprobs.get(letter, -math.inf) for letter in letters], tie)


def _of_texts(sample: Sample, options: Sequence[Sequence[float]], tie: str = "") -> Reading:
    if not all(options) or len(options) != len(sample.options):
        # The backend's doing, not the model's: the answer is missing, not wrong.
        return Reading(outcome="error", rule="no log-probabilities of the options' tokens")
    return _best(sample, [math.fsum(tokens) / len(tokens) for tokens in options], tie)


def _best(sample: Sample, scores: Sequence[float], tie: str = "") -> Reading:
    details = {LETTERS[i]: score for i, score in enumerate(scores) if math.isfinite(score)}
    if not details:
        return Reading(
            outcome="unparseable", value=0.0, rule="no option among the likeliest tokens"
        )
    most = max(details.values())
    best = [letter for letter, score in details.items() if score == most]
    if len(best) > 1:
        if not tie:
            return Reading(
                outcome="tie", value=0.0, rule="equal log-probabilities", details=details
            )
        best = [tie]
    # Relative to the best, since the probabilities of long texts underflow.
    confidence = 1.0 / math.fsum(math.exp(score - most) for score in details.values())
    return Reading(
        outcome="choice",
        choice=best[0],
        value=1.0 if best[0] == sample.target else 0.0,
        confidence=confidence if len(details) > 1 else None,
        rule="highest log-probability",
        details=details,
    )
