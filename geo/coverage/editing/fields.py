"""Read the fields of operations from JSON values: codes, places, lines and rings in degrees.

A place is `[lon, lat]` or a GeoJSON Point, a line a list of places or a LineString, a ring also a Polygon without
holes. Each type at the end names its reader.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise
from math import isfinite
from typing import Annotated, Any

from geo.coverage.edges import Line, Point

Reader = Callable[[Any], Any]
MOST_PLACES = 5_000
"""Places that a line may have: two combs laid across each other meet once for each pair of their teeth."""
MOST_CODES = 20_000


def text_of(value: Any) -> str:
    """Read a text. Raises ValueError for anything else, as all readers here do."""
    if not isinstance(value, str):
        raise ValueError
    return value


def codes_of(value: Any) -> tuple[str, ...]:
    """Read one or more codes, each once."""
    if not isinstance(value, list | tuple) or not 0 < len(value) <= MOST_CODES:
        raise ValueError
    return tuple(dict.fromkeys(text_of(code) for code in value))


def metres_of(value: Any) -> float:
    """Read a distance."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or value < 0:
        raise ValueError
    return float(value)


def point_of(value: Any) -> Point:
    """Read a place."""
    if isinstance(value, Mapping):
        value = _coordinates(value, "Point")
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError
    lon, lat = (float(one) for one in value if not isinstance(one, bool) and isinstance(one, int | float))
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueError
    return lon, lat


def line_of(value: Any) -> Line:
    """Read a line of two or more places, none of them twice in a row."""
    if isinstance(value, Mapping):
        value = _coordinates(value, "LineString")
    if not isinstance(value, list | tuple) or not 2 <= len(value) <= MOST_PLACES:
        raise ValueError
    points = [point_of(place) for place in value]
    line = (points[0], *(after for before, after in pairwise(points) if before != after))
    if len(line) < 2:
        raise ValueError
    return line


def lines_of(value: Any) -> tuple[Line, ...]:
    """Read lines: a list of them, or a MultiLineString."""
    if isinstance(value, Mapping):
        value = _coordinates(value, "MultiLineString")
    if not isinstance(value, list | tuple) or not 0 < len(value) <= MOST_PLACES:
        raise ValueError
    return tuple(line_of(line) for line in value)


def place_or_line_of(value: Any) -> Point | Line:
    """Read a place or a line."""
    try:
        return point_of(value)
    except ValueError:
        return line_of(value)


def place_on_edge_of(value: Any) -> Point | None:
    """Read a place on an edge; an edge's own line stands for the middle of one of its segments. None stays None."""
    if value is None:
        return None
    try:
        return point_of(value)
    except ValueError:
        line = line_of(value)
    at = (len(line) - 1) // 2
    (x0, y0), (x1, y1) = line[at : at + 2]
    return (x0 + x1) / 2, (y0 + y1) / 2


def ring_of(value: Any) -> Line:
    """Read a ring; returned closed."""
    if isinstance(value, Mapping):
        value = _coordinates(value, "Polygon")
        if not isinstance(value, list | tuple) or len(value) != 1:
            raise ValueError
        value = value[0]
    line = line_of(value)
    ring = line if line[0] == line[-1] else (*line, line[0])
    if len(ring) < 4:
        raise ValueError
    return ring


def maybe(reader: Reader) -> Reader:
    """Read a field that may be null."""
    return lambda value: None if value is None else reader(value)


def _coordinates(value: Mapping[str, Any], kind: str) -> Any:
    if value.get("type") != kind:
        raise ValueError
    return value.get("coordinates")


Text = Annotated[str, text_of]
MaybeText = Annotated[str | None, maybe(text_of)]
Codes = Annotated[tuple[str, ...], codes_of]
Metres = Annotated[float, metres_of]
MaybeMetres = Annotated[float | None, maybe(metres_of)]
Place = Annotated[Point, point_of]
MaybePlace = Annotated[Point | None, maybe(point_of)]
DrawnLine = Annotated[Line, line_of]
DrawnLines = Annotated[tuple[Line, ...], lines_of]
PlaceOnEdge = Annotated[Point | None, place_on_edge_of]
PlaceOrLine = Annotated[Point | Line, place_or_line_of]
Ring = Annotated[Line, ring_of]
