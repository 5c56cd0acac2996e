"""A LLaVA of some 150 thousand random weights: every part of the real thing, none of its sense.

Built in code from a seed, with no network: CLIP vision tower, projector, Llama, a
byte-level tokenizer trained on the sentences below, processor and chat template.
The weights are scaled so that replies depend on the question, on the image and on
the order of images, which is what the tests of a model backend need.
"""

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    CLIPImageProcessorPil,
    CLIPVisionConfig,
    GenerationConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaProcessor,
    PreTrainedTokenizerFast,
)

# The library's types are incomplete here.
_GenerationConfig: Any = GenerationConfig
_Processor: Any = LlavaProcessor
_TokenizerFast: Any = PreTrainedTokenizerFast

SENTENCES = (
    "Which artery is narrowed in this image of the neck?",
    "The left internal carotid artery is narrowed. The right vertebral artery is open.",
    "Is there a fracture of the lower spine? No, the vertebrae are of normal height.",
    "The scan shows a mass in the upper lobe of the left lung. Answer with one letter.",
    "Answer: A Answer: B Answer: C Answer: D Answer: E",
    "Answer: F Answer: G Answer: H Answer: I Answer: J",
)

CHAT_TEMPLATE = """{{ bos_token }}{% for message in messages %}\
{{ message['role'].upper() }}: \
{% for part in message['content'] %}\
{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}{% endif %}\
{% endfor %}\
{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}{{ '\\n' }}\
{% endfor %}\
{% if add_generation_prompt %}ASSISTANT:{% endif %}"""

IMAGE_SIDE = 32
"""Pixels that the vision tower sees on each side."""

PATCH = 8


def build(folder: Path, *, seed: int = 0, dtype: torch.dtype = torch.float32) -> Path:
    """Write a checkpoint into `folder` and return it; the same seed gives the same bytes."""
    tokenizer = make_tokenizer()
    processor = _Processor(
        image_processor=CLIPImageProcessorPil(
            size={"shortest_edge": IMAGE_SIDE},
            crop_size={"height": IMAGE_SIDE, "width": IMAGE_SIDE},
        ),
        tokenizer=tokenizer,
        patch_size=PATCH,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=CHAT_TEMPLATE,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model: Any = LlavaForConditionalGeneration(_config(tokenizer))
        rescale(model)
        _keep_readable(model, tokenizer)
    model.generation_config = _GenerationConfig(
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model.to(dtype).save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def make_tokenizer() -> Any:
    """Byte-level BPE in which `A` to `J` are single tokens with and without a space before."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=["<pad>", "<s>", "</s>", "<image>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    special = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    return _TokenizerFast(
        tokenizer_object=tokenizer,
        **special,
        extra_special_tokens={"image_token": "<image>"},
    )


def _config(tokenizer: Any) -> LlavaConfig:
    return LlavaConfig(
        vision_config=CLIPVisionConfig(
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            image_size=IMAGE_SIDE,
            patch_size=PATCH,
        ),
        text_config=LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=2048,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        ),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        image_seq_length=(IMAGE_SIDE // PATCH) ** 2,
        vision_feature_select_strategy="default",
        vision_feature_layer=-1,
    )


def rescale(model: Any) -> None:
    """Give each weight matrix unit gain (standard deviation 1 / sqrt(inputs)).

    The libraries' own start values are made for training: their logits are so flat
    that a reply is one token over and over, whatever was asked.
    """
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim >= 2:
                embedding = "embed" in name and "patch" not in name
                weight.normal_(0, 1 if embedding else weight[0].numel() ** -0.5)


def _keep_readable(model: LlavaForConditionalGeneration, tokenizer: Any) -> None:
    """Make bytes that are no text unlikely, so that replies can be read in a failing test."""
    unread = [
        token
        for token in range(tokenizer.vocab_size)
        if not (tokenizer.decode([token]).isascii() and tokenizer.decode([token]).isprintable())
    ]
    with torch.no_grad():
        model.lm_head.weight[unread] = 0
