"""How much of the device's memory keys and values may take."""

import torch

ELSEWHERE = 4 * 1024**3
"""Bytes, where a device does not tell what it has free."""


def spare(device: torch.device) -> int:
    """Bytes that nobody uses now, on the device or in torch's own reserve of it."""
    if device.type != "cuda":
        return ELSEWHERE
    free, _ = torch.cuda.mem_get_info(device)
    reserve = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return int(free + reserve)
