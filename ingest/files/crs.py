"""Convert a table's geometries from the coordinate system it declares, or is said to have, to WGS-84 degrees."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from pyproj.transformer import AreaOfInterest, TransformerGroup

from ingest.files.problems import refuse
from ingest.files.table import Table

Floats = NDArray[np.float64]
WORST_M = 5.0
"""Worst stated accuracy of a transformation that is accepted, in metres: NAD83's is 4 m, a wrong datum's 100 m."""
SAME_DATUMS = ("world geodetic system 1984", "wgs_1984", "wgs 84", "wgs84", "china 2000", "china_2000", "cgcs2000",
               "china_geodetic_coordinate_system_2000")  # fmt: skip
UNDEFINED = ("undefined", "unknown engineering", "unknown geographic")
"""Beginnings of the names that GeoPackages give to no coordinate system."""
SHIFTED = ("gcj-02", "bd-09", "gcj_02", "bd_09")
"""Names that exports give to degrees of the shifted datums, which `--datum` states."""
WGS84 = "EPSG:4326"
MAX_DEGREES = 180.0
SAME_DEGREES = 1e-9
METRES_FROM = 1000.0
"""Coordinates from here on, in a file without a coordinate system, are metres."""
GAUSS_3, GAUSS_6 = range(25, 46), range(13, 24)
"""Zones of CGCS2000 whose number is written before the easting: EPSG:4513 … 4533 and EPSG:4491 … 4501."""
WEB_MAP_MILLIONS = range(13, 16)
"""Millions of metres of the eastings of web maps (EPSG:3857) in the east of China."""


@dataclass(frozen=True, slots=True)
class Way:
    """Way to WGS-84: a transformation (None for coordinates that stay) and its accuracy in metres."""

    transformer: Transformer | None
    accuracy_m: float
    name: str = ""


def to_geographic(table: Table, given: str | None = None) -> Table:
    """Convert a table's geometries to degrees on WGS-84, from the coordinate system `given` or else declared.

    Raises FileRefused for a system that cannot be converted to within `WORST_M`, and for projected coordinates
    without any.
    """
    declared = _crs_of(table.crs)
    crs = _crs_of(given) if given else declared
    if crs is None:
        require_degrees(shapely.get_coordinates([record.geometry for record in table.records]))
        return replace(table, crs=None)
    shapes = np.array([record.geometry for record in table.records], dtype=object)
    if shapely.is_missing(shapes).all():
        return replace(table, crs=None)
    moved, way = _moved(shapes, crs)
    records = [replace(record, geometry=shape) for record, shape in zip(table.records, moved, strict=True)]
    notes = [*table.notes, *_notes(crs, way, declared if given else None)]
    return replace(table, records=records, crs=None, notes=notes)


def _crs_of(text: str | None) -> CRS | None:
    if text is None:
        return None
    try:
        crs = CRS.from_user_input(text)
    except CRSError as error:
        raise refuse("crs.unknown", crs=text[:80]) from error
    name = crs.name.casefold().removeprefix("gcs_")
    return None if name.startswith((*UNDEFINED, *SHIFTED)) else crs


def _notes(crs: CRS, way: Way, overridden: CRS | None) -> list[dict[str, Any]]:
    notes: list[dict[str, Any]] = []
    if overridden is not None and overridden != crs:
        notes.append({"code": "crs.overridden", "given": crs.name, "crs": overridden.name})
    if way.name:
        about = {"crs": crs.name, "transformation": way.name, "metres": way.accuracy_m}
        notes.append({"code": "crs.transformed", **about})
    return notes


def _moved(shapes: NDArray[np.object_], crs: CRS) -> tuple[NDArray[np.object_], Way]:
    """Convert geometries; the very same coordinates where the datum and the degrees are WGS-84's already."""
    if not (crs.is_geographic or crs.is_projected):
        raise refuse("crs.unsupported", crs=crs.name[:80])
    same = has_same_datum(crs)
    if same and crs.is_geographic and _is_in_degrees(crs):
        require_degrees(shapely.get_coordinates(shapes), declared=crs.name)
        return shapes, Way(None, 0.0)
    vertices = shapely.get_coordinates(shapes)
    if same:
        _require_metres(vertices, crs)
    degrees = _in_degrees(vertices, crs)
    _check_place(degrees, crs)
    way = Way(Transformer.from_crs(crs, WGS84, always_xy=True), 0.0) if same else best_way(crs, degrees)
    assert way.transformer is not None
    x, y = way.transformer.transform(vertices[:, 0], vertices[:, 1])
    made = np.column_stack([x, y])
    if crs.is_geographic and np.allclose(made, vertices, rtol=0, atol=SAME_DEGREES):
        return shapes, way
    return shapely.set_coordinates(shapely.force_2d(shapes).copy(), made), way


def has_same_datum(crs: CRS) -> bool:
    """Return whether a system's datum is WGS-84 or CGCS2000, which agree to a few centimetres.

    The ellipsoid does not tell: VN-2000, GGRS87 and others have WGS-84's or almost the same, and lie 100 m beside.
    """
    name = (crs.datum.name if crs.datum is not None else "").casefold().removeprefix("d_")
    return name.startswith(SAME_DATUMS)


def _is_in_degrees(crs: CRS) -> bool:
    greenwich = crs.prime_meridian is None or crs.prime_meridian.longitude == 0
    return greenwich and all("degree" in axis.unit_name for axis in crs.axis_info)


def _in_degrees(vertices: Floats, crs: CRS) -> Floats:
    """Return coordinates as degrees on their own datum, good enough to choose a transformation by place."""
    geographic = crs.geodetic_crs
    if not crs.is_projected or geographic is None:
        return vertices
    x, y = Transformer.from_crs(crs, geographic, always_xy=True).transform(vertices[:, 0], vertices[:, 1])
    return np.column_stack([x, y])


def _require_metres(vertices: Floats, crs: CRS) -> None:
    """Raise FileRefused if all coordinates of a projected system can be degrees: read as metres, they lie at its
    origin, all within a few steps."""
    most = np.abs(vertices).max(axis=0, initial=0)
    if crs.is_projected and most[0] <= MAX_DEGREES and most[1] <= MAX_DEGREES:
        raise refuse("crs.degrees", crs=crs.name[:80], x=float(vertices[0, 0]), y=float(vertices[0, 1]))


def _check_place(degrees: Floats, crs: CRS) -> None:
    """Raise FileRefused if coordinates lie outside the system's area: exchanged axes, or another zone."""
    area = crs.area_of_use
    if area is None or not len(degrees):
        return
    middle = np.median(degrees, axis=0)
    if not np.isfinite(middle).all() or not _near(middle, area):
        raise refuse("crs.elsewhere", crs=crs.name[:80], west=area.west, south=area.south, east=area.east,
                     north=area.north)  # fmt: skip


def _near(point: Floats, area: Any) -> bool:
    """Return whether a point is in an area or at most as far beside it as the area is wide, six degrees at least."""
    if area.west > area.east:
        return True
    aside, above = max(area.east - area.west, 6.0), max(area.north - area.south, 6.0)
    lon, lat = point
    return bool(area.west - aside <= lon <= area.east + aside and area.south - above <= lat <= area.north + above)


def best_way(crs: CRS, degrees: Floats) -> Way:
    """Return PROJ's best transformation at this place. Raises FileRefused if there is none, or only a rough one."""
    (west, south), (east, north) = degrees.min(axis=0), degrees.max(axis=0)
    try:
        area = AreaOfInterest(float(west), float(south), float(east), float(north))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # A better grid that is not installed: the stated accuracy tells.
            found = TransformerGroup(crs, WGS84, always_xy=True, area_of_interest=area, allow_ballpark=False)
        ways = found.transformers
    except (ProjError, CRSError):
        ways = []
    known = [way for way in ways if way.accuracy >= 0 and _covers(way, area)]
    best = min(known, key=lambda way: way.accuracy, default=None)
    if best is None:
        raise refuse("crs.unsupported", crs=crs.name[:80])
    if best.accuracy > WORST_M:
        raise refuse("crs.rough", crs=crs.name[:80], metres=best.accuracy, worst=WORST_M)
    return Way(best, float(best.accuracy), _named(best))


def _covers(way: Transformer, area: AreaOfInterest) -> bool:
    """Return whether a transformation is meant for the middle of the area, and not for some corner of it."""
    meant: Any = way.area_of_use
    if meant is None or meant.west > meant.east:
        return True
    lon = (area.west_lon_degree + area.east_lon_degree) / 2
    lat = (area.south_lat_degree + area.north_lat_degree) / 2
    return bool(meant.west <= lon <= meant.east and meant.south <= lat <= meant.north)


def _named(way: Transformer) -> str:
    """Return a transformation's own name, without the steps around it."""
    steps = [step for step in way.description.split(" + ") if " to " in step and not step.startswith("axis")]
    return " + ".join(steps or [way.description])[:120]


def require_degrees(vertices: Floats, *, declared: str | None = None) -> None:
    """Raise FileRefused if most coordinates are metres where they should be degrees."""
    vertices = np.abs(vertices[np.isfinite(vertices).all(axis=1)]) if len(vertices) else vertices
    if not len(vertices):
        return
    x, y = (float(value) for value in np.median(vertices, axis=0))
    if min(x, y) > METRES_FROM:
        code = "crs.projected" if declared is None else "crs.not_degrees"
        kind, system = proposal(x, y)
        params = {"x": round(x), "y": round(y), "proposal": system, "crs": (declared or "")[:80]}
        raise refuse(code if kind == "zone" else f"{code}_{kind}", **params)


def proposal(x: float, y: float) -> tuple[Literal["zone", "web", "bare"], str]:
    """Return the `--crs` that metres look like: the Gauss-Krüger zone of CGCS2000 that the easting's number names.

    From 117 to 135° E an easting of web maps begins with the number of a zone of the far west: it may be `web`. One
    without a number is `bare`, and any zone is only an example.
    """
    zones: Sequence[tuple[range, int]] = ((GAUSS_3, 4513), (GAUSS_6, 4491))
    for easting in (x, y):
        for zone, first in zones:
            number = int(easting // 1_000_000)
            if number in zone:
                named = f"EPSG:{first + number - zone.start}"
                return ("web" if easting == x and number in WEB_MAP_MILLIONS else "zone"), named
    return "bare", "EPSG:4549"
