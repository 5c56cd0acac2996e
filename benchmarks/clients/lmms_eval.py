"""lmms-eval with its chat model for OpenAI-compatible servers, over a task of its own.

`openai`, with 64 questions open: the other one, `async_openai`, is slower here. The task is made
as its guide says, with `doc_to_messages` over rows read by `datasets`, in two ways:

    images  as lmms-eval's own tasks do: a picture of PIL in RGB, which it sends as PNG
    files   by path, which it also takes, and keeps what it has encoded: four questions to an
            image then cost one encoding

LMMS_IMAGE_ENCODE_FORMAT=JPEG in the environment has it send JPEG, compressed a second time.
Only the model's `generate_until` is measured: preparing rows, scoring and logging cost nothing.
"""

import contextlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path

# This file has the name of the package that it measures, and Python looks beside it first.
sys.path.remove(str(Path(__file__).parent))
os.environ["HF_HUB_OFFLINE"] = "1"

from datasets import Dataset, Image
from lmms_eval.api.instance import GenerationResult, Instance
from lmms_eval.api.task import ConfigurableMessagesTask
from lmms_eval.evaluator import simple_evaluate
from lmms_eval.models import get_model
from lmms_eval.tasks import TaskManager
from loguru import logger

OPEN = 64
WARM = 8
"""Questions asked before the clock starts, by which what is loaded late has been loaded."""

url, questions, kind, count = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
images = questions.parent / "images"


def rows_asked(rows: Dataset) -> Dataset:
    """The first rows, with images as files or as pictures that are read when they are asked for."""
    rows = rows.select(range(count)).map(lambda row: {"image": str(images / row["image"])})
    return rows.cast_column("image", Image()) if kind == "images" else rows


def messages(row: dict) -> list[dict]:
    """One question."""
    content = [{"type": "text", "text": row["text"]}]
    if kind == "images":
        content.insert(0, {"type": "image", "url": row["image"].convert("RGB")})
    elif kind == "files":
        content.insert(0, {"type": "image", "url": row["image"]})
    return [{"role": "user", "content": content}]


def task(cache: str) -> ConfigurableMessagesTask:
    """The questions as a task of lmms-eval, with what `datasets` writes in a folder."""
    exact = {"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}
    config = {
        "task": "instant",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(questions)}, "cache_dir": cache},
        "test_split": "test",
        "process_docs": rows_asked,
        "output_type": "generate_until",
        "doc_to_messages": messages,
        "doc_to_text": "{{text}}",
        "doc_to_target": "{{answer}}",
        "generation_kwargs": {"max_new_tokens": 256, "temperature": 0},
        "metric_list": [exact],
    }
    return ConfigurableMessagesTask(config=config)


model = get_model("openai")(model="instant", base_url=url, api_key="none", num_concurrent=OPEN)
generate = model.generate_until
found: dict[str, float] = {}


def timed(requests: list[Instance]) -> list[GenerationResult]:
    """`generate_until` with a clock."""
    generate(requests[:WARM])
    started, busy = time.perf_counter(), time.process_time()
    answers = generate(requests)
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    # A question that fails is answered with a text that says so, and a rate of failures is no rate.
    assert [answer.text for answer in answers] == ["B"] * count  # noqa: S101
    found.update(rate=count / seconds, cpu=busy / count)
    return answers


model.generate_until = timed
# What lmms-eval tells goes where it does not mix with the result.
logger.remove()
logger.add(sys.stderr, level="WARNING")
with tempfile.TemporaryDirectory() as cache, contextlib.redirect_stdout(sys.stderr):
    simple_evaluate(
        model=model,
        tasks=[task(cache)],
        task_manager=TaskManager(include_defaults=False),
        bootstrap_iters=0,
        log_samples=False,
    )
print(json.dumps(found))
