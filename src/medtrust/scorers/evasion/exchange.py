"""What is left where no way of declining is found: a "not" about the exchange, not the case."""

import re

from medtrust.scorers.evasion.finding import FINDING

_EXCHANGE = re.compile(r"\b(?:i|me|my|us|our|you|your|questions?|requests?|assistant)\b")
_NEGATIVE = re.compile(
    r"\b(?:not|no(?! ?$)|never|nobody|nothing|none|neither|nor|cannot|without|un(?!der|"
    r"til|less|ique|i)\w+able|impossible)\b|n't\b"
)
_SHORT = 20
"""Words of such a clause: a longer one says something besides."""
_CASE = re.compile(
    r"\b(?:patients?|he|she|his|her|treatment|therapy|surgery|drugs?|medication|"
    r"antibiotics|biopsy|diseases?|tumou?r|evidence|pain|worry|fever|history|doubt|"
    r"hesitat\w+|think|believe|see any|that i can (?:see|tell)|as far as|(?:see|find|"
    r"identify|detect|exclude|say it|need)|answer is)\b|^(?:no,|if\b|do(?:n't| not)\b)"
)


def of_the_exchange(clause: str) -> str:
    """How a short clause says "not" of who speaks, or is spoken to, and nothing of the case."""
    # What most clauses lack is looked for first.
    found = _NEGATIVE.search(clause) if _EXCHANGE.search(clause) else None
    if not found or len(clause.split()) > _SHORT or FINDING.search(clause) or _CASE.search(clause):
        return ""
    return f"of the exchange: {found[0]}"
