"""Errata set aside what they name, whole pairs at a time, and only when they are named."""

import re
from pathlib import Path

import pytest

from medtrust.datasets.cares import HAM10000, IU_XRAY
from medtrust.datasets.errata import (
    Errata,
    Item,
    apply,
    known_errata,
    meant_for,
    quarantine,
    repair,
)
from medtrust.datasets.mediconfusion import load
from medtrust.errors import InputError
from medtrust.records import Sample

SUSPECTS = "suspect-labels-2026-11"
OVERLAP = "cares-ham10000-overlap-2026-11-21"
LEAKS = "cares-iu-xray-answer-in-question-2026-11-21"


def sample(name: str, pair: str = "") -> Sample:
    return Sample(
        id=name, dataset="made", kind="choice", question="?", target="A", cluster=name, pair=pair
    )


SAMPLES = (
    sample("made:1/1", "made:1"),
    sample("made:1/2", "made:1"),
    sample("made:2/1", "made:2"),
    sample("made:2/2", "made:2"),
    sample("made:alone"),
)


def errata(*items: str) -> Errata:
    return Errata(
        name="some-2026-01",
        dataset="made",
        title="",
        items=tuple(Item(item=i, action="quarantine", reason="wrong", source="us") for i in items),
    )


def test_nothing_is_set_aside_unless_named() -> None:
    assert apply(SAMPLES, ()) == (SAMPLES, ())


def test_a_pair_is_set_aside_as_a_whole() -> None:
    assert [one.sample for one in quarantine(SAMPLES, errata("made:2"))] == ["made:2/1", "made:2/2"]


def test_a_doubtful_sample_takes_its_other_half_along_and_says_so() -> None:
    other, own = quarantine(SAMPLES, errata("made:1/2"))
    assert (own.sample, own.reason, own.source) == ("made:1/2", "wrong", "us")
    assert other.sample == "made:1/1"
    assert "made:1/2, is doubtful: wrong" in other.reason


def test_a_sample_without_a_pair_goes_alone() -> None:
    assert [o.sample for o in quarantine(SAMPLES, errata("made:alone"))] == ["made:alone"]


def test_an_item_that_is_no_sample_is_an_error() -> None:
    with pytest.raises(InputError, match="made:3 is no item"):
        quarantine(SAMPLES, errata("made:1", "made:3"))


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match=f"unknown errata 'nothing'; known are .*{SUSPECTS}"):
        apply(SAMPLES, ["nothing"])


def test_errata_of_another_dataset_are_an_error() -> None:
    with pytest.raises(InputError, match=r"meant for the whole dataset mediconfusion"):
        apply(SAMPLES, [SUSPECTS])


def test_every_list_is_dated_and_every_item_has_a_reason_and_a_source() -> None:
    for name, errata in known_errata().items():
        assert errata.name == name
        assert re.search(r"-\d{4}-\d{2}(-\d{2})?$", name)
        assert len({item.item for item in errata.items}) == len(errata.items)
        assert all(item.reason and item.source for item in errata.items)


def test_the_suspect_pairs_of_mediconfusion_are_set_aside(shared_data: Path) -> None:
    samples = tuple(load(shared_data / "mediconfusion").samples)
    kept, aside = apply(samples, [SUSPECTS])
    assert (len(kept), len(aside)) == (328, 24)
    assert {one.sample for one in aside}.isdisjoint(sample.id for sample in kept)
    assert all(len([s for s in kept if s.pair == sample.pair]) == 2 for sample in kept)


def leaking(question: str) -> Sample:
    return Sample(
        id="made:9",
        dataset="made",
        kind="yes-no",
        question=question,
        target="",
        cluster="made:9",
        quarantine="it holds its answer",
    )


def mending(item: str) -> Errata:
    mended = Item(
        item=item, action="repair", reason="leaks", source="us", rule="answer-in-question"
    )
    return Errata(name="mended-2026-01", dataset="made", title="", items=(mended,))


@pytest.mark.parametrize(
    ("question", "mended", "target"),
    [
        ("Is it round? - Yes Pick one.", "Is it round? Pick one.", "yes"),
        ("- Is it round? No Pick one.", "- Is it round? Pick one.", "no"),
        ("Is it round? (Or oval) - Yes Pick one.", "Is it round? (Or oval) Pick one.", "yes"),
    ],
)
def test_a_leaking_question_is_cut_and_its_leak_becomes_the_target(
    question: str, mended: str, target: str
) -> None:
    (sample,) = repair([leaking(question)], mending("made:9"))
    assert (sample.question, sample.target, sample.quarantine) == (mended, target, "")


@pytest.mark.parametrize("question", ["Is it round? Pick one.", "So? No Or? Yes Pick one."])
def test_a_question_without_one_leak_cannot_be_mended(question: str) -> None:
    with pytest.raises(InputError, match=r"made:9: holds [02] answers of its own"):
        repair([leaking(question)], mending("made:9"))


def test_a_repair_of_no_sample_is_an_error() -> None:
    with pytest.raises(InputError, match="made:8 is no item"):
        repair(SAMPLES, mending("made:8"))


def test_lists_are_told_apart_by_the_dataset_they_are_meant_for() -> None:
    assert meant_for("cares/iu-xray", [OVERLAP, LEAKS]) == [LEAKS]
    with pytest.raises(InputError, match="unknown errata 'nothing'"):
        meant_for("cares/iu-xray", ["nothing"])


def test_the_leaking_questions_of_iu_xray_are_repaired(shared_data: Path) -> None:
    samples = tuple(IU_XRAY.load(shared_data / "cares").samples)
    kept, aside = apply(samples, [LEAKS])
    assert aside == ()
    assert [sample.id for sample in kept] == [sample.id for sample in samples]
    mended = [sample for sample, old in zip(kept, samples, strict=True) if sample != old]
    assert len(mended) == 20
    assert all(sample.target in {"yes", "no"} and not sample.quarantine for sample in mended)
    assert sum(bool(sample.quarantine) for sample in kept) == 41


def test_places_offered_beside_a_part_of_themselves_are_set_aside(shared_data: Path) -> None:
    samples = tuple(HAM10000.load(shared_data / "cares").samples)
    kept, aside = apply(samples, [OVERLAP])
    assert (len(kept), len(aside)) == (1694, 306)
    by_id = {sample.id: sample for sample in samples}
    overlapping = [by_id[one.sample].options for one in aside]
    assert sum("trunk" in options for options in overlapping) >= 267
    assert all(by_id[one.sample].groups["question_type"] == ("location",) for one in aside)
