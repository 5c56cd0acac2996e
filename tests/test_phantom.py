"""Phantom as a dataset: what its samples promise to the rest of the line."""

import itertools
import re
from collections import Counter, defaultdict
from pathlib import Path
from statistics import mean

import pytest

from medtrust.datasets.dataset import Dataset
from medtrust.datasets.phantom import load, store
from medtrust.datasets.phantom.load import digest
from medtrust.datasets.phantom.samples import test_samples as make_test_samples
from medtrust.datasets.phantom.samples import train_samples as make_train_samples
from medtrust.records import LETTERS, Sample
from medtrust.tasks.task import fill

GROUPS = {"modality", "region", "question_type", "sex", "race", "age"}
FACTS = {"age", "sex", "race", "marital_status", "ssn", "phone", "record_number", "report"}
SLOTS = {"mc": 3, "choice": 2, "yes-no": 1, "open": 1, "ff": 1, "gd": 3, "ps": 2, "judge": 5}

TEST = make_test_samples(Path("somewhere"))
TRAIN = make_train_samples(Path("somewhere"))
EVERY = [*TEST, *TRAIN]
PAIRED = [sample for sample in TEST if sample.pair]


def answer(sample: Sample) -> str:
    return sample.options[LETTERS.index(sample.target)] if sample.options else sample.target


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """The dataset over a folder of placeholders: nothing here looks into an image."""
    data = tmp_path_factory.mktemp("data")
    folder = data / "phantom" / "images"
    folder.mkdir(parents=True)
    for case in store.all_cases():
        (folder / f"{case.id}.png").touch()
    return load(data)


def test_the_digest_is_the_same_everywhere() -> None:
    assert digest(EVERY) == "b2fb39a49bb1ec4ff18d727f3e8b306aa890929685f7cac18b71d5c4fff1f9fd"


def test_the_digest_does_not_depend_on_where_the_images_are() -> None:
    assert digest(make_test_samples(Path("elsewhere"))) == digest(TEST)


def test_the_digest_sees_every_change() -> None:
    assert digest(TEST[1:]) != digest(TEST)


def test_load_gives_an_open_dataset_with_both_splits(dataset: Dataset) -> None:
    assert dataset.name == "phantom"
    assert dataset.access == "open"
    assert [sample.id for sample in dataset.samples] == [sample.id for sample in TEST]
    assert [sample.id for sample in dataset.train] == [sample.id for sample in TRAIN]
    assert dataset.digest == digest(EVERY)


def test_counts_are_those_of_the_documentation() -> None:
    kinds = Counter("pair" if sample.pair else sample.kind for sample in TEST)
    assert kinds == {"pair": 160, "yes-no": 200, "choice": 152, "open": 120}
    assert len({sample.images[0].id for sample in TEST}) == 280
    assert len({sample.images[0].id for sample in TRAIN}) == 480


def test_ids_are_unique() -> None:
    assert len({sample.id for sample in EVERY}) == len(EVERY)
    owners = {(s.images[0].id, s.images[0].path, s.facts["record_number"]) for s in EVERY}
    assert len({image for image, _, _ in owners}) == len(owners)
    assert len({path for _, path, _ in owners}) == len(owners)


def test_every_sample_has_all_groups_and_facts() -> None:
    for sample in EVERY:
        expected = GROUPS | {"category"} if sample.pair else GROUPS
        assert sample.groups.keys() == expected
        assert all(values and all(values) for values in sample.groups.values())
        assert sample.facts.keys() == FACTS
        assert all(sample.facts.values())


def test_targets_fit_their_kind() -> None:
    for sample in EVERY:
        if sample.kind == "choice":
            assert sample.target in LETTERS[: len(sample.options)]
            assert len(set(sample.options)) == len(sample.options)
        else:
            assert not sample.options
            assert sample.kind == "open" or sample.target in {"yes", "no"}
    sizes = {len(sample.options) for sample in TEST if sample.kind == "choice" and not sample.pair}
    assert sizes == {2, 3, 4}


def test_a_pair_asks_the_same_of_two_images_and_is_answered_differently() -> None:
    pairs = defaultdict(list)
    for sample in PAIRED:
        pairs[sample.pair].append(sample)
    assert len(pairs) == 80
    for pair, (first, second) in pairs.items():
        assert (first.id, second.id) == (f"{pair}/1", f"{pair}/2")
        assert first.question == second.question
        assert first.options == second.options
        assert {first.target, second.target} == {"A", "B"}
        assert first.images != second.images
        assert first.facts["record_number"] != second.facts["record_number"]
        assert first.cluster == second.cluster


def test_pairs_are_balanced_so_that_no_constant_solves_any() -> None:
    by_question = defaultdict(list)
    for sample in PAIRED:
        if sample.id.endswith("/1"):
            by_question[sample.question].append((sample.target, sample.options))
    assert len(by_question) == 20
    for shown in by_question.values():
        assert len(set(shown)) == len(shown) == 4
        assert Counter(target for target, _ in shown) == {"A": 2, "B": 2}


def test_categories_belong_to_the_image() -> None:
    sizes = Counter(len(sample.groups["category"]) for sample in PAIRED)
    assert set(sizes) == {1, 2}
    by_pair = defaultdict(set)
    for sample in PAIRED:
        by_pair[sample.pair].add(sample.groups["category"])
    assert any(len(categories) == 2 for categories in by_pair.values())


def test_no_patient_is_in_both_splits() -> None:
    def people(samples: list[Sample]) -> set[str]:
        return {sample.facts["record_number"] for sample in samples}

    assert people(TEST).isdisjoint(people(TRAIN))


def test_a_patient_is_one_cluster_and_some_have_two_images() -> None:
    single = [sample for sample in TEST if not sample.pair]
    cluster_of = {sample.facts["record_number"]: sample.cluster for sample in single}
    assert all(sample.cluster == cluster_of[sample.facts["record_number"]] for sample in single)
    assert len(set(cluster_of.values())) == len(cluster_of)
    images = defaultdict(set)
    for sample in single:
        images[sample.cluster].add(sample.images[0].id)
    assert Counter(map(len, images.values())) == {1: 80, 2: 20}


def test_train_holds_every_question_and_answer_of_test() -> None:
    known: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for sample in TRAIN:
        known[sample.kind, sample.question][answer(sample)] += 1
    for sample in TEST:
        counts = known[sample.kind, sample.question]
        assert sum(counts.values()) >= 24
        if sample.kind != "open":
            assert counts[answer(sample)] >= 5
            assert set(sample.options) <= set(counts)


def test_constant_answers_are_worth_something_but_not_the_same_everywhere() -> None:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for sample in TRAIN:
        if sample.kind == "yes-no":
            counts[sample.question][sample.target] += 1
    shares = [count["yes"] / count.total() for count in counts.values()]
    assert len(shares) == 20
    assert all(0.2 < share < 0.8 for share in shares)
    assert max(shares) - min(shares) > 0.2


def test_findings_hardly_depend_on_sex() -> None:
    found: defaultdict[str, defaultdict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for sample in TRAIN:
        if sample.kind == "yes-no":
            found[sample.question][sample.facts["sex"]].append(sample.target == "yes")
    gaps = [abs(mean(of["female"]) - mean(of["male"])) for of in found.values()]
    # With 60 of each, chance alone makes a gap of about 0.07.
    assert mean(gaps) < 0.12


def test_an_image_without_abnormality_has_a_report_that_says_so() -> None:
    texts = {sample.facts["report"] for sample in EVERY}
    plain = {text for text in texts if text.endswith("Impression: No abnormality.")}
    assert plain
    assert len(plain) < 0.2 * len(texts)
    assert not any("shifted" in text or "pacemaker" in text for text in plain)


def test_all_decades_and_both_sexes_occur() -> None:
    decades = {f"{low}-{low + 9}" for low in range(0, 90, 10)} | {"90+"}
    for samples in (TEST, TRAIN):
        assert {sample.groups["age"][0] for sample in samples} == decades
        assert {sample.groups["sex"][0] for sample in samples} == {"female", "male"}
        assert len({sample.groups["race"][0] for sample in samples}) == 5


def test_identifiers_are_unique_and_can_belong_to_nobody() -> None:
    people = {sample.facts["record_number"]: sample.facts for sample in EVERY}
    assert len({facts["ssn"] for facts in people.values()}) == len(people)
    for facts in people.values():
        assert re.fullmatch(r"000-\d{2}-\d{4}", facts["ssn"])
        assert re.fullmatch(r"\([2-9]\d{2}\) 555-01\d{2}", facts["phone"])


def test_children_are_unmarried() -> None:
    minors = [sample for sample in EVERY if int(sample.facts["age"]) < 18]
    assert minors
    assert all(sample.facts["marital_status"] == "single" for sample in minors)


def test_prompts_have_the_slots_that_tasks_fill(dataset: Dataset) -> None:
    assert dataset.prompts.keys() == SLOTS.keys()
    for purpose, families in dataset.prompts.items():
        assert families.keys() == {"default", "terse"}
        values = [f"<{slot}>" for slot in range(SLOTS[purpose])]
        for family, prompt in families.items():
            assert prompt.family == family
            text = fill(prompt.template, *values)
            places = [text.index(value) for value in values]
            assert places == sorted(places)


def test_the_prefix_prompt_ends_with_the_option(dataset: Dataset) -> None:
    for prompt in dataset.prompts["ps"].values():
        assert prompt.template.endswith("{}")


def test_families_differ(dataset: Dataset) -> None:
    for families in dataset.prompts.values():
        for one, other in itertools.combinations(families.values(), 2):
            assert one.template != other.template
