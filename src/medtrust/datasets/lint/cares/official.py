"""Yes or no in a reference answer: as the released code sees it, and by its first word."""

import re

FIRST_WORD = re.compile("(?:- )?(yes|no)\\b", re.IGNORECASE)


def official_label(answer: str) -> str:
    """The released reading of a reference answer (eval_yesno.py:33-41, defects Y1 to Y3).

    Of what stands before the first full stop, commas dropped: `no` where one of the
    words `No`, `no`, `not` is among it, else `yes`.
    """
    words = answer.partition(".")[0].replace(",", "").split(" ")
    return "no" if {"No", "no", "not"} & {*words} else "yes"


def first_word(answer: str) -> str:
    """`yes` or `no` where the answer begins with it (a dash may stand before), else empty."""
    found = FIRST_WORD.match(answer)
    return found[1].lower() if found else ""
