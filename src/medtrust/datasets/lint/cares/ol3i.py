"""Checks of OL3I's questions (cares.md 3.2)."""

from collections import Counter, defaultdict

from medtrust.datasets.lint.cares.contents import Contents, Row
from medtrust.datasets.lint.cares.letters import constant_letters, gold, gold_letters, letter
from medtrust.datasets.lint.cares.official import first_word, official_label
from medtrust.datasets.lint.cares.rows import tally
from medtrust.datasets.lint.finding import Finding

LETTERS = "AB"
YES_NO_BRACKET = "yes, no"
ANATOMY = frozenset({"First lumbar vertebra", "Third lumbar vertebra", "Neck", "Abdomen", "Heart"})
"""Options of the questions about what part of the body is shown."""


def options(contents: Contents) -> list[Finding]:
    """How the options are written, and what a parser must take."""
    rows = contents.rows
    yes_no = [row for row in rows if {first_word(text) for text in texts(row)} == {"yes", "no"}]
    return [
        contents.finding(
            "options-unreadable",
            "rows whose options are not `A:..., B:...`",
            rows=[row for row in rows if not texts(row)],
        ),
        contents.finding(
            "gold-not-in-options",
            "rows whose answer is not a part of the options",
            rows=[row for row in rows if not gold(row) or gold(row) not in row.text("options")],
        ),
        contents.finding(
            "comma-options",
            "rows whose options a split at commas breaks",
            rows=[row for row in rows if len(row.text("options").split(", ")) != len(LETTERS)],
        ),
        contents.finding(
            "spaced-options",
            "rows with a space between letter and option",
            rows=[row for row in rows if row.text("options").startswith("A: ")],
        ),
        contents.finding(
            "reversed-options",
            "rows whose first option is No and whose second is Yes",
            rows=[row for row in rows if [first_word(t) for t in texts(row)] == ["no", "yes"]],
        ),
        contents.finding(
            "yes-no-options", "rows that choose between yes and no", count=len(yes_no)
        ),
    ]


def listings(contents: Contents) -> list[Finding]:
    """Whether the question's text shows its options."""
    rows = contents.rows
    unlisted = [row for row in rows if not listed(row)]
    return [
        contents.finding("unlisted-options", "rows whose text lists no options", rows=unlisted),
        contents.finding(
            "unlisted-yes-no-options",
            "those of them that choose between yes and no",
            count=sum({first_word(t) for t in texts(row)} == {"yes", "no"} for row in unlisted),
        ),
        contents.finding(
            "listed-yes-no",
            f"rows whose text lists [{YES_NO_BRACKET}]",
            count=sum(f"[{YES_NO_BRACKET}]" in row.text("text") for row in rows),
        ),
        contents.finding(
            "bracket-case-differs",
            f"rows whose listed options (other than [{YES_NO_BRACKET}]) differ from the options in "
            "upper and lower case",
            rows=[row for row in rows if _differs_in_case(row)],
        ),
        contents.finding(
            "texts-ending-in-line-feed",
            "rows whose text ends with a line feed",
            count=sum(row.text("text").endswith("\n") for row in rows),
        ),
    ]


def labels(contents: Contents) -> list[Finding]:
    """How far the label, and so the question's text alone, gives the answer away."""
    rows = contents.rows
    served = defaultdict(set)
    for row in rows:
        served[row.text("text")].add(row.fields.get("label") == 1)
    only_1 = [row for row in rows if served[row.text("text")] == {True}]
    only_0 = [row for row in rows if served[row.text("text")] == {False}]
    positive = Counter(row.text("gender") for row in rows if row.fields.get("label") == 1)
    return [
        *tally(
            contents,
            lambda row: row.scalar("label"),
            (("0", "0"), ("1", "1")),
            check="label-{}",
            message="rows with label {}",
        ),
        *(
            contents.finding(
                f"label-1-{sex}", f"rows of {sex} people with label 1", count=positive[sex]
            )
            for sex in ("female", "male")
        ),
        contents.finding(
            "letter-follows-label",
            "rows whose answer is A with label 1 and B with label 0, whatever is asked",
            count=sum(
                (row.fields.get("label"), letter(row)) in {(0, "B"), (1, "A")} for row in rows
            ),
        ),
        contents.finding(
            "texts-with-label-0",
            "question texts that serve label 0",
            count=sum(False in values for values in served.values()),
        ),
        contents.finding(
            "texts-only-label-0",
            f"question texts that only ever serve label 0, in {len(only_0)} rows",
            count=sum(values == {False} for values in served.values()),
        ),
        contents.finding(
            "texts-only-label-1",
            f"question texts that only ever serve label 1, in {len(only_1)} rows",
            rows=only_1,
            count=sum(values == {True} for values in served.values()),
        ),
        contents.finding(
            "anatomy-questions",
            "rows that ask for a part of the body, whose answer follows the label all the same",
            rows=[row for row in rows if texts(row) and {*texts(row)} <= ANATOMY],
        ),
    ]


def answers(contents: Contents) -> list[Finding]:
    """Right letters, and the words that right answers begin with."""
    rows = contents.rows
    return [
        *gold_letters(contents, LETTERS),
        *constant_letters(contents, LETTERS),
        *tally(
            contents,
            lambda row: first_word(_gold_text(row)) or "neither yes nor no",
            (("no", "no"), ("yes", "yes"), ("neither yes nor no", "none")),
            check="leading-{}",
            message="rows whose answer begins with {}",
        ),
        *tally(
            contents,
            lambda row: official_label(gold(row)),
            (("no", "no"), ("yes", "yes")),
            check="official-label-{}",
            message="rows whose answer the released eval_yesno.py takes for {}",
        ),
        contents.finding(
            "official-label-differs",
            "rows whose answer begins with yes or no and is taken for the other by eval_yesno.py",
            rows=[
                row
                for row in rows
                if first_word(_gold_text(row)) not in {"", official_label(gold(row))}
            ],
        ),
    ]


def image_names(contents: Contents) -> list[Finding]:
    """Image names that need care in addresses and file systems."""
    names = [row.image for row in contents.rows]
    lengths = {len(name) for name in names}
    return [
        contents.finding(
            f"image-names-with-{word}",
            f"rows whose image has `{character}` in its name",
            count=sum(character in name for name in names),
        )
        for word, character in (("plus", "+"), ("equals", "="), ("slash", "/"))
    ] + [
        contents.finding(
            "image-name-lengths",
            "different lengths of image names: " + ", ".join(map(str, sorted(lengths)[:9])),
            count=len(lengths),
        )
    ]


def texts(row: Row) -> tuple[str, ...]:
    """Texts of both options, empty where they cannot be read.

    An option's text may hold commas, so only the second letter parts them (cares.md 3.2).
    """
    first, parted, second = row.text("options").partition(", B:")
    if not parted or not first.startswith("A:"):
        return ()
    return first.removeprefix("A:").strip(), second.strip()


def listed(row: Row) -> str:
    """What the question's text lists in brackets, empty where it lists nothing."""
    inside, closed, _ = row.text("text").partition("[")[2].partition("]")
    return inside if closed else ""


def _gold_text(row: Row) -> str:
    return gold(row).partition(":")[2].strip()


def _differs_in_case(row: Row) -> bool:
    shown, options = listed(row), ", ".join(texts(row))
    return shown not in {YES_NO_BRACKET, options} and shown.casefold() == options.casefold()
