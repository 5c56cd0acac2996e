"""Folders laid out like MediConfusion's, made by the tests themselves."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from medtrust.datasets.mediconfusion import IMAGES, PROMPTS, QUESTIONS

LETTER_PROMPT = "Look and choose.\nQuestion: {}\nA: {}\nB: {}\nOne letter: "


def draw(path: Path, name: str, size: tuple[int, int] = (48, 40)) -> None:
    """A small picture that depends on its name alone."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    noise = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(noise).resize(size).save(path, "JPEG", quality=90)


def record(number: int) -> dict[str, object]:
    """One pair with a question of its own; labels alternate between (A, B) and (B, A)."""
    first, second = ("A", "B") if number % 2 else ("B", "A")
    return {
        "im_1": f"train/{number}_1.jpg",
        "im_2": f"train/{number}_2.jpg",
        "im_1_local": 2 * number,
        "im_2_local": 2 * number + 1,
        "cap_1": " one finding",
        "cap_2": " another finding",
        "category_1": ["Cerebral"],
        "category_2": ["Cerebral", "Vascular"] if number % 3 else ["Vascular"],
        "BiomedCLIP_sim": 0.91,
        "DINO_sim": 0.5,
        "question": f"What does picture {number} show?",
        "option_A": f"Finding {number} on the left",
        "option_B": f"Finding {number} on the right",
        "im_1_correct": first,
        "im_2_correct": second,
    }


def prompts() -> dict[str, object]:
    """A prompt file with words of our own."""
    return {
        "prompts": {
            "gpt4": {"default": "Look.\n{}"},
            "mc": {"default": LETTER_PROMPT, "gpt": f"Please. {LETTER_PROMPT}"},
            "greedy": {"default": LETTER_PROMPT},
            "prefix": {"default": "Question: {} Answer: {}"},
        },
        "init_prompts": {"default": "You help."},
        "conversion": {
            "instruct_prompt": "Score both.",
            "role": "Model",
            "init_prompt": "You judge.",
        },
    }


def write(folder: Path, pairs: int) -> Path:
    """A whole little benchmark of `pairs` pairs; returns its folder."""
    records = {str(10_000 + n): record(n) for n in range(1, pairs + 1)}
    sources = {
        str(entry[f"im_{k}"]): {
            "local": entry[f"im_{k}_local"],
            "dlink": f"ftp://host.invalid/PMC{number}{k}.tar.gz",
            "file_name": f"{number}-{k}.jpg",
        }
        for number, entry in records.items()
        for k in (1, 2)
    }
    for path, content in ((QUESTIONS, records), (IMAGES, sources), (PROMPTS, prompts())):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps(content))
    for name, source in sources.items():
        draw(folder / "data" / "images" / f"{source['local']}.jpg", name)
    return folder


def with_stand_ins(source: Path, folder: Path) -> Path:
    """The real benchmark's question files with drawn pictures in place of its images."""
    for path in (QUESTIONS, IMAGES, PROMPTS):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / path, folder / path)
    for entry in json.loads((source / IMAGES).read_text()).values():
        draw(folder / "data" / "images" / f"{entry['local']}.jpg", str(entry["local"]))
    return folder
