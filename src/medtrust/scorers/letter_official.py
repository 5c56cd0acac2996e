"""Which option a reply names, read as MediConfusion's released code reads it.

Written from the behaviour recorded in the protocols file (mediconfusion.md 5.1.2),
not from the code: newlines count as spaces, the reply is cut at single spaces, and an
option is named by a token that is exactly one of nine spellings of its letter. So
`(A)` is invalid and `A mass is visible.` names option A.
"""

from medtrust.records import LETTERS, Reading

_SPELLINGS = ("{}", "{}.", "{}:", ".{}", ".{}:", '{}")', '("{}":', '("{}")', '("{}").')


def read_official(text: str, option_count: int = 2) -> Reading:
    """The one option whose letter stands as a token; none or several make it unparseable.

    Upstream knows no refusal: a refusal is invalid like any other reply without a letter.
    `option_count` extends upstream's two options to as many as `LETTERS` has.
    """
    tokens = set(text.replace("\n", " ").split(" "))
    named = [
        letter
        for letter in LETTERS[:option_count]
        if any(spelling.format(letter) in tokens for spelling in _SPELLINGS)
    ]
    match named:
        case [letter]:
            return Reading(outcome="choice", choice=letter, rule="token")
        case []:
            return Reading(outcome="unparseable", rule="no token is a letter")
        case _:
            return Reading(outcome="unparseable", rule="tokens name several letters")
