"""Checks of MediConfusion's question files (mediconfusion.md section 4)."""

from collections.abc import Callable
from pathlib import Path

from medtrust.datasets.lint.finding import Finding
from medtrust.datasets.lint.mediconfusion import (
    categories,
    characters,
    images,
    options,
    provenance,
    reuse,
    structure,
)
from medtrust.datasets.lint.mediconfusion.contents import Contents, read_contents

CHECKS: tuple[Callable[[Contents], list[Finding]], ...] = (
    structure.equal_labels,
    structure.label_order,
    structure.identical_images,
    structure.identical_options,
    structure.duplicate_pairs,
    structure.repeated_questions,
    structure.empty_fields,
    reuse.reused_images,
    reuse.clusters,
    reuse.shared_articles,
    images.image_list,
    images.contradicting_images,
    images.missing_images,
    categories.category_counts,
    categories.category_sets,
    characters.outer_spaces,
    characters.double_spaces,
    characters.other_characters,
    characters.unusual_spaces,
    options.yes_no,
    options.contained_options,
    options.article_a,
    options.full_stops,
    options.lengths,
    options.caption_overlap,
    provenance.edited_drafts,
    provenance.similarities,
    provenance.table,
    provenance.suspects,
)


def lint_mediconfusion(data: Path) -> list[Finding]:
    """Make every check on the files in the folder `data`, one row or more a check.

    Raises InputError with file and place where a file is damaged.
    """
    contents = read_contents(data)
    return [finding for check in CHECKS for finding in check(contents)]
