"""What is put to a model beside a question: the stimuli of CARES, and our own wording.

Two data files of one form. `cares.json` has the exact strings of the benchmark, which exist
only inside its released script; `own.json` has sentences of ours with the same intent, for
`phantom` and for any dataset that brings none.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import msgspec

from medtrust.datasets.dataset import Prompt


class Stimulus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One stimulus, in the words of every family."""

    families: tuple[str, ...]
    template: str
    source: str
    system: str = ""
    follow: tuple[str, ...] = ()
    base: dict[str, str] = {}


class Stimuli(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of stimuli: purpose -> wordings."""

    source: str
    license: str
    stimuli: dict[str, tuple[Stimulus, ...]]


@cache
def read(name: str) -> Stimuli:
    """The file `name` (`cares` or `own`) with its source and licence."""
    data = files("medtrust.datasets.stimuli").joinpath(f"{name}.json").read_bytes()
    return msgspec.json.decode(data, type=Stimuli)


@cache
def stimuli(name: str) -> Mapping[str, Mapping[str, Prompt]]:
    """Purpose -> family -> prompt, as a dataset's `prompts` has them."""
    return {
        purpose: {
            family: Prompt(
                family=family,
                template=wording.template,
                system=wording.system,
                base=wording.base,
                follow=wording.follow,
            )
            for wording in wordings
            for family in wording.families
        }
        for purpose, wordings in read(name).stimuli.items()
    }
