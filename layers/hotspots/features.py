"""Hot cells as GeoJSON features: hexagons with their figures."""

from typing import Any

import orjson

from geo.cells import ring, to_hex
from layers.catalogue import Layer, Property
from layers.divisions.queries import Bbox
from layers.features import FeaturePage, Wanted
from layers.hotspots.rules import HotCell, Hotspots

VIEW = ("res", "window", "category")
"""Properties that select the view rather than filter its cells."""

_CELL = (
    Property("cell"),
    Property("count", "integer"),
    Property("expected", "number"),
    Property("z", "number"),
    Property("q", "number"),
    Property("class"),
    Property("exposure", "number"),
    Property("rate", "number"),
    Property("res", "integer"),
    Property("window"),
    Property("category"),
    Property("as_of", "date-time"),
)
HOTSPOTS = Layer(code="hotspots", title="Hotspots 热点", geometry="polygon", table="", properties=_CELL, exported=_CELL)


def page_of(found: Hotspots, wanted: Wanted) -> FeaturePage:
    """Return one page of a view's cells, by ascending cell."""
    filters = {name: value for name, value in wanted.filters.items() if name not in VIEW}
    cells = [cell for cell in found.cells if _fits(properties_of(found, cell), filters) and _lies_in(cell, wanted.bbox)]
    rest = [cell for cell in cells if cell.cell > wanted.after]
    before = [cell for cell in cells if cell.cell <= wanted.after]
    page = rest[: wanted.limit]
    return FeaturePage(
        features=[orjson.Fragment(orjson.dumps(feature_of(found, cell), option=orjson.OPT_UTC_Z)) for cell in page],
        matched=len(cells),
        next=page[-1].cell if len(rest) > wanted.limit else None,
        previous=(before[-wanted.limit - 1].cell if len(before) > wanted.limit else 0) if before else None,
    )


def feature_of(found: Hotspots, cell: HotCell) -> dict[str, Any]:
    """Return a cell as a GeoJSON feature. Its id is the cell's hexadecimal form."""
    return {
        "type": "Feature",
        "id": to_hex(cell.cell),
        "geometry": {"type": "Polygon", "coordinates": [[list(corner) for corner in ring(cell.cell)]]},
        "properties": properties_of(found, cell),
    }


def properties_of(found: Hotspots, cell: HotCell) -> dict[str, Any]:
    """Return the figures of a cell, and of the view it was rated in."""
    return {
        "cell": to_hex(cell.cell),
        "count": cell.count,
        "expected": cell.expected,
        "z": cell.z,
        "q": cell.q,
        "class": cell.klass,
        "exposure": cell.exposure,
        "rate": cell.rate,
        "res": found.view.res,
        "window": found.view.window,
        "category": found.view.category,
        "as_of": found.as_of,
    }


def _fits(values: dict[str, Any], filters: dict[str, Any]) -> bool:
    return all(values[name] == value for name, value in filters.items())


def _lies_in(cell: HotCell, bbox: Bbox | None) -> bool:
    """Return whether the hexagon's bounding box touches the box: exact enough for a map."""
    if bbox is None:
        return True
    west, south, east, north = bbox
    lons, lats = zip(*ring(cell.cell), strict=True)
    return bool(max(lons) >= west and min(lons) <= east and max(lats) >= south and min(lats) <= north)
