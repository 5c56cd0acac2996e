"""`POST /v1/systemone` of `transformers serve`: a probability for each letter.

Its chat endpoint gives no log-probabilities. The request is that of transformers 5.23
(`cli/serving/systemone.py`). What the model reads there is our text, then the letters one a line
and a sentence that asks for one (`DECISION_PROMPT` in `decision/template_utils.py`). The
probabilities are a softmax over the letters' tokens alone.
"""

import hashlib
import math
from collections.abc import Sequence
from typing import Any

import msgspec
import pybase64

from medtrust.errors import TransientError, UnsupportedError
from medtrust.images.encode import EncodedImage
from medtrust.models.chat import count_of
from medtrust.models.dialect import DECIDED, without_system
from medtrust.records import LETTERS, Request, Response

PATH = "/systemone"

_QUESTION = "letter"


class _Answer(msgspec.Struct):
    probabilities: dict[str, float]


class _Decisions(msgspec.Struct):
    answers: dict[str, _Answer]
    usage: Any = None


def body_of(model: str, request: Request, images: Sequence[EncodedImage]) -> dict[str, Any]:
    """The request for the letters' probabilities; raises UnsupportedError for several turns."""
    messages = without_system(request.messages)
    if len(messages) != 1:
        raise UnsupportedError(f"{model}: /v1/systemone takes one turn; use hf/")
    parts = messages[0].parts
    # An image stands where its name stands, and no text can hold a hash of itself.
    texts = "".join(part for part in parts if isinstance(part, str))
    fence = hashlib.sha256(texts.encode()).hexdigest()[:16]
    names = [f"<image {fence} {number}>" for number in range(len(images))]
    left = iter(names)
    return {
        "model": model,
        "state": "".join(part if isinstance(part, str) else next(left) for part in parts),
        "questions": {
            _QUESTION: {
                "type": "choice",
                "criteria": dict.fromkeys(LETTERS[: len(request.options)]),
            }
        },
        "assets": {
            name: {
                "type": "image",
                "format": image.mime.rpartition("/")[2],
                "data_base64": pybase64.b64encode(image.data).decode(),
            }
            for name, image in zip(names, images, strict=True)
        },
    }


def read_decision(data: bytes, request: Request, seconds: float, url: str) -> Response:
    """The letters' log-probabilities; raises TransientError for a body that is no decision."""
    try:
        found = msgspec.json.decode(data, type=_Decisions)
        given = found.answers[_QUESTION].probabilities
        letters = {letter: given[letter] for letter in LETTERS[: len(request.options)]}
    except (msgspec.DecodeError, KeyError, RecursionError):
        raise _no_decision(url) from None
    if not math.isclose(math.fsum(letters.values()), 1, abs_tol=0.01) or min(letters.values()) < 0:
        raise _no_decision(url)
    usage = found.usage if isinstance(found.usage, dict) else {}
    return Response(
        logprobs={letter: math.log(min(p, 1.0)) for letter, p in letters.items() if p > 0},
        prompt_tokens=count_of(usage.get("input_tokens")),
        completion_tokens=count_of(usage.get("output_tokens")),
        seconds=round(seconds, 4),
        notes=(DECIDED,),
    )


def _no_decision(url: str) -> TransientError:
    return TransientError(f"{url}{PATH}: the reply is no decision among the letters")
