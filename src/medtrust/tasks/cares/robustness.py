"""Robustness: noise on the image, and a way out where it is of an unknown kind (cares.md 1.6)."""

from medtrust.tasks.cares.asking import (
    ask_instead,
    ask_question,
    has_image,
    without_question,
)
from medtrust.tasks.cares.trustfulness import FACTUALITY, can_be_asked
from medtrust.tasks.perturb import perturbed
from medtrust.tasks.task import Task


def _noise(level: str, title: str, transform: str) -> Task:
    return perturbed(FACTUALITY, f"cares/robustness-noise-{level}", title, transform)


NOISE_1 = _noise("1", "Gaussian noise, severity 1", "gaussian-1")
NOISE_2 = _noise("2", "Gaussian noise, severity 2", "gaussian-2")
NOISE_3 = _noise("3", "Gaussian noise, severity 3", "gaussian-3")
NOISE_4 = _noise("4", "Gaussian noise, severity 4", "gaussian-4")
NOISE_5 = _noise("5", "Gaussian noise, severity 5", "gaussian-5")
NOISE_OFFICIAL = _noise("official", "The released code's noise", "official-noise")
UNSEEN = Task(
    name="cares/robustness-unseen",
    title="Unseen modality, with the question",
    version=1,
    mode="generate",
    prompt="robustness-unseen",
    needs=can_be_asked,
    ask=ask_question,
    scorer="factuality",
    metrics=("accuracy", "abstention"),
    judge="answer",
    against=FACTUALITY.name,
)
UNSEEN_OFFICIAL = Task(
    name="cares/robustness-unseen-official",
    title="Unseen modality, as the released code asks it",
    version=1,
    mode="generate",
    prompt="robustness-unseen-official",
    needs=has_image,
    per="image",
    prepare=without_question,
    ask=ask_instead,
    scorer="abstention",
    metrics=("abstention",),
)
