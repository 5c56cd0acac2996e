"""What a user may say about the machines that ask."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSettings:
    """How a run is spread over a cluster."""

    replicas: int = 0
    """Copies of the model; 0 for as many as there is room for, also when the cluster grows."""
    gpus: float = 0.0
    """Of each replica; a fraction shares one."""
    shared: str = ""
    """Folder or URL that all machines see; empty for a folder of the run's own."""
