"""Scoring options holds for other architectures than LLaVA, each with a quirk of its own."""

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
tiny = pytest.importorskip("tiny_architectures", reason="needs medtrust[hf]")

OPTIONS = ("The left internal carotid artery", "The right vertebral artery is open.")


@pytest.mark.parametrize("architecture", [tiny.gemma3, tiny.mllama, tiny.idefics3])
def test_options_are_scored_token_by_token_after_the_image(
    architecture: Callable[[], tuple[Any, Any]], tmp_path: Path
) -> None:
    built, processor = tiny.make(architecture)
    built.save_pretrained(tmp_path)
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
