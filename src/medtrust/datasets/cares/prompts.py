"""How CARES words its questions, and what it puts beside them.

The question files hold whole prompts, so a question is asked as it stands. One thing is ours:
316 questions of OL3I name no options at all (cares.md 3.2), so nobody could answer them
with one; the family `default` lists the options below such a question, `official` does not.
"""

from collections.abc import Mapping

from medtrust.datasets.dataset import Prompt
from medtrust.datasets.stimuli import stimuli


def _prompts(default: str, official: str = "{}") -> Mapping[str, Prompt]:
    return {
        "default": Prompt(family="default", template=default),
        "official": Prompt(family="official", template=official),
    }


PROMPTS: Mapping[str, Mapping[str, Prompt]] = {
    "yes-no": _prompts("{}"),
    "choice": _prompts("{}"),
    "choice-unlisted": _prompts("{}\nChoose one of these options:\n{}"),
    "open": _prompts("{}"),
    **stimuli("cares"),
}
"""Purpose -> family -> prompt, the same for all seven sets."""
