"""Shards of a run, asked apart and joined: the same answers and figures as asked at once."""

import json
import shutil
import sqlite3
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from medtrust.cli import main
from medtrust.records import Image, Sample
from medtrust.runner.shard import Shard

ASK = ["run", "--model", "builtin/random", "--task", "mediconfusion/mc", "cares/uncertainty",
       "--dataset", "phantom", "--limit", "60"]  # fmt: skip


def ask(out: Path, *more: str) -> int:
    return main([*ASK, "--out", str(out), *more])


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run at once (`all`) and the same in three shards (`1`, `2`, `3`)."""
    folder = tmp_path_factory.mktemp("shards")
    assert ask(folder / "all") == 0
    for number in (1, 2, 3):
        assert ask(folder / str(number), "--shard", f"{number}/3") == 0
    return folder


def parts(runs: Path, *numbers: int) -> list[str]:
    return [str(runs / str(number)) for number in numbers]


def answers(run: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(run / "journal.sqlite") as journal:
        return journal.execute(
            "SELECT fingerprint, sample, repeat, turn, responses.body FROM items "
            "JOIN plans ON plans.id = plan JOIN responses USING (key) ORDER BY 1, 2, 3, 4"
        ).fetchall()


def results(run: Path) -> list[dict[str, object]]:
    assert main(["score", str(run), "--replicates", "200"]) == 0
    rows: list[dict[str, object]] = pq.read_table(run / "results.parquet").to_pylist()
    return rows


def test_joined_shards_are_the_run(runs: Path, tmp_path: Path) -> None:
    out = tmp_path / "joined"
    assert main(["merge", *parts(runs, 3, 1, 2), "--out", str(out)]) == 0
    assert answers(out) == answers(runs / "all")
    assert results(out) == results(runs / "all")


def test_each_shard_asks_its_own_part_and_no_other(runs: Path) -> None:
    own = [{row[1] for row in answers(runs / str(number))} for number in (1, 2, 3)]
    assert all(own)
    assert sum(map(len, own)) == len(set().union(*own))
    assert set().union(*own) == {row[1] for row in answers(runs / "all")}


def test_a_missing_shard_is_missing_answers_that_a_run_asks_for(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "joined"
    assert main(["merge", *parts(runs, 1, 3), "--out", str(out)]) == 1
    assert "answers are missing" in capsys.readouterr().err
    assert main(["score", str(out)]) == 1
    assert ask(out) == 0
    assert answers(out) == answers(runs / "all")


def test_joining_again_changes_nothing_and_takes_what_came_since(
    runs: Path, tmp_path: Path
) -> None:
    out = tmp_path / "joined"
    assert main(["merge", *parts(runs, 1), "--out", str(out)]) == 1
    assert main(["merge", *parts(runs, 1, 2), "--out", str(out)]) == 1
    assert main(["merge", *parts(runs, 3), str(out), "--out", str(out)]) == 0
    assert answers(out) == answers(runs / "all")
    commands = json.loads((out / "run.json").read_text())["commands"]
    assert [command["shard"] for command in commands] == ["1/3", "2/3", "3/3"]


def test_parts_stay_as_they_are(runs: Path, tmp_path: Path) -> None:
    before = answers(runs / "1")
    assert main(["merge", *parts(runs, 1, 2, 3), "--out", str(tmp_path / "joined")]) == 0
    assert answers(runs / "1") == before


def test_of_two_answers_to_a_request_the_first_run_s_is_kept(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    shutil.copytree(runs / "all", other)
    with sqlite3.connect(other / "journal.sqlite") as journal:
        journal.execute("UPDATE responses SET body = replace(body, '\"A', '\"B')")
        changed = journal.execute("SELECT count(*) FROM responses WHERE body LIKE '%\"B%'")
        assert changed.fetchone()[0]
    out = tmp_path / "joined"
    assert main(["merge", str(runs / "all"), str(other), "--out", str(out)]) == 0
    assert answers(out) == answers(runs / "all")
    assert "answered differently" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "named"),
    [(["--limit", "50"], "limit"), (["--repeats", "2"], "repeats"), (["--seed", "3"], "overrides")],
)
def test_runs_that_were_asked_otherwise_are_refused(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], named: str
) -> None:
    assert ask(tmp_path / "other", *more) == 0
    out = tmp_path / "joined"
    assert main(["merge", str(runs / "1"), str(tmp_path / "other"), "--out", str(out)]) == 2
    assert named in capsys.readouterr().err
    assert not (out / "journal.sqlite").exists()


def test_other_tasks_and_models_join(runs: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    command = ["run", "--model", "builtin/constant-A", "--task", "mediconfusion/mc"]
    assert main([*command, "--dataset", "phantom", "--limit", "60", "--out", str(other)]) == 0
    out = tmp_path / "joined"
    assert main(["merge", str(runs / "all"), str(other), "--out", str(out)]) == 0
    assert {row["model"] for row in results(out)} == {"builtin/random", "builtin/constant-A"}


@pytest.mark.parametrize(
    ("shard", "why"), [("0/3", "counts from 1"), ("4/3", "counts from 1"), ("1", "such as 2/8")]
)
def test_shards_that_are_none(capsys: pytest.CaptureFixture[str], shard: str, why: str) -> None:
    with pytest.raises(SystemExit):
        main([*ASK, "--shard", shard])
    assert why in capsys.readouterr().err


def test_a_judge_waits_for_all_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(tmp_path / "run", "--shard", "1/2", "--judge", "builtin/overlap-judge") == 2
    assert "medtrust score RUN" in capsys.readouterr().err


def test_a_folder_that_is_no_run_is_refused(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "none").mkdir()
    command = ["merge", str(runs / "1"), str(tmp_path / "none"), "--out", str(tmp_path / "out")]
    assert main(command) == 2
    assert "no run of medtrust" in capsys.readouterr().err


def test_shards_are_about_equal_and_keep_an_image_together() -> None:
    def sample(number: int, image: str = "") -> Sample:
        images = (Image(id=image, path=""),) if image else ()
        return Sample(id=f"s{number}", dataset="d", kind="open", question="", target="",
                      cluster="c", images=images)  # fmt: skip

    shards = [Shard(number, 7) for number in range(1, 8)]
    found = [[shard.has(sample(n)) for shard in shards] for n in range(7000)]
    assert all(sum(one) == 1 for one in found)
    assert all(850 < sum(column) < 1150 for column in zip(*found, strict=True))
    assert {shard.has(sample(n, "i1")) for n in range(9) for shard in shards[:1]} in (
        {True},
        {False},
    )
