"""A clock that was set back between two commands."""

from pathlib import Path

from chaos_bench import answered, clock, command, medtrust, serving, write_questions


def test_the_latest_command_counts_whatever_the_clock_says(tmp_path: Path) -> None:
    """A clock that was set back makes no later plan an earlier one."""
    out = tmp_path / "run"
    data = write_questions(tmp_path / "data", 16)
    with serving(tmp_path / "server") as server:
        url = server.case("set-back")
        for limit, day in ((8, "0"), (16, "-400")):
            line = command(data, out, url, limit=limit)
            assert medtrust(line, env=clock(tmp_path / "path", day)).code == 0
    assert len(answered(out)) == 16
