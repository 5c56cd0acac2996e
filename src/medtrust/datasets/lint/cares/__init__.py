"""Checks of CARES' question files (cares.md section 3), one linter a set."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from medtrust import registry
from medtrust.datasets.cares.origin import load_cares_source
from medtrust.datasets.lint.cares import (
    documented,
    encoding,
    fairvlmed,
    ham10000,
    iu_answers,
    iu_questions,
    ol3i,
    people,
    rows,
)
from medtrust.datasets.lint.cares.contents import Contents, read_contents
from medtrust.datasets.lint.finding import Finding
from medtrust.errors import InputError

Check = Callable[[Contents], list[Finding]]

EVERYWHERE: tuple[Check, ...] = (
    encoding.checksum,
    encoding.encoding,
    encoding.key_sets,
    rows.sizes,
    rows.repeats,
    rows.ids,
    rows.empty_fields,
    rows.characters,
    rows.missing_images,
)
CHECKS: dict[str, tuple[Check, ...]] = {
    "cares/iu-xray": (
        iu_questions.form,
        iu_questions.malformed,
        iu_questions.content,
        iu_answers.leading_words,
        iu_answers.official_labels,
        iu_answers.content,
    ),
    "cares/ham10000": (
        ham10000.questions,
        ham10000.answers,
        ham10000.options,
        ham10000.overlapping_options,
        people.ages,
        people.odd_ages,
        people.sexes,
    ),
    "cares/ol3i": (
        ol3i.options,
        ol3i.listings,
        ol3i.labels,
        ol3i.answers,
        ol3i.image_names,
        people.ages,
        people.sexes,
    ),
    "cares/fairvlmed": (fairvlmed.identity, fairvlmed.answers),
    "cares/mimic-cxr": (documented.expected,),
    "cares/pmc-oa": (documented.expected,),
    "cares/omnimedvqa": (documented.expected,),
}


def lint_cares(data: Path) -> list[Finding]:
    """Check every set whose question file lies in the folder `data`.

    Raises InputError where there is none.
    """
    files = load_cares_source().files
    present = [file.dataset for file in files if (data / file.path).is_file()]
    if not present:
        raise InputError(
            f"{data}: none of CARES' question files is here, such as {files[0].path}; "
            "is --data the right folder?"
        )
    return [finding for dataset in present for finding in _lint(data, dataset)]


def lint_iu_xray(data: Path) -> list[Finding]:
    """Check IU X-Ray's question file; raises InputError where it is not there."""
    return _lint(data, "cares/iu-xray")


def lint_ham10000(data: Path) -> list[Finding]:
    """Check HAM10000's question file; raises InputError where it is not there."""
    return _lint(data, "cares/ham10000")


def lint_ol3i(data: Path) -> list[Finding]:
    """Check OL3I's question file; raises InputError where it is not there."""
    return _lint(data, "cares/ol3i")


def lint_fairvlmed(data: Path) -> list[Finding]:
    """Check Harvard-FairVLMed's question file; raises InputError where it is not there."""
    return _lint(data, "cares/fairvlmed")


def lint_mimic_cxr(data: Path) -> list[Finding]:
    """Check MIMIC-CXR's question file by what is known of it; raises InputError without it."""
    return _lint(data, "cares/mimic-cxr")


def lint_pmc_oa(data: Path) -> list[Finding]:
    """Check PMC-OA's question file by what is known of it; raises InputError without it."""
    return _lint(data, "cares/pmc-oa")


def lint_omnimedvqa(data: Path) -> list[Finding]:
    """Check OmniMedVQA's question file by what is known of it; raises InputError without it."""
    return _lint(data, "cares/omnimedvqa")


def _lint(data: Path, dataset: str) -> list[Finding]:
    contents = read_contents(data, dataset)
    found = [found for check in (*EVERYWHERE, *CHECKS[dataset]) for found in check(contents)]
    return [*found, *_quarantined(data, dataset)]


def _quarantined(data: Path, dataset: str) -> list[Finding]:
    """What the corrected protocol leaves out, and why; nothing for a file that cannot be loaded."""
    try:
        samples = registry.load("datasets", dataset).load(data).samples
    except InputError:
        return []  # the other checks say what does not fit
    aside = [sample for sample in samples if sample.quarantine]
    reasons = Counter(sample.quarantine for sample in aside)
    said = "; ".join(f"{count} x {reason}" for reason, count in reasons.most_common())
    return [
        Finding(
            dataset=dataset,
            check="quarantined",
            count=len(aside),
            samples=tuple(sample.id for sample in aside),
            message=f"questions that the corrected protocol leaves out: {said or 'none'}",
        )
    ]
