"""What lint finds in MediConfusion as published, and in files with faults put into them."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bucket import record
from medtrust.datasets.errata import known_errata
from medtrust.datasets.lint import Finding, lint_mediconfusion
from medtrust.errors import InputError

# Counts of the published files (protocols/mediconfusion.md sections 1, 2.3 and 4).
PUBLISHED = {
    "equal-labels": 0,
    "label-order-ab": 88,
    "label-order-ba": 88,
    "identical-images": 0,
    "identical-options": 0,
    "duplicate-image-pairs": 0,
    "unique-questions": 173,
    "repeated-questions": 3,
    "repeated-questions-with-options": 1,
    "empty-fields": 0,
    "images-in-several-pairs": 59,
    "images-in-one-pair": 169,
    "most-pairs-of-one-image": 14,
    "clusters-by-image": 60,
    "clusters-by-image-and-article": 58,
    "largest-cluster": 26,
    "pairs-within-one-article": 1,
    "articles-with-several-images": 8,
    "images-unlisted": 0,
    "images-unused": 0,
    "image-numbers-differ": 0,
    "image-sources-unusable": 0,
    "images-with-two-captions": 0,
    "images-with-two-category-sets": 0,
    "category-counts-differ": 0,
    "categories-differ": 33,
    "categories-disjoint": 9,
    "captions-with-leading-space": 352,
    "questions-or-options-with-outer-space": 0,
    "questions-with-double-space": 1,
    "non-ascii-captions": 31,
    "non-ascii-options": 3,
    "non-ascii-questions": 1,
    "captions-with-hidden-space": 8,
    "captions-with-wide-space": 1,
    "yes-no-pairs": 21,
    "option-within-option": 5,
    "options-starting-with-article-a": 5,
    "options-ending-in-full-stop": 14,
    "options-of-uneven-length": 13,
    "longest-option": 16,
    "caption-favours-right-option": 273,
    "caption-favours-neither-option": 73,
    "caption-favours-wrong-option": 6,
    "drafts-edited": 57,
    "drafts-edited-question": 43,
    "drafts-edited-option-a": 19,
    "drafts-edited-option-b": 17,
    "biomedclip-similarity-below-0.90": 0,
    "dino-similarity-from-0.75": 0,
    "suspect-labels-2026-11": 12,
}

PAIRS_FOUND = {
    "pairs-within-one-article": "10121",
    "categories-disjoint": "10024 10025 10083 10084 10088 10110 10148 10150 10167",
    "questions-with-double-space": "10149",
    "option-within-option": "10009 10011 10070 10072 10176",
    "options-starting-with-article-a": "10039 10092 10160 10175",
}


@pytest.fixture(scope="module")
def published(shared_data: Path) -> dict[str, Finding]:
    return {found.check: found for found in lint_mediconfusion(shared_data / "mediconfusion")}


@pytest.mark.parametrize(("check", "count"), PUBLISHED.items())
def test_the_published_files_have_the_known_counts(
    published: dict[str, Finding], check: str, count: int
) -> None:
    assert published[check].count == count


def test_every_check_of_the_published_files_is_accounted_for(
    published: dict[str, Finding], shared_data: Path
) -> None:
    # What is on disk is no matter of the published files, and no table came with these.
    assert published.keys() - {"images-missing"} == PUBLISHED.keys()


@pytest.mark.parametrize(("check", "numbers"), PAIRS_FOUND.items())
def test_the_published_files_have_the_known_pairs(
    published: dict[str, Finding], check: str, numbers: str
) -> None:
    assert published[check].samples == tuple(f"mediconfusion:{n}" for n in numbers.split())


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ("images-in-several-pairs", "14, 8, 8, 7"),
        ("clusters-by-image-and-article", "26, 20, 18"),
        ("options-starting-with-article-a", "10039 B, 10092 A, 10092 B, 10160 B, 10175 B"),
        ("options-ending-in-full-stop", "7 pairs"),
        ("longest-option", "4.05 and 4.34"),
        ("biomedclip-similarity-below-0.90", "0.9000 to 0.9676, mean 0.9142, median 0.9100"),
        ("dino-similarity-from-0.75", "0.3336 to 0.7401, mean 0.5685, median 0.5698"),
    ],
)
def test_messages_carry_the_figures(published: dict[str, Finding], check: str, words: str) -> None:
    assert words in published[check].message


Questions = dict[str, dict[str, Any]]
Images = dict[str, dict[str, Any]]

PATHS = {local: f"train/images/ROCO_{local}.jpg" for local in (1, 2, 3, 4)}


def write(folder: Path, questions: Questions, images: Images) -> None:
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data/dataset.json").write_text(json.dumps(questions), "utf-8")
    (folder / "data/image_dict.json").write_text(json.dumps(images), "utf-8")


def two_pairs() -> tuple[Questions, Images]:
    questions = {"1": record(PATHS, 1, 2), "2": record(PATHS, 3, 4) | {"question": "And here?"}}
    images = {
        path: {"local": local, "dlink": f"ftp://x/PMC{local}.tar.gz", "file_name": f"{local}.jpg"}
        for local, path in PATHS.items()
    }
    return questions, images


def lint(folder: Path, questions: Questions, images: Images) -> dict[str, Finding]:
    write(folder, questions, images)
    return {found.check: found for found in lint_mediconfusion(folder)}


def test_clean_files_have_no_findings(tmp_path: Path) -> None:
    found = lint(tmp_path, *two_pairs())
    described = {
        "label-order-ab": 2,
        "unique-questions": 2,
        "images-in-one-pair": 4,
        "most-pairs-of-one-image": 1,
        "clusters-by-image": 2,
        "clusters-by-image-and-article": 2,
        "largest-cluster": 1,
        "longest-option": 1,
        "caption-favours-neither-option": 4,
        "drafts-edited": 1,
        "drafts-edited-question": 1,
        "images-missing": 4,
    }
    assert {check: row.count for check, row in found.items() if row.count} == described


def change(number: str, **fields: object) -> Callable[[Questions, Images], None]:
    def apply(questions: Questions, images: Images) -> None:
        questions[number].update(fields)

    return apply


def change_image(local: int, **fields: object) -> Callable[[Questions, Images], None]:
    def apply(questions: Questions, images: Images) -> None:
        images[PATHS[local]].update(fields)

    return apply


@pytest.mark.parametrize(
    ("fault", "check", "samples"),
    [
        (change("1", im_2_correct="A"), "equal-labels", ["1"]),
        (change("1", im_2=PATHS[1], im_2_local=1), "identical-images", ["1"]),
        (change("1", option_B="this"), "identical-options", ["1"]),
        (
            change("2", im_1=PATHS[2], im_1_local=2, im_2=PATHS[1], im_2_local=1),
            "duplicate-image-pairs",
            ["1", "2"],
        ),
        (change("2", question="Which is it?"), "repeated-questions", ["1", "2"]),
        (
            change("2", question="Which is it?", option_A="that", option_B="this"),
            "repeated-questions-with-options",
            ["1", "2"],
        ),
        (change("2", cap_1=""), "empty-fields", ["2"]),
        (change("2", im_1=PATHS[1], im_1_local=1), "images-in-several-pairs", ["1/1", "2/1"]),
        (change_image(4, dlink="ftp://x/PMC3.tar.gz"), "pairs-within-one-article", ["2"]),
        (
            change_image(4, dlink="ftp://x/PMC1.tar.gz"),
            "articles-with-several-images",
            ["1/1", "2/2"],
        ),
        (change("2", im_1="train/images/other.jpg"), "images-unlisted", ["2/1"]),
        (change("2", im_1_local=7), "image-numbers-differ", ["2/1"]),
        (change_image(2, dlink="ftp://x/article.zip"), "image-sources-unusable", ["1/2"]),
        (change_image(2, file_name="../2.jpg"), "image-sources-unusable", ["1/2"]),
        (change_image(2, file_name="2.png"), "image-sources-unusable", ["1/2"]),
        (change("2", category_2=["Cardiac", "Spinal"]), "categories-differ", ["2"]),
        (change("2", category_2=["Spinal"]), "categories-disjoint", ["2"]),
        (change("2", cap_2=" a"), "captions-with-leading-space", ["2/2"]),
        (change("2", option_A="this "), "questions-or-options-with-outer-space", ["2"]),
        (change("2", question="And  here?"), "questions-with-double-space", ["2"]),
        (change("2", cap_2="caf\u00e9"), "non-ascii-captions", ["2/2"]),
        (change("2", option_B="caf\u00e9"), "non-ascii-options", ["2"]),
        (change("2", question="caf\u00e9?"), "non-ascii-questions", ["2"]),
        (change("2", cap_1="5\u00a0mm"), "captions-with-hidden-space", ["2/1"]),
        (change("2", cap_1="5\u2003mm"), "captions-with-wide-space", ["2/1"]),
        (change("2", option_A="No.", option_B="Yes"), "yes-no-pairs", ["2"]),
        (change("2", option_A="Mass", option_B="no mass"), "option-within-option", ["2"]),
        (change("2", option_A="A mass"), "options-starting-with-article-a", ["2"]),
        (change("2", option_A="Mass."), "options-ending-in-full-stop", ["2"]),
        (change("2", option_A="one two three four five six"), "options-of-uneven-length", ["2"]),
        (
            change("2", cap_1="a cyst", option_A="mass", option_B="cyst"),
            "caption-favours-wrong-option",
            ["2/1"],
        ),
        (change("1", AI_option_A="these"), "drafts-edited-option-a", ["1"]),
        (change("2", BiomedCLIP_sim=0.89), "biomedclip-similarity-below-0.90", ["2"]),
        (change("2", DINO_sim=0.75), "dino-similarity-from-0.75", ["2"]),
    ],
)
def test_a_fault_is_found_and_placed(
    tmp_path: Path,
    fault: Callable[[Questions, Images], None],
    check: str,
    samples: list[str],
) -> None:
    questions, images = two_pairs()
    fault(questions, images)
    assert lint(tmp_path, questions, images)[check].samples == tuple(
        f"mediconfusion:{sample}" for sample in samples
    )


def test_images_that_contradict_themselves_are_found(tmp_path: Path) -> None:
    questions, images = two_pairs()
    questions["2"].update(im_1=PATHS[1], im_1_local=1, cap_1="else", category_1=["Spinal"])
    found = lint(tmp_path, questions, images)
    assert found["images-with-two-captions"].count == 1
    assert found["images-with-two-category-sets"].count == 1
    assert found["images-unused"].count == 1


def test_only_images_that_are_not_there_are_missing(tmp_path: Path) -> None:
    (tmp_path / "data/images").mkdir(parents=True)
    (tmp_path / "data/images/3.jpg").write_bytes(b"-")
    missing = lint(tmp_path, *two_pairs())["images-missing"]
    assert missing.count == 3
    assert "mediconfusion:2/1" not in missing.samples


def test_category_counts_are_held_against_the_stated_ones(tmp_path: Path) -> None:
    (tmp_path / "data/stats").mkdir(parents=True)
    (tmp_path / "data/stats/statistics.json").write_text('{"Cardiac": 3, "Spinal": 0}')
    found = lint(tmp_path, *two_pairs())["category-counts-differ"]
    assert found.count == 1
    assert "Cardiac: 3 stated, 4 counted" in found.message


@pytest.mark.parametrize(("changes", "count"), [({}, 0), ({"question": "Else?"}, 1)])
def test_the_table_is_held_against_the_questions(
    tmp_path: Path, changes: dict[str, str], count: int
) -> None:
    questions, images = two_pairs()
    write(tmp_path, questions, images)
    rows = [{"": i, "id": n, **q} for i, (n, q) in enumerate(questions.items())]
    rows[1] |= changes
    with (tmp_path / "data/dataset.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, fieldnames=list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    found = lint(tmp_path, questions, images)["table-differs"]
    assert (found.count, len(found.samples)) == (count, count)


def test_suspects_are_those_of_the_errata(shared_data: Path, published: dict[str, Finding]) -> None:
    errata = known_errata()["suspect-labels-2026-11"]
    assert published[errata.name].samples == tuple(item.item for item in errata.items)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"1": {"im_1": "x"', r"dataset\.json, line 1 column 19"),
        ("[]", r"dataset\.json: Expected `object`, got `array`"),
        ('{"1": {"im_1": 5}}', r"dataset\.json: Expected `str`, got `int` \(at .*im_1\)"),
        ('{"1": {}}', r"dataset\.json: .*required field `im_1`"),
        ("", r"dataset\.json"),
    ],
)
def test_damaged_files_are_named_with_the_place(tmp_path: Path, text: str, place: str) -> None:
    write(tmp_path, *two_pairs())
    (tmp_path / "data/dataset.json").write_text(text)
    with pytest.raises(InputError, match=place):
        lint_mediconfusion(tmp_path)


def test_a_folder_without_the_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"dataset\.json: no such file"):
        lint_mediconfusion(tmp_path)


def test_a_label_that_is_no_letter_is_refused(tmp_path: Path) -> None:
    questions, images = two_pairs()
    questions["1"]["im_1_correct"] = "C"
    with pytest.raises(InputError, match="im_1_correct"):
        lint(tmp_path, questions, images)


def test_no_pairs_at_all_are_no_crash(tmp_path: Path) -> None:
    assert lint(tmp_path, {}, {})["unique-questions"].count == 0
