"""What a run would send, plan by plan, before anything is sent."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import repeat as times

from medtrust.pipeline.judge import READINGS, TOXICITY, JudgeSettings, kinds_of, prompt_of
from medtrust.pipeline.planning import Block, RunSettings, blocks_of, items_of, read_datasets
from medtrust.pipeline.run import WORDS, judges_of
from medtrust.pipeline.where import where
from medtrust.records import Request
from medtrust.runner.estimate import Forecast, forecast
from medtrust.runner.plan import Item, request_of
from medtrust.tasks.judge import JUDGINGS
from medtrust.tasks.select import select

REPLY_SUPPOSED = "x" * 1000
"""What a forecast takes a reply to be."""


def dry_run(settings: RunSettings) -> list[tuple[str, str, str, Forecast]]:
    """What `run` would send: model, task, dataset and the forecast of each plan.

    Asks nothing and writes nothing; a local model is loaded to be known. A judge's
    share supposes replies of 1,000 characters. Raises InputError as `run` does.
    """
    tasks = select(settings.tasks)
    sources, _ = read_datasets(settings, tasks)
    train = tuple(sample for source in sources for sample in source.dataset.train)
    options = replace(settings.options, train=train)
    with where(settings) as asked:
        models = [(name, asked.connect(name, options)) for name in dict.fromkeys(settings.models)]
    rows = []
    for name, model in models:
        blocks = blocks_of(model, tasks, sources, settings)[0]
        # What a run would refuse for lack of consent is refused here too.
        judges_of(settings, blocks)
        for block in blocks:
            rows.append((name, block.task.name, block.plan.dataset, forecast(_requests(block))))
            for kind in _kinds(block, blocks):
                judge = _judge_of(settings, kind)
                judged = forecast(_judge_requests(block, kind, judge)) if judge else None
                if judge and judged and judged.requests:
                    task = f"judge-{kind}:{block.task.name}"
                    rows.append((judge.model, task, block.plan.dataset, judged))
    return rows


def _requests(block: Block) -> Iterator[Request]:
    replies = (REPLY_SUPPOSED,) * block.task.turns
    for sample, repeat, turn in items_of(block, block.samples()):
        item = Item(plan=0, sample=sample, repeat=repeat, turn=turn, replies=replies[:turn])
        yield request_of(block.plan, block.task, item)


def _judge_of(settings: RunSettings, kind: str) -> JudgeSettings | None:
    if kind in TOXICITY:
        return settings.toxicity or WORDS
    return settings.reader if kind in READINGS else settings.judge


def _kinds(block: Block, blocks: Sequence[Block]) -> list[str]:
    """What of a block's replies is judged: for its own task, and for one set against it."""
    against = (
        kind
        for other in blocks
        if (other.task.against, other.plan.dataset) == (block.task.name, block.plan.dataset)
        for kind in kinds_of(other.task)
    )
    return list(dict.fromkeys([*kinds_of(block.task), *against]))


def _judge_requests(block: Block, kind: str, judge: JudgeSettings) -> Iterator[Request]:
    judging = JUDGINGS[kind]
    prompt = prompt_of(block.plan, kind)
    for sample, _, turn in items_of(block, block.samples()):
        if not turn and judging.waits(sample):
            for view in range(judging.turns):
                request = judging.ask(judging.view(sample, REPLY_SUPPOSED, view), prompt)
                yield from times(request, judge.samples)
