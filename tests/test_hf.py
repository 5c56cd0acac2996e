"""What `hf/` models promise, on a tiny random LLaVA and against naive computations."""

import asyncio
import io
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow

from asking import QUESTION, ask, changed, encoded, picture, request, user
from medtrust.errors import FatalError, RejectedError, UnsupportedError
from medtrust.models.hf import connect
from medtrust.models.model import Model, ModelOptions
from medtrust.records import Message, Request, Response

torch = pytest.importorskip("torch", reason="needs medtrust[hf]")
transformers = pytest.importorskip("transformers", reason="needs medtrust[hf]")


@pytest.fixture(scope="module")
def model(tiny_checkpoint: Path) -> Iterator[Model]:
    connected = connect(str(tiny_checkpoint), ModelOptions(device="cpu"))
    yield connected
    asyncio.run(connected.close())


@pytest.fixture(scope="module")
def raw(tiny_checkpoint: Path) -> tuple[Any, Any]:
    """The same checkpoint through the library alone: model and processor."""
    loaded = transformers.AutoModelForImageTextToText.from_pretrained(tiny_checkpoint)
    return loaded.eval(), transformers.AutoProcessor.from_pretrained(tiny_checkpoint)


def naive_inputs(processor: Any, text: str, images: Sequence[int]) -> Any:
    pictures = [Pillow.open(io.BytesIO(picture(seed).data)) for seed in images]
    return processor(
        text=text, images=pictures or None, add_special_tokens=False, return_tensors="pt"
    )


def naive_next(loaded: Any, inputs: Any) -> Any:
    """Log-probabilities after the last position, by one plain forward pass."""
    with torch.no_grad():
        return torch.log_softmax(loaded(**inputs).logits[0, -1].float(), dim=-1)


def naive_option(raw: tuple[Any, Any], prompt: str, option: str, images: Sequence[int]) -> Any:
    """Each option token's log-probability at its own position, and at the first.

    One forward pass for each token, over the text before it.
    """
    loaded, processor = raw
    tokens = processor.tokenizer.tokenize(option)
    right, first = [], []
    for position, token in enumerate(tokens):
        before = processor.tokenizer.convert_tokens_to_string(tokens[:position])
        identity = processor.tokenizer.convert_tokens_to_ids(token)
        inputs = naive_inputs(processor, prompt + before, images)
        right.append(naive_next(loaded, inputs)[identity].item())
        first.append(naive_next(loaded, naive_inputs(processor, prompt, images))[identity].item())
    return right, first


PROMPT_WITH_IMAGE = f"<s>USER: <image>{QUESTION}\nASSISTANT:"
OPTIONS = ("The left internal carotid artery", "The right vertebral artery is open.")


@pytest.fixture(scope="module")
def response(model: Model) -> Response:
    """The answer in prefix mode that several tests look at."""
    return ask(model, request(user(0, QUESTION), mode="prefix", options=OPTIONS), 0)


class TestPrefix:
    def test_each_token_is_read_at_its_own_position(
        self, response: Response, raw: tuple[Any, Any]
    ) -> None:
        for option, values in zip(OPTIONS, response.option_logprobs, strict=True):
            right, _ = naive_option(raw, PROMPT_WITH_IMAGE, f" {option}", [0])
            assert values == pytest.approx(right, abs=1e-4)

    def test_the_released_codes_reading_takes_the_same_tokens_at_the_first_position(
        self, response: Response, raw: tuple[Any, Any]
    ) -> None:
        for option, values in zip(OPTIONS, response.option_logprobs_first, strict=True):
            _, first = naive_option(raw, PROMPT_WITH_IMAGE, f" {option}", [0])
            assert values == pytest.approx(first, abs=1e-4)

    def test_both_readings_agree_on_the_first_token_only(self, response: Response) -> None:
        for right, first in zip(
            response.option_logprobs, response.option_logprobs_first, strict=True
        ):
            assert right[0] == pytest.approx(first[0], abs=1e-5)
            assert right[1:] != pytest.approx(first[1:], abs=1e-2)

    def test_an_answer_begun_by_the_request_is_continued(
        self, model: Model, raw: tuple[Any, Any]
    ) -> None:
        begun = Message(role="assistant", parts=("The answer:",))
        asked = request(user(0, QUESTION), begun, mode="prefix", options=(" left", " right"))
        response = ask(model, asked, 0)
        for option, values in zip(asked.options, response.option_logprobs, strict=True):
            right, _ = naive_option(raw, f"{PROMPT_WITH_IMAGE} The answer:", option, [0])
            assert values == pytest.approx(right, abs=1e-4)

    def test_a_space_at_the_prompts_end_merges_into_the_options_as_in_running_text(
        self, model: Model
    ) -> None:
        def options_after(start: str, *options: str) -> Response:
            begun = Message(role="assistant", parts=(start,))
            return ask(model, request(user(QUESTION), begun, mode="prefix", options=options))

        apart = options_after("Answer:", " left", " right")
        merged = options_after("Answer: ", "left", "right")
        for one, other in zip(apart.option_logprobs, merged.option_logprobs, strict=True):
            assert one == pytest.approx(other, abs=1e-5)
        assert not any("merge" in note for note in apart.notes)
        assert any("merge" in note for note in merged.notes)

    def test_a_prompt_without_image_is_scored_too(self, model: Model, raw: tuple[Any, Any]) -> None:
        response = ask(model, request(user(QUESTION), mode="prefix", options=OPTIONS))
        prompt = PROMPT_WITH_IMAGE.replace("<image>", "")
        right, _ = naive_option(raw, prompt, f" {OPTIONS[0]}", [])
        assert response.option_logprobs[0] == pytest.approx(right, abs=1e-4)


class TestChoices:
    def test_letters_have_the_probability_of_following_the_prompt(
        self, model: Model, raw: tuple[Any, Any]
    ) -> None:
        loaded, processor = raw
        asked = request(user(0, QUESTION), mode="choices", options=("a", "b", "c"))
        response = ask(model, asked, 0)
        expected = naive_next(loaded, naive_inputs(processor, PROMPT_WITH_IMAGE, [0]))
        tokens = processor.tokenizer.convert_tokens_to_ids(["ĠA", "ĠB", "ĠC"])
        assert dict(response.logprobs) == pytest.approx(
            dict(zip("ABC", expected[tokens].tolist(), strict=True)), abs=1e-5
        )

    def test_a_tokenizer_without_single_letters_is_named(
        self, tiny_checkpoint: Path, tmp_path: Path
    ) -> None:
        folder = changed(tiny_checkpoint, tmp_path, "tokenizer.json", without_letter_e)
        model = connect(str(folder), ModelOptions(device="cpu"))
        four = request(user(QUESTION), mode="choices", options=("a", "b", "c", "d"))
        assert set(ask(model, four).logprobs) == set("ABCD")
        five = request(user(QUESTION), mode="choices", options=("a", "b", "c", "d", "e"))
        with pytest.raises(UnsupportedError, match="single token"):
            ask(model, five)

    @pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
    def test_a_16_bit_head_is_computed_in_float32(self, tiny_checkpoint: Path, dtype: str) -> None:
        model = connect(str(tiny_checkpoint), ModelOptions(device="cpu", dtype=dtype))
        asked = request(user(QUESTION), mode="choices", options=tuple("abcdefghij"))
        values = list(ask(model, asked).logprobs.values())
        loaded = transformers.AutoModelForImageTextToText.from_pretrained(
            tiny_checkpoint, dtype=getattr(torch, dtype)
        ).eval()
        processor = transformers.AutoProcessor.from_pretrained(tiny_checkpoint)
        inputs = naive_inputs(processor, PROMPT_WITH_IMAGE.replace("<image>", ""), [])
        with torch.no_grad():
            hidden = loaded.model(**inputs).last_hidden_state[0, -1].float()
            logits = hidden @ loaded.lm_head.weight.float().T
        tokens = processor.tokenizer.convert_tokens_to_ids(
            [f"Ġ{letter}" for letter in "ABCDEFGHIJ"]
        )
        assert values == pytest.approx(torch.log_softmax(logits, -1)[tokens].tolist(), abs=1e-5)


class TestGenerate:
    @pytest.mark.parametrize("images", [(), (0,), (1,), (0, 1)])
    def test_greedy_replies_are_the_librarys(
        self, model: Model, raw: tuple[Any, Any], images: tuple[int, ...]
    ) -> None:
        loaded, processor = raw
        response = ask(model, request(user(*images, QUESTION)), *images)
        prompt = PROMPT_WITH_IMAGE.replace("<image>", "<image>" * len(images))
        inputs = naive_inputs(processor, prompt, images)
        new = loaded.generate(**inputs, do_sample=False, max_new_tokens=10)
        text = processor.decode(new[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        assert response.text == text
        assert response.prompt_tokens == inputs["input_ids"].shape[1]
        assert response.completion_tokens == 10
        assert response.finish == "length"

    def test_image_question_and_order_of_images_matter(self, model: Model) -> None:
        replies = {
            ask(model, request(user(*parts)), *(p for p in parts if isinstance(p, int))).text
            for parts in (
                (QUESTION,),
                (0, QUESTION),
                (1, QUESTION),
                (0, 1, QUESTION),
                (1, 0, QUESTION),
                (0, QUESTION, 1),
                (0, "Is there a mass?"),
            )
        }
        assert len(replies) == 7

    def test_system_and_earlier_turns_are_read(self, model: Model) -> None:
        system = Message(role="system", parts=("You are brief.",))
        past = (user(0, "Is this a chest?"), Message(role="assistant", parts=("Yes.",)))
        replies = {
            ask(model, request(*messages), *([0] if past[0] in messages else [])).text
            for messages in ((user(QUESTION),), (system, user(QUESTION)), (*past, user(QUESTION)))
        }
        assert len(replies) == 3

    def test_a_reply_may_end_by_itself(self, tiny_checkpoint: Path, tmp_path: Path) -> None:
        model = connect(str(tiny_checkpoint), ModelOptions(device="cpu"))
        processor = transformers.AutoProcessor.from_pretrained(tiny_checkpoint)
        reply = ask(model, request(user(QUESTION)))
        token = processor.tokenizer.encode(reply.text)[2]
        folder = changed(tiny_checkpoint, tmp_path, "generation_config.json", ends_with(token))
        ended = ask(connect(str(folder), ModelOptions(device="cpu")), request(user(QUESTION)))
        assert ended.finish == "stop"
        assert ended.completion_tokens is not None
        assert ended.completion_tokens <= 3
        assert reply.text.startswith(ended.text)

    def test_sampling_repeats_with_its_seed_and_varies_with_the_repeat(self, model: Model) -> None:
        def sample(repeat: int) -> str:
            return ask(model, request(user(QUESTION), temperature=1.0, seed=7, repeat=repeat)).text

        state = torch.random.get_rng_state()
        assert sample(0) == sample(0)
        assert len({sample(0), sample(1), sample(2)}) == 3
        assert torch.equal(state, torch.random.get_rng_state())

    def test_a_checkpoint_that_searches_beams_is_greedy_here(
        self, model: Model, tiny_checkpoint: Path, tmp_path: Path
    ) -> None:
        def with_beams(text: str) -> str:
            return json.dumps(json.loads(text) | {"num_beams": 3})

        folder = changed(tiny_checkpoint, tmp_path, "generation_config.json", with_beams)
        asked = request(user(0, QUESTION))
        beams = connect(str(folder), ModelOptions(device="cpu"))
        assert ask(beams, asked, 0).text == ask(model, asked, 0).text

    def test_first_token_probabilities_are_of_the_reply_and_hold_the_letters(
        self, model: Model, raw: tuple[Any, Any]
    ) -> None:
        loaded, processor = raw
        asked = request(user(0, QUESTION), logprobs=True, options=("a", "b"))
        response = ask(model, asked, 0)
        expected = naive_next(loaded, naive_inputs(processor, PROMPT_WITH_IMAGE, [0]))
        likeliest = max(response.logprobs, key=lambda token: response.logprobs[token])
        assert response.text.startswith(likeliest)
        assert response.logprobs[likeliest] == pytest.approx(expected.max().item(), abs=1e-5)
        assert 20 <= len(response.logprobs) <= 22
        for letter in "AB":
            token = processor.tokenizer.convert_tokens_to_ids(f"Ġ{letter}")
            assert response.logprobs[f" {letter}"] == pytest.approx(
                expected[token].item(), abs=1e-5
            )

    def test_the_event_loop_runs_on_while_a_reply_is_made(self, model: Model) -> None:
        async def both() -> int:
            ticks = 0
            answering = asyncio.ensure_future(
                model.answer(request(user(QUESTION), max_tokens=100), [])
            )
            while not answering.done():
                await asyncio.sleep(0)
                ticks += 1
            return ticks

        assert asyncio.run(both()) > 1

    def test_a_turned_photograph_is_seen_upright(self, model: Model) -> None:
        upright = Pillow.open(io.BytesIO(picture(0).data))
        turned, exif = io.BytesIO(), Pillow.Exif()
        exif[0x0112] = 6  # the EXIF orientation "turn 90 degrees clockwise to view"
        upright.transpose(Pillow.Transpose.ROTATE_90).save(turned, "PNG", exif=exif)
        asked = request(user(0, QUESTION))
        response = asyncio.run(model.answer(asked, [encoded(turned.getvalue(), (40, 50))]))
        assert response.text == ask(model, asked, 0).text

    def test_what_the_processor_did_to_the_size_is_noted(self, model: Model) -> None:
        (note,) = ask(model, request(user(0, QUESTION)), 0).notes
        assert "50x40" in note
        assert "(1, 3, 32, 32)" in note


def without_letter_e(text: str) -> str:
    """A tokenizer in which a lone `E` is two tokens: the byte has another name."""
    content = json.loads(text)
    content["normalizer"] = {"type": "Replace", "pattern": {"String": "E"}, "content": "éé"}
    return json.dumps(content)


def ends_with(token: int) -> Callable[[str], str]:
    return lambda text: json.dumps(json.loads(text) | {"eos_token_id": [2, token]})


class TestUnusableRequests:
    @pytest.mark.parametrize(
        ("asked", "message"),
        [
            (request(user(0, QUESTION)), "show 1 images, and 0 were given"),
            (request(user("What is <image> for?")), "image marker"),
            (request(user(QUESTION), mode="prefix"), "there are none"),
            (request(user(QUESTION), mode="choices", options=("a",) * 27), "26 options at most"),
            (request(), "nothing to answer"),
            (
                request(
                    user(QUESTION),
                    Message(role="assistant", parts=("It is",)),
                    mode="prefix",
                    options=("left", ""),
                ),
                "option 2 is empty",
            ),
        ],
    )
    def test_each_is_rejected_with_a_reason(
        self, model: Model, asked: Request, message: str
    ) -> None:
        with pytest.raises(RejectedError, match=message):
            ask(model, asked)

    def test_what_a_template_refuses_is_rejected(
        self, tiny_checkpoint: Path, tmp_path: Path
    ) -> None:
        folder = changed(
            tiny_checkpoint,
            tmp_path,
            "chat_template.jinja",
            lambda text: "{{ raise_exception('System role not supported') }}" + text,
        )
        model = connect(str(folder), ModelOptions(device="cpu"))
        with pytest.raises(RejectedError, match="System role not supported"):
            ask(model, request(user(QUESTION)))

    def test_running_out_of_memory_is_rejected_and_the_next_request_is_answered(
        self, tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def exhausted(*_: Any, **__: Any) -> None:
            raise torch.OutOfMemoryError("CUDA out of memory.\nTried to allocate 2 GiB")

        model = connect(str(tiny_checkpoint), ModelOptions(device="cpu"))
        with monkeypatch.context() as patch:
            patch.setattr(transformers.LlavaForConditionalGeneration, "generate", exhausted)
            with pytest.raises(RejectedError, match="does not fit into the device's memory"):
                ask(model, request(user(QUESTION)))
        assert ask(model, request(user(QUESTION))).text

    def test_a_closed_model_says_so(self, tiny_checkpoint: Path) -> None:
        model = connect(str(tiny_checkpoint), ModelOptions(device="cpu"))
        asyncio.run(model.close())
        with pytest.raises(FatalError, match="is closed"):
            ask(model, request(user(QUESTION)))
