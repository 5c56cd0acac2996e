"""Checks that both formats make of each answer."""

import math
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec

from medtrust.errors import InputError

T = TypeVar("T")

Mark = Annotated[float, msgspec.Meta(ge=-1000, le=1000)]
"""How close an answer is to an option: 1 to 10 by a judge that keeps to its scale."""

ROUNDING = 1e-6
"""Servers round: a log-probability this little above zero is taken as zero."""


def check_shape(value: Any, shape: type[T], where: str) -> T:
    """`value` as `shape`; raises InputError with the place inside it that does not fit."""
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise InputError(f"{where}: {error}") from None


def check_text(text: str, where: str) -> str:
    """The text, if it can be written down: half a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError(f"{where}: the text is not Unicode (a lone surrogate)") from None
    return text


def check_logprobs(logprobs: Mapping[str, float], where: str) -> dict[str, float]:
    """The log-probabilities, each at most zero; raises InputError for what cannot be one."""
    for token, value in logprobs.items():
        check_text(token, where)
        if not math.isfinite(value) or value > ROUNDING:
            raise InputError(
                f"{where}: log-probability {value} of {token[:40]!r} is not a finite number "
                "up to 0 (natural logarithm)"
            )
    return {token: min(value, 0.0) for token, value in logprobs.items()}
