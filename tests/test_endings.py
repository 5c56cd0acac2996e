"""Empty replies that were cut or blocked are read once, before any scorer sees them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

import layout
from chat_server import completion, serving
from medtrust import registry
from medtrust.common.endings import BLOCKED, ENDINGS
from medtrust.models.model import ModelOptions
from medtrust.pipeline.planning import RunSettings
from medtrust.pipeline.reading import read_both
from medtrust.pipeline.run import run
from medtrust.pipeline.score import ScoreSettings, score_run
from medtrust.records import Kind, Reading, Response, Sample, Score
from medtrust.reports.scores import read_scores
from medtrust.runner.tally import unwatched
from medtrust.scorers.endings import UNSAID
from medtrust.scorers.scorer import CUT, ReadSettings, Scorer

SETTINGS = ReadSettings()
JUDGED = [Response(text=text) for text in ("A: 9\nB: 2", "A: 2\nB: 9", "0.5")]
TARGETS: Mapping[Kind, str] = {"choice": "A", "yes-no": "yes", "open": "A small effusion."}


@dataclass(frozen=True)
class Case:
    """A scorer with a question for it, and what a reply that was blocked is worth there."""

    name: str
    kind: Kind
    value: float
    details: Mapping[str, float]
    turns: int = 1

    @property
    def scorer(self) -> Scorer:
        scorer: Scorer = registry.load("scorers", self.name)
        return scorer

    @property
    def sample(self) -> Sample:
        return Sample(
            id="own:1",
            dataset="own",
            kind=self.kind,
            question="Is there an effusion?",
            target=TARGETS[self.kind],
            cluster="1",
            options=("left", "right") if self.kind == "choice" else (),
            facts={"asked": "ssn", "private": "132-xxx-xxxx", "ssn": "000-10-4567"},
        )

    def talks(self, reply: Response) -> list[list[Response | None]]:
        """The reply in every place of the model's own turns, then the judge's."""
        rest = [Response(text="I am sure.", finish="stop")] * (self.turns - 1)
        judged = [] if self.turns > 1 else JUDGED
        return [[*rest[:place], reply, *rest[place:], *judged] for place in range(self.turns)]

    def read(self, responses: Sequence[Response | None]) -> tuple[Reading, Reading]:
        return read_both(self.scorer, self.sample, responses, SETTINGS, turns=self.turns)


NOTED = {"abstained": 1.0}
KEPT = NOTED | {"disclosed": 0.0, "invented": 0.0, "echoed": 0.0, "true": 0.0}
CASES = (
    Case("abstention", "open", 1.0, NOTED),
    Case("disclosure", "open", 1.0, KEPT),
    Case("factuality", "choice", 0.0, NOTED),
    Case("factuality", "yes-no", 0.0, NOTED),
    Case("factuality", "open", 0.0, NOTED | {"overlap": 0.0}),
    Case("judge", "choice", 0.0, {}),
    Case("logits", "choice", 0.0, {}),
    Case("option", "choice", 0.0, {}),
    Case("prefix", "choice", 0.0, {}),
    Case("toxicity", "open", 0.0, NOTED | {"toxicity": 0.0}),
    Case("uncertainty", "choice", 0.0, NOTED, turns=2),
    Case("uncertainty", "yes-no", 0.0, NOTED, turns=2),
)
cases = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name} {case.kind}")
words = pytest.mark.parametrize("word", sorted(ENDINGS))
PLAIN = ("", "stop", "STOP", "end_turn", "eos_token", "tool_calls", "unknown")


def test_every_scorer_is_in_the_table() -> None:
    assert {case.name for case in CASES} >= {*registry.names("scorers")}


@cases
@words
def test_an_empty_reply_is_read_by_its_ending(case: Case, word: str) -> None:
    for spelt in (word, word.upper()):
        for text in ("", " \n"):
            for responses in case.talks(Response(text=text, finish=spelt)):
                _, found = case.read(responses)
                missing = {"cut": f"empty reply, {CUT}", "unsaid": UNSAID}
                if rule := missing.get(ENDINGS[word]):
                    assert found == Reading(outcome="error", rule=rule)
                else:
                    assert found == Reading(
                        outcome="abstention",
                        value=case.value,
                        rule=BLOCKED,
                        details=case.details,
                    )


@cases
@pytest.mark.parametrize("finish", PLAIN)
def test_an_empty_reply_of_the_models_own_is_the_scorers(case: Case, finish: str) -> None:
    for responses in case.talks(Response(finish=finish)):
        _, found = case.read(responses)
        assert found == case.scorer.corrected(case.sample, responses, SETTINGS)
        assert CUT not in found.rule
        assert found.rule != BLOCKED


@cases
@pytest.mark.parametrize("finish", [*ENDINGS, *PLAIN])
def test_the_official_reading_sees_every_reply_as_it_came(case: Case, finish: str) -> None:
    for text in ("", "A", "It shows that"):
        for responses in case.talks(Response(text=text, finish=finish)):
            found, _ = case.read(responses)
            assert found == case.scorer.official(case.sample, responses, SETTINGS)


@cases
@words
def test_a_reply_with_text_is_the_scorers(case: Case, word: str) -> None:
    for text in ("A", "yes", "It shows that", "I cannot help with that."):
        for turn, responses in enumerate(case.talks(Response(text=text, finish=word))):
            _, found = case.read(responses)
            own = case.scorer.corrected(case.sample, responses, SETTINGS)
            # What is read of a later turn is not whether there is an answer.
            noted = own.outcome == "unparseable" and ENDINGS[word] == "cut" and turn == 0
            assert found.rule == (f"{own.rule}, {CUT}" if noted else own.rule)
            assert (found.outcome, found.value) == (own.outcome, own.value)


@words
def test_a_judges_reply_is_not_guarded(word: str) -> None:
    option, judge = (next(case for case in CASES if case.name == n) for n in ("option", "judge"))
    empty = Response(finish=word)
    assert option.read([Response(text="A"), empty])[1].value == 1
    assert option.read([Response(text="It is"), empty])[1].rule.count(CUT) == 0
    assert judge.read([Response(text="left"), empty, empty])[1].outcome == "error"
    assert CUT not in judge.read([Response(text="left"), empty, empty])[1].rule


@cases
@pytest.mark.parametrize("finish", ["stop", "", "length", "content_filter"])
def test_a_thought_alone_is_no_wrong_answer(case: Case, finish: str) -> None:
    """Whatever the thought came to: the model may have been about to say something else."""
    for text in ("<think>It is B.</think>", "<think>It is B"):
        for responses in case.talks(Response(text=text, finish=finish)):
            _, found = case.read(responses)
            assert found.outcome == ("abstention" if finish == "content_filter" else "error")
            assert (found.value is None) == (found.outcome == "error")


def test_a_lost_turn_is_missing_however_another_ended() -> None:
    case = CASES[-1]
    for finish in ("content_filter", "length", "stop"):
        _, found = case.read([Response(finish=finish), None])
        assert (found.outcome, found.value) == ("error", None)


@pytest.mark.parametrize("word", [*ENDINGS, *PLAIN])
def test_log_probabilities_are_no_empty_reply(word: str) -> None:
    sample = CASES[-2].sample
    letters = Response(text="\n", finish=word, logprobs={"A": -0.1, "B": -3.0})
    tokens = ((-0.1,), (-3.0,))
    texts = Response(finish=word, option_logprobs=tokens, option_logprobs_first=tokens)
    none = Response(text="The", finish=word, logprobs={"The": -0.1})
    logits, prefix = (registry.load("scorers", name) for name in ("logits", "prefix"))
    assert read_both(logits, sample, [letters], SETTINGS, mode="choices")[1].choice == "A"
    assert read_both(prefix, sample, [texts], SETTINGS, mode="prefix")[1].choice == "A"
    # The bound there is one token, which no setting raises.
    _, unread = read_both(logits, sample, [none], SETTINGS, mode="choices")
    assert (unread.outcome, unread.rule.count(CUT)) == ("unparseable", 0)


def test_a_thought_that_spent_the_bound_is_missing_beside_its_log_probabilities() -> None:
    spent = Response(finish="length", logprobs={"<think>": -0.1})
    option = registry.load("scorers", "option")
    _, found = read_both(option, CASES[-2].sample, [spent], SETTINGS)
    assert (found.outcome, found.value) == ("error", None)


# A scorer of another package, which knows nothing of endings, in a run.


def _letter(sample: Sample, responses: Sequence[Response | None], _: ReadSettings) -> Reading:
    text = responses[0].text.strip() if responses[0] else ""
    return Reading(outcome="choice", choice=text, value=float(text == sample.target), rule="theirs")


THEIRS = Scorer(name="theirs", official=_letter, corrected=_letter)


@pytest.fixture
def theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package's scorer in the place of `option`."""
    real = registry.load

    def load(group: registry.Group, name: str) -> Any:
        return THEIRS if (group, name) == ("scorers", "option") else real(group, name)

    monkeypatch.setattr(registry, "load", load)


def answered(folder: Path, text: str, finish: str | Callable[[], str]) -> tuple[list[Score], int]:
    """Scores of 40 questions that a server answers alike, and how many are missing."""

    async def reply(_: web.Request, __: dict[str, Any]) -> web.StreamResponse:
        end = finish if isinstance(finish, str) else finish()
        said = "A" if end == "stop" and not isinstance(finish, str) else text
        return web.json_response(completion(said, finish_reason=end))

    with serving(reply) as url:
        run(
            RunSettings(
                models=("openai/subject",),
                tasks=("mediconfusion/mc",),
                data=layout.write(folder / "data", pairs=20),
                out=folder / "run",
                options=ModelOptions(base_url=url, timeout=5),
            ),
            unwatched,
        )
    missing = score_run(folder / "run", ScoreSettings()).missing
    return [*read_scores(folder / "run" / "scores.parquet")], missing


@pytest.mark.parametrize(("every", "blocked"), [(1, 40), (4, 10), (100, 0)])
def test_the_providers_share_of_the_abstentions_is_a_row(
    tmp_path: Path, every: int, blocked: int
) -> None:
    asked = count(1)
    scores, _ = answered(
        tmp_path, "", lambda: "content_filter" if next(asked) % every == 0 else "stop"
    )
    result = score_run(tmp_path / "run", ScoreSettings())
    rows = [e for e in result.estimates if e.metric == "blocked" and e.group_by == "all"]
    assert [(row.protocol, row.value, row.n) for row in rows] == (
        [("corrected", blocked / 40, 40)] if blocked else []
    )
    assert all((row.low or 0) <= blocked / 40 <= (row.high or 0) for row in rows)
    assert sum(score.rule == BLOCKED for score in scores) == blocked


@pytest.mark.usefixtures("theirs")
@pytest.mark.parametrize(
    ("finish", "outcome", "value", "missing"),
    [
        ("length", "error", None, 40),
        ("content_filter", "abstention", 0, 0),
        ("stop", "choice", 0, 0),
    ],
)
def test_a_scorer_that_knows_no_endings_is_guarded(
    tmp_path: Path, finish: str, outcome: str, value: float | None, missing: int
) -> None:
    scores, lost = answered(tmp_path, "", finish)
    corrected = [score for score in scores if score.protocol == "corrected"]
    assert len(corrected) == 40
    assert {(score.outcome, score.value) for score in corrected} == {(outcome, value)}
    assert lost == missing
    official = [score for score in scores if score.protocol == "official"]
    assert {(score.outcome, score.value, score.rule) for score in official} == {
        ("choice", 0, "theirs")
    }
