"""Checks of ages and sexes, as HAM10000 and OL3I give them in their rows."""

from collections import Counter, defaultdict

from medtrust.datasets.lint.cares.contents import Contents, Row
from medtrust.datasets.lint.cares.rows import tally
from medtrust.datasets.lint.finding import Finding

OLDEST = "90+"
DECADES = (*(f"{start}-{start + 9}" for start in range(0, 90, 10)), OLDEST)
SEXES = ("female", "male")


def ages(contents: Contents) -> list[Finding]:
    """How many rows fall into each decade, and which ages are odd."""
    people = defaultdict(set)
    for row in contents.rows:
        people[row.image].add((row.scalar("age"), row.text("gender")))
    return [
        contents.finding(
            "ages-not-whole-numbers",
            "rows whose age is no whole number (ages " + _span(contents) + ")",
            rows=[row for row in contents.rows if age_of(row) is None],
        ),
        contents.finding(
            "ages-as-text",
            "rows whose age is a text and not a number",
            count=sum(isinstance(row.fields.get("age"), str) for row in contents.rows),
        ),
        contents.finding(
            "age-0",
            "rows with age 0, which may mean that it is unknown",
            rows=[row for row in contents.rows if age_of(row) == 0],
        ),
        contents.finding(
            "people-differ",
            "images whose rows state different ages or sexes",
            rows=[row for image, row in contents.images.items() if len(people[image]) > 1],
        ),
        *tally(
            contents,
            decade,
            tuple((name, name) for name in DECADES),
            check="age-{}",
            message="rows of people aged {}",
        ),
    ]


def sexes(contents: Contents) -> list[Finding]:
    """How many rows and images show women and men."""
    images = Counter(row.text("gender") for row in contents.images.values())
    return [
        *tally(
            contents,
            lambda row: row.text("gender"),
            tuple((sex, sex) for sex in SEXES),
            check="sex-{}",
            message="rows of {} people",
        ),
        *(
            contents.finding(f"images-sex-{sex}", f"images of {sex} people", count=images[sex])
            for sex in SEXES
        ),
        contents.finding(
            "sex-unknown",
            "rows whose sex is neither female nor male",
            rows=[row for row in contents.rows if row.text("gender") not in SEXES],
        ),
    ]


def odd_ages(contents: Contents) -> list[Finding]:
    """Ages that were not rounded to five years as the others are."""
    return [
        contents.finding(
            "ages-not-multiples-of-5",
            "rows whose age is no multiple of 5",
            rows=[row for row in contents.rows if (age_of(row) or 0) % 5],
        )
    ]


def age_of(row: Row) -> int | None:
    """Age in years, from a number or digits; None for anything else, also `90+`."""
    age = row.fields.get("age")
    if isinstance(age, str) and age.isascii() and age.isdigit():
        return int(age[:9])
    return age if isinstance(age, int) and not isinstance(age, bool) else None


def decade(row: Row) -> str:
    """Label of the decade that an age falls into, empty where it is unknown."""
    age = age_of(row)
    if row.text("age") == OLDEST or (age is not None and age >= 90):
        return OLDEST
    return "" if age is None or age < 0 else DECADES[age // 10]


def _span(contents: Contents) -> str:
    ages = [age for row in contents.rows if (age := age_of(row)) is not None]
    return f"{min(ages, default=0)} to {max(ages, default=0)}, else {OLDEST}"
