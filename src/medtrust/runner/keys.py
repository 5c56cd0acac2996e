"""What makes two requests the same: a hash over everything that could change the answer."""

import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from medtrust.images.encode import EncodedImage
from medtrust.records import Request

_encode = msgspec.json.Encoder(order="deterministic").encode


def asked_of(
    identity: Mapping[str, str], request: Request, images: Sequence[EncodedImage] | None
) -> bytes:
    """All of a request that could change its answer, as JSON.

    That is the model's identity, the messages with the SHA-256 of each image as sent, the
    mode, the options in their order, the decoding settings and the repeat number. The
    names of samples and of image files are left out on purpose: the same question asked
    by two tasks is sent once, a changed image under its old name is asked anew, and what
    is kept of a request names no file. Without `images` (a model that answers by name and
    sees nothing of the request) the sample's name stands in their place.
    """
    seen = iter([image.digest for image in images or ()])
    messages = [
        [
            message.role,
            *(
                part if isinstance(part, str) else [next(seen) if images else part.id]
                for part in message.parts
            ),
        ]
        for message in request.messages
    ]
    name = request.sample if images is None else ""
    # A letter is all that `generate` shows of the options, and its messages hold their texts.
    options = () if request.mode == "generate" else request.options
    return _encode(
        (identity, messages, request.mode, options, request.generation, request.repeat, name)
    )


def key_of(asked: bytes) -> bytes:
    """32 bytes that name a request and its answer, whichever task or sample asks it."""
    return hashlib.sha256(asked).digest()
