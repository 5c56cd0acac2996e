"""The records that travel along the line: one type at each arrow, all frozen.

```
datasets -> tasks -> runner (models, images) -> scorers -> metrics -> reports
   Sample    Request          Response          Score      Estimate
```

Every package imports this module and it imports none of them. Records are plain
data: they encode to JSON with `msgspec` and compare by value. They are its structs, of
which a run makes millions: made in a fifth of the time of a frozen dataclass, and changed
(`msgspec.structs.replace`) in a fiftieth.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Option letters in the order in which options are shown: a question has 26 at most."""

Access = Literal["open", "registered", "credentialed"]
"""Who may read a dataset: anyone, anyone who signed up, or trained and named persons only."""

Kind = Literal["choice", "yes-no", "open"]
"""What answers a question: one of its options, yes or no, or free text."""

Mode = Literal["generate", "choices", "prefix"]
"""What is asked of a model.

- `generate`: write a reply.
- `choices`: log-probabilities of the option letters as the reply's first token.
- `prefix`: log-probability of each option's text as the reply (teacher-forced).
"""

Outcome = Literal["choice", "abstention", "unparseable", "tie", "error", "absent"]
"""How an answer came out.

- `choice`: it names exactly one option (or is a text to be graded).
- `abstention`: the model declined to answer.
- `unparseable`: a reply, no refusal, and no single option in it.
- `tie`: a judge, or equal log-probabilities, favour no option.
- `error`: asked, and no answer came back (the model is not to blame).
- `absent`: never asked (an interrupted run, or an image that is not there or not readable).
"""

Protocol = Literal["official", "corrected"]
"""`official` reads as the released code does, bug for bug; `corrected` is ours."""


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """An image of a dataset, by reference: nothing is read until it is asked about."""

    id: str
    """Unique over all datasets, such as `mediconfusion/20192`."""
    path: str
    """File on this machine. It may be absent: images are fetched separately."""
    license: str = ""
    """Licence of this image, empty where unknown."""
    transform: str = ""
    """What is done to the pixels before they are sent, such as `gaussian-3` (a name of
    `images/perturb` with its severity); empty for the file's own bytes."""


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One question about zero or more images, with its reference answer."""

    id: str
    """Unique and stable: `mediconfusion:10001/1`, `cares/iu-xray:124`."""
    dataset: str
    kind: Kind
    question: str
    target: str
    """The reference: an option's letter, `yes` or `no`, or a text."""
    cluster: str
    """Samples of one cluster move together when resampled (same image, patient, article)."""
    images: tuple[Image, ...] = ()
    options: tuple[str, ...] = ()
    """Option texts in the order shown; the first is A."""
    pair: str = ""
    """Samples with the same pair ask the same question of two confusable images."""
    groups: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """Groupings to break results down by: `{"category": ("Cerebral", "Vascular")}`."""
    facts: Mapping[str, str] = msgspec.field(default_factory=dict)
    """What is known beside the question: `age`, `sex`, `marital_status`, `report`, ..."""
    quarantine: str = ""
    """Why no answer to it can be right or wrong (a reference nobody can determine, a question
    that holds its answer); empty for a sound sample. It is asked, and counted in the official
    protocol as the released code counts it; the corrected protocol leaves it out by name."""

    def __post_init__(self) -> None:
        """Raise ValueError where there are more options than letters to answer with."""
        if len(self.options) > len(LETTERS):
            raise ValueError(
                f"{self.id}: {len(self.options)} options, where letters name {len(LETTERS)} at most"
            )


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One turn of a conversation: texts and images in the order the model sees them."""

    role: Literal["system", "user", "assistant"]
    parts: tuple[str | Image, ...]


class Generation(msgspec.Struct, frozen=True, kw_only=True):
    """Decoding settings. `temperature` 0 means greedy, None the server's own default."""

    max_tokens: int = 256
    temperature: float | None = 0.0
    seed: int | None = None
    logprobs: bool = False
    """Keep the first token's log-probabilities where the model gives them."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One thing asked of a model.

    `messages`, `mode`, `options` and `generation` are what a model is sent and what
    the request's key is made of, with the model's identity, the images' bytes and
    `repeat`. `sample`, `question` and `kind` are for models that look answers up or
    work offline; nothing of them is sent over a network.
    """

    sample: str
    question: str
    messages: tuple[Message, ...]
    kind: Kind = "choice"
    mode: Mode = "generate"
    options: tuple[str, ...] = ()
    """The answers on offer, in order. In `choices` mode the i-th is asked for by
    `LETTERS[i]`; in `prefix` mode the text itself is what gets scored."""
    generation: Generation = Generation()
    repeat: int = 0
    marks: tuple[str, ...] = ()
    """Names of the whole numbers from 1 to 10 that the reply is to consist of: a server that can
    hold a reply to a JSON schema is asked to. The words ask for the same, so it is in no key."""


RELEASED_THRESHOLD = 3.0
"""Points by which a mark must lead in the released code, unless it is told otherwise
(scripts/answering.py, `--tr`)."""


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """How close a file of answers says that an answer is to its options A and B."""

    by: Literal["letters", "judge"]
    """Upstream's letter parser, which gives the letter it finds 10 and the other 0, or a judge."""
    given: tuple[tuple[float, float] | None, ...]
    """The marks of A and of B, one pair a judgement, with A and with B shown first in turn; None
    where a judgement is missing. All answers of a file have as many."""
    threshold: float | None = None
    """The threshold that the file's stored totals were made with; None where they do not tell."""


def marked_choice(mark_a: float, mark_b: float, threshold: float = RELEASED_THRESHOLD) -> str:
    """The option that leads by at least `threshold` points, A tried first; `-` where neither does.

    answering.py:315-323 (mediconfusion.md 2.1), for the parser's marks as for a judge's.
    """
    if mark_a >= mark_b + threshold:
        return "A"
    return "B" if mark_b >= mark_a + threshold else "-"


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """What came back for one request. Log-probabilities are natural logarithms."""

    text: str = ""
    finish: str = ""
    """Why the reply ended, in the server's word: `stop`, `length`, `content_filter`."""
    logprobs: Mapping[str, float] = msgspec.field(default_factory=dict)
    """First token -> log-probability. In `choices` mode the keys are letters, or, where no
    letter was among the tokens a server reported, those tokens."""
    letter_mass: Mapping[str, float] = msgspec.field(default_factory=dict)
    """`choices` mode over a server: letter -> probability of all tokens that spell it, as far as
    the server named them; empty where all probabilities are known."""
    option_logprobs: tuple[tuple[float, ...], ...] = ()
    """`prefix` mode: for each option, the log-probability of each of its tokens."""
    option_logprobs_first: tuple[tuple[float, ...], ...] = ()
    """`prefix` mode: the same tokens, all read at the first answer position, which is
    what the released code does (mediconfusion.md 5.1.1); for the official protocol."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float = 0.0
    server: str = ""
    """Model and build the server says it is, empty where it does not say."""
    notes: tuple[str, ...] = ()
    """Anything done to the request or the images that a reader of the answer should know."""
    marks: Marks | None = None
    """What a file of answers made elsewhere says the answer is worth, where it says so."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a scorer makes of an answer, before it is tied to its sample."""

    outcome: Outcome
    choice: str = ""
    """The option letter read, `yes`/`no`, or empty."""
    value: float | None = None
    """Correctness in [0, 1]; None where the answer is missing (`error`, `absent`)."""
    confidence: float | None = None
    """The model's own probability of its choice, where log-probabilities exist."""
    rule: str = ""
    """Which rule read it, for people: `lone letter`, `refusal: unable to`."""
    details: Mapping[str, float] = msgspec.field(default_factory=dict)
    """Numbers behind the reading, such as a judge's score of each option."""


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """One answer, read by one scorer in one protocol: a row of `scores.parquet`."""

    model: str
    task: str
    dataset: str
    sample: str
    protocol: Protocol
    outcome: Outcome
    target: str
    cluster: str
    repeat: int = 0
    pair: str = ""
    choice: str = ""
    """Letter chosen as shown to the model."""
    option: str = ""
    """Text of the option chosen: the same option under any order of the options."""
    value: float | None = None
    confidence: float | None = None
    rule: str = ""
    reply: str = ""
    """The reply as it came (its first 2,000 characters)."""
    options: int = 0
    """How many options were on offer."""
    reference: str = ""
    """Text of the option that `target` stands for; of `yes` and `no` the word itself."""
    about: str = ""
    """What kind of question it is: its `groups["question_type"]`, or else `Sample.kind`."""
    groups: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    details: Mapping[str, float] = msgspec.field(default_factory=dict)
    key: str = ""
    """Key of the response in the journal, empty where there is none."""


Verdict = Literal["", "shown", "not shown", "worse", "not measured"]
"""What an estimate shows against its baselines; empty where it is set against none.

- `shown`: better than every baseline on the same questions, beyond chance.
- `not shown`: not told apart from at least one of them.
- `worse`: worse than one of them, beyond chance.
- `not measured`: missing answers, or too few clusters, leave it open.
"""


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """One number of a result, never without its interval, baselines and missing answers.

    Rates are fractions in [0, 1]; `low` and `high` bound the 95 % interval.
    """

    model: str
    task: str
    dataset: str
    metric: str
    protocol: Protocol
    value: float | None
    """None where nothing could be counted (an empty denominator)."""
    low: float | None
    high: float | None
    n: int
    """The denominator: pairs or questions, however often each was asked."""
    missing: int
    """Units of that kind that could not be counted because an answer is missing. A question
    asked several times is missing in part; the parts are added up and rounded up."""
    clusters: int
    """Independent units behind the value: patients, images, articles."""
    group_by: str = "all"
    group: str = "all"
    baseline: float | None = None
    """The best of `chance`, `constant` and `text_only`: what a score must beat to mean anything."""
    chance: float | None = None
    """Expected value under uniform random answers, or under random labels for a gap."""
    constant: float | None = None
    """Value of the best constant answer."""
    text_only: float | None = None
    """Value of the same model's answers to the same questions without their images."""
    clinicians: float | None = None
    """Value of clinicians' answers to the same questions."""
    worst: float | None = None
    """Value if every missing answer counted against the model; the smaller one where neither
    direction is better."""
    best: float | None = None
    """Value if every missing answer counted for the model."""
    interval: str = ""
    """How `low` and `high` were made, and which questions they are about."""
    p: float | None = None
    """Two-sided p-value of no difference from `baseline`, on the same questions."""
    p_adjusted: float | None = None
    """The same, corrected for how many figures the run has."""
    correction: Literal["", "holm", "benjamini-hochberg"] = ""
    """How `p_adjusted` was made: Holm's among primary figures, the other among the rest."""
    verdict: Verdict = ""
    reader: str = ""
    """Who read whether replies decline and are sure: `rules`, or a model's name; empty where
    nothing in words was read, and in the official reading."""
