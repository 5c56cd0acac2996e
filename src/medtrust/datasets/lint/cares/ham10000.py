"""Checks of HAM10000's questions (cares.md 3.1)."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from medtrust.datasets.lint.cares.contents import Contents, Row
from medtrust.datasets.lint.cares.letters import (
    constant_letters,
    gold,
    gold_letters,
    letter,
)
from medtrust.datasets.lint.cares.rows import tally
from medtrust.datasets.lint.finding import Finding

LETTERS = "ABCD"
NEVI = "melanocytic nevi"
DIAGNOSES = (
    NEVI,
    "benign keratosis-like lesions",
    "melanoma",
    "basal cell carcinoma",
    "actinic keratoses and intraepithelial carcinoma",
    "vascular lesions",
    "dermatofibroma",
)
LOCATIONS = (
    "back",
    "lower extremity",
    "trunk",
    "upper extremity",
    "abdomen",
    "face",
    "chest",
    "foot",
    "neck",
    "hand",
    "ear",
    "scalp",
    "genital",
)
TRUNK_PARTS = frozenset({"back", "chest", "abdomen"})
OVERLAPPING = (
    ("trunk", TRUNK_PARTS),
    ("lower extremity", frozenset({"foot"})),
    ("acral", frozenset({"hand", "foot"})),
)
"""Places on the skin that lie in each other, so that two options can be right."""
TYPO = "bace"
HEADING = "The candidate Options are:"


def questions(contents: Contents) -> list[Finding]:
    """The wording of the questions, and that each image has one of each type."""
    stems = {row.line: words for row in contents.rows if (words := stem(row))}
    types = defaultdict(list)
    for row in contents.rows:
        types[row.image].append(question_type(row))
    return [
        contents.finding(
            "distinct-stems",
            "different questions without their options",
            count=len(set(stems.values())),
        ),
        contents.finding(
            "stems-unreadable",
            "rows whose text has no question between its fixed parts",
            rows=[row for row in contents.rows if row.line not in stems],
        ),
        contents.finding(
            "spaced-options-heading",
            "rows with a space between the question and the heading of the options",
            rows=[row for row in contents.rows if f" {HEADING}" in row.text("text")],
        ),
        *tally(
            contents,
            question_type,
            (("diagnosis", "diagnosis"), ("location", "location")),
            check="questions-{}",
            message="questions for the {}",
        ),
        contents.finding(
            "images-without-both-questions",
            "images that have not exactly one question for the diagnosis and one for the place",
            rows=[
                row
                for image, row in contents.images.items()
                if sorted(types[image]) != ["diagnosis", "location"]
            ],
        ),
        contents.finding(
            "image-against-id",
            "rows whose image is not named by question_id",
            rows=[
                row
                for row in contents.rows
                if row.image != f"ham10000_testset/{row.text('question_id')}.jpg"
            ],
        ),
    ]


def answers(contents: Contents) -> list[Finding]:
    """Right letters by type of question, and right options by name."""
    by_type = Counter((question_type(row), letter(row)) for row in contents.rows)
    names = tuple((name, name.replace(" ", "-")) for name in (*DIAGNOSES, *LOCATIONS))
    nevi = [row for row in contents.rows if NEVI in texts(row)]
    return [
        *gold_letters(contents, LETTERS),
        *(
            contents.finding(
                f"gold-letter-{name}-{kind}",
                f"questions for the {kind} whose answer is {name}",
                count=by_type[kind, name],
            )
            for kind in ("diagnosis", "location")
            for name in LETTERS
        ),
        *tally(contents, gold_text, names, check="gold-{}", message="rows whose answer is {}"),
        *constant_letters(contents, LETTERS),
        contents.finding("nevi-offered", f"rows that offer {NEVI}", count=len(nevi)),
        contents.finding(
            "nevi-right",
            f"rows that answering {NEVI} wherever it is offered gets right",
            count=sum(gold_text(row) == NEVI for row in nevi),
        ),
    ]


def options(contents: Contents) -> list[Finding]:
    """Whether the options are four, in order, different, and as the text shows them."""
    rows = contents.rows
    return [
        contents.finding(
            "options-not-four",
            "rows whose options are not A to D in order",
            rows=[row for row in rows if [name for name, _ in parsed(row)] != [*LETTERS]],
        ),
        contents.finding(
            "options-equal",
            "rows with the same option twice",
            rows=[row for row in rows if len(set(texts(row))) < len(texts(row))],
        ),
        contents.finding(
            "gold-not-in-options",
            "rows whose answer is not one of the options",
            rows=[row for row in rows if gold(row) not in row.text("options").split(", ")],
        ),
        contents.finding(
            "options-not-in-text",
            "rows whose text does not hold the options as they stand",
            rows=[row for row in rows if f"[{row.text('options')}]" not in row.text("text")],
        ),
        contents.finding(
            "typo-options",
            f"rows that offer `{TYPO}`, a misspelt place that is right "
            f"{sum(gold_text(row) == TYPO for row in rows)} times",
            rows=[row for row in rows if TYPO in texts(row)],
        ),
    ]


def overlapping_options(contents: Contents) -> list[Finding]:
    """Rows that offer a place on the skin and a part of it: both can be right."""
    found = []
    for whole, parts in OVERLAPPING:
        rows = [row for row in contents.rows if whole in texts(row) and parts & {*texts(row)}]
        named = whole.replace(" ", "-")
        found += [
            contents.finding(
                f"overlapping-options-{named}",
                f"rows that offer {whole} and a part of it ({', '.join(sorted(parts))})",
                rows=rows,
            ),
            contents.finding(
                f"overlapping-options-{named}-right",
                "those of them in which one of the two is the answer",
                rows=[row for row in rows if gold_text(row) in parts | {whole}],
            ),
        ]
    return found


def stem(row: Row) -> str:
    """The question without what all rows begin with and without the options."""
    words, headed, _ = row.text("text").partition("The Question is:")[2].partition(HEADING)
    return words.rstrip() if headed else ""


def parsed(row: Row) -> Sequence[tuple[str, str]]:
    """Letter and text of the options; no option's text has a comma (cares.md 3.1)."""
    pairs = [part.partition(":") for part in row.text("options").split(", ")]
    return [(name, text) for name, _, text in pairs]


def texts(row: Row) -> Sequence[str]:
    """Texts of the options in order."""
    return [text for _, text in parsed(row)]


def gold_text(row: Row) -> str:
    """Text of the right option."""
    return gold(row).partition(":")[2]


def question_type(row: Row) -> str:
    """`diagnosis` where a disease is on offer, else `location`."""
    return "diagnosis" if {*DIAGNOSES} & {*texts(row)} else "location"
