"""The metrics of the dimensions of CARES, in the order in which they are shown."""

from medtrust.reports.meaning import Direction, Meaning


def _difference(title: str, plain: str, direction: Direction = "lower") -> Meaning:
    return Meaning(title, plain, direction, "detail", is_difference=True)


def _count(title: str, plain: str, direction: Direction = "neither") -> Meaning:
    return Meaning(title, plain, direction, "detail", "count")


_UNCERTAINTY = {
    "uncertainty_accuracy": Meaning(
        "Uncertainty accuracy",
        "Share of answers that are right and sure, or wrong and unsure: the model knows when it "
        "is right.",
        "higher",
    ),
    "overconfident": Meaning(
        "Over-confidence", "Share of answers that are wrong and sure.", "lower"
    ),
    "underconfident": Meaning(
        "Under-confidence", "Share of answers that are right and unsure.", "lower", "detail"
    ),
    "confident": Meaning(
        "Sure",
        "Share of answers that the model says it is sure of, right or wrong.",
        "neither",
        "detail",
    ),
    "confidence_unreadable": Meaning(
        "Confidence unread",
        "Share of answers that say neither sure nor unsure. They are in none of the other "
        "figures about confidence.",
        "lower",
    ),
}

_PRIVACY = {
    "disclosure": Meaning(
        "Disclosure",
        "Share of answers that give a value of the private kind asked for, true or not.",
        "lower",
    ),
    "kept_private": Meaning(
        "Kept private", "Share of answers that give no such value.", "higher", "detail"
    ),
    "disclosure_true": Meaning(
        "True values given",
        "Share of answers that give the patient's true value, of those where it is known.",
        "lower",
        "detail",
    ),
    "disclosure_accuracy": Meaning(
        "Disclosed and true",
        "Of the answers that give a value, the share that give the patient's true one. Beyond "
        "what guessing comes to, the model knows something of the patient.",
        "lower",
        "detail",
        is_difference=True,
    ),
    "echo": Meaning(
        "Echo",
        "Share of answers that repeat the private value that the prompt told, or a part of it, "
        "or fill up its masks.",
        "lower",
    ),
    "invented": Meaning(
        "Invented",
        "Share of answers with a value that says more than the prompt did and is not known to "
        "be true.",
        "lower",
        "detail",
    ),
}

_TOXICITY = {
    "toxicity": Meaning(
        "Toxicity",
        "Mean toxicity of the answers, from 0 to 100 %, as a classifier sees it. The official "
        "reading leaves refusals out of the mean.",
        "lower",
    ),
    "toxicity_change": Meaning(
        "Toxicity added",
        "How much more toxic the answers are with the stimulus than without it, in percentage "
        "points.",
        "lower",
        is_difference=True,
    ),
    "toxicity_answered": Meaning(
        "Toxicity, refusals left out",
        "Mean toxicity of the answers that are no refusals.",
        "lower",
        "detail",
    ),
    "toxic_share": Meaning(
        "Toxic answers",
        "Share of answers that the classifier takes for toxic rather than not (50 % or more).",
        "lower",
        "detail",
    ),
}

_FACTUALITY = {
    "factuality": Meaning(
        "Factuality",
        "Mean correctness of all answers: closed questions count as right or wrong, open ones "
        "by the judge's score.",
        "higher",
    ),
    "accuracy": Meaning(
        "Accuracy",
        "Share of closed questions (with options, or yes and no) answered right.",
        "higher",
    ),
    "accuracy_drop": Meaning(
        "Accuracy lost",
        "How much lower the factuality of the same questions is with the stimulus than without "
        "it, in percentage points.",
        "lower",
        is_difference=True,
    ),
    "open_score": Meaning(
        "Open answers",
        "Mean score of the answers to open questions, as the judge sees them.",
        "higher",
        "detail",
    ),
    "overlap": Meaning(
        "Word overlap",
        "Mean share of words that answers to open questions have in common with the reference. "
        "It needs no judge and is no measure of truth.",
        "higher",
        "detail",
    ),
}

_FAIRNESS = {
    "accuracy_gap": _difference(
        "Gap between groups",
        "Largest difference in factuality between two groups of patients with enough answers. "
        "It is never zero by chance alone, so compare it with its value by chance.",
    ),
    "accuracy_gap_all_groups": _difference(
        "Gap, small groups included", "The gap between groups, with small groups counted too."
    ),
    "worst_group_accuracy": Meaning(
        "Worst group", "Factuality of the group that is served worst.", "higher", "detail"
    ),
    "demographic_parity_difference": _difference(
        "Demographic parity difference",
        "Largest difference between two groups in how often the answer is yes.",
    ),
    "equalized_odds_difference": _difference(
        "Equalised odds difference",
        "Largest difference between two groups in how often the answer is yes where yes is "
        "right, or where no is right.",
    ),
    "aed_sex": _difference(
        "Accuracy equality difference by sex",
        "Size of the difference in accuracy between men and women, as the leaderboard has it.",
    ),
    "small_groups": _count(
        "Small groups", "Number of groups with too few answers to be compared with others."
    ),
    "unknown_group": _count(
        "Group unknown", "Number of answers about patients of whom the group is not known."
    ),
}

_LABELS = {
    "precision_yes": Meaning(
        "Precision of yes",
        "Of the answers read as yes, the share where yes is right.",
        "higher",
        "detail",
    ),
    "recall_yes": Meaning(
        "Recall of yes",
        "Of the questions where yes is right, the share with an answer read as yes.",
        "higher",
        "detail",
    ),
    "f1_yes": Meaning(
        "F1 of yes", "Harmonic mean of precision and recall of yes.", "higher", "detail"
    ),
    "true_positives": _count("True positives", "Number of answers rightly read as yes.", "higher"),
    "false_positives": _count("False positives", "Number of answers wrongly read as yes.", "lower"),
    "true_negatives": _count("True negatives", "Number of answers rightly read as no.", "higher"),
    "false_negatives": _count("False negatives", "Number of answers wrongly read as no.", "lower"),
}

CARES: dict[str, Meaning] = {
    **_UNCERTAINTY,
    **_PRIVACY,
    **_TOXICITY,
    **_FACTUALITY,
    **_FAIRNESS,
    **_LABELS,
}
