"""What a reader must know beside the figures, each thing once however often it applies."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from medtrust import registry
from medtrust.metrics.beside import TO_JUDGE
from medtrust.metrics.catalogue import load
from medtrust.metrics.metric import Settings
from medtrust.pipeline.answers import Answers
from medtrust.pipeline.estimates import Name, counting, name_of
from medtrust.pipeline.reader import RULES
from medtrust.records import Score
from medtrust.reports.text import one_line
from medtrust.runner.plan import Plan
from medtrust.scorers.no_content import RULE as NO_CONTENT
from medtrust.scorers.scorer import CUT, Scorer

WEAK = {
    "toxicity/words": "a word list, which finds only what it lists",
    "builtin/overlap-judge": "which counts shared words and knows no meaning",
}
"""Judges that are there for work offline: no figure of theirs is one to publish."""

BROKEN, BROKEN_SHARE = 3, 0.05
"""Replies without content from which a model is suspected to be broken."""

Note = tuple[str, str]
"""Which result it is about, and the line."""


def where(name: Name) -> str:
    """A result in words: `openai/gpt-4o, cares/factuality on cares/ol3i`."""
    model, task, dataset = name
    return f"{model}, {task} on {dataset}"


def told(notes: Iterable[Note]) -> list[str]:
    """The notes as lines; the same line about several results is told once, with their number."""
    about: dict[str, list[str]] = {}
    for result, line in notes:
        about.setdefault(line, []).append(result)
    return [
        f"{results[0]}{f' and {len(results) - 1} more' if len(results) > 1 else ''}: {line}"
        for line, results in about.items()
    ]


def on_servers(model: str, said: Mapping[str, int]) -> Iterator[str]:
    """That a model changed while it was asked, as far as its server says what it is."""
    if len(said) > 1:
        most = Counter(said).most_common(3)
        named = ", ".join(f"{count} by {one_line(name, 80)}" for name, count in most)
        more = f" and {len(said) - len(most)} more" if len(said) > len(most) else ""
        yield (
            f"{model}: what answers changed during the run, and the figures are of {len(said)} "
            f"models together: {named}{more}"
        )


def on_missing(answers: Answers) -> Iterator[Note]:
    """How many answers cannot be counted, and the commonest reasons."""
    if answers.missing:
        reasons = "; ".join(
            f"{count} x {reason}" for reason, count in Counter(answers.missing).most_common(3)
        )
        line = f"{sum(answers.missing.values())} of {answers.asked} answers are missing: {reasons}"
        if answers.task.per == "image" and answers.model.startswith("replay/"):
            line += "; the task is asked once an image, by the id of the first question about it"
        yield where(name_of(answers)), line


def on_asking(plan: Plan, answers: Answers, *, finished: bool, listed: bool) -> Iterator[Note]:
    """What is missing or left out of a plan, and why."""
    yield from on_missing(answers)
    result = where(name_of(answers))
    if not listed:
        line = (
            "not all questions had been entered when the run was stopped: how many are missing "
            "is not known; run the same command again"
        )
        yield result, line
    elif not finished:
        yield result, "the last run was interrupted; run the same command again to finish it"
    if answers.judge:
        weak = WEAK.get(answers.judge, "")
        yield result, f"judged by {answers.judge}{f', {weak}' if weak else ''}"
    for what, who in answers.readers.items():
        if who != RULES:
            yield result, f"{what} read by {who}, not by rules"
    for way, count in answers.ways.items():
        yield result, f"{count} of {answers.asked} answers: {way}"
    if plan.quarantined:
        left = f"{plan.quarantined} samples were left out by errata {', '.join(plan.errata)}"
        yield result, left


def on_reading(answers: Answers) -> Iterator[Note]:
    """What the readings could not use, and what the released code would have done."""
    result = where(name_of(answers))
    if aside := sum(answers.quarantined.values()):
        line = (
            f"{aside} of {answers.asked} answers are to quarantined questions and count in the "
            f"official reading only; `medtrust lint {answers.dataset} --data DIR` says why"
        )
        yield result, line
    cut = sum(
        score.protocol == "corrected" and score.value is not None and score.rule.endswith(CUT)
        for score in answers.scores
    )
    if cut:
        yield result, f"{cut} replies were cut at the token limit; raise --max-tokens"
    came = [s for s in answers.scores if s.protocol == "corrected" and s.value is not None]
    if speak := sum(TO_JUDGE in score.details for score in came):
        line = (
            f"replies that speak to their judge (orders, marks of their own, frames): {speak} of "
            f"{len(came)}; judged figures without them stand beside the others, as `_unprompted`"
        )
        yield result, line
    yield from ((result, line) for line in on_broken(answers.scores))
    scorer: Scorer = registry.load("scorers", answers.task.scorer)
    for line in scorer.notes([s for s in answers.scores if s.protocol == "official"]):
        yield f"{result}, official reading", line


def on_broken(scores: Sequence[Score]) -> Iterator[str]:
    """That so many replies have no content that the model, not its answers, is to be looked at."""
    came = [score for score in scores if score.protocol == "corrected" and score.value is not None]
    kinds = Counter(
        score.rule.removeprefix(f"{NO_CONTENT}: ")
        for score in came
        if score.rule.startswith(NO_CONTENT)
    )
    broken = sum(kinds.values())
    if broken >= BROKEN and broken >= BROKEN_SHARE * len(came):
        most = ", ".join(f"{count} x {kind}" for kind, count in kinds.most_common(3))
        yield (
            f"{broken} of {len(came)} replies have no content ({most}): the chat template or the "
            "checkpoint may be wrong"
        )


def on_counting(answers: Answers, settings: Settings) -> Iterator[Note]:
    """What figures could not be given, and why."""
    result, known = where(name_of(answers)), counting(answers, settings)
    read = tuple(score for score in answers.scores if score.protocol == "corrected")
    for name in answers.task.metrics:
        for line in load(name).notes(read, known):
            yield result, line
