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
from medtrust.datasets.predictions import (
    Counts,
    parse_predictions,
    read_predictions,
    recount,
    total,
)
from medtrust.errors import InputError
from medtrust.records import Marks, Response, Sample


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
    "cut": ('{"id": "x", "te', r"line 2 column 13: not readable as JSON"),
    "key twice": ('{"id": "x", "text": "A", "text": "B"}', "line 2: .*'text' .*more than once"),
    "positive": ('{"id": "x", "text": "A", "logprobs": {"A": 0.1}}', "line 2: .*0.1 of 'A'"),
    "infinite": ('{"id": "x", "text": "A", "logprobs": {"A": -1e999}}', "line 2: .*-inf"),
    "NaN": ('{"id": "x", "text": "A", "logprobs": {"A": NaN}}', "line 2: NaN is not"),
    "true": ('{"id": "x", "text": "A", "logprobs": {"A": true}}', "line 2: Expected `float`"),
    "marks of three": (
        '{"id": "x", "text": "A", "marks": {"A": 1, "B": 2, "C": 3}}',
        "line 2: .*C",
    ),
    "half a mark": ('{"id": "x", "text": "A", "marks": {"A": 1}}', "line 2: .*`B`"),
    "no judgement": ('{"id": "x", "text": "A", "marks": []}', r"line 2: .*\$\.marks"),
    "a mark in words": ('{"id": "x", "text": "A", "marks": {"A": "8", "B": 2}}', "line 2: .*marks"),
    "an endless mark": ('{"id": "x", "text": "A", "marks": {"A": 1e9, "B": 2}}', "line 2: .*1000"),
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


def test_a_judges_marks_come_with_the_answer(tmp_path: Path) -> None:
    both = [{"A": 8, "B": 2.5}, {"A": 7, "B": 3}]
    path = file_with(
        tmp_path,
        answer_line("x", marks=both),
        answer_line("y", marks=both[0]),
        answer_line("z"),
        json.dumps({"id": "t", "texts": ["A", "B"], "marks": None}),
    )
    read = parse_predictions(path)
    assert (read.judged, read.notes) == (True, ())
    given = {name: turns[0].marks.given for name, turns in read.responses.items() if turns[0].marks}
    one, other = (8, 2.5), (7, 3)
    assert given == {
        "x": (one, other), "y": (one, None), "z": (None, None), "t": (None, None)
    }  # fmt: skip
    assert not parse_predictions(file_with(tmp_path, answer_line("x"))).judged


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
    assert read.claimed == Counts(
        pairs=3, set=1, individual=4, confused=1, invalid=1, valid_pairs=2, distinct_pairs=1
    )
    assert read.notes == ()
    assert not read.judged


@given(
    choices=st.lists(st.sampled_from([a + b for a in "AB-" for b in "AB-"]), min_size=3, max_size=3)
)
def test_honest_scores_agree_with_a_recount(choices: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        read = read_predictions(written(Path(folder), upstream(*choices)), SAMPLES)
    assert read.notes == ()
    assert read.stored == recount(read.marks, SAMPLES)


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
    ((one,), (other,)) = (read.responses[f"mediconfusion:1/{which}"] for which in (1, 2))
    assert (one.text, one.logprobs) == ("A", {"A": -0.25})
    assert (other.text, other.logprobs) == ("I cannot see.", {})


def test_a_forged_score_is_noticed(tmp_path: Path) -> None:
    document = upstream("AB", "BA", "AB")
    for entry in document.values():
        entry["answer"] = {
            key: upstream_answer("") | {"full_answer": ""} for key in entry["answer"]
        }
    read = read_predictions(written(tmp_path, document), SAMPLES)
    assert total(read.stored.values()).set == 3
    assert total(recount(read.marks, SAMPLES).values()).set == 0
    assert any("set 3, counted 0" in note for note in read.notes)
    assert any(note.startswith("3 pair(s) store a score") for note in read.notes)


def test_forged_scores_that_cancel_out_in_total_are_noticed(tmp_path: Path) -> None:
    document = upstream("AB", "AB", "AB")
    scores = [document[number]["score"] for number in "12"]
    document["1"]["score"], document["2"]["score"] = reversed(scores)
    read = read_predictions(written(tmp_path, document), SAMPLES)
    (note,) = read.notes
    assert note == (
        "2 pair(s) store a score that their marks do not give: "
        "'mediconfusion:1' (set 0, counted 1; individual 0, counted 2), "
        "'mediconfusion:2' (set 1, counted 0; individual 2, counted 0)"
    )


def judged(*marks: tuple[tuple[float, float], tuple[float, float]], **more: Any) -> Any:
    """A results file of free-form answers, whose scores are right for the threshold `tr`."""
    tr = more.pop("tr", 3)
    choices = [
        "".join("A" if a >= b + tr else "B" if b >= a + tr else "-" for a, b in pair)
        for pair in marks
    ]
    document = upstream(*choices)
    for entry, pair in zip(document.values(), marks, strict=True):
        for image, (a, b) in zip(("im1", "im2"), pair, strict=True):
            entry["answer"][image] = {"full_answer": "A mass.", "A": a, "B": b, **more}
    return document


FREE = (((9, 2), (2, 6)), ((4, 2), (5, 5)), ((1, 2), (3, 9)))


def test_a_judges_marks_are_kept(tmp_path: Path) -> None:
    read = read_predictions(written(tmp_path, judged(*FREE)), SAMPLES)
    assert read.judged
    assert read.responses["mediconfusion:1/1"][0].marks == Marks(
        by="judge", given=((9, 2),), threshold=3
    )
    assert read.notes == ()


def test_a_judges_reason_tells_its_marks_from_the_letter_parsers(tmp_path: Path) -> None:
    zeros = [((0, 0), (10, 0))] * 3
    assert parse_predictions(written(tmp_path, judged(*zeros, gpt_reason=""))).judged
    assert not parse_predictions(written(tmp_path, judged(*zeros))).judged


@pytest.mark.parametrize("tr", [0, 1, 2, 3, 4, 5, 7, 11])
def test_the_stored_scores_tell_the_threshold(tmp_path: Path, tr: int) -> None:
    read = read_predictions(written(tmp_path, judged(*FREE, tr=tr)), SAMPLES)
    assert read.threshold is not None
    assert read.notes == ()
    assert recount(read.marks, SAMPLES, read.threshold) == recount(read.marks, SAMPLES, tr)


def test_one_forged_score_does_not_move_the_threshold(tmp_path: Path) -> None:
    document = judged(*FREE, tr=1)
    document["3"]["score"]["invalid"]["total"] = 2
    read = read_predictions(written(tmp_path, document), SAMPLES)
    assert read.threshold == 1
    assert any("'mediconfusion:3' (invalid 2, counted 0)" in note for note in read.notes)


def test_scores_that_fit_no_threshold_tell_none_and_are_noticed(tmp_path: Path) -> None:
    document = judged(*FREE)
    for number, confused in (("1", 1), ("2", 1)):
        document[number]["score"]["confused"]["total"] = confused
    read = read_predictions(written(tmp_path, document), SAMPLES)
    assert read.threshold is None
    assert any(note.startswith("2 pair(s) store a score") for note in read.notes)


PARTIAL = {
    "before the release": ("valids", "valid_pairs"),
    "before that": ("valids", "valid_pairs", "invalid"),
    "one": ("set_score",),
}


@pytest.mark.parametrize("absent", PARTIAL.values(), ids=PARTIAL.keys())
@pytest.mark.parametrize("left", [None, {}, "without"])
def test_a_part_of_a_score_is_like_none(
    tmp_path: Path, absent: tuple[str, ...], left: object
) -> None:
    document = upstream("AB", "AA", "-B")
    for entry in document.values():
        for block in absent:
            if left == "without":
                del entry["score"][block]
            else:
                entry["score"][block] = left
    read = read_predictions(written(tmp_path, document), SAMPLES)
    assert (read.stored, read.claimed, read.threshold) == ({}, None, None)
    assert [turns[0].text for turns in read.responses.values()][:2] == ["A", "B"]
    assert read.notes == (
        "3 of 3 pairs store no whole score, so the file's totals are not checked",
    )


def test_pairs_with_a_whole_score_are_checked_beside_others(tmp_path: Path) -> None:
    document = upstream("AB", "AA", "-B")
    del document["2"]["score"]["valids"]
    document["1"]["score"]["confused"]["total"] = 1
    read = read_predictions(written(tmp_path, document), SAMPLES)
    assert [note.partition(":")[0] for note in read.notes] == [
        "1 of 3 pairs store no whole score, so the file's totals are not checked",
        "1 pair(s) store a score that their marks do not give",
    ]


def test_an_answer_that_upstream_lost_is_missing_and_not_empty(tmp_path: Path) -> None:
    document = upstream("AB", "BA", "AB")
    document["3"]["answer"]["im2"] = {"full_answer": None, "A": 0, "B": 0}
    read = read_predictions(written(tmp_path, document), SAMPLES)
    assert read.responses["mediconfusion:3/2"] == ()
    assert any("1 answer(s) are null" in note for note in read.notes)


def test_an_answer_that_is_null_and_marked_is_noticed(tmp_path: Path) -> None:
    document = upstream("AB", "BA", "AB")
    document["3"]["answer"]["im2"]["full_answer"] = None
    read = read_predictions(written(tmp_path, document), SAMPLES)
    assert read.notes == (
        "1 answer(s) are null, taken as missing: 'mediconfusion:3/2'",
        "1 of these are marked all the same: 'mediconfusion:3/2' (A 0, B 10)",
    )


def test_results_without_scores_are_answers_all_the_same(tmp_path: Path) -> None:
    document = upstream("AB", "BA", "AB")
    del document["1"]["score"]
    read = read_predictions(written(tmp_path, document), SAMPLES)
    assert (len(read.stored), read.claimed) == (2, None)
    assert read.notes == (
        "1 of 3 pairs store no whole score, so the file's totals are not checked",
    )


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
    with pytest.raises(InputError, match="line 1: the key '1' stands more than once"):
        parse_predictions(path)


def test_a_file_cut_short_is_an_error_with_line_and_column(tmp_path: Path) -> None:
    path = written(tmp_path, upstream("AB", "BA", "AB"))
    lines = path.read_text(encoding="utf-8").splitlines()[:20]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match=r"line 20 column \d+: not readable as JSON"):
        parse_predictions(path)


def test_the_public_gpt_4o_run_counts_as_published(shared_data: Path) -> None:
    # mediconfusion.md 2.4 (a): 30 of 176 pairs, 189 answers, 116 of 157 confused, 20 invalid.
    samples = tuple(mediconfusion.load(shared_data / "mediconfusion").samples)
    read = read_predictions(shared_data / "responses" / "mediconfusion-mc-gpt-4o.json", samples)
    assert read.claimed == Counts(
        pairs=176,
        set=30,
        individual=189,
        confused=116,
        invalid=20,
        valid_pairs=157,
        distinct_pairs=41,
    )
    assert recount(read.marks, samples) == read.stored
    assert read.notes == ()
    assert sum(bool(turn.logprobs) for (turn,) in read.responses.values()) == 332
