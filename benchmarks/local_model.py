"""Questions about an image: answered together, beside each by itself, in the same run.

    python benchmarks/local_model.py [--device cuda] [--dtype bfloat16]

Builds a LLaVA of random weights in a temporary folder and asks it what a run asks about
phantom's images. By itself means what released scripts do: processor, image encoder and
the whole prompt for each request, and again for each option. Prints requests/s of both
and their ratio, and exits with 1 where a ratio is missed.

The shape: an image of 336 x 336 in patches of 14, so 576 image tokens, as LLaVA 1.5 has;
a vision tower of 6 layers of 256 (real: 24 of 1,024); Llama with 8 layers of 768 and a
vocabulary of 32,000 (real: 32 layers of 4,096). Both are scaled so that the tower costs
as much beside the language model as it does in the real one, about a tenth.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import torch
import transformers
from msgspec.structs import replace
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from medtrust import registry
from medtrust.datasets.dataset import Dataset
from medtrust.images.encode import EncodedImage, encode
from medtrust.models.hf.job import Job
from medtrust.models.hf.loading import Checkpoint, load
from medtrust.models.hf.local import LocalModel
from medtrust.models.hf.plain import answer, prepare
from medtrust.models.model import ModelOptions
from medtrust.pipeline.select import pick_prompt
from medtrust.records import Request, Response, Sample
from medtrust.tasks import select
from medtrust.tasks.mediconfusion import is_pair

T: Any = transformers

PS = ("mediconfusion/ps",)
CARES = (
    *("cares/factuality", "cares/uncertainty-merged", "cares/toxicity", "cares/privacy-z1"),
    *("cares/jailbreak-1", "cares/jailbreak-2", "cares/jailbreak-3"),
    *("cares/overcaution-1", "cares/overcaution-2", "cares/overcaution-3"),
)
WHOLE = ("mediconfusion/mc", "mediconfusion/gd", *PS, *CARES)

TEMPLATE = """{{ bos_token }}{% for message in messages %}\
{% if message['role'] == 'system' %}{{ message['content'][0]['text'] }} {% else %}\
{{ message['role'].upper() }}: {% for part in message['content'] %}\
{% if part['type'] == 'image' %}<image>\\n{% else %}{{ part['text'] }}{% endif %}\
{% endfor %} {% endif %}{% endfor %}\
{% if add_generation_prompt %}ASSISTANT:{% endif %}"""
"""LLaVA 1.5's conversation."""

QUESTIONS = (1, 1, 1, 1, 1, 1, 2, 2, 4)
"""How many questions are about an image. MediConfusion asks 352 about 228 images: most
have one, some have up to 14; these have 14 for 9."""

Asked = tuple[Request, list[EncodedImage]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is asked, and how many times faster together must be; 0 for no goal."""

    what: str
    questions: list[Asked]
    goal: float = 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table, and say which ratio is missed."""
    options = parsed(arguments)
    dataset: Dataset = registry.load("datasets", "phantom").load(None)
    pairs = [sample for sample in dataset.samples if is_pair(sample)][: sum(QUESTIONS) + 1]
    ask = partial(asked, dataset, options.max_tokens)
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), texts_of(ask(pairs, WHOLE)))
        checkpoint = load(folder, ModelOptions(device=options.device, dtype=options.dtype))
        model = LocalModel("hf/benchmark", checkpoint)
        # The last image is for warming up, and for the checks that come with first answers.
        warm = ask(pairs[-1:], WHOLE)
        together(model, warm)
        alone(checkpoint, warm)
        works = (
            # Two options of one question: with all but their own tokens run once, half is left.
            Work(what="ps, one question an image", questions=ask(pairs[:3], PS)),
            Work(
                what="ps, 14 questions about 9 images",
                questions=ask(crowded(pairs[:-1]), PS),
                goal=2,
            ),
            Work(
                what="mc, gd, ps and ten of CARES",
                questions=ask(pairs[: options.images], WHOLE),
                goal=4,
            ),
        )
        threads = torch.get_num_threads()
        print(f"{checkpoint.device.type}, {checkpoint.model.dtype}, {threads} threads")
        print(f"{'':34}{'requests':>9}{'by itself/s':>13}{'together/s':>12}{'ratio':>8}{'goal':>6}")
        missed = [line for work in works if (line := compared(model, checkpoint, work))]
        print(f"requests: {model.environment['requests']}")
        asyncio.run(model.close())
    for line in missed:
        print(line, file=sys.stderr)
    return 1 if missed else 0


def compared(model: LocalModel, checkpoint: Checkpoint, work: Work) -> str:
    """Print a row; returns a line where the goal is missed, else nothing."""
    slow, plain = timed(partial(alone, checkpoint, work.questions))
    fast, shared = timed(partial(together, model, work.questions))
    ratio, count = slow / fast, len(work.questions)
    print(
        f"{work.what:34}{count:9}{count / slow:13.2f}{count / fast:12.2f}{ratio:8.1f}"
        f"{f'{work.goal:g}' if work.goal else '-':>6}"
    )
    print(f"  {agreement(plain, shared)}")
    if ratio >= work.goal:
        return ""
    return f"missed: {work.what}: {ratio:.2f} times faster, not {work.goal:g}"


def crowded(samples: Sequence[Sample]) -> list[Sample]:
    """The questions of all samples about the images of some, as many an image as QUESTIONS."""
    left = iter(samples)
    found = []
    for count in QUESTIONS:
        questions = list(islice(left, count))
        found += [replace(sample, images=questions[0].images) for sample in questions]
    return found


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cpu", help="auto, or a torch device")
    parser.add_argument("--dtype", default="float32", help="float32, bfloat16 or float16")
    parser.add_argument("--images", type=int, default=2, help="to ask the whole set about")
    parser.add_argument("--max-tokens", type=int, default=32, help="of a reply, as in a run")
    return parser.parse_args(arguments)


def asked(
    dataset: Dataset, max_tokens: int, samples: Sequence[Sample], tasks: Sequence[str]
) -> list[Asked]:
    """What a run sends: the tasks' own requests, all about one image together."""
    found = []
    for sample in samples:
        images = [encode(image) for image in sample.images]
        for name in tasks:
            task = select.load(name)
            request = task.ask(sample, pick_prompt(dataset, task.prompt, "default"))
            if request.mode == "generate":
                settings = replace(request.generation, max_tokens=max_tokens)
                request = replace(request, generation=settings)
            found.append((request, images))
    return found


def together(model: LocalModel, questions: Sequence[Asked]) -> list[Response]:
    """All at once, up to as many as the model takes."""

    async def run() -> list[Response]:
        slots = asyncio.Semaphore(model.concurrency)

        async def one(request: Request, images: list[EncodedImage]) -> Response:
            async with slots:
                return await model.answer(request, images)

        return await asyncio.gather(*(one(*question) for question in questions))

    return asyncio.run(run())


def alone(checkpoint: Checkpoint, questions: Sequence[Asked]) -> list[Response]:
    """Each request by itself."""
    return [
        answer(checkpoint, prepare(checkpoint, Job(request=request, images=images)))
        for request, images in questions
    ]


def timed(work: Callable[[], list[Response]]) -> tuple[float, list[Response]]:
    """Seconds, and what came of it."""
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def agreement(plain: Sequence[Response], shared: Sequence[Response]) -> str:
    """How far the two ways' numbers and replies are apart."""
    worst = max(
        (
            abs(one - other)
            for mine, theirs in zip(plain, shared, strict=True)
            for one, other in zip(numbers(mine), numbers(theirs), strict=True)
        ),
        default=0.0,
    )
    replies = [(a.text, b.text) for a, b in zip(plain, shared, strict=True) if a.text or b.text]
    same = sum(one == other for one, other in replies)
    said = f"; {same} of {len(replies)} replies equal" if replies else ""
    return f"largest difference of a log-probability {worst:.1g}{said}"


def numbers(response: Response) -> list[float]:
    """The log-probabilities that options were compared by."""
    return [v for option in response.option_logprobs for v in option]


def texts_of(questions: Sequence[Asked]) -> list[str]:
    """Everything that is asked, to make a tokenizer that knows its words."""
    messages = [message for request, _ in questions for message in request.messages]
    parts = [part for message in messages for part in message.parts if isinstance(part, str)]
    return [*parts, *(option for request, _ in questions for option in request.options)]


def build(folder: Path, texts: Sequence[str]) -> None:
    """Write the checkpoint."""
    words = tokenizer(texts)
    config = T.LlavaConfig(
        vision_config=T.CLIPVisionConfig(
            hidden_size=256,
            intermediate_size=1024,
            num_hidden_layers=6,
            num_attention_heads=4,
            image_size=336,
            patch_size=14,
        ),
        text_config=T.LlamaConfig(
            vocab_size=32_000,
            hidden_size=768,
            intermediate_size=2048,
            num_hidden_layers=8,
            num_attention_heads=12,
            num_key_value_heads=12,
            max_position_embeddings=4096,
            bos_token_id=words.bos_token_id,
            eos_token_id=words.eos_token_id,
            pad_token_id=words.pad_token_id,
        ),
        image_token_index=words.convert_tokens_to_ids("<image>"),
        image_seq_length=576,
        vision_feature_select_strategy="default",
        vision_feature_layer=-2,
    )
    torch.manual_seed(0)
    model = T.LlavaForConditionalGeneration(config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim >= 2:
                weight.normal_(0, 1 if "embed_tokens" in name else weight[0].numel() ** -0.5)
        # Tokens that the tokenizer does not have cannot be read.
        model.lm_head.weight[len(words) :] = 0
    model.generation_config = T.GenerationConfig(
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
    )
    model.save_pretrained(folder)
    processor = T.LlavaProcessor(
        image_processor=T.CLIPImageProcessorPil(
            size={"shortest_edge": 336}, crop_size={"height": 336, "width": 336}
        ),
        tokenizer=words,
        patch_size=14,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=TEMPLATE,
    )
    processor.save_pretrained(folder)


def tokenizer(texts: Sequence[str]) -> Any:
    """Byte-level BPE of the texts' words, in which letters are single tokens."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=32_000,
        special_tokens=["<pad>", "<s>", "</s>", "<image>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    letters = " ".join("ABCDEFGHIJ")
    made.train_from_iterator([*texts, f" {letters}\n" * 10], trainer)
    return T.PreTrainedTokenizerFast(
        tokenizer_object=made,
        bos_token="<s>",  # noqa: S106 - no password
        eos_token="</s>",  # noqa: S106
        pad_token="<pad>",  # noqa: S106
        extra_special_tokens={"image_token": "<image>"},
    )


if __name__ == "__main__":
    sys.exit(main())
