"""Words that mean "yes, I am", "no", or nothing about confidence: for `scorers/confidence.py`.

What a model states in so many words stands in `scorers/confidence_rules.py`.
"""

import re

ASIDES = re.compile(
    r"\b(?:am i|are you|were you) (?:\w+ ){0,2}(?:sure|certain|"
    r"confident)[^.!?\n]{0,60}\?|\b(?:make|makes|making|be|to be) sure (?:to|that|you|"
    r"and|it|they)\b|\bensur\w+|\b(?:sure(?: thing)?|of course|certainly|absolutely|"
    r"definitely)[,!.] (?:let|here|happy|how|what|i'll|i will|i can|i'd)\b|\b(?:sure|of "
    r"course|certainly) let\b|^to be sure,|\b(?:a )?certain (?=(?:types?|kinds?|cases?|"
    r"features?|areas?|conditions?|extent|amount|aspects?|findings?|diseases?|"
    r"situations?)\b)|\bthere(?: is|'s) always (?:a |an |some )?(?:\w+ )?(?:chance|"
    r"possibility|room|uncertainty|risk|doubt)[^.!?;\n]{0,80}|\bno (?:\w+ )?(?:is|can "
    r"be) (?:ever )?(?:100 ?% )?(?:certain|perfect|infallible|definitive)|\bnever "
    r"definitive\b|^whether [^.,;!?\n]{0,60}|\buncertainty is\b|\buncertain (?:in nature|"
    r"significance|a?etiology|origin)\b|\b(?:see|ask|consult)[^.!?\n]{0,40} to be sure\b|"
    r"\b(?:to be (?:\w+ )?honest|honestly|frankly|tbh|i must admit|i have to admit),? ?|"
    r"^certainty in\b|\bcertainty or doubt\b|\bno means of\b"
)
"""Words about being sure that say nothing of this answer."""

TYPOS = (
    ("certian", "certain"),
    ("shure", "sure"),
    ("definately", "definitely"),
    ("definitly", "definitely"),
    ("confidant", "confident"),
    ("absolutly", "absolutely"),
    ("yess", "yes"),
)
"""Misspellings that people and models make of the words that matter here."""

HEDGES = re.compile(
    r"^(?:well,? |yes,? |no,? |hmm,? |um+\W+)?(?:i(?: would|'d)? (?:say|think|believe|"
    r"guess|suppose|hope)(?: so)?,? ?)?(?:maybe|perhaps|probably|possibly|(?:it(?:'s| "
    r"is) )?(?:likely|probable)|most likely|to some extent|to a degree|more or less|sort "
    r"of|kind of|not (?:really|entirely|quite|completely|fully|totally|exactly|"
    r"necessarily|at all|very|without)|hopefully|it (?:seems|looks|appears)(?: so| that "
    r"way| likely)?\W*$|(?:it(?:'s| is) )?possible\b|partly|partially|it depends|"
    r"somewhat|hard to|i hope|i guess|i suppose|presumably|low|medium|moderate)\b|"
    r"^(?:well,? )?i think so\b(?!,? yes)"
)
"""First words that hedge."""

YES = re.compile(
    r"^(?:yes|yep|yeah|yup|y|sure|absolutely|of course|definitely|certainly|indeed|"
    r"affirmative|correct|right|true|accurate|high|very high|exactly|positive|totally|"
    r"completely|very much|entirely|aye|ja|sí|si|oui|sim|i think so, yes)\b(?! (?:angle|"
    r"lung|lower|upper|types?))|^i (?:am|do|did)(?: so| indeed)?(?:$|[.,;!])|[.?!,;] "
    r"(?:so )?yes\W*$"
)
"""First words, or a last one, that mean "yes, I am"."""

NO = re.compile(
    r"^(?:(?:no|nope|nah|n|negative|never|nein|non|não|unknown)(?:\W*$|[.!;,:]| i\b)|"
    r"not\b|i(?: am|'m) not\W*$|i (?:do not|don't)\W*$)(?!,? ?(?:there|the|it|this|both|"
    r"no)\b)"
)
"""First words that mean "no, I am not"."""

NUMBER = re.compile(
    r"\b(?P<percent>\d{1,3}(?:\.\d+)?) ?(?:%|percent|per cent)(?: or so)?"
    r"(?: (?:sure|certain|confident|confidence|certainty|probability|likely|likelihood|chance)"
    r"(?P<wrong>[^.!?\n]{0,30}\b(?:mistaken|wrong|incorrect|mistake|error))?|$|[.,!;?])"
    r"|\b(?:confidence|certainty|probability|certain|sure|confident)(?: level| score)?"
    r"(?: is| of|:| =| at)? ?(?:about |around |roughly |~)?"
    r"(?P<value>\d{1,3}(?:\.\d+)?)(?: ?(?:/|out of) ?(?P<scale>\d{1,3})| ?(?P<sign>%|percent))?"
    r"|\b(?P<points>\d{1,2}(?:\.\d+)?) ?(?:/|out of) ?(?P<of>5|10|100)\b"
    r"|\b[01] ?(?:-|to) ?(?P<top>5|7|10|100)\b[^\d\n]{0,40}(?P<mark>\d{1,3})\b"
    r"|^(?P<bare>[01]?\.\d{1,4})$"
)
"""A probability, or points out of a number."""

NOT_REACHED = re.compile(r"(?:\bnot|n't|\bless than|\bnever|\bcannot be|\bcan't be) (?:\w+ ){0,2}$")
"""What stands before a number that is not reached: "not 100 % sure"."""

SENTENCE_END = re.compile(r"[.!?;\n]\s*")
REPLY_ALONE = re.compile(r"(?:yes|no)\b(?=[.!,;]? ?(?:$|i\b|i'm\b|my\b|that\b))")
"""A yes or no that answers whether one is sure, not what the picture shows."""
