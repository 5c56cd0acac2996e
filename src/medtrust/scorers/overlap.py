"""How many words a reply shares with its reference: a score that needs no judge."""

import re
import string
from collections import Counter

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def overlap(reply: str, reference: str) -> float:
    """F1 of the words of a reply and its reference, in [0, 1].

    Case, punctuation and articles do not count, the order of the words neither. Two texts
    without a word are alike (1.0); a text without a word is unlike any other (0.0).

    Source: Rajpurkar et al. 2016, SQuAD, section 6.1 (arXiv 1606.05250).
    """
    said, wanted = _words(reply), _words(reference)
    if not said or not wanted:
        return float(said == wanted)
    shared = (said & wanted).total()
    return 2 * shared / (said.total() + wanted.total())


def _words(text: str) -> Counter[str]:
    return Counter(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())
