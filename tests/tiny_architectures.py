"""Models of other architectures than LLaVA's, tiny and random, each with a quirk of its own.

Gemma 3 (MedGemma) marks image positions by token types, reads an image in both
directions, mixes sliding with full attention and caps its logits; Llama 3.2 Vision sees
images by cross-attention with a mask for each position; Qwen2-VL and Qwen3-VL count
positions in rows and columns, and Qwen3-VL adds an image's features in later layers too;
Idefics 3 (SmolVLM) cuts an image into tiles; Qwen3.5 keeps a state where others keep keys.
"""

from typing import Any

import torch
import transformers

from tiny_llava import CHAT_TEMPLATE, make_tokenizer, rescale

# The library's types are incomplete here.
T: Any = transformers

TEXT: dict[str, Any] = {
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
VISION: dict[str, Any] = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
SIGLIP: dict[str, Any] = VISION | {"num_attention_heads": 2, "image_size": 32, "patch_size": 8}

Built = tuple[Any, Any]
"""Model and processor."""


def tokenizer(markers: tuple[str, ...], named: dict[str, str]) -> Any:
    """The tiny LLaVA's tokenizer with more special tokens."""
    made = T.PreTrainedTokenizerFast(
        tokenizer_object=make_tokenizer().backend_tokenizer,
        **SPECIAL,
        extra_special_tokens=named,
    )
    made.add_tokens(list(markers), special_tokens=True)
    return made


def template(marker: str) -> str:
    """The tiny LLaVA's chat template with another image marker."""
    return CHAT_TEMPLATE.replace("<image>", marker)


def gemma3(window: int = 8) -> Built:
    """Prompts are longer than the default window."""
    from transformers.models.gemma3 import (  # noqa: PLC0415 - not exported without torchvision
        image_processing_pil_gemma3 as images,
    )

    named = {"image_token": "<image>", "boi_token": "<boi>", "eoi_token": "<eoi>"}
    words = tokenizer(("<boi>", "<eoi>"), named)
    processor = T.Gemma3Processor(
        image_processor=images.Gemma3ImageProcessorPil(size={"height": 32, "width": 32}),
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
            sliding_window=window,
            layer_types=["sliding_attention", "full_attention"],
            final_logit_softcapping=5.0,
        ),
        vision_config=T.SiglipVisionConfig(**SIGLIP),
        mm_tokens_per_image=4,
        image_token_index=words.convert_tokens_to_ids("<image>"),
        boi_token_index=words.convert_tokens_to_ids("<boi>"),
        eoi_token_index=words.convert_tokens_to_ids("<eoi>"),
    )
    return T.Gemma3ForConditionalGeneration(config), processor


def wide_gemma3() -> Built:
    """With a window that prompts fit into, as the real one's do."""
    return gemma3(window=512)


def mllama() -> Built:
    """Its image marker is the last token: it has an embedding and no logit."""
    from transformers.models.mllama import (  # noqa: PLC0415 - not exported without torchvision
        image_processing_pil_mllama as images,
    )

    words = tokenizer(("<|python_tag|>", "<|image|>"), {})
    processor = T.MllamaProcessor(
        image_processor=images.MllamaImageProcessorPil(
            size={"height": 28, "width": 28}, max_image_tiles=4
        ),
        tokenizer=words,
        chat_template=template("<|image|>"),
    )
    config = T.MllamaConfig(
        text_config=TEXT
        | {
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
    return T.MllamaForConditionalGeneration(config), processor


def idefics3() -> Built:
    """An image becomes four tiles and a small whole, with text between them."""
    from transformers.models.idefics3 import (  # noqa: PLC0415 - not exported without torchvision
        image_processing_pil_idefics3 as images,
    )

    words = tokenizer(("<image>", "<fake_token_around_image>", "<end_of_utterance>"), {})
    processor = T.Idefics3Processor(
        image_processor=images.Idefics3ImageProcessorPil(
            size={"longest_edge": 64}, max_image_size={"longest_edge": 32}
        ),
        tokenizer=words,
        image_seq_len=4,
        chat_template=template("<image>"),
    )
    config = T.Idefics3Config(
        text_config=T.LlamaConfig(**TEXT, vocab_size=len(words), num_hidden_layers=2),
        vision_config=T.models.idefics3.Idefics3VisionConfig(**SIGLIP),
        image_token_id=words.convert_tokens_to_ids("<image>"),
        scale_factor=2,
    )
    return T.Idefics3ForConditionalGeneration(config), processor


class WithoutVideos(T.Qwen2VLProcessor):  # type: ignore[misc] # the library is untyped here
    """Qwen's processor where there is no torchvision, which its videos need."""

    def check_argument_for_proper_class(self, name: str, argument: Any) -> Any:
        """Leave the one for videos out."""
        if argument is not None:
            return super().check_argument_for_proper_class(name, argument)
        return None


def _qwen_processor(patch: int) -> Any:
    from transformers.models.qwen2_vl import (  # noqa: PLC0415 - not exported without torchvision
        image_processing_pil_qwen2_vl as images,
    )

    named = {"image_token": "<|image_pad|>", "video_token": "<|video_pad|>"}
    words = tokenizer(("<|vision_start|>", "<|vision_end|>"), named)
    return WithoutVideos(
        image_processor=images.Qwen2VLImageProcessorPil(
            patch_size=patch, size={"shortest_edge": 32 * 32, "longest_edge": 64 * 64}
        ),
        tokenizer=words,
        chat_template=template("<|vision_start|><|image_pad|><|vision_end|>"),
    )


def _qwen_tokens(words: Any) -> dict[str, int]:
    return {
        f"{kind}_token_id": words.convert_tokens_to_ids(token)
        for kind, token in (
            ("image", "<|image_pad|>"),
            ("video", "<|video_pad|>"),
            ("vision_start", "<|vision_start|>"),
            ("vision_end", "<|vision_end|>"),
        )
    }


def qwen2_vl() -> Built:
    """An image of rows and columns uses up fewer positions than it has tokens."""
    processor = _qwen_processor(patch=8)
    words = processor.tokenizer
    config = T.Qwen2VLConfig(
        text_config=TEXT
        | {
            "vocab_size": len(words),
            "num_hidden_layers": 2,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 10_000.0,
                "mrope_section": [2, 3, 3],
            },
        },
        vision_config={
            "depth": 2,
            "embed_dim": 32,
            "hidden_size": 64,
            "num_heads": 2,
            "patch_size": 8,
        },
        **_qwen_tokens(words),
    )
    return T.Qwen2VLForConditionalGeneration(config), processor


def qwen3_vl() -> Built:
    """An image's features are added in the second layer too."""
    processor = _qwen_processor(patch=8)
    words = processor.tokenizer
    config = T.Qwen3VLConfig(
        text_config=TEXT
        | {
            "vocab_size": len(words),
            "num_hidden_layers": 2,
            "head_dim": 16,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 10_000.0,
                "mrope_section": [2, 3, 3],
                "mrope_interleaved": True,
            },
        },
        vision_config={
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "patch_size": 8,
            "out_hidden_size": 64,
            "num_position_embeddings": 64,
            "deepstack_visual_indexes": [0, 1],
        },
        **_qwen_tokens(words),
    )
    return T.Qwen3VLForConditionalGeneration(config), processor


def qwen3_5() -> Built:
    """Its first layer keeps a state, its second keeps keys and values."""
    processor = _qwen_processor(patch=8)
    words = processor.tokenizer
    config = T.Qwen3_5Config(
        text_config=TEXT
        | {
            "vocab_size": len(words),
            "num_hidden_layers": 2,
            "layer_types": ["linear_attention", "full_attention"],
            "head_dim": 16,
            "linear_num_key_heads": 2,
            "linear_num_value_heads": 2,
            "linear_key_head_dim": 16,
            "linear_value_head_dim": 16,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 10_000.0,
                "mrope_section": [2, 3, 3],
                "mrope_interleaved": True,
                "partial_rotary_factor": 1.0,
            },
        },
        vision_config={
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "patch_size": 8,
            "out_hidden_size": 64,
            "num_position_embeddings": 64,
        },
        **_qwen_tokens(words),
    )
    return T.Qwen3_5ForConditionalGeneration(config), processor


def make(architecture: Any) -> Built:
    """A model with weights of unit gain, ready to answer, and its processor."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model, processor = architecture()
        rescale(model)
        with torch.no_grad():
            # Cross-attention starts behind closed gates: the image would not be seen at all.
            for name, gate in model.named_parameters():
                if name.endswith(("_gate", "gate_attn", "gate_ffn")):
                    gate.fill_(1.0)
    model.generation_config.eos_token_id = 2
    model.generation_config.pad_token_id = 0
    return model.eval(), processor
