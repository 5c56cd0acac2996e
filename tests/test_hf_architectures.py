"""Scoring options holds for other architectures than LLaVA, each with a quirk of its own.

Gemma 3 (MedGemma) marks image positions by token types, mixes sliding with full
attention and caps its logits; Llama 3.2 Vision sees images by cross-attention with a
mask for each position.
"""

import asyncio
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as Pillow

from asking import QUESTION, ask, picture, request, user
from medtrust.models.hf import connect
from medtrust.models.model import ModelOptions

torch = pytest.importorskip("torch", reason="needs medtrust[hf]")
T = pytest.importorskip("transformers", reason="needs medtrust[hf]")

OPTIONS = ("The left internal carotid artery", "The right vertebral artery is open.")

TEXT = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
RATIOS = [[1, 1], [1, 2], [1, 3], [1, 4], [2, 1], [2, 2], [3, 1], [4, 1]]
SPECIAL = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
VISION = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}


def tokenizer(markers: tuple[str, ...], named: dict[str, str]) -> Any:
    """The tiny LLaVA's tokenizer with more special tokens."""
    from tiny_llava import make_tokenizer  # noqa: PLC0415 - imports torch

    made = T.PreTrainedTokenizerFast(
        tokenizer_object=make_tokenizer().backend_tokenizer,
        **SPECIAL,
        extra_special_tokens=named,
    )
    made.add_tokens(list(markers), special_tokens=True)
    return made


def template(marker: str) -> str:
    from tiny_llava import CHAT_TEMPLATE  # noqa: PLC0415 - imports torch

    return CHAT_TEMPLATE.replace("<image>", marker)


def gemma3() -> tuple[Any, Any]:
    from transformers.models.gemma3 import (  # noqa: PLC0415 - imports torch
        image_processing_pil_gemma3 as images,
    )

    named = {"image_token": "<image>", "boi_token": "<boi>", "eoi_token": "<eoi>"}
    words = tokenizer(("<boi>", "<eoi>"), named)
    side = {"height": 32, "width": 32}
    processor = T.Gemma3Processor(
        image_processor=images.Gemma3ImageProcessorPil(size=side),
        tokenizer=words,
        image_seq_length=4,
        chat_template=template("<boi>"),
    )
    config = T.Gemma3Config(
        text_config=T.Gemma3TextConfig(
            **TEXT,
            vocab_size=len(words),
            num_hidden_layers=2,
            head_dim=16,
            query_pre_attn_scalar=16,
            sliding_window=8,
            layer_types=["sliding_attention", "full_attention"],
            final_logit_softcapping=5.0,
        ),
        vision_config=T.SiglipVisionConfig(
            **VISION, num_attention_heads=2, image_size=32, patch_size=8
        ),
        mm_tokens_per_image=4,
        image_token_index=words.convert_tokens_to_ids("<image>"),
        boi_token_index=words.convert_tokens_to_ids("<boi>"),
        eoi_token_index=words.convert_tokens_to_ids("<eoi>"),
    )
    return T.Gemma3ForConditionalGeneration(config), processor


def mllama() -> tuple[Any, Any]:
    from transformers.models.mllama import (  # noqa: PLC0415 - imports torch
        image_processing_pil_mllama as images,
    )

    words = tokenizer(("<|python_tag|>", "<|image|>"), {})
    side = {"height": 28, "width": 28}
    processor = T.MllamaProcessor(
        image_processor=images.MllamaImageProcessorPil(size=side, max_image_tiles=4),
        tokenizer=words,
        chat_template=template("<|image|>"),
    )
    config = T.MllamaConfig(
        text_config=TEXT
        | {
            # The image marker is the last token: it has an embedding and no logit.
            "vocab_size": len(words) - 1,
            "num_hidden_layers": 4,
            "cross_attention_layers": [1, 3],
            "rope_parameters": {"rope_type": "default", "rope_theta": 10_000.0},
        },
        vision_config=VISION
        | {
            "num_global_layers": 1,
            "attention_heads": 2,
            "image_size": 28,
            "patch_size": 14,
            "intermediate_layers_indices": [0, 1],
            "vision_output_dim": 96,
            "max_num_tiles": 4,
            "supported_aspect_ratios": RATIOS,
        },
        image_token_index=words.convert_tokens_to_ids("<|image|>"),
    )
    model = T.MllamaForConditionalGeneration(config)
    with torch.no_grad():
        # Cross-attention starts behind closed gates: the image would not be seen at all.
        for name, gate in model.named_parameters():
            if name.endswith(("_gate", "gate_attn", "gate_ffn")):
                gate.fill_(1.0)
    return model, processor


@pytest.mark.parametrize("architecture", [gemma3, mllama])
def test_options_are_scored_token_by_token_after_the_image(
    architecture: Callable[[], tuple[Any, Any]], tmp_path: Path
) -> None:
    from tiny_llava import rescale  # noqa: PLC0415 - imports torch

    with torch.random.fork_rng():
        torch.manual_seed(0)
        built, processor = architecture()
        rescale(built)
    built.eval().save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    model = connect(str(tmp_path), ModelOptions(device="cpu"))
    response = ask(model, request(user(0, QUESTION), mode="prefix", options=OPTIONS), 0)
    unseen = ask(model, request(user(1, QUESTION), mode="prefix", options=OPTIONS), 1)
    asyncio.run(model.close())
    assert response.option_logprobs != unseen.option_logprobs

    content = [{"type": "image"}, {"type": "text", "text": QUESTION}]
    prompt = processor.apply_chat_template(
        [{"role": "user", "content": content}], add_generation_prompt=True
    )
    image = Pillow.open(io.BytesIO(picture(0).data))
    for option, values in zip(OPTIONS, response.option_logprobs, strict=True):
        tokens = processor.tokenizer.tokenize(f" {option}")
        assert len(tokens) == len(values)
        for position, token in enumerate(tokens):
            text = prompt + processor.tokenizer.convert_tokens_to_string(tokens[:position])
            inputs = processor(
                text=text, images=[[image]], add_special_tokens=False, return_tensors="pt"
            )
            with torch.no_grad():
                expected = torch.log_softmax(built(**inputs).logits[0, -1].float(), dim=-1)
            identity = processor.tokenizer.convert_tokens_to_ids(token)
            assert values[position] == pytest.approx(expected[identity].item(), abs=1e-4)
