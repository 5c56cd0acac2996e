"""Models that come with medtrust: baselines, and a judge, that need no network and no GPU.

They set the bar. A score that `constant-B` or `text-prior` reaches says nothing about
seeing; `template` shows that a dataset can be answered from its images at all.
"""

from medtrust import registry
from medtrust.errors import InputError
from medtrust.models.builtin import chance, constant, judge, template, text_prior
from medtrust.models.model import Model, ModelOptions

_CONNECTORS = {
    "overlap-judge": judge.connect,
    "random": chance.connect,
    "template": template.connect,
    "text-prior": text_prior.connect,
    **{f"constant-{word}": constant.connect for word in constant.WORDS},
}


def connect(name: str, options: ModelOptions) -> Model:
    """The model `builtin/NAME`; raises InputError for a name that is not known."""
    connector = _CONNECTORS.get(name)
    if connector is None:
        known = sorted(_CONNECTORS)
        line, every = registry.unknown("builtin model", name, known), ", ".join(known)
        # There are few, so all are named, also where some are near enough to be meant.
        raise InputError(line if line.endswith(every) else f"{line}; there are {every}")
    return connector(name, options)
