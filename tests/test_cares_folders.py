"""CARES from folders made up here: the sets we do not have, what is joined, and hostile files."""

import gzip
import hashlib
import io
import json
import pickle
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.datasets.cares import (
    FAIRVLMED,
    HAM10000,
    IU_XRAY,
    MIMIC_CXR,
    OL3I,
    OMNIMEDVQA,
    PMC_OA,
)
from medtrust.datasets.cares.options import parse_options, target_of
from medtrust.datasets.cares.people import decade, sex
from medtrust.datasets.cares.rows import git_blob_sha1, without_image_token
from medtrust.datasets.cares.yes_no import leading_word
from medtrust.datasets.dataset import Card
from medtrust.errors import AbsentError, InputError
from medtrust.records import LETTERS, Sample

CARDS = (FAIRVLMED, HAM10000, IU_XRAY, MIMIC_CXR, OL3I, OMNIMEDVQA, PMC_OA)
Row = Mapping[str, Any]

MIMIC: Row = {
    "id": "s1",
    "study_id": 50000001,
    "subject_id": 10000032,
    "split": "test",
    "gender": "F",
    "age": 52,
    "race": "Caucasian",
    "answer": "The heart is large.",
    "question_id": 0,
    "text": "What is seen?",
    "image": "p10/p10000032/s50000001/a-b.jpg",
}
OMNI: Row = {
    "question_id": "q1",
    "text": "What is it?",
    "answer": "A cat.",
    "image": "Images/Made/1.png",
    "dataset": "Made",
    "option_A": "A dog",
    "option_B": "a cat",
    "modality": "Photography",
    "question_type": "Animals",
}
FAIR: Row = {
    "question_id": 8003,
    "image": "slo_fundus_08003.jpg",
    "text": "What is seen?",
    "answer": "A large cup.",
}
IU: Row = {
    "text": "Is it round? [yes, no]\n<image>",
    "answer": "- Yes.",
    "image": "CXR1/0.png",
}
HAM: Row = {
    "options": "A:hand, B:foot",
    "fig_caption": "B:foot",
    "age": 0,
    "gender": "male",
    "image": "x/1.jpg",
    "text": "Where?\n",
}


def write(folder: Path, path: str, rows: Sequence[Row]) -> Path:
    file = folder / "data" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def load(card: Card, folder: Path) -> Sequence[Sample]:
    return tuple(card.load(folder).samples)


# Where the file is


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_a_set_that_is_not_there_is_absent(card: Card, tmp_path: Path) -> None:
    with pytest.raises(AbsentError, match=r"no such file; is --data the right folder"):
        card.load(tmp_path)
    assert card.state(tmp_path).samples == 0
    with pytest.raises(InputError, match=r"name it with --data DIR"):
        card.load(None)


def test_any_single_json_file_is_taken_and_two_are_not(tmp_path: Path) -> None:
    file = tmp_path / "data/MIMIC-CXR/mimic-fatuality.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps([MIMIC, MIMIC]))
    assert [sample.id for sample in load(MIMIC_CXR, tmp_path)] == [
        "cares/mimic-cxr:1",
        "cares/mimic-cxr:2",
    ]
    file.with_name("other.jsonl").write_text("")
    with pytest.raises(InputError, match=r"2 JSON files, none named mimic_factuality\.jsonl"):
        load(MIMIC_CXR, tmp_path)
    write(tmp_path, "MIMIC-CXR/mimic_factuality.jsonl", [MIMIC])
    assert len(load(MIMIC_CXR, tmp_path)) == 1


def test_a_file_that_is_not_upstreams_is_read_and_said_to_be_unverified(tmp_path: Path) -> None:
    write(tmp_path, "PMC-OA/pmcoa_factuality.jsonl", [{**FAIR, "image": "8736.jpg"}])
    (sample,) = load(PMC_OA, tmp_path)
    assert (sample.kind, sample.target, sample.groups) == ("open", "A large cup.", {})
    assert "NOT verified" in PMC_OA.state(tmp_path).note


def test_the_blob_hash_is_gits(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"what is up, doc?\r\n\0")
    git = subprocess.run(
        ["git", "hash-object", "--no-filters", file], capture_output=True, text=True, check=True
    )
    assert git_blob_sha1(file) == git.stdout.strip()


def test_the_digest_is_the_files_until_something_is_joined(tmp_path: Path) -> None:
    file = write(tmp_path, "MIMIC-CXR/mimic_factuality.jsonl", [MIMIC])
    alone = MIMIC_CXR.load(tmp_path).digest
    assert alone == hashlib.sha256(file.read_bytes()).hexdigest()
    (file.parent / "admissions.csv").write_text("subject_id,marital_status\n10000032,MARRIED\n")
    assert MIMIC_CXR.load(tmp_path).digest != alone


# Rows that do not fit


@pytest.mark.parametrize(
    ("card", "path", "row", "fault"),
    [
        (IU_XRAY, "IU-Xray/x.jsonl", {**IU, "answer": None}, r"row 2: .*answer"),
        (IU_XRAY, "IU-Xray/x.jsonl", {"text": "", "image": "a"}, r"row 2: .*`answer`"),
        (HAM10000, "HAM10000/x.jsonl", {**HAM, "age": 131}, r"row 2: field `age`: '131'"),
        (HAM10000, "HAM10000/x.jsonl", {**HAM, "gender": "?"}, r"row 2: field `gender`"),
        (HAM10000, "HAM10000/x.jsonl", {**HAM, "options": "a, b"}, r"row 2: field `options`"),
        (HAM10000, "HAM10000/x.jsonl", {**HAM, "options": "A:x, C:y"}, r"row 2: field `options`"),
        (
            HAM10000,
            "HAM10000/x.jsonl",
            {**HAM, "fig_caption": "A:foot"},
            r"`fig_caption`: 'A:foot'",
        ),
        (HAM10000, "HAM10000/x.jsonl", {**HAM, "fig_caption": "C:foot"}, r"none of the options"),
        (MIMIC_CXR, "MIMIC-CXR/x.jsonl", {**MIMIC, "race": "Martian"}, r"row 2: .*race"),
        (MIMIC_CXR, "MIMIC-CXR/x.jsonl", {**MIMIC, "age": -1}, r"row 2: field `age`"),
        (FAIRVLMED, "Harvard-FairVLMed/x.jsonl", {**FAIR, "image": "1.jpg"}, r"row 2: .*`image`"),
        (OMNIMEDVQA, "OmniMedVQA/x.jsonl", {**OMNI, "option_D": "x"}, r"row 2: .*`option_C`"),
        (OMNIMEDVQA, "OmniMedVQA/x.jsonl", {**OMNI, "option_B": " "}, r"row 2: .*`option_B`"),
    ],
)
def test_a_row_that_does_not_fit_is_named_with_its_field(
    tmp_path: Path, card: Card, path: str, row: Row, fault: str
) -> None:
    good = {IU_XRAY: IU, HAM10000: HAM, MIMIC_CXR: MIMIC, FAIRVLMED: FAIR, OMNIMEDVQA: OMNI}[card]
    write(tmp_path, path, [good, row])
    with pytest.raises(InputError, match=f"x.jsonl, .*{fault}"):
        load(card, tmp_path)


@pytest.mark.parametrize("line", ["", "{", '{"text": "\\ud800"}', "[" * 100_000, "null"])
def test_a_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    file = write(tmp_path, "IU-Xray/x.jsonl", [IU])
    file.write_text(f"{json.dumps(IU)}\n{line}\n{json.dumps(IU)}\n")
    with pytest.raises(InputError, match=r"x.jsonl, row 2"):
        load(IU_XRAY, tmp_path)


@pytest.mark.parametrize("data", [b"", b" \n ", b"[]", b"[1", b'[{"text": "\xff"}]'])
def test_a_file_without_rows_is_an_error(tmp_path: Path, data: bytes) -> None:
    write(tmp_path, "IU-Xray/x.json", []).write_bytes(data)
    with pytest.raises(InputError, match=r"x\.json"):
        load(IU_XRAY, tmp_path)


# Images


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "../1.jpg", "a/../../1.jpg", "/etc/passwd", "a\\..\\b", "C:/1.jpg"),
        *("a\0b", "a\nb", "x" * 256, "a/" * 600 + "b"),
    ],
)
def test_an_image_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, "HAM10000/x.jsonl", [{**HAM, "image": name}])
    with pytest.raises(InputError, match=r"row 1: field `image`"):
        load(HAM10000, tmp_path)


def test_a_link_out_of_the_images_is_refused_but_they_may_be_elsewhere(tmp_path: Path) -> None:
    folder = write(tmp_path, "HAM10000/x.jsonl", [HAM]).parent
    elsewhere, secret = tmp_path / "disk", tmp_path / "secret.jpg"
    (elsewhere / "x").mkdir(parents=True)
    (elsewhere / "x/1.jpg").write_bytes(b"image")
    secret.write_bytes(b"secret")
    (folder / "images").symlink_to(elsewhere)
    (sample,) = load(HAM10000, tmp_path)
    assert Path(sample.images[0].path).read_bytes() == b"image"
    (elsewhere / "x/1.jpg").unlink()
    (elsewhere / "x/1.jpg").symlink_to(secret)
    with pytest.raises(InputError, match=r"row 1: field `image`: .* is a link out of"):
        load(HAM10000, tmp_path)


@pytest.mark.parametrize("place", ["images", "."])
def test_images_lie_under_images_or_beside_the_questions(tmp_path: Path, place: str) -> None:
    name = "ab+cd_/=.jpg".replace("/", "")
    options = {"options": "A: x, y, B: z", "answer": "A: x, y", "age": "90+", "gender": "female"}
    folder = write(tmp_path, "OL3I/x.jsonl", [{**options, "text": "Any?", "image": name}]).parent
    (folder / place).mkdir(exist_ok=True)
    (folder / place / name).write_bytes(b"image")
    (sample,) = load(OL3I, tmp_path)
    assert Path(sample.images[0].path).is_file()
    assert (sample.options, sample.target) == (("x, y", "z"), "A")
    assert OL3I.state(tmp_path).note.startswith("present; ")


# References


@given(
    st.lists(
        st.text("abcXY ,.", min_size=1, max_size=20).filter(lambda text: text == text.strip(" ,")),
        min_size=2,
        max_size=len(LETTERS),
        unique=True,
    ),
    st.sampled_from(["", " "]),
    st.data(),
)
def test_options_with_commas_come_apart_as_they_were_packed(
    texts: list[str], space: str, data: st.DataObject
) -> None:
    pieces = [f"{letter}:{space}{text}" for letter, text in zip(LETTERS, texts, strict=False)]
    options = parse_options(", ".join(pieces))
    assert list(options) == texts
    which = data.draw(st.integers(0, len(texts) - 1))
    assert target_of("answer", pieces[which], options) == LETTERS[which]


@given(st.text())
def test_a_leading_word_is_yes_no_or_nothing(text: str) -> None:
    assert leading_word(text) in {"yes", "no", ""}
    assert leading_word(f"- No{text and ', '}{text}") == "no"


def test_words_that_only_begin_like_yes_or_no_are_neither() -> None:
    assert [leading_word(text) for text in ("None", "Normal", "Yesterday", "Not so", "", "-")] == (
        [""] * 6
    )


def test_iu_xray_without_a_leading_word_is_set_aside(tmp_path: Path) -> None:
    write(tmp_path, "IU-Xray/x.jsonl", [IU, {**IU, "answer": "Unclear."}, {**IU, "answer": ""}])
    first, *others = load(IU_XRAY, tmp_path)
    assert (first.target, first.quarantine, first.cluster) == ("yes", "", "cares/iu-xray/CXR1")
    assert first.question == "Is it round? [yes, no]"
    assert all(sample.quarantine and not sample.target for sample in others)


def test_only_the_image_token_and_the_newline_before_it_are_cut() -> None:
    assert without_image_token("What?\n<image>") == "What?"
    assert without_image_token("<image>\nWhat?  \n") == "\nWhat?  \n"


def test_ages_and_sexes_in_every_coding() -> None:
    assert [decade(age) for age in (0, "9", 10, "89", 90, 120, "90+")] == (
        ["0-9", "0-9", "10-19", "80-89", "90+", "90+", "90+"]
    )
    assert [sex(coded) for coded in ("M", "F", "male", "Female")] == (
        ["male", "female", "male", "female"]
    )
    for wrong in (-1, "", "9x", "٣", "1e1", "999"):
        with pytest.raises(ValueError, match="is no age"):
            decade(wrong)


OL: Row = {
    "age": "61",
    "gender": "F",
    "options": "A:ill, B:well",
    "answer": "B:well",
    "text": "Which? [A:ill, B:well]",
    "image": "1.png",
}


@pytest.mark.parametrize("unknown", [None, "", "unknown", "N/A"])
@pytest.mark.parametrize(
    ("card", "file", "row"),
    [
        (HAM10000, "HAM10000/x.jsonl", HAM),
        (OL3I, "OL3I/x.jsonl", OL),
        (MIMIC_CXR, "MIMIC-CXR/x.jsonl", MIMIC),
    ],
    ids=["ham10000", "ol3i", "mimic-cxr"],
)
def test_an_unknown_age_or_sex_costs_no_answer(
    tmp_path: Path, card: Card, file: str, row: Row, unknown: str | None
) -> None:
    write(tmp_path, file, [row, {**row, "age": unknown}, {**row, "gender": unknown}])
    whole, ageless, sexless = load(card, tmp_path)
    assert {"age", "sex"} <= whole.groups.keys() & whole.facts.keys()
    assert whole.groups.keys() - ageless.groups.keys() == {"age"}
    assert whole.facts.keys() - ageless.facts.keys() <= {"age", "age_note"}
    assert "None" not in {*ageless.facts.values(), *sexless.facts.values()}
    assert whole.groups.keys() - sexless.groups.keys() == {"sex"}
    assert whole.facts.keys() - sexless.facts.keys() == {"sex"}


def test_omnimedvqa_finds_its_target_and_knows_whether_options_are_listed(tmp_path: Path) -> None:
    rows = [
        OMNI,
        {**OMNI, "answer": "B", "option_C": "a cow", "option_D": None},
        {**OMNI, "text": "What is it? A. A dog B. a cat"},
        {**OMNI, "text": "What is it? Options: a dog, a cat"},
        {**OMNI, "answer": "AB"},
        {**OMNI, "option_A": "A CAT"},
        {**OMNI, "text": " "},
    ]
    write(tmp_path, "OmniMedVQA/omnimedvqa_factuality.jsonl", rows)
    samples = load(OMNIMEDVQA, tmp_path)
    assert [sample.target for sample in samples[:4]] == ["B"] * 4
    assert [len(sample.options) for sample in samples[:2]] == [2, 3]
    wordings = [sample.facts.get("wording", "choice") for sample in samples[:4]]
    assert wordings == ["choice-unlisted", "choice-unlisted", "choice", "choice"]
    assert [bool(sample.quarantine) for sample in samples] == [False] * 4 + [True] * 3
    assert samples[0].groups == {"modality": ("Photography",), "question_type": ("Animals",)}
    assert samples[0].facts["source"] == "Made"


# MIMIC-CXR


def test_mimic_keeps_patients_together_without_naming_them(tmp_path: Path) -> None:
    rows = [
        MIMIC,
        {**MIMIC, "subject_id": 10000099, "image": "p10/p10000099/s2/c.jpg", "gender": "M"},
        {**MIMIC, "race": "Unknown", "age": 91},
        {**MIMIC, "text": ""},
    ]
    write(tmp_path, "MIMIC-CXR/mimic_factuality.jsonl", rows)
    dataset = MIMIC_CXR.load(tmp_path)
    first, second, third, fourth = dataset.samples
    assert dataset.access == "credentialed"
    assert first.cluster == third.cluster != second.cluster
    assert first.images[0].id == third.images[0].id != second.images[0].id
    assert first.groups["race"] == ("Caucasian",)
    assert (first.groups["sex"], second.groups["sex"]) == (("female",), ("male",))
    assert (first.groups["age"], third.groups["age"]) == (("50-59",), ("90+",))
    assert "race" not in third.groups
    assert "race" not in third.facts
    assert fourth.quarantine == "the question is empty"
    for sample in dataset.samples:
        told = (sample.id, sample.cluster, sample.images[0].id, sample.groups, sample.facts)
        assert not any(number in repr(told) for number in ("100000", "500000"))


@pytest.mark.parametrize("packed", [False, True])
def test_marital_status_is_joined_from_the_users_admissions(tmp_path: Path, packed: bool) -> None:
    rows = [{**MIMIC, "subject_id": number} for number in (1, 2, 3, 4)]
    folder = write(tmp_path, "MIMIC-CXR/mimic_factuality.jsonl", rows).parent
    table = (
        b"hadm_id,subject_id,marital_status,note\n"
        b'9,1,MARRIED,"a, b"\n8,1,MARRIED,\n7,2,SINGLE,\n6,2,WIDOWED,\n'
        b"5,3,,\n4,3,DIVORCED,\n3,7,SINGLE,\n"
    )
    if packed:
        (folder / "admissions.csv.gz").write_bytes(gzip.compress(table))
    else:
        (folder / "admissions.csv").write_bytes(table)
    statuses = [sample.facts.get("marital_status") for sample in load(MIMIC_CXR, tmp_path)]
    assert statuses == ["married", None, "divorced", None]
    note = MIMIC_CXR.state(tmp_path).note
    assert "marital status of 2 of 4 patients" in note
    assert "1 patients left out" in note


@pytest.mark.parametrize(
    ("name", "data", "fault"),
    [
        ("admissions.csv", b"", r"line 1: no column `subject_id`"),
        ("admissions.csv", b"subject_id,status\n", r"line 1: no column"),
        ("admissions.csv", b"subject_id,marital_status\n1,a\n1\n", r"line 3: 1 columns"),
        ("admissions.csv", b'subject_id,marital_status\n1,"a"b\n', r"line 2: "),
        ("admissions.csv", b"subject_id,marital_status\n1,\xff\n", r"not UTF-8"),
        ("admissions.csv", b"x" * 100_000, r"line 1: too long"),
        ("admissions.csv.gz", b"subject_id,marital_status\n", r"cannot be read"),
        (
            "admissions.csv.gz",
            gzip.compress(b"subject_id,marital_status\n", mtime=0)[:-9],
            r"cannot be read",
        ),
        ("admissions.csv.gz", gzip.compress(b"x" * 10_000_000), r"line 1: too long"),
    ],
)
def test_a_table_of_admissions_that_cannot_be_used_is_named(
    tmp_path: Path, name: str, data: bytes, fault: str
) -> None:
    folder = write(tmp_path, "MIMIC-CXR/mimic_factuality.jsonl", [MIMIC]).parent
    (folder / name).write_bytes(data)
    with pytest.raises(InputError, match=f"{name}.*{fault}"):
        load(MIMIC_CXR, tmp_path)


# FairVLMed's people


def npz(**fields: Any) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **fields)
    return stream.getvalue()


KNOWN = {"age": 63.7, "gender": 0, "race": 1, "ethnicity": 1, "maritalstatus": 3}


@pytest.mark.parametrize("place", [".", "npz", "Testing", "FairVLMed/Testing"])
def test_demographics_are_joined_from_npz_files(tmp_path: Path, place: str) -> None:
    rows = [FAIR, FAIR, {**FAIR, "image": "slo_fundus_08004.jpg"}]
    folder = write(tmp_path, "Harvard-FairVLMed/fundus_factuality.jsonl", rows).parent
    alone = FAIRVLMED.load(tmp_path).digest
    (folder / place).mkdir(parents=True, exist_ok=True)
    data = npz(**KNOWN, slo_fundus=np.zeros((200, 200)), note="a note", tds=np.zeros(52))
    (folder / place / "data_08003.npz").write_bytes(data)
    dataset = FAIRVLMED.load(tmp_path)
    first, second, third = dataset.samples
    known = {"age": "60-69", "sex": "female", "race": "Black", "ethnicity": "Hispanic"}
    assert first.groups == second.groups
    assert {by: first.groups[by][0] for by in known} == known
    assert first.facts["marital_status"] == "widowed"
    assert first.facts["age"] == "63"
    assert not set(known) & set(third.groups)
    assert dataset.digest != alone
    assert "demographics of 1 of 2 images" in FAIRVLMED.state(tmp_path).note


def test_unknown_codes_of_people_are_left_out(tmp_path: Path) -> None:
    folder = write(tmp_path, "Harvard-FairVLMed/x.jsonl", [FAIR]).parent
    data = npz(age=np.nan, race=np.array([2]), ethnicity=-1, maritalstatus=-1)
    (folder / "data_08003.npz").write_bytes(data)
    (sample,) = load(FAIRVLMED, tmp_path)
    assert set(sample.groups) == {"modality", "region", "race"}
    assert "marital_status" not in sample.facts


class _Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("an array was unpickled",))


def member(content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("age.npy", content)
    return stream.getvalue()


def header(shape: str, dtype: str) -> bytes:
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}}}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (npz(race=7), r"field `race`: code 7; known are 0, 1, 2"),
        (npz(race=0.5), r"field `race`: code 0\.5"),
        (npz(age=np.inf), r"field `age`: inf"),
        (npz(age=np.array([1, 2])), r"field `age`"),
        (npz(age="old"), r"field `age`"),
        (b"no zip", r"not a readable NPZ file"),
        (npz(**KNOWN)[:-30], r"not a readable NPZ file"),
        (member(b"no array"), r"field `age`: not a NumPy array"),
        (member(header("(10000000000,)", "<f8") + b"\0" * 8), r"field `age`"),
        (member(header("()", "<f8")), r"field `age`: not a NumPy array"),
        (member(header("()", "|O") + pickle.dumps(_Bomb())), r"field `age`: object"),
        (member(b"\0" * 1_000_000), r"field `age`: 1000000 bytes"),
    ],
)
def test_an_npz_file_that_does_not_fit_is_named(tmp_path: Path, data: bytes, fault: str) -> None:
    folder = write(tmp_path, "Harvard-FairVLMed/x.jsonl", [FAIR]).parent
    (folder / "data_08003.npz").write_bytes(data)
    with pytest.raises(InputError, match=f"data_08003.npz.*{fault}"):
        load(FAIRVLMED, tmp_path)
