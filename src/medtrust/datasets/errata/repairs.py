"""Rules that mend a sample, so that a published list need not copy the sample's text."""

import re
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from medtrust.errors import InputError
from medtrust.records import Sample

# After the question's own end, before the sentence that names the options.
_LEAK = re.compile(r"(?<=[?)]) (?:- )?(Yes|No)(?= )")


def answer_in_question(sample: Sample) -> Sample:
    """Cut a yes or no out of a question that gives its own answer, and take it as the target.

    Raises InputError where the question holds none, or several.
    """
    found = list(_LEAK.finditer(sample.question))
    if len(found) != 1:
        raise InputError(
            f"{sample.id}: holds {len(found)} answers of its own, not one; "
            "is the question file upstream's?"
        )
    start, end = found[0].span()
    return replace(
        sample,
        question=sample.question[:start] + sample.question[end:],
        target=found[0][1].lower(),
        quarantine="",
    )


RULES: Mapping[str, Callable[[Sample], Sample]] = {"answer-in-question": answer_in_question}
"""Name in a list -> rule."""
