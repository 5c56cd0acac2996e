"""Checks of the three sets whose files were not at hand, by what is known of them."""

from medtrust.datasets.lint.cares.contents import Contents
from medtrust.datasets.lint.finding import Finding

KEYS = {
    "cares/mimic-cxr": (
        *("id", "study_id", "subject_id", "split", "gender", "age", "race"),
        *("answer", "question_id", "text", "image"),
    ),
    "cares/pmc-oa": ("question_id", "text", "answer", "image"),
    "cares/omnimedvqa": (
        *("question_id", "text", "answer", "image", "dataset", "option_A", "option_B"),
    ),
}
"""Fields that each row should have (cares.md 3.5; those of pmc-oa are assumed)."""


def expected(contents: Contents) -> list[Finding]:
    """Rows and images against their known numbers, and rows that lack a documented field."""
    keys = {*KEYS[contents.file.dataset]}
    rows, images = len(contents.rows), len(contents.images)
    return [
        *(
            contents.finding(
                f"{what}-differ",
                f"{what} more or fewer than the {known} known of upstream's file",
                count=abs(found - known),
            )
            for what, found, known in (
                ("rows", rows, contents.file.rows),
                ("images", images, contents.file.images.count),
            )
            if known
        ),
        contents.finding(
            "fields-missing",
            f"rows that lack one of the fields {', '.join(sorted(keys))}",
            rows=[row for row in contents.rows if not keys <= row.fields.keys()],
        ),
    ]
