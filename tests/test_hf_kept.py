"""What is kept for a while: the least lately used goes first."""

from functools import partial

from medtrust.models.kept import Kept


def sizes(most: int, *keys: str) -> list[str]:
    """Which of the keys had to be made, asked for in this order; each is as large as it is long."""
    made: list[str] = []
    kept: Kept[str] = Kept(most, len)

    def make(key: str) -> str:
        made.append(key)
        return key

    for key in keys:
        assert kept.get(key, partial(make, key)) == key
    return made


def test_what_fits_is_made_once() -> None:
    assert sizes(4, "aa", "bb", "aa", "bb") == ["aa", "bb"]


def test_the_least_lately_used_goes_first() -> None:
    assert sizes(4, "aa", "bb", "aa", "cc", "aa", "bb") == ["aa", "bb", "cc", "bb"]


def test_the_latest_stays_whatever_its_size() -> None:
    assert sizes(1, "aaa", "aaa", "b", "aaa") == ["aaa", "b", "aaa"]


def test_cleared_is_made_again() -> None:
    kept: Kept[int] = Kept(10, int)
    assert kept.get("a", lambda: 1) == 1
    kept.clear()
    assert kept.get("a", lambda: 2) == 2
