"""The page of imports says to clerks what the code does with datums."""

import pytest

from geo.datum import EAST, NORTH, SOUTH, WEST, Datum, to_wgs84
from tests.shared import CHECKOUT


@pytest.mark.parametrize(("page", "hong_kong"), [("imports.md", "Hong Kong"), ("imports.zh-CN.md", "香港")])
def test_the_page_says_where_datums_of_china_apply_and_names_hong_kong(page: str, hong_kong: str) -> None:
    text = (CHECKOUT / "docs" / page).read_text()
    assert hong_kong in text
    assert all(str(bound) in text for bound in (WEST, SOUTH, EAST, NORTH))


def test_hong_kong_is_shifted_like_the_mainland_and_zagreb_is_not() -> None:
    for lon, lat, is_shifted in ((114.17, 22.3, True), (15.97, 45.81, False)):
        x, y = to_wgs84([lon], [lat], Datum.GCJ02)
        assert ((x[0], y[0]) != (lon, lat)) is is_shifted
