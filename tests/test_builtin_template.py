"""The baseline that looks: nearest training images decide."""

import asyncio
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image as Pillow

from medtrust.datasets import phantom
from medtrust.datasets.dataset import Dataset
from medtrust.errors import FatalError, InputError
from medtrust.images.encode import encode
from medtrust.models.builtin import connect
from medtrust.models.builtin.looks import look, relevance
from medtrust.models.model import Model, ModelOptions
from medtrust.records import LETTERS, Image, Message, Request, Sample

QUESTION = "Which side is bright?"


def drawn(folder: Path, name: str, side: str, rng: np.random.Generator) -> Image:
    """Noise of a random exposure with a bright spot on one side."""
    pixels = rng.normal(rng.uniform(60, 140), 20, (64, 64))
    left = 8 if side == "left" else 40
    pixels[24:40, left : left + 16] += 60
    path = folder / f"{name}.png"
    Pillow.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(path)
    return Image(id=f"toy/{name}", path=str(path))


def sample(name: str, side: str, image: Image, **more: Any) -> Sample:
    default: dict[str, Any] = {
        "kind": "choice",
        "question": QUESTION,
        "options": ("The left", "The right"),
        "target": "A" if side == "left" else "B",
    }
    return Sample(
        id=f"toy:{name}", dataset="toy", cluster=name, images=(image,), **{**default, **more}
    )


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Image]:
    """Ten a side for training (`left-0`...), one a side to ask about (`left-10`)."""
    folder, rng = tmp_path_factory.mktemp("images"), np.random.default_rng(0)
    names = [(side, n) for n in range(11) for side in ("left", "right")]
    return {f"{side}-{n}": drawn(folder, f"{side}-{n}", side, rng) for side, n in names}


@pytest.fixture(scope="module")
def train(images: dict[str, Image]) -> list[Sample]:
    # The left is twice as common, which the wording could exploit and looking must not.
    names = [f"left-{n}" for n in range(10)] + [f"right-{n}" for n in range(5)]
    return [sample(name, name.partition("-")[0], images[name]) for name in names]


@pytest.fixture
def template(train: list[Sample]) -> Model:
    return connect("template", ModelOptions(train=train))


def asked(*shown: Image, **more: Any) -> Request:
    default: dict[str, Any] = {"question": QUESTION, "options": ("The left", "The right")}
    message = Message(role="user", parts=(*shown, QUESTION))
    return Request(sample="toy:asked", messages=(message,), **{**default, **more})


async def answer(model: Model, *shown: Image, **more: Any) -> str:
    response = await model.answer(asked(*shown, **more), [encode(image) for image in shown])
    return response.text


async def test_it_sees_what_the_wording_hides(template: Model, images: dict[str, Image]) -> None:
    assert await answer(template, images["left-10"]) == "A"
    assert await answer(template, images["right-10"]) == "B"


async def test_it_follows_the_option_and_not_its_letter(
    template: Model, images: dict[str, Image]
) -> None:
    assert await answer(template, images["right-10"], options=("the right.", "the left.")) == "A"


async def test_it_writes_the_winning_answer(template: Model, images: dict[str, Image]) -> None:
    free = {"kind": "open", "options": ()}
    assert await answer(template, images["left-10"], **free) == "The left"
    assert await answer(template, images["right-10"], **free) == "The right"


async def test_other_questions_borrow_the_images_of_all(
    template: Model, images: dict[str, Image]
) -> None:
    assert await answer(template, images["right-10"], question="Where is the spot?") == "B"


async def test_without_an_image_it_says_what_the_text_prior_says(
    template: Model, train: list[Sample]
) -> None:
    prior = connect("text-prior", ModelOptions(train=train))
    for more in ({}, {"mode": "choices"}, {"kind": "open"}, {"options": ("up", "down")}):
        assert await template.answer(asked(**more), []) == await prior.answer(asked(**more), [])


async def test_options_it_never_saw_are_left_to_the_prior(
    template: Model, images: dict[str, Image]
) -> None:
    assert await answer(template, images["left-10"], options=("up", "down")) in {"A", "B"}


async def test_answers_are_the_same_each_time(
    template: Model, train: list[Sample], images: dict[str, Image]
) -> None:
    request, shown = asked(images["left-10"], mode="choices"), [encode(images["left-10"])]
    again = connect("template", ModelOptions(train=train))
    assert await template.answer(request, shown) == await again.answer(request, shown)


def test_its_identity_follows_the_images_bytes(
    train: list[Sample], images: dict[str, Image], tmp_path: Path
) -> None:
    moved = tmp_path / "moved.png"
    moved.write_bytes(Path(images["left-0"].path).read_bytes())
    first = train[0]
    there = replace(first, images=(replace(first.images[0], path=str(moved)),))
    before = connect("template", ModelOptions(train=train)).identity
    assert connect("template", ModelOptions(train=[there, *train[1:]])).identity == before
    moved.write_bytes(Path(images["right-0"].path).read_bytes())
    assert connect("template", ModelOptions(train=[there, *train[1:]])).identity != before


def test_a_training_image_that_is_not_there_is_an_error_at_once(train: list[Sample]) -> None:
    lost = sample("lost", "left", Image(id="toy/lost", path="nowhere/lost.png"))
    with pytest.raises(InputError, match=r"nowhere/lost\.png: training image toy/lost"):
        connect("template", ModelOptions(train=[*train, lost]))


async def test_a_training_image_that_is_none_ends_the_run(
    train: list[Sample], images: dict[str, Image], tmp_path: Path
) -> None:
    path = tmp_path / "text.png"
    path.write_text("no image", encoding="utf-8")
    broken = sample("broken", "left", Image(id="toy/broken", path=str(path)))
    model = connect("template", ModelOptions(train=[*train, broken]))
    with pytest.raises(FatalError, match="builtin/template cannot learn"):
        await answer(model, images["left-10"])


def test_exposure_drops_out_of_a_look() -> None:
    rng = np.random.default_rng(1)
    base = rng.uniform(20, 100, (64, 64))

    def png(pixels: Any, kind: Any) -> bytes:
        buffer = io.BytesIO()
        Pillow.fromarray(pixels.astype(kind)).save(buffer, "PNG")
        return buffer.getvalue()

    dark, bright = look(png(base, np.uint8)), look(png(base * 2 + 30, np.uint8))
    deep = look(png(base * 400, np.uint16))
    # Eight bits are coarse: an average is rounded to about a tenth of the deviation.
    assert np.allclose(dark, bright, atol=0.2)
    assert np.allclose(dark, deep, atol=0.2)
    assert np.allclose(look(png(np.zeros((64, 64)), np.uint8)), 0)


def test_relevance_is_fishers_ratio() -> None:
    rng = np.random.default_rng(2)
    looks = rng.normal(size=(200, 3)).astype(np.float32)
    labels = np.repeat([0, 1], 100)
    looks[labels == 1, 0] += 2
    ratio = relevance(looks, labels)
    assert ratio.mean() == pytest.approx(1, abs=1e-5)
    # Means 2 apart with equal shares: between 1, within 1; noise alone: about 1/200.
    assert ratio[0] > 50 * max(ratio[1:])
    assert np.allclose(relevance(np.zeros((4, 3), np.float32), np.array([0, 0, 1, 1])), 1)


@pytest.fixture(scope="module")
def drawings() -> Dataset:
    return phantom.load(None)


@pytest.mark.parametrize(
    ("name", "low", "high"), [("text-prior", 0.0, 0.0), ("template", 0.8, 1.0)]
)
def test_on_phantoms_pairs_looking_is_what_counts(
    drawings: Dataset, name: str, low: float, high: float
) -> None:
    model = connect(name, ModelOptions(train=drawings.train))
    right: dict[str, list[bool]] = {}
    for one in drawings.samples:
        if one.pair:
            request = asked(*one.images, question=one.question, options=one.options)
            shown = [encode(image) for image in one.images]
            letter = asyncio.run(model.answer(request, shown)).text
            assert letter in LETTERS[: len(one.options)]
            right.setdefault(one.pair, []).append(letter == one.target)
    assert low <= np.mean([all(pair) for pair in right.values()]) <= high
