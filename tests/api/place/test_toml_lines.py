"""Lines of keys and list items in TOML texts."""

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.place.problems import Key
from api.place.toml_lines import line_of_key, lines_by_key
from tests.api.place.broken_packs import text_of

TEXT = """\
# [no.table] key = 1
name = "a # no comment = 'x' [y]"
long = \"\"\"
[[not.a.header]]
"quoted" = 1
\"\"\"
dotted.key."with.dot" = 1.5

[[rows]]
kind = { one = [1, 2,
  3], two = "}" }
[[rows.parts]]
size = 2
[[rows.parts]]
size = 3

[[rows]]
'odd key' = [
  # a comment, with [brackets]
  "first",
  { deep = '''x
y''' },
]
[table.sub]
at = 1979-05-27T07:32:00Z
"""


def keys_in(value: Any, key: Key = ()) -> Iterator[Key]:
    if key:
        yield key
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, held in inner:
        yield from keys_in(held, (*key, step))


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("name",), 2),
        (("dotted", "key", "with.dot"), 7),
        (("rows", 0), 9),
        (("rows", 0, "kind", "two"), 11),
        (("rows", 0, "kind", "one", 2), 11),
        (("rows", 0, "parts", 1, "size"), 15),
        (("rows", 1, "odd key", 0), 20),
        (("rows", 1, "odd key", 1, "deep"), 21),
        (("table", "sub", "at"), 25),
    ],
)
def test_a_key_is_found_on_its_line(key: Key, line: int) -> None:
    assert lines_by_key(TEXT)[key] == line


def test_a_missing_key_has_the_line_of_its_parent() -> None:
    assert line_of_key(("rows", 1, "names", "zh"), lines_by_key(TEXT)) == 17
    assert line_of_key(("nothing",), lines_by_key(TEXT)) is None


@pytest.mark.parametrize("text", [TEXT, *(text_of(f"{name}.toml") for name in ("place", "flow", "demo"))])
def test_every_key_and_item_has_a_line(text: str) -> None:
    lines = lines_by_key(text)
    for key in keys_in(tomllib.loads(text)):
        assert key in lines
        if isinstance(name := key[-1], str):
            assert name in text.splitlines()[lines[key] - 1]


@given(st.text(alphabet=" \n\"'#[]{}=,.abc", max_size=40))
def test_every_valid_toml_text_has_lines(text: str) -> None:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    leaves = [key for key in keys_in(values) if line_of_key(key, lines_by_key(text)) is None]
    assert leaves == []
