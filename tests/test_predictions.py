"""Answers made elsewhere: read strictly, joined by id, and never trusted for their score."""

import copy
import json
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.datasets import mediconfusion
from medtrust.datasets.predictions import Counts, parse_predictions, read_predictions, recount
from medtrust.errors import InputError
from medtrust.records import Response, Sample


def pair(number: int, targets: str = "AB") -> list[Sample]:
    return [
        Sample(
            id=f"mediconfusion:{number}/{which}",
            dataset="mediconfusion",
            kind="choice",
            question="Which side?",
            target=target,
            cluster="c",
            options=("left", "right"),
            pair=f"mediconfusion:{number}",
        )
        for which, target in enumerate(targets, 1)
    ]


SAMPLES = [*pair(1), *pair(2, "BA"), *pair(3)]
IDS = [sample.id for sample in SAMPLES]


def answer_line(name: str, **more: Any) -> str:
    return json.dumps({"id": name, "text": "A", **more})


def file_with(folder: Path, *lines: str) -> Path:
    path = folder / "answers.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


# JSON lines


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
logprobs = st.dictionaries(st.sampled_from("ABCD"), st.floats(-50, 0), max_size=4)
turns = st.tuples(text, logprobs) | st.lists(text, min_size=1, max_size=4)


@given(replies=st.lists(turns, min_size=6, max_size=6), seed=st.integers(0, 99))
def test_lines_round_trip_in_any_order(replies: list[Any], seed: int) -> None:
    lines = [
        json.dumps({"id": name, "texts": reply})
        if isinstance(reply, list)
        else json.dumps({"id": name, "text": reply[0], "logprobs": reply[1]}, ensure_ascii=False)
        for name, reply in zip(IDS, replies, strict=True)
    ]
    random.Random(seed).shuffle(lines)
    with tempfile.TemporaryDirectory() as folder:
        # Bytes, so that no newline inside a text is translated.
        path = Path(folder) / "answers.jsonl"
        path.write_bytes("\n".join(lines).encode())
        read = read_predictions(path, SAMPLES)
    assert read.format == "json-lines"
    assert read.responses == {
        name: tuple(Response(text=reply) for reply in said)
        if isinstance(said, list)
        else (Response(text=said[0], logprobs=said[1]),)
        for name, said in zip(IDS, replies, strict=True)
    }
    assert list(read.responses) == IDS


def drop(lines: list[str], at: int) -> list[str]:
    return [line for index, line in enumerate(lines) if index != at]


def double(lines: list[str], at: int) -> list[str]:
    return [*lines, lines[at]]


def rename(lines: list[str], at: int) -> list[str]:
    return [answer_line("mediconfusion:9/9") if n == at else line for n, line in enumerate(lines)]


@given(at=st.integers(0, 5), change=st.sampled_from(["drop", "double", "rename"]))
def test_a_lost_doubled_or_renamed_line_is_an_error_that_names_it(at: int, change: str) -> None:
    changed, named, where = {
        "drop": (drop, IDS[at], ""),
        "double": (double, IDS[at], f"lines {at + 1} and 7"),
        "rename": (rename, "mediconfusion:9/9", f"line {at + 1}"),
    }[change]
    with tempfile.TemporaryDirectory() as folder:
        path = file_with(Path(folder), *changed([answer_line(name) for name in IDS], at))
        with pytest.raises(InputError) as error:
            read_predictions(path, SAMPLES)
    assert named in str(error.value)
    assert where in str(error.value)
    assert str(path) in str(error.value)


def test_many_lost_answers_are_counted_and_the_first_five_named(tmp_path: Path) -> None:
    samples = [sample for number in range(20) for sample in pair(number)]
    path = file_with(tmp_path, answer_line(samples[0].id))
    with pytest.raises(InputError, match=r"39 of 40 samples .*0/2.*, .*2/2.* and 34 more"):
        read_predictions(path, samples)


def test_answers_to_another_dataset_are_recognised(tmp_path: Path) -> None:
    path = file_with(tmp_path, answer_line("cares/iu-xray:1"), answer_line("cares/iu-xray:2"))
    with pytest.raises(InputError, match=r"another dataset.*`cares/\.\.\.`.*`mediconfusion:\.\.\."):
        read_predictions(path, SAMPLES)


BAD_LINES = {
    "text is a number": ('{"id": "x", "text": 5}', "line 2: Expected `str"),
    "text is null": ('{"id": "x", "text": null}', 'line 2: an answer needs "text"'),
    "no text": ('{"id": "x"}', 'line 2: an answer needs "text"'),
    "text and texts": ('{"id": "x", "text": "", "texts": [""]}', "line 2: .*not both"),
    "no turns": ('{"id": "x", "texts": []}', r"line 2: .*\$\.texts"),
    "no id": ('{"text": "A"}', "line 2: .*`id`"),
    "a list": ('["x", "A"]', "line 2: Expected `object`"),
    "cut": ('{"id": "x", "te', r"line 2 column 13: not valid JSON"),
    "key twice": ('{"id": "x", "text": "A", "text": "B"}', "line 2: .*more than once.*'text'"),
    "positive": ('{"id": "x", "text": "A", "logprobs": {"A": 0.1}}', "line 2: .*0.1 of 'A'"),
    "infinite": ('{"id": "x", "text": "A", "logprobs": {"A": -1e999}}', "line 2: .*-inf"),
    "NaN": ('{"id": "x", "text": "A", "logprobs": {"A": NaN}}', "line 2: NaN is not"),
    "true": ('{"id": "x", "text": "A", "logprobs": {"A": true}}', "line 2: Expected `float`"),
    "half a character": ('{"id": "x", "text": "\\ud800"}', "line 2: .*surrogate"),
    "deep": ('{"id": "x", "text": ' + "[" * 100_000, "line 2: .*(nested|not valid)"),
    "long number": ('{"id": "x", "text": ' + "1" * 5000 + "}", "line 2: .*digits"),
}


@pytest.mark.parametrize(("line", "message"), BAD_LINES.values(), ids=BAD_LINES.keys())
def test_a_line_that_is_no_answer_is_an_error_with_its_place(
    tmp_path: Path, line: str, message: str
) -> None:
    path = file_with(tmp_path, answer_line("y"), line)
    with pytest.raises(InputError, match=message) as error:
        parse_predictions(path)
    assert "\n" not in str(error.value)


def test_a_log_probability_rounded_above_zero_is_zero(tmp_path: Path) -> None:
    path = file_with(tmp_path, answer_line("y", logprobs={"A": 1e-7}))
    assert parse_predictions(path).responses["y"][0].logprobs == {"A": 0.0}


def test_what_is_not_read_is_noted(tmp_path: Path) -> None:
    path = file_with(tmp_path, answer_line("y", logprob=-1.0, model="m"))
    assert parse_predictions(path).notes == ("fields not read: 'logprob', 'model'",)


def test_byte_order_mark_blank_lines_and_windows_line_ends_are_harmless(tmp_path: Path) -> None:
    path = tmp_path / "answers.txt"
    path.write_bytes(b'\xef\xbb\xbf\r\n{"id": "y", "text": "A"}\r\n\r\n{"id": "z", "text": "B"}')
    assert parse_predictions(path).lines == {"y": 2, "z": 4}


@pytest.mark.parametrize("content", [b"", b" \n\n", b"[]", b"{}", b"5", b"A\nB\n", b'{"a": 1}'])
def test_a_file_without_answers_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "answers.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=str(path)):
        parse_predictions(path)


def test_bytes_that_are_not_utf8_are_an_error_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(b'{"id": "y", "text": "A"}\n{"id": "z", "text": "\xff"}\n')
    with pytest.raises(InputError, match="line 2: not UTF-8"):
        parse_predictions(path)


def test_an_endless_line_is_refused(tmp_path: Path) -> None:
    path = file_with(tmp_path, answer_line("y"), "x" * 10_000_001)
    with pytest.raises(InputError, match="line 2: longer than"):
        parse_predictions(path)


@pytest.mark.parametrize("name", ["absent.jsonl", "."])
def test_no_file_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="no such file"):
        parse_predictions(tmp_path / name)


def test_an_id_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    path = file_with(tmp_path, *map(answer_line, [*IDS, "mediconfusion:\x1b[2J\nall is well"]))
    with pytest.raises(InputError) as error:
        read_predictions(path, SAMPLES)
    assert str(error.value).isprintable()


# Upstream's results file


def upstream_answer(letter: str) -> dict[str, Any]:
    marks = {"A": 10 * (letter == "A"), "B": 10 * (letter == "B")}
    return {"full_answer": letter or "I cannot see.", **marks}


def upstream(*choices: str, targets: str = "AB") -> dict[str, Any]:
    """A results file whose scores are right: a pair of answers each, all for one category."""
    document = {}
    for number, chosen in enumerate(choices, 1):
        gold = "BA" if number == 2 else targets
        letters = [letter.replace("-", "") for letter in chosen]
        right = [ours == theirs for ours, theirs in zip(chosen, gold, strict=True)]
        valid = "-" not in chosen
        same = chosen[0] == chosen[1]
        blocks = {
            "set_score": int(all(right)),
            "individual_score": sum(right),
            "confused": int(valid and same),
            "invalid": chosen.count("-"),
            "valids": int(valid),
            "valid_pairs": int(valid and not same),
        }
        document[str(number)] = {
            "answer": {f"im{n}": upstream_answer(letter) for n, letter in enumerate(letters, 1)},
            "score": {name: {"Cardiac": 2 * v, "total": v} for name, v in blocks.items()},
        }
        for block in document[str(number)]["score"].values():
            block["Cardiac"] = min(block["Cardiac"], 2)
    return document


def written(folder: Path, document: object) -> Path:
    path = folder / "results.json"
    path.write_text(json.dumps(document, indent=4), encoding="utf-8")
    return path


def test_upstream_answers_come_with_the_ids_of_their_images(tmp_path: Path) -> None:
    read = read_predictions(written(tmp_path, upstream("AB", "AA", "-B")), SAMPLES)
    assert read.format == "upstream"
    assert [read.responses[name][0].text for name in IDS] == [
        "A",
        "B",
        "A",
        "A",
        "I cannot see.",
        "B",
    ]
    assert read.stored["total"] == Counts(
        pairs=3, set=1, individual=4, confused=1, invalid=1, valid_pairs=2, distinct_pairs=1
    )
    assert list(read.stored) == ["Cardiac", "total"]
    assert read.notes == ()
    assert read.judged == {}


@given(
    choices=st.lists(st.sampled_from([a + b for a in "AB-" for b in "AB-"]), min_size=3, max_size=3)
)
def test_honest_scores_agree_with_a_recount(choices: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        read = read_predictions(written(Path(folder), upstream(*choices)), SAMPLES)
    assert read.notes == ()
    assert read.stored["total"] == recount(read.marks, SAMPLES)


def test_one_line_without_indents_reads_the_same(tmp_path: Path) -> None:
    document = upstream("AB", "AA", "-B")
    path = tmp_path / "results.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    indented = parse_predictions(written(tmp_path, document))
    assert parse_predictions(path).responses == indented.responses


def test_the_log_probability_is_kept_for_a_lone_letter_only(tmp_path: Path) -> None:
    document = upstream("A-", "AB", "AB")
    for entry in document.values():
        answers = entry["answer"]
        entry["answer"] = {key: {"answer": x, "logprob": -0.25} for key, x in answers.items()}
    read = parse_predictions(written(tmp_path, document))
    assert read.responses["mediconfusion:1/1"] == (Response(text="A", logprobs={"A": -0.25}),)
    assert read.responses["mediconfusion:1/2"] == (Response(text="I cannot see."),)


def test_a_forged_score_is_noticed(tmp_path: Path) -> None:
    document = upstream("AB", "BA", "AB")
    for entry in document.values():
        entry["answer"] = {
            key: upstream_answer("") | {"full_answer": ""} for key in entry["answer"]
        }
    read = read_predictions(written(tmp_path, document), SAMPLES)
    assert read.stored["total"].set == 3
    assert recount(read.marks, SAMPLES).set == 0
    assert any("set 3, counted 0" in note for note in read.notes)


def test_marks_without_the_letter_in_the_text_are_noticed(tmp_path: Path) -> None:
    document = upstream("AB", "BA", "AB")
    document["2"]["answer"]["im1"]["full_answer"] = ""
    read = read_predictions(written(tmp_path, document), SAMPLES)
    assert read.notes == (
        "1 answer(s) are marked as a letter that their text does not hold: 'mediconfusion:2/1'",
    )


def test_a_judges_marks_are_kept(tmp_path: Path) -> None:
    document = upstream("AB", "BA", "AB")
    document["1"]["answer"]["im1"] = {"full_answer": "It is on the left.", "A": 9, "B": 2}
    read = read_predictions(written(tmp_path, document), SAMPLES)
    assert read.judged["mediconfusion:1/1"] == (9, 2)
    assert read.judged.keys() == set(IDS)


def test_an_answer_that_upstream_lost_is_missing_and_not_empty(tmp_path: Path) -> None:
    document = upstream("AB", "BA", "AB")
    document["3"]["answer"]["im2"] = {"full_answer": None, "A": 0, "B": 0}
    read = read_predictions(written(tmp_path, document), SAMPLES)
    assert read.responses["mediconfusion:3/2"] == ()
    assert any("1 answer(s) are null" in note for note in read.notes)


def test_results_without_scores_are_answers_all_the_same(tmp_path: Path) -> None:
    document = upstream("AB", "BA", "AB")
    del document["1"]["score"]
    read = read_predictions(written(tmp_path, document), SAMPLES)
    assert read.stored == {}
    assert read.notes == ("the file stores no score for some or all pairs",)


def break_answer(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        *way, last = path.split(".")
        for key in way:
            document = document[key]
        document[last] = value

    return change


BAD_RESULTS = {
    "text": (break_answer("2.answer.im1.full_answer", 5), r"pair '2', im1: Expected `str"),
    "mark": (break_answer("2.answer.im2.A", "10"), r"pair '2', im2: Expected `float`"),
    "endless mark": (break_answer("2.answer.im2.A", 1e999), r"pair '2'|Infinity"),
    "image": (break_answer("2.answer", {"im1": {}}), r"pair '2': .*`im2`"),
    "score": (break_answer("2.score.set_score.total", 176), r"pair '2': .*<= 2"),
    "logprob": (
        break_answer("2.answer.im1", {"answer": upstream_answer("A"), "logprob": 0.5}),
        r"pair '2', im1: log-probability 0.5",
    ),
}


@pytest.mark.parametrize(("change", "message"), BAD_RESULTS.values(), ids=BAD_RESULTS.keys())
def test_a_result_that_does_not_fit_is_an_error_with_its_pair(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    document = copy.deepcopy(upstream("AB", "BA", "AB"))
    change(document)
    with pytest.raises(InputError, match=message):
        parse_predictions(written(tmp_path, document))


def test_a_pair_that_is_there_twice_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    entry = json.dumps(upstream("AB")["1"])
    path.write_text(f'{{"1": {entry}, "2": {entry}, "1": {entry}}}', encoding="utf-8")
    with pytest.raises(InputError, match=r"1 key\(s\) appear more than once in one object: '1'"):
        parse_predictions(path)


def test_a_file_cut_short_is_an_error_with_line_and_column(tmp_path: Path) -> None:
    path = written(tmp_path, upstream("AB", "BA", "AB"))
    lines = path.read_text(encoding="utf-8").splitlines()[:20]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match=r"line 20 column \d+: not valid JSON"):
        parse_predictions(path)


def test_the_public_gpt_4o_run_counts_as_published(shared_data: Path) -> None:
    # mediconfusion.md 2.4 (a): 30 of 176 pairs, 189 answers, 116 of 157 confused, 20 invalid.
    samples = tuple(mediconfusion.load(shared_data / "mediconfusion").samples)
    read = read_predictions(shared_data / "responses" / "mediconfusion-mc-gpt-4o.json", samples)
    assert read.stored["total"] == Counts(
        pairs=176,
        set=30,
        individual=189,
        confused=116,
        invalid=20,
        valid_pairs=157,
        distinct_pairs=41,
    )
    assert recount(read.marks, samples) == read.stored["total"]
    assert read.notes == ()
    assert sum(bool(turn.logprobs) for (turn,) in read.responses.values()) == 332
