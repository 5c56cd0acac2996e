"""Is the answer right? The scorer of CARES's questions, each kind with its own readers."""

from collections.abc import Sequence

from medtrust.records import Reading, Response, Sample, Score
from medtrust.scorers import multichoice_official, open_answer, option, yes_no, yes_no_official
from medtrust.scorers.abstention import noting_abstention
from medtrust.scorers.scorer import Read, ReadSettings, Scorer, worth_nothing

READ_BY_YESNO = frozenset({"cares/ol3i"})
"""Datasets with options that eval_yesno.py is run on: eval_multichoice.py ends with a KeyError
there (cares.md M1) and the sets' answer type is given as yes/no (section 1), so it is the
reference's whole text that is labelled: 581 yes and 419 no (Y2)."""


def corrected(
    sample: Sample, responses: Sequence[Response | None], settings: ReadSettings
) -> Reading:
    """Right or wrong as a careful person reads it; a free answer as good as its judge's marks."""
    return _reader(sample)(sample, responses, settings)


def official(
    sample: Sample, responses: Sequence[Response | None], settings: ReadSettings
) -> Reading:
    """As the released script for such questions reads it."""
    return _released_reader(sample)(sample, responses, settings)


def notes(scores: Sequence[Score]) -> list[str]:
    """What the released scripts would have done with these answers, script by script."""
    by_yesno = [score for score in scores if _is_labelled(score)]
    others = [score for score in scores if not _is_labelled(score)]
    by_multichoice = [score for score in others if score.options]
    by_judge = [score for score in others if not score.options]
    found: list[str] = []
    for module, own in (
        (yes_no_official, by_yesno),
        (multichoice_official, by_multichoice),
        (open_answer, by_judge),
    ):
        found += module.notes(own) if own else []
    return found


def abstention(sample: Sample, rule: str) -> Reading:
    """Not right; beside a free answer's reference it shares nothing."""
    return (open_answer.refused if sample.kind == "open" else worth_nothing)(sample, rule)


FACTUALITY = noting_abstention(
    Scorer(
        name="factuality",
        official=official,
        corrected=corrected,
        abstention=abstention,
        notes=notes,
    )
)


def _reader(sample: Sample) -> Read:
    match sample.kind:
        case "yes-no":
            return yes_no.corrected
        case "choice":
            return option.corrected
        case "open":
            return open_answer.corrected


def _released_reader(sample: Sample) -> Read:
    match sample.kind:
        case "yes-no":
            return yes_no_official.official
        case "choice" if sample.dataset in READ_BY_YESNO:
            return yes_no_official.official
        case "choice":
            return multichoice_official.official
        case "open":
            return open_answer.official


def _is_labelled(score: Score) -> bool:
    """Whether eval_yesno.py reads it, which a missing answer does not show in its details.

    A yes/no question in quarantine has no target; an open one always has.
    """
    if score.options:
        return score.dataset in READ_BY_YESNO
    return yes_no_official.GOLD in score.details or score.target in {"", "yes", "no"}
