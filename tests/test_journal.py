"""The journal: what is in it stays in it, and what cannot be read is said."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from medtrust.datasets.dataset import Prompt
from medtrust.errors import InputError
from medtrust.images.encode import EncodedImage
from medtrust.records import Image, Message, Request, Response, Sample
from medtrust.runner.journal import FILE, PAGE, Journal
from medtrust.runner.keys import asked_of, key_of
from medtrust.runner.plan import Plan

PLAN = Plan(
    model="m",
    identity={"name": "m"},
    task="t",
    task_version=1,
    dataset="d",
    digest="x",
    access="open",
    prompt=Prompt(family="default", template="{}"),
)


def sample(number: int, image: str = "i") -> Sample:
    return Sample(
        id=f"d:{number}",
        dataset="d",
        kind="open",
        question=f"What is {number}?",
        target="",
        cluster="c",
        images=(Image(id=image, path="nowhere"),),
    )


def test_items_come_image_by_image_however_many_pages(tmp_path: Path) -> None:
    journal = Journal(tmp_path / FILE)
    count = 2 * PAGE + 7
    items = [(sample(n, image=f"i{n % 5}"), 0, 0) for n in range(count)]
    plan = journal.register(PLAN, items)
    found = list(journal.items([plan]))
    assert len({item.sample.id for item in found}) == len(found) == count == journal.size([plan])
    images = [item.sample.images[0].id for item in found]
    assert images == sorted(images)
    journal.close()


def test_a_known_plan_keeps_its_items_and_becomes_the_latest(tmp_path: Path) -> None:
    journal = Journal(tmp_path / FILE)
    first = journal.register(PLAN, [(sample(1), 0, 0)])
    other = journal.register(replace(PLAN, digest="y"), [(sample(1), 0, 0), (sample(2), 0, 0)])
    assert list(journal.plans()) == [other]
    assert journal.register(PLAN, [(sample(1), 0, 0)]) == first
    assert list(journal.plans()) == [first]
    assert journal.size([first]) == 1
    journal.close()


def test_the_first_answer_to_a_request_stays(tmp_path: Path) -> None:
    journal = Journal(tmp_path / FILE)
    plan = journal.register(PLAN, [(sample(1), 0, 0)])
    (item,) = journal.items([plan])
    asked = b"[]"
    journal.commit(answers=[([item], b"k" * 32, asked, Response(text="first"))])
    journal.commit(answers=[([item], b"k" * 32, asked, Response(text="second"))])
    ((_, key, response, _, _),) = journal.answers(plan)
    assert (key, response) == (b"k" * 32, Response(text="first"))
    journal.close()


def test_a_failure_stands_until_there_is_an_answer(tmp_path: Path) -> None:
    journal = Journal(tmp_path / FILE)
    plan = journal.register(PLAN, [(sample(1), 0, 0)])
    (item,) = journal.items([plan])
    journal.commit(failures=[([item], "error", "no luck")])
    ((_, _, response, outcome, reason),) = journal.answers(plan)
    assert (response, outcome, reason) == (None, "error", "no luck")
    asked = b"[]"
    journal.commit(answers=[([item], b"k", asked, Response(text="at last"))])
    ((_, _, response, _, reason),) = journal.answers(plan)
    assert response == Response(text="at last")
    assert reason == ""
    journal.close()


def test_a_group_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    journal = Journal(tmp_path / FILE)
    plan = journal.register(PLAN, [(sample(1), 0, 0)])
    (item,) = journal.items([plan])
    asked = b"[]"
    with pytest.raises(sqlite3.IntegrityError):
        journal.commit(
            answers=[([item], b"k", asked, Response(text="x"))],
            failures=[([item], "error", None)],  # type: ignore[list-item]
        )
    assert not journal.known([b"k"])
    journal.close()


def test_a_file_that_is_no_journal_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"this is no database, whatever its name may say" * 100)
    with pytest.raises(InputError, match=r"journal\.sqlite: no journal that can be read"):
        Journal(tmp_path / FILE)


def test_a_journal_of_another_version_is_left_alone(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / FILE)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(InputError, match="another version"):
        Journal(tmp_path / FILE)


def key(
    identity: Mapping[str, str], request: Request, images: Sequence[EncodedImage] | None
) -> bytes:
    return key_of(asked_of(identity, request, images))


def test_keys_differ_in_all_that_could_change_an_answer() -> None:
    asked = Request(
        sample="d:1",
        question="?",
        messages=(Message(role="user", parts=("Hi",)),),
        mode="choices",
        options=("a", "b"),
    )
    keys = [
        key({"name": "m"}, asked, []),
        key({"name": "n"}, asked, []),
        key({"name": "m", "revision": "2"}, asked, []),
        key({"name": "m"}, structs.replace(asked, repeat=1), []),
        key({"name": "m"}, structs.replace(asked, mode="prefix"), []),
        key({"name": "m"}, structs.replace(asked, options=("b", "a")), []),
        key(
            {"name": "m"},
            structs.replace(asked, messages=(Message(role="system", parts=("Hi",)),)),
            [],
        ),
        key(
            {"name": "m"},
            structs.replace(asked, generation=structs.replace(asked.generation, seed=1)),
            [],
        ),
        key({"name": "m"}, asked, None),
        key({"name": "m"}, structs.replace(asked, sample="d:2"), None),
    ]
    assert len(set(keys)) == len(keys)
    assert key({"name": "m"}, structs.replace(asked, sample="d:2"), []) == keys[0]
