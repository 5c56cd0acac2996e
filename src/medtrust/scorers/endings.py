"""How replies end, and what that makes of an empty one, whoever reads it.

A server says in a word why a reply ended. Two endings leave nothing to read: a filter took
the reply away, or the bound on its length was spent before it began. No scorer sees either.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec.structs import replace

from medtrust.records import Mode, Reading, Response, Sample
from medtrust.scorers.no_content import RULE as NO_CONTENT
from medtrust.scorers.no_content import no_content
from medtrust.scorers.scorer import CUT, ReadSettings, Scorer

Ending = Literal["blocked", "cut"]
"""What took the rest of a reply away.

- `blocked`: a filter of the provider. Its user gets no answer either, so an empty reply is an
  abstention.
- `cut`: the bound on its length. That is the request's doing (a model that thinks first needs
  more room), so an empty reply is missing and not wrong.
"""

BLOCKED = "refusal: blocked by the provider's filter"
"""Rule of an empty reply that a filter took away."""

ENDINGS: Mapping[str, Ending] = {
    "blocklist": "blocked",  # Gemini
    "content_filter": "blocked",  # OpenAI and who speaks like it, Azure, Inspect
    "content_filtered": "blocked",  # Bedrock
    "error_toxic": "blocked",  # Cohere
    "guardrail_intervened": "blocked",  # Bedrock
    "image_safety": "blocked",  # Gemini
    "model_armor": "blocked",  # Vertex
    "prohibited_content": "blocked",  # Gemini
    "recitation": "blocked",  # Gemini
    "refusal": "blocked",  # Anthropic
    "safety": "blocked",  # Gemini
    "sensitive": "blocked",  # Zhipu
    "spii": "blocked",  # Gemini: personal data
    "length": "cut",  # OpenAI and who speaks like it, hf/
    "max_output_tokens": "cut",  # OpenAI's responses
    "max_tokens": "cut",  # Anthropic, Bedrock, Cohere, Gemini, Inspect
    "model_context_window_exceeded": "cut",  # Anthropic, Bedrock
    "model_length": "cut",  # Mistral, Inspect
}
"""A server's word for the end of a reply, in lower case -> what it means. Every other word
(`stop`, `end_turn`, none) is an end that the model chose."""


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
    ended = [(_ending(response, mode), response.text.strip()) for response in own if response]
    if ("cut", "") in ended:
        return Reading(outcome="error", rule=f"empty reply, {CUT}")
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


def was_cut(response: Response) -> bool:
    """Whether the bound on its length ended a reply."""
    return ENDINGS.get(response.finish.lower()) == "cut"


def _ending(response: Response, mode: Mode) -> Ending | None:
    # Log-probabilities are the whole answer where nothing was to be written: it has no text, or
    # one token, at which the request's bound cut it.
    if mode != "generate" and (response.logprobs or response.option_logprobs):
        return None
    return ENDINGS.get(response.finish.lower())
