"""From the names a user gives to datasets, models and plans."""

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from medtrust import registry
from medtrust.datasets.dataset import Card, Dataset, Prompt
from medtrust.datasets.stimuli import stimuli
from medtrust.errors import ConsentError, InputError
from medtrust.models.model import Facts, Model, ModelOptions
from medtrust.records import Access
from medtrust.tasks.task import Task


def load_dataset(name: str, data: Path | None) -> Dataset:
    """Read one dataset by name, from under the folder that `--data` names."""
    card: Card = registry.load("datasets", name)
    return card.load(folder_of(name, data))


def folder_of(name: str, data: Path | None) -> Path | None:
    """The folder of a dataset under what `--data` names, which may be that folder itself."""
    inside = data / name.partition("/")[0] if data else None
    return inside if inside and inside.is_dir() else data


def dataset_names(patterns: Sequence[str], tasks: Sequence[Task]) -> list[str]:
    """The datasets meant by `--dataset`, or without it the tasks' own benchmarks'.

    Raises InputError for a pattern that matches nothing.
    """
    known = registry.names("datasets")
    if not patterns:
        benchmarks = dict.fromkeys(task.name.rpartition(":")[2].partition("/")[0] for task in tasks)
        patterns = [name for b in benchmarks for name in (b, f"{b}/*") if _matches(known, name)]
    found = []
    for pattern in patterns:
        names = _matches(known, pattern)
        if not names:
            raise InputError(registry.unknown("dataset", pattern, known))
        found += names
    return list(dict.fromkeys(found))


def _matches(known: Sequence[str], pattern: str) -> list[str]:
    return [name for name in known if fnmatchcase(name, pattern)]


def connect(name: str, options: ModelOptions) -> Model:
    """The model that `BACKEND/NAME` means."""
    backend, slash, rest = name.partition("/")
    if not slash or not rest:
        raise InputError(
            f"model {name!r} is not written BACKEND/NAME; backends are "
            f"{', '.join(registry.names('models'))}"
        )
    model: Model = registry.load("models", backend)(rest, options)
    return model


def pick_prompt(dataset: Dataset, purpose: str, family: str) -> Prompt:
    """A dataset's prompt for a purpose (`mc`, `jailbreak-1`, ...) and a family of models.

    A purpose that the dataset has no words for is put in ours, and so is a question;
    its `base` holds how each kind of question is worded. Raises InputError naming the
    families there are.
    """
    own = stimuli("own")
    families = dataset.prompts.get(purpose) or own.get(purpose, {})
    if family not in families:
        raise InputError(
            f"{dataset.name} has no {purpose!r} prompt of family {family!r}; "
            f"--prompts takes {', '.join(sorted(families)) or 'nothing here'}"
        )
    prompt = families[family]
    if purpose not in own or prompt.base:
        return prompt
    base: dict[str, Prompt] = {}
    for wording in WORDINGS:
        worded = dataset.prompts.get(wording) or own.get(wording, {})
        if found := worded.get(family) or worded.get("default"):
            base[wording] = found
    system = prompt.system or next((one.system for one in base.values()), "")
    return replace(
        prompt, system=system, base={wording: one.template for wording, one in base.items()}
    )


WORDINGS = ("yes-no", "choice", "choice-unlisted", "open")
"""Purposes that word a question by itself; others wrap something around it or replace it."""


def check_consent(model: Facts, dataset: str, access: Access, allowed: Sequence[str]) -> None:
    """Raises ConsentError where restricted data would leave this machine unasked."""
    if access == "credentialed" and not model.local and dataset not in allowed:
        raise ConsentError(
            f"{dataset} is credentialed: its terms forbid sending it to others, and {model.name} "
            f"is not on this machine; if you may, say --allow-remote {dataset} (it is recorded)"
        )
