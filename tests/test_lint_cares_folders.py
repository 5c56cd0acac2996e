"""What lint makes of CARES' files that are incomplete, changed or hostile."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from medtrust.datasets.cares import MIMIC_CXR
from medtrust.datasets.cares.origin import load_cares_source, question_file
from medtrust.datasets.lint.cares import (
    lint_cares,
    lint_fairvlmed,
    lint_ham10000,
    lint_iu_xray,
    lint_mimic_cxr,
    lint_ol3i,
    lint_omnimedvqa,
    lint_pmc_oa,
)
from medtrust.datasets.lint.finding import Finding
from medtrust.errors import InputError

LINTERS = {
    "cares/iu-xray": lint_iu_xray,
    "cares/ham10000": lint_ham10000,
    "cares/ol3i": lint_ol3i,
    "cares/fairvlmed": lint_fairvlmed,
    "cares/mimic-cxr": lint_mimic_cxr,
    "cares/pmc-oa": lint_pmc_oa,
    "cares/omnimedvqa": lint_omnimedvqa,
}

MIMIC = {
    "id": "x",
    "study_id": 1,
    "subject_id": 2,
    "split": "test",
    "gender": "F",
    "age": 61,
    "race": "Unknown",
    "answer": "made up",
    "question_id": 0,
    "text": "Made up?",
    "image": "p10/p10000001/s50000001/a.jpg",
}


def _write(folder: Path, dataset: str, *lines: str | bytes | Mapping[str, object]) -> Path:
    """Put a question file of these lines there and return the folder."""
    path = folder / question_file(dataset).path
    path.parent.mkdir(parents=True)
    path.write_bytes(
        b"".join(
            (
                line
                if isinstance(line, bytes)
                else (line if isinstance(line, str) else json.dumps(line)).encode()
            )
            + b"\n"
            for line in lines
        )
    )
    return folder


def _by_check(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.check: finding for finding in findings}


def test_a_set_whose_file_was_not_at_hand_is_checked_by_what_is_known_of_it(
    tmp_path: Path,
) -> None:
    rows = [
        MIMIC,
        {**MIMIC, "question_id": 1, "text": ""},
        {**MIMIC, "question_id": 2, "image": "../outside.jpg", "text": "Other?"},
        {key: value for key, value in MIMIC.items() if key != "race"},
    ]
    found = _by_check(lint_mimic_cxr(_write(tmp_path, "cares/mimic-cxr", *rows)))
    assert found["rows"].count == 4
    assert found["rows-differ"].count == 10361 - 4
    assert found["images"].count == 2
    assert found["images-differ"].count == 1936 - 2
    assert found["empty-fields"].samples == ("cares/mimic-cxr:2", "cares/mimic-cxr:4")
    assert found["images-outside"].samples == ("cares/mimic-cxr:3",)
    assert found["images-missing"].samples == ("cares/mimic-cxr:1",)
    assert found["fields-missing"].samples == ("cares/mimic-cxr:4",)
    assert found["file-differs"].count == 1


def test_images_of_mimic_are_found_under_the_folder_that_physionet_adds(tmp_path: Path) -> None:
    data = _write(tmp_path, "cares/mimic-cxr", MIMIC)
    image = data / "data/MIMIC-CXR/mimic-cxr-jpg/files" / str(MIMIC["image"])
    image.parent.mkdir(parents=True)
    image.write_bytes(b"an image")
    assert _by_check(lint_mimic_cxr(data))["images-missing"].count == 0
    assert next(iter(MIMIC_CXR.load(data).samples)).images[0].path == str(image)


def test_a_question_with_two_options_lacks_nothing(tmp_path: Path) -> None:
    row = {
        "question_id": "a",
        "text": "Made up?",
        "answer": "this",
        "image": "Images/one/1.png",
        "dataset": "one",
        "option_A": "this",
        "option_B": "that",
    }
    more = {**row, "text": "Another?", "option_C": "other", "option_D": "none"}
    found = _by_check(lint_omnimedvqa(_write(tmp_path, "cares/omnimedvqa", row, more)))
    assert found["empty-fields"].count == 0
    assert found["fields-missing"].count == 0
    assert found["key-sets"].count == 2


def test_repeats_and_contradictions_are_told_apart(tmp_path: Path) -> None:
    row = {"question_id": 1, "text": "Made up?", "answer": "this", "image": "1.jpg"}
    rows = (row, row, {**row, "answer": "that"}, {**row, "text": "Another?"})
    found = _by_check(lint_pmc_oa(_write(tmp_path, "cares/pmc-oa", *rows)))
    assert found["repeated-rows"].samples == ("cares/pmc-oa:1", "cares/pmc-oa:2")
    assert found["repeated-questions"].count == 3
    assert found["conflicting-answers"].count == 3


@pytest.mark.parametrize("dataset", LINTERS)
def test_no_line_can_stop_a_check(tmp_path: Path, dataset: str) -> None:
    strange = {
        "question_id": [1],
        "text": {"deep": []},
        "answer": 7,
        "options": None,
        "fig_caption": True,
        "age": -3,
        "gender": 1,
        "label": "1",
        "image": "a/\x00",
    }
    many = {"text": "?" * 50_000 + "[", "options": "A:" + ", B" * 50_000, "image": "x" * 5000}
    lines = (
        b"\xff\xfe",
        "",
        "[1, 2]",
        '"text"',
        "{",
        "[" * 100_000,
        "{}",
        '{"image": "\\ud800", "\\ud800": 1, "age": 1e999}',
        strange,
        many,
    )
    found = _by_check(LINTERS[dataset](_write(tmp_path, dataset, *lines)))
    numbers = (1, 3, 4, 5, 6)
    assert found["lines-unreadable"].samples == tuple(f"{dataset}:{n}" for n in numbers)
    assert found["not-utf-8"].samples == (f"{dataset}:1",)
    assert found["blank-lines"].samples == (f"{dataset}:2",)
    assert found["rows"].count == 4
    assert found["images-outside"].count == 4
    for finding in found.values():
        finding.message.encode()


def test_an_empty_file_has_no_rows_and_no_faults_in_them(tmp_path: Path) -> None:
    for dataset, lint in LINTERS.items():
        found = _by_check(lint(_write(tmp_path, dataset)))
        assert found["rows"].count == 0
        assert not [finding for finding in found.values() if finding.samples]


def test_the_marks_of_a_windows_editor_are_counted(tmp_path: Path) -> None:
    data = _write(tmp_path, "cares/pmc-oa")
    row = b'{"question_id": 1, "text": "a", "answer": "b", "image": "1.jpg"}'
    (data / question_file("cares/pmc-oa").path).write_bytes(b"\xef\xbb\xbf" + row + b"\r\n" + row)
    found = _by_check(lint_pmc_oa(data))
    assert found["byte-order-mark"].count == 1
    assert found["carriage-returns"].count == 1
    assert found["unended-last-line"].count == 1
    assert found["rows"].count == 2


def test_a_folder_without_any_of_the_files_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="iuxray_factuality"):
        lint_cares(tmp_path)
    with pytest.raises(InputError, match=r"HAM10000_factuality\.jsonl: no such file"):
        lint_ham10000(tmp_path)


def test_only_the_sets_that_are_there_are_checked(tmp_path: Path) -> None:
    findings = lint_cares(_write(tmp_path, "cares/mimic-cxr", MIMIC))
    assert {finding.dataset for finding in findings} == {"cares/mimic-cxr"}


def test_every_set_has_a_linter() -> None:
    assert LINTERS.keys() == {file.dataset for file in load_cares_source().files}
