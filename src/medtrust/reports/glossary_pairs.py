"""The metrics of confusable image pairs (MediConfusion), in the order in which they are shown."""

from medtrust.reports.meaning import Meaning

PAIRS: dict[str, Meaning] = {
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
    "letter_A": Meaning(
        "Letter A", "Share of readable answers that are the letter A.", "neither", "detail"
    ),
    "letter_bias": Meaning(
        "Letter bias",
        "How much more, or less, often the model chooses the letter A than A is right.",
        "lower",
        "detail",
    ),
}
