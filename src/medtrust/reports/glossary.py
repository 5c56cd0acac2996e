"""What each metric means, in a sentence, and which way is better.

Each benchmark's own metrics stand in a module of their own; those that are shared stand here.
"""

from medtrust.reports.glossary_cares import CARES
from medtrust.reports.glossary_pairs import PAIRS
from medtrust.reports.meaning import Meaning
from medtrust.reports.text import one_line

WILSON = ":wilson"
"""Suffix of a twin: the same value with a Wilson interval in place of the bootstrap one."""

DISAGREEMENT = "protocol_disagreement"
"""The metric about both readings of the answers; its estimates stand with the corrected one."""

QUARANTINED = "quarantined"
"""The metric that counts the answers left out of the corrected reading."""

P_VALUE, NULL, ADJUSTED = "_p", "_null", "_adjusted"
"""Suffixes of what is said about another metric: its p-value, chance's share in it, and the
same corrected for the errors of the detector that it was counted with."""

CONTROLS: dict[str, Meaning] = {
    "swap_consistency": Meaning(
        "Swap consistency",
        "Share of questions answered with the same option after the options changed places.",
        "higher",
    ),
    "repeat_stability": Meaning(
        "Repeat stability",
        "Share of questions answered with the same option each time they were asked.",
        "higher",
    ),
    "text_only_agreement": Meaning(
        "Text-only agreement",
        "Share of questions answered with the same option when the image was withheld: "
        "a high share means that the image matters little.",
        "lower",
    ),
    "image_shuffle_agreement": Meaning(
        "Shuffled-image agreement",
        "Share of questions answered with the same option when another question's image was "
        "shown: a high share means that the image matters little.",
        "lower",
    ),
}

ANSWERS: dict[str, Meaning] = {
    "abstention": Meaning(
        "Abstention",
        "Share of answers that decline to answer. Whether that is good depends on the task: it "
        "is where the prompt asks for something harmful, private or unknown, and it is not "
        "where a plain question could be answered.",
    ),
    "abstention_change": Meaning(
        "Abstention added",
        "How much more often the model declines with the stimulus than without it, in "
        "percentage points.",
        "neither",
        "detail",
        is_difference=True,
    ),
    "unparseable": Meaning(
        "Unparseable",
        "Share of replies that are no refusal and from which no single option could be read.",
        "lower",
    ),
    "flip_rate": Meaning(
        "Flip rate",
        "Share of questions asked more than once that were not answered alike each time.",
        "lower",
    ),
    "tie": Meaning(
        "Tie",
        "Share of answers where a judge, or equal probabilities, favoured no option.",
        "lower",
    ),
    "judge_agreement": Meaning(
        "Judge's agreement",
        "How far the judge agrees with itself over both orders of the options and repeats; "
        "one that always prefers what it reads first comes to 50 %.",
        "higher",
    ),
    DISAGREEMENT: Meaning(
        "Disagreement",
        "Share of answers for which the official and the corrected reading choose differently.",
        "neither",
        "detail",
    ),
    QUARANTINED: Meaning(
        "Quarantined",
        "Number of answers left out of the corrected reading, because the question or its "
        "reference is faulty; n is how many there would be with them.",
        "neither",
        "detail",
        "count",
    ),
    "ece": Meaning(
        "Calibration error",
        "Expected calibration error: the mean gap between how sure the model says it is and "
        "how often it is right.",
        "lower",
        "calibration",
    ),
    "aurc": Meaning(
        "Risk-coverage area",
        "Mean error rate over all thresholds at which only the surest answers are kept.",
        "lower",
        "calibration",
    ),
    "mean_confidence": Meaning(
        "Mean confidence",
        "Mean probability that the model gives to its own answers; compare it with accuracy.",
        "neither",
        "calibration",
    ),
}

METRICS: dict[str, Meaning] = {**CONTROLS, **PAIRS, **CARES, **ANSWERS}
"""In the order in which metrics are shown; the first that a task has is its main figure."""

_PLACES = {name: place for place, name in enumerate(METRICS)}


def base_name(metric: str) -> str:
    """The metric's name without the suffix of a Wilson twin."""
    return metric.removesuffix(WILSON)


def meaning(metric: str) -> Meaning:
    """Meaning of a metric; one that nothing is known of is titled by its own name."""
    name = base_name(metric)
    known = METRICS.get(name)
    if known is not None:
        return known
    about, suffix = _about(name)
    if suffix:
        return _said_about(METRICS[about], suffix)
    title = one_line(name.replace("_", " ").replace("-", " ")) or "unnamed"
    return Meaning(
        title[:1].upper() + title[1:], "A metric this report has no description of.", unit=None
    )


def rank(metric: str) -> tuple[int, str]:
    """Sorting key: the glossary's order, what is said about a metric after it, then by name."""
    about, _ = _about(base_name(metric))
    return (_PLACES.get(about, len(_PLACES)), metric)


def _about(name: str) -> tuple[str, str]:
    """The known metric that `name` says something about, and its suffix, else `name` alone."""
    for suffix in (P_VALUE, NULL, ADJUSTED):
        about = name.removesuffix(suffix)
        if about != name and about in METRICS and name not in METRICS:
            return about, suffix
    return name, ""


def _said_about(known: Meaning, suffix: str) -> Meaning:
    title = known.title[:1].lower() + known.title[1:]
    if suffix == P_VALUE:
        return Meaning(
            f"{known.title}: p-value",
            f"How often chance alone would give a {title} of at least this size, if there were "
            "nothing to find. A small value speaks against chance. Its interval is about the "
            "draws of the test.",
            place="detail",
            unit="p-value",
        )
    if suffix == NULL:
        return Meaning(
            f"{known.title} by chance",
            f"Mean and middle 95 % of the {title} when patients are dealt to the groups at random.",
            place="detail",
        )
    return Meaning(
        f"{known.title}, adjusted",
        f"{known.title}, corrected for the measured errors of the detector that finds it "
        "(Rogan-Gladen). The interval carries both errors, the sample's and the detector's.",
        known.direction,
        "detail",
    )
