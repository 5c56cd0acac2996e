"""A few things that took long to make, the least lately used let go first."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Values by key, up to a sum of sizes; the latest stays whatever its size."""

    def __init__(self, most: int, size: Callable[[T], int]) -> None:
        self._most, self._size = most, size
        self._values: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._sum = 0

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value that is kept under `key`, made where there is none."""
        if key in self._values:
            self._values.move_to_end(key)
            return self._values[key][0]
        value = make()
        size = self._size(value)
        self._values[key] = value, size
        self._sum += size
        while self._sum > self._most and len(self._values) > 1:
            _, (_, freed) = self._values.popitem(last=False)
            self._sum -= freed
        return value

    def clear(self) -> None:
        """Let go of everything."""
        self._values.clear()
        self._sum = 0
