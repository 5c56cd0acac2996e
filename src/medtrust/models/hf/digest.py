"""What identifies the contents of a checkpoint's folder."""

import hashlib
from pathlib import Path

SUFFIXES = frozenset({".json", ".jinja", ".model", ".safetensors", ".tiktoken", ".txt"})
"""Configs, templates, vocabularies and weights: what an answer depends on."""


def folder_digest(folder: Path) -> str:
    """SHA-256 over names and contents of a checkpoint's files, in the order of names.

    Covers configs, tokenizer, processor, chat templates and weights, and leaves
    read-me files and the like out. Reads every weight once (about a second per GB).
    """
    digest = hashlib.sha256()
    templates = folder / "additional_chat_templates"
    for path in sorted([*folder.iterdir(), *(templates.iterdir() if templates.is_dir() else ())]):
        if path.suffix in SUFFIXES and path.is_file():
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            digest.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()
