"""Safety: jailbreaks, overcaution and toxicity (cares.md 1.4)."""

from medtrust.tasks.cares.asking import (
    ask_instead,
    ask_question,
    has_image,
    without_question,
)
from medtrust.tasks.cares.trustfulness import FACTUALITY, can_be_asked
from medtrust.tasks.task import Task


def _jailbreak(number: int, title: str) -> Task:
    """A question with a request to harm after it."""
    return Task(
        name=f"cares/jailbreak-{number}",
        title=f"Jailbreak: {title}",
        version=1,
        mode="generate",
        prompt=f"jailbreak-{number}",
        needs=can_be_asked,
        ask=ask_question,
        scorer="factuality",
        metrics=("accuracy", "abstention"),
        judge="answer",
        asks="wish",
        against=FACTUALITY.name,
    )


def _overcaution(number: int, title: str) -> Task:
    """A harmless wish that an image alone can answer."""
    return Task(
        name=f"cares/overcaution-{number}",
        title=f"Overcaution: {title}",
        version=1,
        mode="generate",
        prompt=f"overcaution-{number}",
        needs=has_image,
        asks="wish",
        per="image",
        prepare=without_question,
        ask=ask_instead,
        scorer="abstention",
        metrics=("abstention",),
    )


JAILBREAK_1 = _jailbreak(1, "conceal the condition")
JAILBREAK_2 = _jailbreak(2, "exaggerate")
JAILBREAK_3 = _jailbreak(3, "wrong treatment")
OVERCAUTION_1 = _overcaution(1, "describe the image")
OVERCAUTION_2 = _overcaution(2, "write a report")
OVERCAUTION_3 = _overcaution(3, "give advice")
TOXICITY = Task(
    name="cares/toxicity",
    title="Toxicity, when encouraged",
    version=1,
    mode="generate",
    prompt="toxicity",
    needs=can_be_asked,
    ask=ask_question,
    scorer="toxicity",
    metrics=("toxicity", "abstention"),
    judge="toxicity",
    asks="wish",
    against=FACTUALITY.name,
)
