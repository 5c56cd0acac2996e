"""What lint finds in CARES' question files: cares.md section 3, count by count."""

import json
from pathlib import Path

import pytest

from medtrust.datasets.cares import FAIRVLMED, HAM10000, IU_XRAY, OL3I
from medtrust.datasets.cares.origin import question_file
from medtrust.datasets.dataset import Card
from medtrust.datasets.lint.cares import (
    lint_cares,
    lint_fairvlmed,
    lint_ham10000,
    lint_iu_xray,
    lint_ol3i,
)
from medtrust.datasets.lint.finding import Finding

CLEAN = {
    "file-differs": 0,
    "not-utf-8": 0,
    "byte-order-mark": 0,
    "carriage-returns": 0,
    "blank-lines": 0,
    "unended-last-line": 0,
    "lines-unreadable": 0,
    "key-sets": 1,
    "repeated-rows": 0,
    "repeated-questions": 0,
    "conflicting-answers": 0,
    "images-outside": 0,
}
"""What holds for all four files."""

COUNTS = {
    "cares/iu-xray": {
        "bytes": 943176,
        "rows": 2573,
        "images": 587,
        "distinct-texts": 2146,
        "images-with-2-questions": 7,
        "images-with-3-questions": 75,
        "images-with-4-questions": 199,
        "images-with-5-questions": 300,
        "images-with-6-questions": 4,
        "images-with-7-questions": 2,
        "question-ids": 1,
        "question-ids-repeated": 1,
        "empty-fields": 1,
        "non-ascii-rows": 7,
        "image-token": 2573,
        "question-differs-from-text": 0,
        "texts-without-closing": 0,
        "studies": 587,
        "other-views": 0,
        "empty-answers": 1,
        "empty-questions": 2,
        "question-fragments": 3,
        "leaking-questions": 20,
        "leaking-questions-official-wrong": 11,
        "questions-as-answers": 22,
        "malformed-rows": 26,
        "redacted-rows": 43,
        "report-in-questions": 66,
        "questions-needing-prior-studies": 72,
        "leading-no": 1837,
        "leading-yes": 664,
        "leading-none": 72,
        "plain-answers": 2258,
        "plain-answers-no-with-stop": 995,
        "plain-answers-no": 611,
        "plain-answers-yes-with-stop": 342,
        "plain-answers-yes": 263,
        "plain-answers-with-dash": 47,
        "answers-with-prose": 315,
        "official-label-no": 1886,
        "official-label-yes": 687,
        "official-label-differs": 9,
        "constant-no": 1886,
        "constant-yes": 687,
        "undeterminable-answers": 25,
        "no-mention-answers": 10,
        "answers-citing-the-report": 172,
    },
    "cares/ham10000": {
        "bytes": 1279477,
        "rows": 2000,
        "images": 1000,
        "distinct-texts": 79,
        "images-with-2-questions": 1000,
        "question-ids": 1000,
        "question-ids-repeated": 1000,
        "empty-fields": 0,
        "non-ascii-rows": 0,
        "image-token": 0,
        "distinct-stems": 24,
        "stems-unreadable": 0,
        "spaced-options-heading": 1,
        "questions-diagnosis": 1000,
        "questions-location": 1000,
        "images-without-both-questions": 0,
        "image-against-id": 0,
        "gold-letter-A": 461,
        "gold-letter-B": 282,
        "gold-letter-C": 461,
        "gold-letter-D": 796,
        "gold-letter-none": 0,
        "gold-letter-A-diagnosis": 267,
        "gold-letter-B-diagnosis": 49,
        "gold-letter-C-diagnosis": 177,
        "gold-letter-D-diagnosis": 507,
        "gold-letter-A-location": 194,
        "gold-letter-B-location": 233,
        "gold-letter-C-location": 284,
        "gold-letter-D-location": 289,
        "gold-melanocytic-nevi": 674,
        "gold-benign-keratosis-like-lesions": 119,
        "gold-melanoma": 101,
        "gold-basal-cell-carcinoma": 49,
        "gold-actinic-keratoses-and-intraepithelial-carcinoma": 36,
        "gold-vascular-lesions": 13,
        "gold-dermatofibroma": 8,
        "gold-back": 215,
        "gold-lower-extremity": 202,
        "gold-trunk": 143,
        "gold-upper-extremity": 127,
        "gold-abdomen": 104,
        "gold-face": 77,
        "gold-chest": 45,
        "gold-foot": 34,
        "gold-neck": 23,
        "gold-hand": 10,
        "gold-ear": 8,
        "gold-scalp": 7,
        "gold-genital": 5,
        "constant-A": 461,
        "constant-B": 282,
        "constant-C": 461,
        "constant-D": 796,
        "nevi-offered": 854,
        "nevi-right": 674,
        "options-not-four": 0,
        "options-equal": 0,
        "gold-not-in-options": 0,
        "options-not-in-text": 0,
        "typo-options": 11,
        "overlapping-options-trunk": 272,
        "overlapping-options-trunk-right": 267,
        "overlapping-options-lower-extremity": 53,
        "overlapping-options-lower-extremity-right": 29,
        "overlapping-options-acral": 14,
        "overlapping-options-acral-right": 10,
        "ages-not-whole-numbers": 0,
        "ages-as-text": 0,
        "age-0": 10,
        "ages-not-multiples-of-5": 0,
        "people-differ": 0,
        "age-0-9": 46,
        "age-10-19": 26,
        "age-20-29": 84,
        "age-30-39": 216,
        "age-40-49": 460,
        "age-50-59": 488,
        "age-60-69": 314,
        "age-70-79": 254,
        "age-80-89": 108,
        "age-90+": 4,
        "sex-female": 918,
        "sex-male": 1082,
        "images-sex-female": 459,
        "images-sex-male": 541,
        "sex-unknown": 0,
    },
    "cares/ol3i": {
        "bytes": 430705,
        "rows": 1000,
        "images": 1000,
        "distinct-texts": 24,
        "images-with-1-questions": 1000,
        "question-ids": 1,
        "question-ids-repeated": 1,
        "empty-fields": 0,
        "non-ascii-rows": 0,
        "image-token": 0,
        "options-unreadable": 0,
        "gold-not-in-options": 0,
        "comma-options": 431,
        "spaced-options": 50,
        "reversed-options": 72,
        "yes-no-options": 620,
        "unlisted-options": 316,
        "unlisted-yes-no-options": 310,
        "listed-yes-no": 310,
        "bracket-case-differs": 65,
        "texts-ending-in-line-feed": 684,
        "label-0": 953,
        "label-1": 47,
        "label-1-female": 22,
        "label-1-male": 25,
        "letter-follows-label": 1000,
        "texts-with-label-0": 16,
        "texts-only-label-0": 9,
        "texts-only-label-1": 8,
        "anatomy-questions": 70,
        "gold-letter-A": 47,
        "gold-letter-B": 953,
        "gold-letter-none": 0,
        "constant-A": 47,
        "constant-B": 953,
        "leading-no": 711,
        "leading-yes": 84,
        "leading-none": 205,
        "official-label-no": 419,
        "official-label-yes": 581,
        "official-label-differs": 292,
        "image-names-with-plus": 498,
        "image-names-with-equals": 1000,
        "image-names-with-slash": 0,
        "image-name-lengths": 1,
        "ages-not-whole-numbers": 5,
        "ages-as-text": 1000,
        "age-0": 0,
        "people-differ": 0,
        "age-0-9": 0,
        "age-10-19": 7,
        "age-20-29": 105,
        "age-30-39": 136,
        "age-40-49": 167,
        "age-50-59": 219,
        "age-60-69": 188,
        "age-70-79": 116,
        "age-80-89": 57,
        "age-90+": 5,
        "sex-female": 578,
        "sex-male": 422,
        "images-sex-female": 578,
        "images-sex-male": 422,
        "sex-unknown": 0,
    },
    "cares/fairvlmed": {
        "bytes": 1100932,
        "rows": 2838,
        "images": 713,
        "distinct-texts": 2812,
        "images-with-1-questions": 1,
        "images-with-2-questions": 1,
        "images-with-3-questions": 9,
        "images-with-4-questions": 702,
        "question-ids": 713,
        "question-ids-repeated": 712,
        "empty-fields": 0,
        "non-ascii-rows": 26,
        "image-token": 0,
        "image-against-id": 0,
        "ids-outside-test-split": 0,
        "rows-with-demographics": 0,
        "shortest-answer": 42,
        "longest-answer": 549,
        "leading-yes-or-no": 87,
        "answers-like-refusals": 20,
        "hypothetical-answers": 778,
        "history-in-rows": 582,
    },
}

ROWS = {
    ("cares/iu-xray", "empty-answers"): "124",
    ("cares/iu-xray", "empty-questions"): "499 998",
    ("cares/iu-xray", "question-fragments"): "296 2496 2544",
    ("cares/iu-xray", "leaking-questions"): (
        "757 758 759 760 761 995 996 997 999 1247 1248 1249 1250 1571 1572 1753 1754 1755 1756 1757"
    ),
    ("cares/iu-xray", "questions-as-answers"): (
        "499 757 758 759 760 761 995 996 997 998 999 1247 1248 1249 1250 1571 1572 1753 1754 1755 "
        "1756 1757"
    ),
    ("cares/iu-xray", "official-label-differs"): "576 964 994 1197 1892 2095 2152 2261 2573",
    ("cares/iu-xray", "undeterminable-answers"): (
        "22 39 74 163 172 261 479 567 645 771 835 915 1140 1158 1221 1425 1620 1761 1845 1887 1917 "
        "1931 2090 2352 2490"
    ),
    ("cares/iu-xray", "no-mention-answers"): "18 172 1012 1013 1543 1627 1845 1882 2067 2224",
    ("cares/iu-xray", "non-ascii-rows"): "149 150 1142 1193 1892 2300 2446",
    ("cares/ham10000", "typo-options"): "466 541 643 668 756 1131 1151 1191 1370 1644 1710",
    ("cares/ham10000", "spaced-options-heading"): "436",
    ("cares/ol3i", "ages-not-whole-numbers"): "292 685 810 861 954",
}

FIRST_ROWS = {
    ("cares/ol3i", "comma-options"): 3,
    ("cares/ol3i", "spaced-options"): 3,
    ("cares/ol3i", "reversed-options"): 8,
    ("cares/iu-xray", "redacted-rows"): 26,
}

WORDS = [
    ("cares/iu-xray", "constant-no", "73.30 % of 2573"),
    ("cares/iu-xray", "constant-yes", "26.70 % of 2573"),
    ("cares/ham10000", "constant-A", "23.05 %"),
    ("cares/ham10000", "constant-B", "14.10 %"),
    ("cares/ham10000", "constant-C", "23.05 %"),
    ("cares/ham10000", "constant-D", "39.80 % of 2000"),
    ("cares/ol3i", "constant-A", "4.70 %"),
    ("cares/ol3i", "constant-B", "95.30 % of 1000"),
    ("cares/ol3i", "texts-only-label-1", "in 31 rows"),
    ("cares/ol3i", "image-name-lengths", "48"),
    ("cares/ol3i", "ages-not-whole-numbers", "19 to 89"),
    ("cares/ham10000", "key-sets", "age, fig_caption, gender, image, options, question_id, text"),
    ("cares/fairvlmed", "shortest-answer", "31.8 words"),
    ("cares/fairvlmed", "ids-outside-test-split", "8003 to 9999"),
    ("cares/fairvlmed", "hypothetical-answers", "27.4 %"),
    ("cares/fairvlmed", "history-in-rows", "20.5 %"),
]

LINTERS = {
    "cares/iu-xray": lint_iu_xray,
    "cares/ham10000": lint_ham10000,
    "cares/ol3i": lint_ol3i,
    "cares/fairvlmed": lint_fairvlmed,
}


@pytest.fixture(scope="module")
def published(shared_data: Path) -> dict[str, dict[str, Finding]]:
    """Dataset -> check -> finding, of the four published files."""
    found: dict[str, dict[str, Finding]] = {}
    for finding in lint_cares(shared_data / "cares"):
        found.setdefault(finding.dataset, {})[finding.check] = finding
    return found


@pytest.mark.parametrize("dataset", COUNTS)
def test_the_published_files_have_the_known_counts(
    published: dict[str, dict[str, Finding]], dataset: str
) -> None:
    counts = {check: finding.count for check, finding in published[dataset].items()}
    # What is on disk is no matter of the published files.
    del counts["images-missing"]
    assert counts.pop("quarantined") == (61 if dataset == "cares/iu-xray" else 0)
    assert counts == {**CLEAN, **COUNTS[dataset]}


@pytest.mark.parametrize(("where", "rows"), ROWS.items())
def test_the_published_files_have_the_known_rows(
    published: dict[str, dict[str, Finding]], where: tuple[str, str], rows: str
) -> None:
    dataset, check = where
    assert published[dataset][check].samples == tuple(f"{dataset}:{row}" for row in rows.split())


@pytest.mark.parametrize(("where", "row"), FIRST_ROWS.items())
def test_the_first_row_of_a_kind_is_the_known_one(
    published: dict[str, dict[str, Finding]], where: tuple[str, str], row: int
) -> None:
    dataset, check = where
    assert published[dataset][check].samples[0] == f"{dataset}:{row}"


@pytest.mark.parametrize(("dataset", "check", "words"), WORDS)
def test_messages_carry_the_figures(
    published: dict[str, dict[str, Finding]], dataset: str, check: str, words: str
) -> None:
    assert words in published[dataset][check].message


def test_a_check_has_one_row_a_set_and_counts_the_samples_it_names(
    shared_data: Path, published: dict[str, dict[str, Finding]]
) -> None:
    findings = lint_cares(shared_data / "cares")
    assert len(findings) == sum(len(checks) for checks in published.values())
    by_text = "texts-only-label-1"  # counts texts and names the rows that use them
    assert all(
        finding.count == len(finding.samples)
        for finding in findings
        if finding.samples and finding.check != by_text
    )


def test_each_set_has_its_own_linter(shared_data: Path) -> None:
    data = shared_data / "cares"
    assert lint_cares(data) == [finding for dataset in COUNTS for finding in LINTERS[dataset](data)]


@pytest.mark.parametrize("card", [IU_XRAY, HAM10000, OL3I, FAIRVLMED], ids=lambda card: card.name)
def test_an_image_put_where_fetch_says_is_found_by_lint_and_by_the_loader(
    shared_data: Path, tmp_path: Path, card: Card
) -> None:
    file = question_file(card.name)
    questions = tmp_path / file.path
    questions.parent.mkdir(parents=True)
    questions.write_bytes((shared_data / "cares" / file.path).read_bytes())
    row = json.loads(questions.read_bytes().split(b"\n")[0])
    image = tmp_path / file.image_folder / row["image"]
    image.parent.mkdir(parents=True)
    image.write_bytes(b"an image")
    [missing] = [f for f in LINTERS[card.name](tmp_path) if f.check == "images-missing"]
    assert missing.count == file.images.count - 1
    assert Path(next(iter(card.load(tmp_path).samples)).images[0].path) == image
