"""Read a polygon from a table's cell: WKT, PostGIS's EWKT, hexadecimal WKB and GeoJSON. Pure."""

import json
import re

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from ingest.files.coordinates import DEGREES_OF_WGS84
from ingest.files.limits import LIMITS
from ingest.files.rings import with_proper_rings

WRITTEN = ("POLYGON", "MULTIPOLYGON")
POLYGON_CODES = (3, 6)
SHOWN = 40
VERTEX_HEX = 32
"""Hexadecimal digits of a vertex: x and y."""
_EWKT = re.compile(r"SRID=(\d+);\s*", re.IGNORECASE)
_HEX = re.compile(r"0[01][0-9A-Fa-f]{16,}")
_NOT_JSON = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)


class NotAPolygonText(ValueError):
    """A text that is no polygon. `code` is the problem's; `found` is what there is instead, or the vertices."""

    def __init__(self, code: str = "geometry.broken", found: str | int | None = None) -> None:
        super().__init__(code)
        self.code, self.found = code, found


def read_polygon(text: str, *, any_system: bool = False) -> BaseGeometry | None:
    """Read a polygon; None for an empty text. Raises NotAPolygonText.

    Other kinds are refused unparsed: collections can nest without end. `any_system` ignores the system that EWKT names.
    """
    text = text.strip()
    if not text:
        return None
    vertices = len(text) // VERTEX_HEX if _HEX.fullmatch(text) else text.count(",") // (2 if text[0] == "{" else 1)
    if vertices > LIMITS.feature_vertices:
        raise NotAPolygonText("geometry.too_many_vertices", vertices)
    try:
        return _parsed(text, any_system=any_system)
    except (ShapelyError, *_NOT_JSON) as error:
        raise error if isinstance(error, NotAPolygonText) else NotAPolygonText() from error


def _parsed(text: str, *, any_system: bool) -> BaseGeometry:
    if text.startswith("{"):
        stated = json.loads(text)
        if str(stated.get("type")).upper() not in WRITTEN:
            raise NotAPolygonText("geometry.not_a_polygon", str(stated.get("type"))[:SHOWN])
        proper, _ = with_proper_rings(stated)
        return shape(dict(proper))
    if _HEX.fullmatch(text):
        return _from_hex(text, any_system=any_system)
    if named := _EWKT.match(text):
        _check_system(named[1], any_system=any_system)
        text = text[named.end() :]
    if not text.upper().startswith(WRITTEN):
        raise NotAPolygonText("geometry.not_a_polygon", text.split("(", 1)[0].strip()[:SHOWN])
    return shapely.from_wkt(text)


def _from_hex(text: str, *, any_system: bool) -> BaseGeometry:
    order: str = "little" if text[1] == "1" else "big"
    kind = int.from_bytes(bytes.fromhex(text[2:10]), "little" if order == "little" else "big")
    if (kind & 0xFFFF) % 1000 not in POLYGON_CODES:
        raise NotAPolygonText("geometry.not_a_polygon", "WKB")
    found: BaseGeometry = shapely.from_wkb(text)
    _check_system(str(shapely.get_srid(found)), any_system=any_system)
    return found


def _check_system(code: str, *, any_system: bool) -> None:
    if not any_system and code not in DEGREES_OF_WGS84:
        raise NotAPolygonText("geometry.other_system", code)
