"""Every reader of foreign bytes keeps its word: a result, or an error of one line for people.

`MEDTRUST_FUZZ=2000` asks for so many examples of each; `fuzz_long.py` is guided by coverage.
"""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz_targets import REPLY_READERS, SEEDS, TARGETS, keeps_its_word

EXAMPLES = int(os.environ.get("MEDTRUST_FUZZ", "40"))
NAMES = [*TARGETS]

searching = settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    database=None,
    deadline=None,
)


@pytest.mark.parametrize("name", NAMES)
def test_what_the_damage_is_done_to_is_good(name: str) -> None:
    for seed in SEEDS[name]:
        TARGETS[name](seed)


def _misnamed() -> bytes:
    """An NPZ file that marks a member's name as UTF-8 and then writes what is none."""
    data = SEEDS["npz"][0]
    head = data.rindex(b"PK\x01\x02")
    name = data.index(b"maritalstatus", head)
    flags = bytes([data[head + 8], data[head + 9] | 8])
    return data[: head + 8] + flags + data[head + 10 : name] + b"\xb7" + data[name + 1 :]


FOUND = {
    "npz": (_misnamed(), SEEDS["npz"][0].replace(b"PK\x01\x02", b"PK\x01\x02\xff\xff", 1)),
    "dicom": (SEEDS["dicom"][0].replace(b"UL\x04\0", b"UL\x55\0", 1),),
    "manifest": (
        b'{"version": 1, "files": {"\\u0000": ""}}',
        b"[" * 100_000,
        b'{"version": "\xff"}',
    ),
}
"""What `fuzz_long.py` and reading have found: each once raised something else, or read too far."""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [*FOUND])
def test_what_was_found_stays_mended(name: str) -> None:
    for data in FOUND[name]:
        keeps_its_word(TARGETS[name], data)


@st.composite
def damaged(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """A good file with bytes changed, cut out, put in or said again."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        to = at + draw(st.integers(0, 12))
        way = draw(st.sampled_from(["change", "cut", "put", "repeat", "end"]))
        if way == "change":
            data[at:to] = draw(st.binary(max_size=12))
        elif way == "cut":
            del data[at:to]
        elif way == "put":
            data[at:at] = draw(st.sampled_from(TOKENS))
        elif way == "repeat":
            data[at:at] = bytes(data[at:to]) * draw(st.integers(1, 40))
        else:
            del data[at:]
    return bytes(data)


TOKENS = (
    *(b"null", b"-1", b"1e999", b"NaN", b'"\\ud800"', b"[[[[", b"{}", b'""', b"true", b"\0"),
    *(b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"9" * 400, b"../../etc/passwd", b"/dev/zero"),
    *(b"\xe2\x80\xa8", b"\x1b[2J", b'","', b"\xff\xff\xff\xff", b"\x80\0\0\0", b"\n\n"),
)
"""What has undone readers before."""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_file_is_read_or_refused_in_one_line(name: str) -> None:
    @searching
    @given(damaged(SEEDS[name]))
    def holds(data: bytes) -> None:
        keeps_its_word(TARGETS[name], data)

    holds()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_any_bytes_are_read_or_refused_in_one_line(name: str) -> None:
    @searching
    @given(st.one_of(st.binary(max_size=200), st.sampled_from(SEEDS[name])))
    def holds(data: bytes) -> None:
        keeps_its_word(TARGETS[name], data)

    holds()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["Yes.", "A", "a/b.png", "../x", "F", "90+", "Asian", "['a', 'b']"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name in NAMES if SEEDS[name][0].startswith(b"{")])
def test_fields_of_any_type_are_read_or_refused_in_one_line(name: str) -> None:
    """JSON of the right shape whose fields hold anything: what mutated bytes seldom reach."""
    import msgspec  # noqa: PLC0415 - beside its one use

    seed = next(iter(SEEDS[name])).splitlines()[0]
    good = msgspec.json.decode(seed)
    fields = st.dictionaries(st.sampled_from([*good]), json_values, max_size=4)

    @searching
    @given(fields)
    def holds(changed: dict[str, object]) -> None:
        keeps_its_word(TARGETS[name], msgspec.json.encode(good | changed) + b"\n")

    holds()


@pytest.mark.parametrize("name", [*REPLY_READERS])
@given(text=st.text(st.characters(), max_size=300))
@settings(max_examples=EXAMPLES, database=None)
def test_any_reply_is_read(name: str, text: str) -> None:
    REPLY_READERS[name](text)
