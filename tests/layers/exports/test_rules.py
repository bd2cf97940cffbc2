"""Text that acts as a formula is kept from it, and comes back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.exports.rules import FORMULA, Format, defused, format_of, restored

texts = st.text(alphabet="'=+-@＝＋－＠\t\rab松", max_size=6)


@given(texts)
def test_defused_text_is_no_formula_and_is_restored_exactly(text: str) -> None:
    assert not FORMULA.match(defused(text))
    assert restored(defused(text)) == text


@pytest.mark.parametrize("text", ["'quoted'", "it's", "''", "a=b", ""])
def test_other_text_is_left_as_it_is(text: str) -> None:
    assert defused(text) == text == restored(text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.GPKG", Format.GPKG), ("a.b.zip", Format.SHP), ("a.json", Format.GEOJSON), ("a.pdf", None), ("gpkg", None)],
)
def test_the_ending_chooses_the_format(name: str, expected: Format | None) -> None:
    assert format_of(name) is expected
