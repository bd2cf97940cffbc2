"""Boundaries in a table's cell, as databases and programs write them."""

import json

import pytest
import shapely
from shapely.geometry import mapping

from ingest.files.polygon_text import NotAPolygonText, read_polygon

SQUARE = shapely.box(120.6, 31.1, 120.7, 31.2)
BRITISH = shapely.set_srid(SQUARE, 27700)


@pytest.mark.parametrize(
    "text",
    [SQUARE.wkt, f"SRID=4326;{SQUARE.wkt}", f" srid=4490; {SQUARE.wkt.lower()}", SQUARE.wkb_hex,
     shapely.to_wkb(shapely.set_srid(SQUARE, 4326), hex=True, include_srid=True),
     shapely.to_wkb(SQUARE, hex=True, byte_order=0), json.dumps(mapping(SQUARE))],
)  # fmt: skip
def test_a_polygon_is_read_in_the_writings_of_databases(text: str) -> None:
    found = read_polygon(text)
    assert found is not None and found.equals(SQUARE)


@pytest.mark.parametrize(
    ("text", "code", "found"),
    [(f"SRID=27700;{SQUARE.wkt}", "geometry.other_system", "27700"),
     (shapely.to_wkb(BRITISH, hex=True, include_srid=True), "geometry.other_system", "27700"),
     (shapely.Point(1, 2).wkb_hex, "geometry.not_a_polygon", "WKB"),
     ('{"type": "Point", "coordinates": [1, 2]}', "geometry.not_a_polygon", "Point"),
     ("LINESTRING (0 0, 1 1)", "geometry.not_a_polygon", "LINESTRING"),
     ("POLYGON ((", "geometry.broken", None), ("{]", "geometry.broken", None),
     (SQUARE.wkb_hex[:-16], "geometry.broken", None),
     ("POLYGON ((" + "0 0," * 100_001, "geometry.too_many_vertices", 100_001)],
)  # fmt: skip
def test_a_text_that_is_no_polygon_in_degrees_is_refused(text: str, code: str, found: object) -> None:
    with pytest.raises(NotAPolygonText) as refused:
        read_polygon(text)
    assert (refused.value.code, refused.value.found) == (code, found)
