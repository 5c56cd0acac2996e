"""Answers from a file, as if its model were asked again."""

import json
from pathlib import Path
from typing import Any

import pytest

from medtrust.errors import InputError, RejectedError, UnsupportedError
from medtrust.models.model import ModelOptions
from medtrust.models.replay import Replay, connect
from medtrust.records import Message, Request, Response

LINES: list[dict[str, Any]] = [
    {"id": "toy:1", "text": "A", "logprobs": {"A": -0.1, "B": -2.5, "C": -9.0}},
    {"id": "toy:2", "text": "B", "logprobs": {"B": -0.3}},
    {"id": "toy:3", "texts": ["It is left.", "Yes, I am sure."]},
]


@pytest.fixture
def replay(tmp_path: Path) -> Replay:
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(map(json.dumps, LINES)), encoding="utf-8")
    return connect(str(path), ModelOptions())


def asked(sample: str, *later: str, **more: Any) -> Request:
    messages = [Message(role="user", parts=("Which side?",))]
    for number, said in enumerate(later):
        role: Any = "user" if number % 2 else "assistant"
        messages.append(Message(role=role, parts=(said,)))
    return Request(
        sample=sample,
        question="Which side?",
        messages=tuple(messages),
        options=("left", "right"),
        **more,
    )


async def test_answers_come_by_sample_id(replay: Replay) -> None:
    assert (await replay.answer(asked("toy:2"), [])).text == "B"
    assert (await replay.answer(asked("toy:1"), [])).text == "A"


async def test_a_later_turn_gets_the_later_answer(replay: Replay) -> None:
    assert (await replay.answer(asked("toy:3"), [])).text == "It is left."
    later = await replay.answer(asked("toy:3", "It is left.", "Are you sure?"), [])
    assert later.text == "Yes, I am sure."
    with pytest.raises(RejectedError, match=r"no answer for toy:2 \(turn 2\) in .*answers.jsonl"):
        await replay.answer(asked("toy:2", "B", "Are you sure?"), [])


async def test_choices_need_a_log_probability_for_every_letter(replay: Replay) -> None:
    response = await replay.answer(asked("toy:1", mode="choices"), [])
    assert response == Response(text="A", logprobs={"A": -0.1, "B": -2.5})
    with pytest.raises(RejectedError, match="no log-probabilities of A, B for toy:2"):
        await replay.answer(asked("toy:2", mode="choices"), [])


async def test_what_the_file_does_not_hold_is_rejected_by_name(replay: Replay) -> None:
    with pytest.raises(RejectedError, match=r"no answer for toy:9 in .*answers.jsonl"):
        await replay.answer(asked("toy:9"), [])
    with pytest.raises(UnsupportedError, match="prefix"):
        await replay.answer(asked("toy:1", mode="prefix"), [])


async def test_an_answer_upstream_lost_is_rejected_and_not_empty(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    lost = {"full_answer": None, "A": 0, "B": 0}
    found = {"full_answer": "A", "A": 10, "B": 0}
    path.write_text(json.dumps({"7": {"answer": {"im1": lost, "im2": found}}}), encoding="utf-8")
    replay = connect(str(path), ModelOptions())
    assert (await replay.answer(asked("mediconfusion:7/2"), [])).text == "A"
    with pytest.raises(RejectedError, match="no answer for mediconfusion:7/1"):
        await replay.answer(asked("mediconfusion:7/1"), [])


async def test_its_identity_is_the_files_content(replay: Replay, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere.jsonl"
    copy.write_text("\n".join(map(json.dumps, LINES)), encoding="utf-8")
    assert connect(str(copy), ModelOptions()).identity == replay.identity
    copy.write_text(json.dumps(LINES[0]), encoding="utf-8")
    assert connect(str(copy), ModelOptions()).identity != replay.identity
    assert replay.local
    assert replay.modes == {"generate", "choices"}
    assert replay.name.startswith("replay/")
    await replay.close()


def test_a_file_that_is_not_there_is_an_error() -> None:
    with pytest.raises(InputError, match=r"nowhere\.jsonl: no such file"):
        connect("nowhere.jsonl", ModelOptions())
