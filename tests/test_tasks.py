"""What is asked: prompts from the data folder, controls that change one thing only."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import layout
from medtrust.datasets.mediconfusion import PROMPTS, load
from medtrust.errors import InputError
from medtrust.records import Image, Sample
from medtrust.tasks.control import shuffled, swapped
from medtrust.tasks.mediconfusion import FF, GD, MC, PS
from medtrust.tasks.select import select
from medtrust.tasks.task import Task, fill


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sample, ...]:
    return tuple(load(layout.write(tmp_path_factory.mktemp("data"), pairs=9)).samples)


def text_of(task: Task, data: Path, family: str) -> str:
    dataset = load(data)
    request = task.ask(next(iter(dataset.samples)), dataset.prompts[task.prompt][family])
    return "".join(p for m in request.messages for p in m.parts if isinstance(p, str))


def test_prompts_are_upstreams_to_the_letter(shared_data: Path) -> None:
    data = shared_data / "mediconfusion"
    prompts = json.loads((data / PROMPTS).read_text())
    first = next(iter(load(data).samples))
    a, b = first.options
    for task, mode, family, slots in (
        (MC, "mc", "default", (first.question, a, b)),
        (MC, "mc", "llava_med", (first.question, a, b)),
        (FF, "gpt4", "default", (first.question,)),
        (GD, "greedy", "molmo", (first.question, a, b)),
    ):
        expected = prompts["prompts"][mode][family].format(*slots)
        assert text_of(task, data, family) == expected
    gpt = text_of(MC, data, "gpt")
    assert gpt == prompts["init_prompts"]["default"] + prompts["prompts"]["mc"]["gpt"].format(
        first.question, a, b
    )


def test_the_prefix_prompt_ends_where_the_option_begins(shared_data: Path) -> None:
    data = shared_data / "mediconfusion"
    question = next(iter(load(data).samples)).question
    assert text_of(PS, data, "default") == f"Question: {question} Answer: "
    assert text_of(PS, data, "llava") == question
    assert text_of(PS, data, "llama") == f"Question: {question}"


def test_a_family_with_unknown_examples_is_not_on_offer(shared_data: Path) -> None:
    prompts = load(shared_data / "mediconfusion").prompts
    assert all("med_flamingo" not in families for families in prompts.values())


@given(st.lists(st.text()), st.text(alphabet="ab{}%\\"))
def test_filling_takes_every_other_brace_as_text(values: list[str], joint: str) -> None:
    joint = joint.replace("{}", "")
    template = joint.join(["{}"] * len(values))
    if template.count("{}") == len(values):
        assert fill(template, *values) == joint.join(values)


def test_slots_and_values_must_agree() -> None:
    with pytest.raises(ValueError, match="1 slots for 2"):
        fill("{}", "a", "b")
    assert fill("{} {0.__class__}", "{}") == "{} {0.__class__}"


def test_swapping_moves_the_target_with_its_option(samples: tuple[Sample, ...]) -> None:
    for sample in samples:
        other = swapped(sample)
        assert other.options == sample.options[::-1]
        assert other.options["AB".index(other.target)] == sample.options["AB".index(sample.target)]
        assert swapped(other) == sample


def test_a_shuffled_image_is_unrelated(shared_data: Path) -> None:
    """Neither the own nor any of the cluster's, the pair's other half among them."""
    original = tuple(load(shared_data / "mediconfusion").samples)
    cluster = {sample.images[0].id: sample.cluster for sample in original}
    moved = shuffled(original)
    assert [sample.id for sample in moved] == [sample.id for sample in original]
    assert all(cluster[sample.images[0].id] != sample.cluster for sample in moved)
    assert {s.images[0].id for s in moved} == {s.images[0].id for s in original}
    assert shuffled(original[::-1]) == moved[::-1], "the order of the samples does not matter"


def test_one_image_cannot_be_shuffled() -> None:
    image = Image(id="x/1", path="1.png")
    alone = Sample(
        id="x:1", dataset="x", kind="open", question="?", target="", cluster="c", images=(image,)
    )
    with pytest.raises(InputError, match="too few"):
        shuffled([alone])
    assert shuffled([]) == []


def names(*patterns: str) -> list[str]:
    return [task.name for task in select(patterns)]


def test_tasks_are_chosen_by_name_and_by_wildcard() -> None:
    assert names("mediconfusion/mc") == ["mediconfusion/mc"]
    four = [f"mediconfusion/{mode}" for mode in ("ff", "gd", "mc", "ps")]
    assert names("mediconfusion/*") == four
    assert names("mediconfusion/mc", "mediconfusion/*") == ["mediconfusion/mc", *four[:2], four[3]]


def test_a_control_varies_the_other_tasks_of_the_command() -> None:
    assert names("control/repeat") == ["mediconfusion/mc", "control/repeat:mediconfusion/mc"]
    assert names("mediconfusion/gd", "control/text-only") == [
        "mediconfusion/gd",
        "control/text-only:mediconfusion/gd",
    ]
    assert names("control/*:mediconfusion/ps") == [
        f"control/{kind}:mediconfusion/ps"
        for kind in ("image-shuffle", "option-swap", "repeat", "text-only")
    ]


@pytest.mark.parametrize(
    "wrong", ["mediconfusion/xx", "control/nothing", "control/repeat:none", "x*"]
)
def test_an_unknown_task_is_an_error(wrong: str) -> None:
    with pytest.raises(InputError, match="unknown task"):
        select([wrong])


def test_a_control_leaves_everything_but_one_thing(samples: tuple[Sample, ...]) -> None:
    (text_only,) = select(["control/text-only:mediconfusion/mc"])
    for before, after in zip(samples, text_only.prepare(samples), strict=True):
        assert after.images == ()
        assert (after.id, after.question, after.options) == (
            before.id,
            before.question,
            before.options,
        )
    assert (text_only.scorer, text_only.metrics, text_only.base) == (MC.scorer, MC.metrics, MC.name)
