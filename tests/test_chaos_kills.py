"""SIGKILL at moments drawn by a seed: nothing lost, nothing asked twice, nothing mixed up.

`python tests/chaos.py --kills 120` does the same for longer.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chaos_bench import serving
from chaos_kills import lane

KILLS = 24


@pytest.mark.timeout(300)
def test_killed_at_any_moment_nothing_is_lost_or_asked_twice(tmp_path: Path) -> None:
    with serving(tmp_path / "server") as server, ThreadPoolExecutor(2) as pool:
        lanes = list(pool.map(lambda seed: lane(server, tmp_path, KILLS // 2, seed), range(2)))
    assert sum(kill.in_asking for each in lanes for kill in each.kills) >= KILLS
    for each in lanes:
        assert each.kept == each.questions
        assert each.twice == 0
        assert any(kill.committed for kill in each.kills)
