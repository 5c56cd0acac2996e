"""inspect-ai as its docs say to run it against an OpenAI-compatible server, with lean settings.

They are: 64 connections (and so 64 samples at a time), no display, no scorer, no control server,
no live view of samples (`log_realtime`), no images and no raw calls in the log. The log itself is
written, into a folder that is removed again: it is what a run is read from.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

# This file has the name of the package that it measures, and Python looks beside it first.
sys.path.remove(str(Path(__file__).parent))

from inspect_ai import Task
from inspect_ai import eval as evaluate
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageUser, Content, ContentImage, ContentText

OPEN = 64
WARM = 8
"""Questions asked before the clock starts, by which what is loaded late has been loaded."""


def sample(row: dict[str, str], folder: Path, kind: str) -> Sample:
    """One question, with its image named by its file."""
    content: list[Content] = [ContentText(text=row["text"])]
    if kind == "images":
        content.insert(0, ContentImage(image=str(folder / row["image"])))
    return Sample(input=[ChatMessageUser(content=content)], target=row["answer"])


def ask(url: str, samples: list[Sample], logs: str) -> int:
    """How many of the samples were answered."""
    (log,) = evaluate(
        Task(dataset=MemoryDataset(samples)),
        model="openai-api/local/instant",
        model_base_url=url,
        model_args={"api_key": "none"},
        max_connections=OPEN,
        max_tokens=256,
        temperature=0.0,
        display="none",
        score=False,
        ctl_server=False,
        log_dir=logs,
        log_realtime=False,
        log_images=False,
        log_model_api=False,
        log_header_only=True,
    )
    return log.results.completed_samples if log.results else 0


url, questions, kind, count = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
rows = [json.loads(line) for line in questions.read_text().splitlines()[:count]]
samples = [sample(row, questions.parent / "images", kind) for row in rows]
with tempfile.TemporaryDirectory() as logs:
    ask(url, samples[:WARM], logs)
    started, busy = time.perf_counter(), time.process_time()
    answered = ask(url, samples, logs)
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
assert answered == len(rows), answered  # noqa: S101 - a rate of failures is no rate
print(json.dumps({"rate": answered / seconds, "cpu": busy / answered}))
