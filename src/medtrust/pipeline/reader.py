"""What a model that reads (`--read-with`) has said of a plan's replies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from msgspec import structs

from medtrust.pipeline.judge import Judgements, judgements, turn_of
from medtrust.records import Reading, Response
from medtrust.runner.plan import Plan
from medtrust.runner.reader import Reader
from medtrust.scorers.reader import WORDS, read_word, said
from medtrust.scorers.scorer import ReadSettings, Scorer
from medtrust.tasks.judge import shown_to_judges
from medtrust.tasks.task import Task

RULES = "rules"
"""Who reads where no model does; what `--read-with` takes to go back to them."""

_DETAILS = {"abstention": ("abstained",), "confidence": ("confident", "last_reply")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Who reads a plan's replies, and every word that a model has said of them."""

    by: Mapping[str, str]
    """What is read -> the model that reads it; without what rules read."""
    words: Mapping[str, Judgements]
    turns: Mapping[str, int]

    def of(
        self, sample: str, repeat: int, responses: Sequence[Response | None]
    ) -> tuple[Mapping[str, str], str]:
        """A reader's words about one sample's replies, and why one of them is missing."""
        words: dict[str, str] = {}
        for kind, model in self.by.items():
            reply = responses[self.turns[kind]]
            text = shown_to_judges(reply.text) if reply else ""
            if not text.strip():  # which needs no reader
                continue
            found = self.words[kind].get((sample, repeat, text))
            response = next(iter(found), None) if found else None
            if response is None:
                return {}, f"{model} has not read it; name it again: --read-with {model}"
            words[kind] = read_word(response, WORDS[kind])
            if not words[kind]:
                return {}, f"{model}'s word on {kind} is none of {', '.join(sorted(WORDS[kind]))}"
        return words, ""


def heard_of(
    journal: Reader, plan: Plan, task: Task, scorer: Scorer, settings: ReadSettings
) -> Heard:
    """Everything that was read of a plan by a model: of several, by the latest."""
    kinds = scorer.reads if task.mode == "generate" and not settings.by_rules else ()
    found = {kind: judgements(journal, plan, kind) for kind in kinds}
    return Heard(
        by={kind: model for kind, (model, words) in found.items() if words},
        words={kind: words for kind, (_, words) in found.items()},
        turns={kind: turn_of(task, kind) for kind in kinds},
    )


def with_words(settings: ReadSettings, words: Mapping[str, str]) -> ReadSettings:
    """The settings for one sample, of which a model has said so."""
    return replace(settings, said=said(words)) if words else settings


def unread(reading: Reading, heard: Heard, reason: str) -> Reading:
    """A reading that lacks its reader's word: missing, with the details that need none."""
    gone = {name for kind in heard.by for name in _DETAILS[kind]}
    kept = {name: value for name, value in reading.details.items() if name not in gone}
    return structs.replace(
        reading, outcome="error", choice="", value=None, rule=reason, details=kept
    )
