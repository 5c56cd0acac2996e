"""What an empty reply is worth by its ending, whoever reads it: no scorer sees one."""

from collections.abc import Sequence

from msgspec.structs import replace

from medtrust.common.endings import BLOCKED, Ending, ending
from medtrust.common.thinking import spoken
from medtrust.records import Mode, Reading, Response, Sample
from medtrust.scorers.no_content import RULE as NO_CONTENT
from medtrust.scorers.no_content import no_content
from medtrust.scorers.scorer import CUT, ReadSettings, Scorer

UNSAID = "empty reply, all of it is thinking"
"""Rule of a reply that came to no answer, with nothing that says why."""


def read_guarded(
    scorer: Scorer,
    sample: Sample,
    responses: Sequence[Response | None],
    settings: ReadSettings,
    *,
    turns: int,
    mode: Mode,
) -> Reading:
    """The corrected reading, which the scorer makes of replies that came.

    An empty reply in any of the model's `turns` (the first of the responses) that was cut
    makes the answer missing; one that was blocked makes it an abstention, worth what the scorer
    says. A reply without content in which no option is read is unparseable. A reading that made
    nothing of a first reply that was cut says so in its rule.
    """
    own = responses[:turns]
    ended = [_ended(response, mode) for response in own if response]
    if ("cut", "") in ended:
        return Reading(outcome="error", rule=f"empty reply, {CUT}")
    if ("unsaid", "") in ended:
        return Reading(outcome="error", rule=UNSAID)
    # An answer that lacks a turn is missing, which is the scorer's to say.
    if ("blocked", "") in ended and None not in own:
        return scorer.abstention(sample, BLOCKED)
    reading = scorer.corrected(sample, responses, settings)
    if not reading.choice and reading.outcome in {"choice", "unparseable"}:
        kind = no_content(own[0].text, sample.question) if own[0] else ""
        if kind:
            return replace(reading, outcome="unparseable", rule=f"{NO_CONTENT}: {kind}")
    if reading.outcome == "unparseable" and own[0] and _ending(own[0], mode) == "cut":
        return replace(reading, rule=f"{reading.rule}, {CUT}")
    return reading


def _ended(response: Response, mode: Mode) -> tuple[Ending | None, str]:
    """How a reply ended, and what it says: a thought alone says nothing."""
    named, text = _ending(response, mode), spoken(response.text).strip()
    return ("unsaid" if named is None and response.text.strip() and not text else named), text


def was_cut(response: Response) -> bool:
    """Whether the bound on its length ended a reply."""
    return ending(response.finish) == "cut"


def _ending(response: Response, mode: Mode) -> Ending | None:
    # Log-probabilities are the whole answer where nothing was to be written: it has no text, or
    # one token, at which the request's bound cut it.
    if mode != "generate" and (response.logprobs or response.option_logprobs):
        return None
    return ending(response.finish)
