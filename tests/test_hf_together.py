"""Requests that are answered together get what each gets by itself."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from asking import QUESTION, encoded, picture, request, user
from medtrust.errors import FatalError, ModelError, RejectedError
from medtrust.models.model import ModelOptions
from medtrust.records import Message, Request, Response

torch = pytest.importorskip("torch", reason="needs medtrust[hf]")
tiny = pytest.importorskip("tiny_architectures", reason="needs medtrust[hf]")
batch = pytest.importorskip("medtrust.models.hf.batch")
local = pytest.importorskip("medtrust.models.hf.local")
loading = pytest.importorskip("medtrust.models.hf.loading")
plain = pytest.importorskip("medtrust.models.hf.plain")
rows = pytest.importorskip("medtrust.models.hf.rows")
job = pytest.importorskip("medtrust.models.hf.job")

OPTIONS = ("The left internal carotid artery", "The right vertebral artery is open.")
QUESTIONS = (
    QUESTION,
    "Which vertebra is broken?",
    "Is there a mass in the upper lobe of the left lung? Look at both lungs.",
)

Asked = tuple[Request, tuple[int, ...]]


def every_kind(images: tuple[int, ...]) -> list[Asked]:
    """All modes over questions of different lengths, about the same images."""
    return [
        (replace(asked, options=OPTIONS), images)
        for question in QUESTIONS
        for asked in (
            request(user(*images, question), mode="prefix"),
            request(user(*images, question), mode="choices"),
            request(user(*images, question), logprobs=True),
            request(
                user(*images, question),
                Message(role="assistant", parts=("The answer: ",)),
                mode="prefix",
            ),
        )
    ]


@pytest.fixture(scope="module")
def checkpoint(tiny_checkpoint: Path) -> Any:
    """The tiny LLaVA, loaded once; tests leave it as it was."""
    return fresh(tiny_checkpoint)


def fresh(folder: Path) -> Any:
    return loading.load(str(folder), ModelOptions(device="cpu"))


def made(architecture: Callable[[], Any]) -> Any:
    model, processor = tiny.make(architecture)
    return loading.Checkpoint(model, processor, "none")


def alone(checkpoint: Any, asked: Sequence[Asked]) -> list[Response]:
    """What each request gets by itself."""
    return [
        plain.answer(
            checkpoint,
            plain.prepare(
                checkpoint, job.Job(request=one, images=[picture(seed) for seed in images])
            ),
        )
        for one, images in asked
    ]


def together(checkpoint: Any, asked: Sequence[Asked]) -> tuple[list[Response | ModelError], str]:
    """What all get that are asked at once, and how the model says that it answered."""
    model = local.LocalModel("hf/tiny", checkpoint)

    async def run() -> list[Any]:
        answers = await asyncio.gather(
            *(model.answer(one, [picture(seed) for seed in images]) for one, images in asked),
            return_exceptions=True,
        )
        await model.close()
        return answers

    answers = asyncio.run(run())
    return answers, next((a.server for a in answers if isinstance(a, Response)), "")


def assert_equal(found: Sequence[Any], expected: Sequence[Response]) -> None:
    for one, other in zip(found, expected, strict=True):
        assert isinstance(one, Response), one
        assert one.text == other.text
        assert (one.finish, one.notes) == (other.finish, other.notes)
        assert one.prompt_tokens == other.prompt_tokens
        assert one.completion_tokens == other.completion_tokens
        for mine, theirs in zip(
            (*one.option_logprobs, *one.option_logprobs_first),
            (*other.option_logprobs, *other.option_logprobs_first),
            strict=True,
        ):
            assert mine == pytest.approx(theirs, abs=1e-4)
        assert dict(one.logprobs) == pytest.approx(dict(other.logprobs), abs=1e-4)


class TestArchitectures:
    @pytest.mark.parametrize(
        "architecture", [tiny.wide_gemma3, tiny.idefics3, tiny.qwen2_vl, tiny.qwen3_vl]
    )
    def test_all_modes_about_several_images_are_as_by_themselves(
        self, architecture: Callable[[], Any]
    ) -> None:
        checkpoint = made(architecture)
        asked = [*every_kind((0,)), *every_kind((1,)), *every_kind(()), *every_kind((0, 1))]
        found, server = together(checkpoint, asked)
        assert_equal(found, alone(checkpoint, asked))
        assert "requests together" in server

    def test_llava_too(self, checkpoint: Any) -> None:
        asked = [*every_kind((0,)), *every_kind((1,)), *every_kind(()), *every_kind((0, 1))]
        found, server = together(checkpoint, asked)
        assert_equal(found, alone(checkpoint, asked))
        assert "requests together" in server

    def test_prompts_longer_than_a_sliding_window_are_answered_alone(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        checkpoint = made(tiny.gemma3)
        monkeypatch.setattr(rows, "follow", fails)
        found, _ = together(checkpoint, every_kind((0,)))
        assert_equal(found, alone(checkpoint, every_kind((0,))))

    @pytest.mark.parametrize(
        ("architecture", "reason"),
        [
            (tiny.mllama, "each of its positions sees"),
            (tiny.qwen3_5, "it has layers of another kind"),
        ],
    )
    def test_what_cannot_be_shared_is_answered_alone_and_said(
        self, architecture: Callable[[], Any], reason: str
    ) -> None:
        checkpoint = made(architecture)
        found, server = together(checkpoint, every_kind((0,)))
        assert_equal(found, alone(checkpoint, every_kind((0,))))
        assert f"requests one by one: {reason}" in server

    @pytest.mark.parametrize("mode", ["prefix", "choices", "generate"])
    def test_a_model_that_counts_positions_its_own_way_is_found_out(
        self, mode: str, tiny_checkpoint: Path
    ) -> None:
        checkpoint = fresh(tiny_checkpoint)
        language = checkpoint.model.model.language_model
        forward = language.forward
        # Without positions a token's place in memory counts, which is another in a tree.
        language.forward = lambda *args, **kwargs: forward(*args, **kwargs | {"position_ids": None})
        asked = [(one, images) for one, images in every_kind((0,)) if one.mode == mode]
        found, server = together(checkpoint, asked)
        assert_equal(found, alone(checkpoint, asked))
        assert "requests one by one: log-probabilities differ by" in server

    def test_bfloat16_is_near(self) -> None:
        checkpoint = made(tiny.qwen2_vl)
        checkpoint.model.to(torch.bfloat16)
        asked = [(one, images) for one, images in every_kind((0,)) if one.mode == "choices"]
        found, server = together(checkpoint, asked)
        assert "requests together" in server
        for one, other in zip(found, alone(checkpoint, asked), strict=True):
            assert isinstance(one, Response)
            assert dict(one.logprobs) == pytest.approx(dict(other.logprobs), abs=0.5)


def fails(*_: Any, **__: Any) -> None:
    raise AssertionError("must not be called")


class Calls:
    """Counts calls of a function, and lets some fail."""

    def __init__(self, function: Any, error: Callable[[int], BaseException | None]) -> None:
        self.function, self.error, self.count = function, error, 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.count += 1
        if error := self.error(self.count):
            raise error
        return self.function(*args, **kwargs)


def counted(
    monkeypatch: pytest.MonkeyPatch,
    where: Any,
    name: str,
    error: Callable[[int], BaseException | None] = lambda _: None,
) -> Calls:
    calls = Calls(getattr(where, name), error)
    monkeypatch.setattr(where, name, calls)
    return calls


class TestSharing:
    def test_an_image_is_read_encoded_and_run_once(
        self, checkpoint: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = [one for one, _ in every_kind((0,))]
        model = local.LocalModel("hf/tiny", checkpoint)

        async def about(seed: int) -> None:
            await asyncio.gather(*(model.answer(one, [picture(seed)]) for one in asked))

        asyncio.run(about(0))  # the first answers are computed twice, to be compared
        towers = counted(monkeypatch, checkpoint.model.model.vision_tower, "forward")
        asyncio.run(about(1))
        asyncio.run(about(1))
        assert towers.count == 1
        asyncio.run(model.close())

    def test_text_before_the_image_leaves_the_images_features_to_share(
        self, checkpoint: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = [
            (request(user(question, 0), mode="choices", options=OPTIONS), (0,))
            for question in QUESTIONS
        ]
        expected = alone(checkpoint, asked)
        towers = counted(monkeypatch, checkpoint.model.model.vision_tower, "forward")
        found, _ = together(checkpoint, asked)
        assert_equal(found, expected)
        assert towers.count == 1 + 1, "once for all, once for the proof"

    def test_few_tokens_at_a_time_give_the_same(
        self, checkpoint: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("medtrust.models.hf.together.NODES", 30)
        passes = counted(monkeypatch, rows, "follow")
        found, _ = together(checkpoint, every_kind((0,)))
        assert_equal(found, alone(checkpoint, every_kind((0,))))
        assert passes.count > 3


class TestReplies:
    def test_a_reply_that_ends_early_waits_for_no_other(self, checkpoint: Any) -> None:
        asked = [(request(user(0, q), max_tokens=40), (0,)) for q in QUESTIONS]
        own = [checkpoint.tokenizer.encode(r.text) for r in alone(checkpoint, asked)]
        config = checkpoint.model.generation_config
        kept = config.eos_token_id
        # A token that the first reply has and the others have not so early ends it there.
        config.eos_token_id = [kept, own[0][5]]
        try:
            expected = alone(checkpoint, asked)
            found, _ = together(checkpoint, asked)
        finally:
            config.eos_token_id = kept
        assert_equal(found, expected)
        assert {r.finish for r in expected} >= {"stop"}
        assert len({r.completion_tokens for r in expected}) > 1

    def test_a_penalty_on_repetition_counts_no_padding(self, checkpoint: Any) -> None:
        asked = [(request(user(0, q), max_tokens=20), (0,)) for q in QUESTIONS]
        free = alone(checkpoint, asked)
        config = checkpoint.model.generation_config
        config.repetition_penalty = 1.5
        try:
            expected = alone(checkpoint, asked)
            found, _ = together(checkpoint, asked)
        finally:
            config.repetition_penalty = None
        assert_equal(found, expected)
        assert [r.text for r in expected] != [r.text for r in free]

    def test_sampled_replies_keep_their_seeds(self, checkpoint: Any) -> None:
        asked = [
            (request(user(0, QUESTION), temperature=1.0, seed=3, repeat=repeat), (0,))
            for repeat in range(3)
        ]
        greedy = [(request(user(0, question)), (0,)) for question in QUESTIONS]
        found, _ = together(checkpoint, [greedy[2], *asked, *greedy, asked[0]])
        expected, plainly = alone(checkpoint, asked), alone(checkpoint, greedy)
        assert_equal(found, [plainly[2], *expected, *plainly, expected[0]])
        assert len({response.text for response in expected}) == 3


class TestFaults:
    def test_a_request_that_cannot_be_answered_fails_alone(self, checkpoint: Any) -> None:
        good = every_kind((0,))
        bad: list[Asked] = [
            (request(user("What is <image> for?")), ()),
            (request(user(0, QUESTION)), ()),
            (request(user(0, QUESTION), mode="choices"), (0,)),
        ]
        found, server = together(checkpoint, [bad[0], *good, *bad[1:]])
        assert_equal(found[1:-2], alone(checkpoint, good))
        assert "requests together" in server
        for error in (found[0], *found[-2:]):
            assert isinstance(error, RejectedError)

    def test_an_image_that_is_none_fails_alone(self, checkpoint: Any) -> None:
        model = local.LocalModel("hf/tiny", checkpoint)
        asked = request(user(0, QUESTION))

        async def run() -> tuple[Any, Any]:
            return await asyncio.gather(
                model.answer(asked, [encoded(b"no image", (1, 1))]),
                model.answer(asked, [picture(0)]),
                return_exceptions=True,
            )

        broken, fine = asyncio.run(run())
        asyncio.run(model.close())
        assert isinstance(broken, RejectedError)
        assert isinstance(fine, Response)

    @pytest.mark.parametrize(("where", "name"), [(rows, "follow"), (batch, "_gathered")])
    def test_what_does_not_fit_is_asked_in_smaller_parts(
        self, checkpoint: Any, monkeypatch: pytest.MonkeyPatch, where: Any, name: str
    ) -> None:
        asked = every_kind((0,))
        expected = alone(checkpoint, asked)
        calls = counted(
            monkeypatch, where, name, lambda n: torch.OutOfMemoryError("full") if n == 1 else None
        )
        found, server = together(checkpoint, asked)
        assert_equal(found, expected)
        assert "requests together" in server
        assert calls.count > 1

    def test_what_never_fits_together_is_asked_alone(
        self, checkpoint: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = every_kind((0,))
        expected = alone(checkpoint, asked)
        counted(monkeypatch, rows, "follow", lambda _: torch.OutOfMemoryError("full"))
        found, _ = together(checkpoint, asked)
        assert_equal(found, expected)

    def test_a_fault_of_the_shared_way_is_said_and_costs_no_answer(
        self, checkpoint: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = every_kind((0,))
        expected = alone(checkpoint, asked)
        counted(monkeypatch, rows, "follow", lambda _: RuntimeError("no such kernel"))
        found, server = together(checkpoint, asked)
        assert_equal(found, expected)
        assert "requests one by one: no such kernel" in server

    def test_once_found_out_the_shared_way_is_not_gone_again(
        self, checkpoint: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked = [*every_kind((0,)), *every_kind((1,)), *every_kind(())]
        expected = alone(checkpoint, asked)
        passes = counted(monkeypatch, rows, "follow", lambda _: RuntimeError("no such kernel"))
        found, _ = together(checkpoint, asked)
        assert_equal(found, expected)
        assert passes.count == 1

    def test_a_fault_of_the_device_is_fatal_to_all(
        self, checkpoint: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        counted(monkeypatch, rows, "follow", lambda _: torch.AcceleratorError("lost"))
        found, _ = together(checkpoint, every_kind((0,)))
        assert all(isinstance(error, FatalError) for error in found)

    def test_closing_waits_for_what_is_at_work(
        self, checkpoint: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        loop: asyncio.AbstractEventLoop
        model = local.LocalModel("hf/tiny", checkpoint)
        started = asyncio.Event()

        def begun(_: int) -> None:
            loop.call_soon_threadsafe(started.set)

        counted(monkeypatch, checkpoint.model, "generate", begun)

        async def run() -> Any:
            nonlocal loop
            loop = asyncio.get_running_loop()
            asking = asyncio.ensure_future(model.answer(request(user(QUESTION)), []))
            await started.wait()
            await model.close()
            return await asking

        assert isinstance(asyncio.run(run()), Response)

    def test_who_waits_no_longer_is_left_out(self, checkpoint: Any) -> None:
        model = local.LocalModel("hf/tiny", checkpoint)

        async def run() -> Response:
            asking = [
                asyncio.ensure_future(model.answer(request(user(question)), []))
                for question in QUESTIONS
            ]
            await asyncio.sleep(0)
            asking[0].cancel()
            found: Response = await asking[1]
            await model.close()
            return found

        assert isinstance(asyncio.run(run()), Response)
