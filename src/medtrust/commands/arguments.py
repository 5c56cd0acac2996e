"""What the command line accepts as a number, and how it says no."""

import argparse
import json
import math
import sys
from typing import Any, NoReturn

from medtrust.runner.shard import Shard

UNUSABLE = 2
"""Exit code for input that cannot be used."""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, like all others that medtrust prints."""

    def error(self, message: str) -> NoReturn:
        """Print `medtrust: COMMAND: MESSAGE` to standard error and exit with code 2."""
        where = self.prog.replace(" ", ": ")
        line = " ".join(message.split())
        print(f"{where}: {line}; see {self.prog} --help", file=sys.stderr)
        raise SystemExit(UNUSABLE)


def whole(text: str) -> int:
    """A whole number."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a whole number") from None


def positive(text: str) -> int:
    """A whole number of at least 1."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError("must be a whole number of at least 1")
    return number


def above_zero(text: str) -> float:
    """A finite number above 0, such as seconds or a budget."""
    number = _number(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError("must be a number above 0")
    return number


def from_zero(text: str) -> float:
    """A finite number of at least 0."""
    number = _number(text)
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError("must be a number of at least 0")
    return number


def share(text: str) -> float:
    """A number between 0 and 1, ends excluded."""
    number = _number(text)
    if not 0 < number < 1:
        raise argparse.ArgumentTypeError("must be a number above 0 and below 1")
    return number


def shard(text: str) -> Shard:
    """`i/n`: the i-th of n parts, counted from 1."""
    number, _, of = text.partition("/")
    if not (number.isascii() and number.isdigit() and of.isascii() and of.isdigit()):
        raise argparse.ArgumentTypeError("must be two whole numbers, such as 2/8")
    if not 1 <= int(number) <= int(of):
        raise argparse.ArgumentTypeError("counts from 1: 1/8, 2/8, ... 8/8")
    return Shard(int(number), int(of))


OURS = frozenset({
    "model", "messages", "stream", "max_tokens", "max_completion_tokens", "temperature", "seed",
    "logprobs", "top_logprobs", "logprob_token_ids",
})  # fmt: skip
"""Fields of a request that a task or another option decides."""


def extra_body(text: str) -> dict[str, Any]:
    """A JSON object of fields that no task and no other option decides."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise argparse.ArgumentTypeError('must be a JSON object, such as {"top_k": 1}')
    if taken := sorted(found.keys() & OURS):
        raise argparse.ArgumentTypeError(f"{taken[0]} is decided by the task or another option")
    return found


def temperature(text: str) -> float | str:
    """A sampling temperature from 0 to 2, or `server` for the server's own."""
    if text == "server":
        return text
    number = _number(text)
    if not 0 <= number <= 2:
        raise argparse.ArgumentTypeError("must be a number from 0 to 2, or `server`")
    return number


def price(text: str) -> tuple[float, float]:
    """Two finite numbers of at least 0, with a comma between them."""
    into, _, out = text.partition(",")
    prices = _number(into), _number(out)
    if not all(0 <= one < math.inf for one in prices):
        raise argparse.ArgumentTypeError("must be two numbers of at least 0, such as 2.50,10")
    return prices


def _number(text: str) -> float:
    """The number in a text; not-a-number, which no bound accepts, where there is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
