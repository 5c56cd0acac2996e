"""A run's folder as if a model had been asked all of CARES and MediConfusion, and been judged.

Three sets of questions (yes or no, four options, open), two questions an image, patients with an
age, a sex and a race, and pairs of confusable images; every scorer and every metric has its share,
in the proportions of a whole run. Nothing in it comes from a model or a dataset.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from random import Random

import synthetic_replies as say

from medtrust.datasets.dataset import Prompt
from medtrust.records import LETTERS, Image, Message, Request, Response, Sample
from medtrust.runner.journal import FILE, Answer, Journal
from medtrust.runner.keys import asked_of, key_of
from medtrust.runner.plan import Item, Plan, samples_of
from medtrust.tasks.judge import JUDGINGS, judging
from medtrust.tasks.select import load
from medtrust.tasks.task import Task

PROMPT = Prompt(family="default", template="{}")
GROUP = 5000
"""Answers committed at once."""

CARES = (
    "cares/factuality",
    "cares/uncertainty",
    *(f"cares/jailbreak-{number}" for number in (1, 2, 3)),
    *(f"cares/overcaution-{number}" for number in (1, 2, 3)),
    "cares/toxicity",
    *(f"cares/privacy-{name}" for name in ("z1", "z2", "f1", "f2")),
    "cares/robustness-noise-3",
    "cares/robustness-unseen",
    "cares/robustness-unseen-official",
)
PAIRS = (
    *(f"mediconfusion/{mode}" for mode in ("mc", "ff", "gd", "ps")),
    "control/option-swap:mediconfusion/mc",
    "control/repeat:mediconfusion/mc",
)
OPTION_SETS = 43
"""As many as HAM10000 has."""

ANSWERS_A_QUESTION = 35
"""Of the three sets together, over all of `CARES`; a pair has `ANSWERS_A_PAIR` over `PAIRS`."""
ANSWERS_A_PAIR = 12


def build(folder: Path, answers: int, habit: float = say.HABIT, seed: int = 0) -> int:
    """Write a journal with about this many answers, and their judgements; how many there are.

    `habit` is the share of closed questions that are answered in a task's usual wording.
    """
    draw = Random(seed)
    questions = 2 * max(1, round(0.94 * answers / ANSWERS_A_QUESTION / 2))
    pairs = max(1, round((answers - questions * ANSWERS_A_QUESTION) / ANSWERS_A_PAIR))
    written = 0
    with closing(Journal(folder / FILE)) as journal:
        for kind in ("yes-no", "choice", "open"):
            samples = [_question(kind, number, draw) for number in range(questions)]
            for name in CARES:
                written += _ask(journal, load(name), samples, draw, habit)
        samples = [_half(number, place, draw) for number in range(pairs) for place in (0, 1)]
        for name in PAIRS:
            written += _ask(journal, load(name), samples, draw, habit)
    return written


def options(draw: Random, count: int) -> tuple[str, ...]:
    """Different findings, as the options of a question."""
    named = draw.sample(say.FINDINGS, count)
    return tuple(f"{draw.choice(say.SIDES)} {finding}" for finding in named)


def four_options(draw: Random) -> tuple[str, ...]:
    """The options of a question of the set with four."""
    return options(Random(draw.randrange(OPTION_SETS)), 4)


def _question(kind: str, number: int, draw: Random) -> Sample:
    dataset = {"yes-no": "bench/chest", "choice": "bench/skin", "open": "bench/reports"}[kind]
    picture = f"{dataset}/{number // 2}"
    person = Random(picture)
    finding, side = draw.choice(say.FINDINGS), draw.choice(say.SIDES)
    shown = four_options(draw) if kind == "choice" else ()
    target = {
        "yes-no": draw.choice(("yes", "no")),
        "choice": draw.choice("ABCD"),
        "open": say.report(draw, 2),
    }[kind]
    low = 10 * person.randint(2, 8)
    patient = {
        "age": (f"{low}-{low + 9}",),
        "sex": (person.choice(("female", "male")),),
        "race": (person.choice(("Asian", "Black", "Hispanic", "White")),),
    }
    return Sample(
        id=f"{dataset}:{number}",
        dataset=dataset,
        kind=kind,  # type: ignore[arg-type]  # one of the three above
        question=f"Is there {finding} in the {side} lung?",
        target=target,
        cluster=picture,
        images=(Image(id=picture, path=""),),
        options=shown,
        groups={**patient, "modality": ("X-ray",), "question_type": (finding,)},
        facts={"marital_status": person.choice(("married", "single", "widowed"))},
    )


def _half(number: int, place: int, draw: Random) -> Sample:
    pair = f"bench-pairs:{number}"
    same = Random(pair)
    return Sample(
        id=f"{pair}/{place + 1}",
        dataset="bench-pairs",
        kind="choice",
        question=f"What is shown in the {same.choice(say.SIDES)} {same.choice(say.PLACES)}?",
        target=LETTERS[(number + place) % 2],
        cluster=f"article-{number // 3}",
        images=(Image(id=f"{pair}/{place}", path=""),),
        options=options(same, 2),
        pair=pair,
        groups={"category": (draw.choice(("Cerebral", "Cardiac", "Spinal", "Vascular")),)},
    )


def _ask(
    journal: Journal, task: Task, samples: Sequence[Sample], draw: Random, habit: float
) -> int:
    """A plan with an answer to each of its questions and their judgements; how many answers."""
    asked = samples_of(task, samples)
    if not asked:
        return 0
    plan = _plan("openai/bench", task, asked[0].dataset, first_repeat=task.again)
    replies = [(sample, turn) for sample in asked for turn in range(task.turns)]
    said = [_response(task, sample, turn, draw, habit) for sample, turn in replies]
    _write(journal, plan, [(sample, task.again, turn) for sample, turn in replies], said)
    if task.name == "cares/factuality":
        _judge(journal, plan, "toxicity", replies, said, draw)
    if task.judge:
        _judge(journal, plan, task.judge, replies, said, draw)
    return len(asked)


def _judge(
    journal: Journal,
    plan: Plan,
    kind: str,
    replies: Sequence[tuple[Sample, int]],
    said: Sequence[Response],
    draw: Random,
) -> None:
    judged = JUDGINGS[kind]
    items = [
        (judged.view(sample, response.text, view), plan.first_repeat, view)
        for (sample, _), response in zip(replies, said, strict=True)
        if judged.waits(sample)
        for view in range(judged.turns)
    ]
    task = judging(load(plan.task), kind)
    own = _plan("openai/bench-judge", task, plan.dataset, judge_of=plan.fingerprint, kind=kind)
    _write(journal, own, items, [Response(text=_mark(kind, view, draw)) for *_, view in items])


def _mark(kind: str, view: int, draw: Random) -> str:
    if kind == "toxicity":
        return f"{draw.random() ** 3:.6f}"
    if kind == "answer" and view == 2:
        return draw.choice((f"{draw.randint(1, 10)}", f"Score: {draw.randint(1, 10)}/10"))
    return f"A: {draw.randint(1, 10)}\nB: {draw.randint(1, 10)}\n{say.report(draw, 2)}"


def _plan(
    model: str,
    task: Task,
    dataset: str,
    *,
    first_repeat: int = 0,
    judge_of: str = "",
    kind: str = "",
) -> Plan:
    return Plan(
        model=model,
        identity={"name": model},
        task=task.name,
        task_version=task.version,
        dataset=dataset,
        digest="",
        access="open",
        prompt=PROMPT,
        first_repeat=first_repeat,
        judge_of=judge_of,
        judge_kind=kind,
    )


def _write(
    journal: Journal,
    plan: Plan,
    items: Sequence[tuple[Sample, int, int]],
    said: Iterable[Response],
) -> None:
    number = journal.register(plan, items)
    rows = zip(items, said, strict=True)
    while group := [*islice(rows, GROUP)]:
        journal.commit(answers=(_answer(number, plan, *row) for row in group))
    journal.finish([number])


def _answer(number: int, plan: Plan, asked: tuple[Sample, int, int], response: Response) -> Answer:
    sample, repeat, turn = asked
    item = Item(plan=number, sample=sample, repeat=repeat, turn=turn)
    key = key_of(f"{plan.fingerprint}{sample.id}{repeat}{turn}".encode())
    message = Message(role="user", parts=(*sample.images, sample.question))
    request = Request(sample=sample.id, question=sample.question, messages=(message,))
    return [item], key, asked_of(plan.identity, request, ()), response


def _response(task: Task, sample: Sample, turn: int, draw: Random, habit: float) -> Response:
    more = draw.choice((120, 240, 400))
    if task.mode == "choices":
        letters = {letter: -3 * draw.random() for letter in LETTERS[: len(sample.options)]}
        return Response(logprobs=letters, prompt_tokens=more, completion_tokens=1)
    if task.mode == "prefix":
        tokens = tuple(
            tuple(-4 * draw.random() for _ in range(6)) for _ in range(len(sample.options))
        )
        return Response(option_logprobs=tokens, option_logprobs_first=tokens, prompt_tokens=more)
    text = _text(task, sample, turn, draw, habit)
    return Response(
        text=text,
        finish="stop",
        prompt_tokens=more,
        completion_tokens=len(text) // 4,
        seconds=draw.random(),
        server="bench-1",
    )


HABITUAL = (
    "cares/factuality",
    "cares/uncertainty",
    "cares/robustness",
    "cares/toxicity",
    "mediconf",
)
"""Beginnings of tasks whose closed questions are asked as they are."""


def _text(task: Task, sample: Sample, turn: int, draw: Random, habit: float) -> str:
    if turn:
        return say.filled(draw, draw.choice(say.STATED))
    family = task.name.partition("-")[0]
    if sample.kind != "open" and draw.random() < habit and family.startswith(HABITUAL):
        return _usual(Random(task.name), sample, draw)
    if family == "cares/privacy":
        return say.private(draw)
    if family == "cares/jailbreak" and draw.random() < 0.3:
        return say.refusal(draw)
    if family == "cares/overcaution":
        return say.refusal(draw) if draw.random() < 0.25 else say.report(draw, 5)
    write: Callable[[], str] = {
        "yes-no": lambda: say.yes_no(draw),
        "choice": lambda: say.choice(draw, sample.options),
        "open": lambda: say.refusal(draw) if draw.random() < 0.06 else say.report(draw, 4),
    }[sample.kind]
    return write()


def _usual(usual: Random, sample: Sample, draw: Random) -> str:
    """A closed question's answer in the wording that `usual` always comes to."""
    if sample.kind == "choice":
        return say.usual_choice(usual, draw, sample.options)
    return say.usual_yes_no(usual, draw)


def replies_to_options(count: int, seed: int = 0) -> Iterator[tuple[tuple[str, ...], str]]:
    """Options and a reply to them, as in the set with four options."""
    draw = Random(seed)
    for _ in range(count):
        shown = four_options(draw)
        yield shown, say.choice(draw, shown)


SAME = 0.85
"""How often it chooses under one task what it chose under the others."""


def in_a_run(questions: int, tasks: int, seed: int = 0) -> Iterator[tuple[tuple[str, ...], str]]:
    """Options and a reply to them, as one model gives them to the same questions under many tasks.

    It mostly keeps to its choice, and to one of the fixed wordings as often as GPT-4o does to bare
    letters; else it says anything that `synthetic_replies.choice` writes.
    """
    draw = Random(seed)
    wording = draw.choice(say.WORDINGS)
    asked = [four_options(draw) for _ in range(questions)]
    chosen = [draw.randrange(4) for _ in asked]
    for _ in range(tasks):
        for shown, usual in zip(asked, chosen, strict=True):
            place = usual if draw.random() < SAME else draw.randrange(4)
            if draw.random() < say.HABIT:
                yield shown, wording.format(letter=LETTERS[place], text=shown[place])
            else:
                yield shown, say.choice(draw, shown)
