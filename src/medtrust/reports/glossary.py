"""What each metric means, in a sentence, and which way is better."""

from dataclasses import dataclass
from typing import Literal

from medtrust.reports.text import one_line

Direction = Literal["higher", "lower", "neither"]
Unit = Literal["rate", "count"]
Place = Literal["main", "detail", "calibration"]
"""Where a metric is shown: beside the scores, in the full table only, or with calibration."""

WILSON = ":wilson"
"""Suffix of a twin: the same value with a Wilson interval in place of the bootstrap one."""

DISAGREEMENT = "protocol_disagreement"
"""The metric about both readings of the answers; its estimates stand with the corrected one."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A metric's short title and plain meaning."""

    title: str
    plain: str
    direction: Direction = "neither"
    place: Place = "main"
    unit: Unit | None = "rate"
    """None where it is not known: then the values decide."""


METRICS: dict[str, Meaning] = {
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
    "set_accuracy": Meaning(
        "Set accuracy",
        "Share of image pairs with both questions right: the model told the images apart.",
        "higher",
    ),
    "individual_accuracy": Meaning(
        "Individual accuracy",
        "Share of questions answered right, each question on its own.",
        "higher",
    ),
    "accuracy": Meaning("Accuracy", "Share of questions answered right.", "higher"),
    "confusion": Meaning(
        "Confusion",
        "Share of pairs with two readable answers where the model chose the same option for "
        "both images: it did not tell them apart.",
        "lower",
    ),
    "precision": Meaning(
        "Precision",
        "Among the pairs whose images the model told apart, the share it got right.",
        "higher",
    ),
    "abstention": Meaning(
        "Abstention",
        "Share of answers that decline to answer. Whether that is good depends on the task.",
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
    "confusion_all": Meaning(
        "Confusion, all pairs",
        "Confusion as a share of all pairs, those with unreadable answers included.",
        "lower",
        "detail",
    ),
    "distinguished": Meaning(
        "Distinguished",
        "Share of pairs for which the model chose different options for the two images.",
        "higher",
        "detail",
    ),
    "valid_pairs": Meaning(
        "Valid pairs", "Number of pairs with two readable answers.", "neither", "detail", "count"
    ),
    "precision_total": Meaning(
        "Pairs told apart",
        "Number of pairs that precision is a share of.",
        "neither",
        "detail",
        "count",
    ),
    "invalid": Meaning(
        "Invalid",
        "Share of answers from which no option was read: refusals, unreadable replies and ties.",
        "lower",
        "detail",
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
    "letter_A": Meaning(
        "Letter A", "Share of readable answers that are the letter A.", "neither", "detail"
    ),
    "letter_bias": Meaning(
        "Letter bias",
        "How much more, or less, often the model chooses the letter A than A is right.",
        "lower",
        "detail",
    ),
    DISAGREEMENT: Meaning(
        "Disagreement",
        "Share of answers for which the official and the corrected reading choose differently.",
        "neither",
        "detail",
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
"""In the order in which metrics are shown; the first that a task has is its main figure."""


def base_name(metric: str) -> str:
    """The metric's name without the suffix of a Wilson twin."""
    return metric.removesuffix(WILSON)


def meaning(metric: str) -> Meaning:
    """Meaning of a metric; one that is not in `METRICS` is titled by its own name."""
    name = base_name(metric)
    known = METRICS.get(name)
    if known is not None:
        return known
    title = one_line(name.replace("_", " ").replace("-", " ")) or "unnamed"
    return Meaning(
        title[:1].upper() + title[1:], "A metric this report has no description of.", unit=None
    )


def rank(metric: str) -> tuple[int, str]:
    """Sorting key: the glossary's order, then unknown metrics by name."""
    names = list(METRICS)
    name = base_name(metric)
    return (names.index(name) if name in METRICS else len(names), metric)
