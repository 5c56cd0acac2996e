"""JSON of datasets and predictions: what is refused, and where it is said to be."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medtrust.datasets.cares.rows import read_samples
from medtrust.datasets.files import read_json
from medtrust.datasets.strict_json import decode
from medtrust.errors import InputError
from medtrust.records import Sample

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)

REFUSED = {
    "key twice": ('{"a": 1, "a": 2}', "line 1: the key 'a' stands more than once"),
    "on another line": ('{"a": 1,\n "b": [],\n "a": 2}', "line 3: the key 'a'"),
    "in an object inside": ('{"a": {"b": 1,\n"c": 2,\n"b": 3}}', "line 3: the key 'b'"),
    "in a list": ('[{"a": 1}, {"x": 1,\n"x": 1}]', "line 2: the key 'x'"),
    "spelled otherwise": ('{"a": 1,\n"\\u0061": 2}', "line 2: the key 'a'"),
    "with a value that looks like a key": ('{"a": "\\"a\\":",\n"a": 2}', "line 2: the key 'a'"),
    "several": ('{"a": 1, "a": 2,\n"b": 1, "b": 2}', r"line 1: the key 'a' \(and 1 more\)"),
    "no number": ('{"a": NaN}', "NaN is not a JSON number"),
    "cut short": ('{"a": 1,\n', "line 2 column 1: not readable as JSON"),
    "deep": ("[" * 100_000, "nested too deeply"),
    "not text": ('{"a": "\udcff"}', "line 1: not UTF-8"),
    "a number of ten thousand digits": ("9" * 10_000, "integer string"),
}


@pytest.mark.parametrize(("text", "says"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "data.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=says) as caught:
        read_json(path, object)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_key_twice_in_a_row_of_questions(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"a": 1}\n{"a": 1, "a": 2}\n')

    def make(_: int, __: dict[str, int]) -> Sample:
        return Sample(id="1", dataset="d", kind="open", question="", target="", cluster="")

    with pytest.raises(InputError, match="row 2: the key 'a' stands more than once"):
        read_samples(path, dict[str, int], lambda: make)


@given(value=JSON, indent=st.sampled_from([None, 1]))
def test_all_else_is_read_as_json_reads_it(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    assert decode(text.encode(), source="x") == json.loads(text)
