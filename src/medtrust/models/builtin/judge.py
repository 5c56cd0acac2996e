"""`builtin/overlap-judge`: which candidate answer shares more words with a reply.

A weak judge, for tests and demos without a network: it knows no synonyms and no
negation ("no effusion" is close to "effusion"), so its verdicts measure wording and not
meaning. Published free-form numbers need a language model as judge.
"""

from collections import Counter
from collections.abc import Sequence

from medtrust.errors import RejectedError
from medtrust.images.encode import EncodedImage
from medtrust.models.builtin.offline import OfflineModel
from medtrust.models.builtin.wording import words
from medtrust.models.model import ModelOptions
from medtrust.records import LETTERS, Request, Response

ARTICLES = frozenset({"a", "an", "the"})


def connect(name: str, _options: ModelOptions) -> OfflineModel:
    """It writes only: a judge is never asked for log-probabilities."""
    return OfflineModel(
        name=f"builtin/{name}",
        reply=judge,
        identity={"name": f"builtin/{name}", "version": "1"},
        modes=frozenset({"generate"}),
    )


def judge(request: Request, _images: Sequence[EncodedImage]) -> Response:
    """`A: n` and `B: n`, with n from 1 (no word shared) to 10 (the same words), and a reason.

    The candidates are the request's `options` in the order shown, what they are compared
    with (a reply, or a reference) is its `question`; a single candidate gets `Mark: n`.
    Raises RejectedError where there are not one or two candidates.
    """
    if len(request.options) not in {1, 2}:
        raise RejectedError(
            f"{request.sample}: a judge marks 1 answer or compares 2, not {len(request.options)}"
        )
    names = LETTERS if len(request.options) == 2 else ["Mark"]
    lines = [
        f"{name}: {1 + round(9 * overlap(request.question, option))}"
        for name, option in zip(names, request.options, strict=False)
    ]
    lines.append("Your explanation: words that the reply shares with each answer")
    return Response(text="\n".join(lines), finish="stop")


def overlap(reply: str, answer: str) -> float:
    """Token F1 of SQuAD (arXiv 1606.05250, section 6.1), in [0, 1]: articles do not count."""
    ours, theirs = (
        Counter(word for word in words(text) if word not in ARTICLES) for text in (reply, answer)
    )
    shared = (ours & theirs).total()
    return 2 * shared / (ours.total() + theirs.total()) if shared else 0.0
