"""An OpenAI-compatible chat server that gives log-probabilities, for tests.

It answers from the weights by the library's plainest calls, not by ours, so that a
client can be checked against it. Beside the reply it gives `logprobs` for each token,
with as many `top_logprobs` as were asked for (20 at most, as elsewhere), or, as vLLM does, those
of the tokens named in `logprob_token_ids`, which `/tokenize` tells.
"""

import asyncio
from pathlib import Path
from typing import Any

import torch
from aiohttp import web
from transformers import AutoModelForImageTextToText, AutoProcessor

MOST = 20
"""More `top_logprobs` than this are refused, as OpenAI does."""


def application(folder: Path, *, names_tokens: bool = False) -> web.Application:
    """The server of the checkpoint in `folder`, known under the folder's name.

    `names_tokens` is whether it does what vLLM alone does.
    """
    auto: Any = AutoProcessor
    processor = auto.from_pretrained(folder)
    model: Any = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32)
    model.eval()
    one_at_a_time = asyncio.Lock()

    async def complete(request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("model") != str(folder):
            return _refusal(404, f"no model {body.get('model')!r}")
        if body.get("top_logprobs", 0) > MOST:
            return _refusal(400, f"top_logprobs is at most {MOST}")
        if not names_tokens:
            body.pop("logprob_token_ids", None)
        async with one_at_a_time:
            return web.json_response(await asyncio.to_thread(_complete, processor, model, body))

    async def tokenize(request: web.Request) -> web.Response:
        body = await request.json()
        found = processor.tokenizer(body["prompt"], add_special_tokens=body["add_special_tokens"])
        return web.json_response({"tokens": found["input_ids"]})

    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_post("/v1/chat/completions", complete)
    if names_tokens:
        app.router.add_post("/tokenize", tokenize)
    return app


def _refusal(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"message": message}}, status=status)


def _complete(processor: Any, model: Any, body: dict[str, Any]) -> dict[str, Any]:
    inputs = processor.apply_chat_template(
        [_turn(message) for message in body["messages"]],
        add_generation_prompt=True,
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
    )
    limit = body.get("max_completion_tokens") or body.get("max_tokens") or 256
    with torch.inference_mode():
        output = model.generate(
            **inputs,
            do_sample=False,
            max_new_tokens=limit,
            output_logits=True,
            return_dict_in_generate=True,
        )
    prompt = inputs["input_ids"].shape[1]
    new = output.sequences[0, prompt:].tolist()
    choice: dict[str, Any] = {
        "index": 0,
        "message": {
            "role": "assistant",
            "content": processor.tokenizer.decode(new, skip_special_tokens=True),
        },
        "finish_reason": "length" if len(new) >= limit else "stop",
    }
    if body.get("logprobs"):
        top, named = body.get("top_logprobs", 0), body.get("logprob_token_ids")
        choice["logprobs"] = {
            "content": [
                _position(processor.tokenizer, token, logits[0], top, named)
                for token, logits in zip(new, output.logits, strict=True)
            ]
        }
    return {
        "id": "chatcmpl-test",
        "object": "chat.completion",
        "model": body["model"],
        "choices": [choice],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": len(new),
            "total_tokens": prompt + len(new),
        },
    }


def _position(
    tokenizer: Any, token: int, logits: torch.Tensor, top: int, named: list[int] | None
) -> dict[str, Any]:
    log_probs = torch.log_softmax(logits.float(), dim=-1)

    def entry(each: int) -> dict[str, Any]:
        return {"token": tokenizer.decode([each]), "logprob": log_probs[each].item()}

    shown = named or log_probs.topk(top).indices.tolist()
    return entry(token) | {"top_logprobs": [entry(each) for each in shown]}


def _turn(message: dict[str, Any]) -> dict[str, Any]:
    content = message["content"]
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    return {
        "role": message["role"],
        "content": [
            part if part["type"] == "text" else {"type": "image", "url": part["image_url"]["url"]}
            for part in content
        ],
    }
