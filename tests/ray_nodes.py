"""A real Ray cluster of several nodes on this machine, and its faults."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ray.cluster_utils import Cluster

REPLICA = b"ray::_Replica"


_Cluster: Any = Cluster
"""Without its annotations, which leave out half of what they are of."""


@contextlib.contextmanager
def nodes() -> Iterator[Any]:
    """A cluster of one node, with room for one replica; RAY_ADDRESS names it meanwhile."""
    before = {name: os.environ.get(name) for name in ("RAY_ADDRESS", "RAY_USAGE_STATS_ENABLED")}
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    cluster = _Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False}
    )
    try:
        os.environ["RAY_ADDRESS"] = cluster.address
        yield cluster
    finally:
        cluster.shutdown()
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def add(cluster: Any, **more: Any) -> Any:
    """One more node, with room for one replica."""
    return cluster.add_node(num_cpus=1, **more)


def replicas(node: Any) -> list[int]:
    """Processes of the replicas on a node."""
    raylet = node.all_processes["raylet"][0].process.pid
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == raylet and (process / "cmdline").read_bytes().startswith(REPLICA):
                found.append(int(process.name))
    return found


def until(holds: Callable[[], bool], what: str, seconds: float = 600) -> None:
    """Wait for something; an AssertionError names it where it does not come."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.05)
