"""MediConfusion (arXiv 2409.15477): 176 pairs of confusable radiology images, 352 questions.

Reads upstream's own layout: `data/dataset.json`, `data/image_dict.json`,
`configs/prompts/answering.json`, and images as `data/images/<local id>.jpg` or
as ROCO lays them out under `data/`. Facts: protocols/mediconfusion.md.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Literal

import msgspec

from medtrust.datasets.clusters import components
from medtrust.datasets.dataset import Card, Dataset, Prompt, state_of
from medtrust.datasets.files import read_json
from medtrust.errors import InputError
from medtrust.records import Image, Sample

NAME = "mediconfusion"
TITLE = "MediConfusion"
LICENSE = "MIT (questions); each image has its own"
QUESTIONS = Path("data/dataset.json")
IMAGES = Path("data/image_dict.json")
PROMPTS = Path("configs/prompts/answering.json")
LICENSES = Path("data/images/licenses.json")

Letter = Literal["A", "B"]


class Pair(msgspec.Struct, frozen=True):
    """One record of upstream's `dataset.json`: one question, two images, two options."""

    im_1: str
    im_2: str
    im_1_local: int
    im_2_local: int
    cap_1: str
    cap_2: str
    category_1: tuple[str, ...]
    category_2: tuple[str, ...]
    biomedclip_sim: float = msgspec.field(name="BiomedCLIP_sim")
    dino_sim: float = msgspec.field(name="DINO_sim")
    question: str
    option_a: str = msgspec.field(name="option_A")
    option_b: str = msgspec.field(name="option_B")
    im_1_correct: Letter
    im_2_correct: Letter
    draft_question: str = msgspec.field(name="AI_question", default="")
    draft_a: str = msgspec.field(name="AI_option_A", default="")
    draft_b: str = msgspec.field(name="AI_option_B", default="")


class Source(msgspec.Struct, frozen=True):
    """One record of upstream's `image_dict.json`: where an image was published."""

    local: int
    dlink: str
    file_name: str

    @property
    def article(self) -> str:
        """PMC id of the article, from the name of its archive; empty where there is none."""
        found = re.search(r"(PMC\d+)\.tar\.gz$", self.dlink)
        return found[1] if found else ""


class _Prompts(msgspec.Struct, frozen=True):
    prompts: dict[str, dict[str, str]]
    init_prompts: dict[str, str | dict[str, str]]
    conversion: dict[str, str | float]


def read_pairs(data: Path) -> dict[str, Pair]:
    """Pair id -> pair, in the file's order."""
    return read_json(data / QUESTIONS, dict[str, Pair])


def read_sources(data: Path) -> dict[str, Source]:
    """Path of an image in ROCO -> where it was published."""
    return read_json(data / IMAGES, dict[str, Source])


def load(data: Path | None) -> Dataset:
    """Read the benchmark from the folder `data`.

    Raises InputError where a file is absent, damaged, or does not fit the others.
    """
    if data is None:
        raise InputError("mediconfusion is read from a folder: name it with --data DIR")
    pairs = read_pairs(data)
    sources = read_sources(data)
    licenses = _licenses(data)
    for number, pair in pairs.items():
        for path, local in ((pair.im_1, pair.im_1_local), (pair.im_2, pair.im_2_local)):
            if path not in sources or sources[path].local != local:
                raise InputError(
                    f"{data / IMAGES}: image {path!r} of pair {number} is not there as {local}; "
                    "the two files are of different versions"
                )
    # Images of one article show one patient, so they are tied like two uses of one image.
    cluster_of = components(
        [key for path in (pair.im_1, pair.im_2) for key in (path, sources[path].article) if key]
        for pair in pairs.values()
    )
    samples = tuple(
        sample
        for number, pair in pairs.items()
        for sample in _samples(number, pair, cluster_of[pair.im_1], data, licenses)
    )
    return Dataset(
        name=NAME,
        title=TITLE,
        license=LICENSE,
        access="open",
        digest=_digest(data / QUESTIONS, data / IMAGES, data / PROMPTS),
        samples=samples,
        prompts=_prompts(read_json(data / PROMPTS, _Prompts)),
    )


def _samples(
    number: str, pair: Pair, cluster: str, data: Path, licenses: Mapping[str, str]
) -> tuple[Sample, Sample]:
    def one(which: int, path: str, local: int, categories: tuple[str, ...], gold: str) -> Sample:
        image = Image(
            id=f"{NAME}/{local}",
            path=str(image_path(data, path, local)),
            license=licenses.get(str(local), ""),
        )
        return Sample(
            id=f"{NAME}:{number}/{which}",
            dataset=NAME,
            kind="choice",
            question=pair.question,
            target=gold,
            cluster=cluster,
            images=(image,),
            options=(pair.option_a, pair.option_b),
            pair=f"{NAME}:{number}",
            groups={"category": categories},
        )

    return (
        one(1, pair.im_1, pair.im_1_local, pair.category_1, pair.im_1_correct),
        one(2, pair.im_2, pair.im_2_local, pair.category_2, pair.im_2_correct),
    )


def image_path(data: Path, roco: str, local: int) -> Path:
    """ROCO's layout where that file exists, else upstream's local name."""
    inside = data / "data" / roco
    try:
        root = (data / "data").resolve()
        # The path comes from a data file: one that leads out of the folder is never opened.
        if inside.resolve().is_relative_to(root) and inside.is_file():
            return inside
    except (OSError, RuntimeError, ValueError):
        # Too long, a loop of links, or a NUL in it: no name that a file here could have.
        pass
    return data / "data" / "images" / f"{local}.jpg"


def _licenses(data: Path) -> dict[str, str]:
    """Local image id -> licence, as `medtrust fetch` recorded them; empty without a record."""
    if not (data / LICENSES).is_file():
        return {}
    records = read_json(data / LICENSES, dict[str, dict[str, object]])
    return {local: str(record.get("license") or "") for local, record in records.items()}


def _prompts(file: _Prompts) -> dict[str, dict[str, Prompt]]:
    """Purpose -> family -> prompt, from upstream's `answering.json`.

    A family that a mode does not name falls back to `default` there, as upstream's
    does. The few-shot family (`med_flamingo`) is left out: its template has
    placeholders for three example questions that upstream keeps in its code.
    """
    system = str(file.init_prompts.get("default", ""))
    families = {family for by in file.prompts.values() for family in by} | set(_STYLES)
    found: dict[str, dict[str, Prompt]] = {}
    for purpose, upstream in _PURPOSES.items():
        by_family = {**file.prompts.get(upstream, {}), **_BARE.get(purpose, {})}
        templates = {
            family: by_family.get(family, by_family.get("default", "")) for family in families
        }
        found[purpose] = {
            family: Prompt(
                family=family,
                template=template,
                system=system if "system" in _STYLES.get(family, ()) else "",
            )
            for family, template in sorted(templates.items())
            if "**Q1**" not in template
        }
    found["judge"] = {"default": _judge_prompt(file.conversion)}
    return found


_PURPOSES = {"ff": "gpt4", "mc": "mc", "gd": "greedy", "ps": "prefix"}
"""Our name of a mode -> upstream's."""

_STYLES: Mapping[str, tuple[str, ...]] = {
    "gpt": ("system",),
    "gemini": ("system",),
    "claude": ("system",),
    "llava": (),
    "llama": (),
    "instructblip": (),
}
"""Families upstream serves beside those its file names; its system prompt reaches
only the three it asks through an API (mediconfusion.md 2.2)."""

_BARE: Mapping[str, Mapping[str, str]] = {
    "ps": {"llava": "{}{}", "llava_med": "{}{}", "deepseek": "{}{}", "llama": "Question: {}{}"}
}
"""Prefix prompts that upstream builds in code: the bare question as the user's turn and
the option as the assistant's (mediconfusion.md 2.2)."""


def _judge_prompt(conversion: Mapping[str, str | float]) -> Prompt:
    """Slots: question, answer A, answer B, reply; upstream's frame (mediconfusion.md 2.2)."""
    role = conversion.get("role", "")
    instructions = conversion.get("instruct_prompt", "")
    return Prompt(
        family="default",
        template="[Question]\n{}\n\n[Answer A]\n{}\n\n[Answer B]\n{}\n\n"
        f"[{role}]\n{{}}\n\n[End of {role}]\n\n[System]\n{instructions}\n\n",
        system=str(conversion.get("init_prompt", "")),
    )


def _digest(*paths: Path) -> str:
    return hashlib.sha256(
        json.dumps([hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]).encode()
    ).hexdigest()


CARD = Card(
    name=NAME,
    title=TITLE,
    license=LICENSE,
    access="open",
    source="arXiv 2409.15477",
    load=load,
    state=partial(state_of, load),
    # Of a public GPT-4o run's answers by letter (mediconfusion.md 2.4, replication a).
    correlation=0.12,
)
