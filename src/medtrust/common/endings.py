"""How replies end: one table of the words that servers have for it."""

from collections.abc import Mapping
from typing import Literal

Ending = Literal["blocked", "cut", "unsaid"]
"""What took the rest of a reply away.

- `blocked`: a filter of the provider. Its user gets no answer either, so an empty reply is an
  abstention.
- `cut`: the bound on its length. That is the request's doing (a model that thinks first needs
  more room), so an empty reply is missing and not wrong.
- `unsaid`: nothing; the model thought and said nothing after it. How a server and its model's
  template tell thought from answer is not the model's doing, so this too is missing.
"""

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
    "no_choices": "blocked",  # a reply without choices (`models/chat.py`)
    "no_message": "blocked",  # a choice without a message
    "reasoning_only": "unsaid",  # all of the text is in the reasoning
    "length": "cut",  # OpenAI and who speaks like it, hf/
    "max_output_tokens": "cut",  # OpenAI's responses
    "max_tokens": "cut",  # Anthropic, Bedrock, Cohere, Gemini, Inspect
    "model_context_window_exceeded": "cut",  # Anthropic, Bedrock
    "model_length": "cut",  # Mistral, Inspect
}
"""A server's word for the end of a reply, in lower case -> what it means. Every other word
(`stop`, `end_turn`, none) is an end that the model chose."""


BLOCKED = "refusal: blocked by the provider's filter"
"""Rule of an empty reply that a filter took away."""


def ending(word: str) -> Ending | None:
    """What a server's word for the end of a reply means; None for an end the model chose."""
    return ENDINGS.get(word.lower())
