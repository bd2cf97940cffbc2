"""What may be closed: the outline of a drawing, and its refusals. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
import shapely
from shapely import LinearRing, LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from geo.errors import ErrorKind, MaplebridgeError
from geo.plane import Plane

Drawn = Literal["polygon", "line"]
MOST_POINTS = 200
LEAST_M, MOST_M = 4.0, 10_000.0
"""Length of an outline. Of a smaller area, the ground that maps are off by is larger."""
MOST_OPEN = 20
"""Closures at once in a county: each that a way could come by takes a ranking some milliseconds longer."""
MOST_OPEN_M = 150_000.0
"""Length of all outlines together; a road engine takes 200 km."""
LONGEST = timedelta(days=366)


class CrossesItself(MaplebridgeError):
    """The drawn line or outline crosses or touches itself. `params`: `where`, [lon, lat], null if it is not known."""

    code = "closure.crosses_itself"
    kind = ErrorKind.INVALID


class TooSmall(MaplebridgeError):
    """The drawing has no length or area to speak of. `params`: `limit` in metres around it."""

    code = "closure.too_small"
    kind = ErrorKind.INVALID


class ClosureTooLarge(MaplebridgeError):
    """The outline is too long. `params`: `metres`, `limit`."""

    code = "closure.too_large"
    kind = ErrorKind.INVALID


class OutsideReach(MaplebridgeError):
    """Nothing of it lies within the actor's division."""

    code = "closure.outside"
    kind = ErrorKind.INVALID


class BadTimes(MaplebridgeError):
    """It would end before it begins or has ended already, or lasts for over a year."""

    code = "closure.times"
    kind = ErrorKind.INVALID


class TooManyClosures(MaplebridgeError):
    """So many are open in the county: one has to be lifted first. `params`: `limit`, `metres` of all outlines."""

    code = "closure.too_many"
    kind = ErrorKind.CONFLICT


def outline_of(drawn: Drawn, points: Sequence[tuple[float, float]], *, width_m: float) -> Polygon:
    """Return the outline of a drawing, in degrees: of a polygon's corners, or of a line so wide.

    Raises `CrossesItself`, `TooSmall`, `ClosureTooLarge`.
    """
    shape = LineString(points) if drawn == "line" else LinearRing(points)
    if shape.length == 0:
        raise TooSmall(limit=LEAST_M)
    if not (shape.is_simple and shape.is_valid):
        raise CrossesItself(where=_crossing(shape))
    outline = _widened(shape, width_m) if drawn == "line" else Polygon(shape)
    if outline.interiors or not outline.is_valid:
        raise CrossesItself(where=None)
    metres = outline_m(outline)
    if metres < LEAST_M or Plane.at(outline).area_m2(outline) < 1.0:
        raise TooSmall(limit=LEAST_M)
    if metres > MOST_M:
        raise ClosureTooLarge(metres=round(metres), limit=MOST_M)
    return outline


def outline_m(outline: BaseGeometry) -> float:
    """Return the length of an outline in metres."""
    return float(Plane.at(outline).flatten(outline).length)


def check_times(starts_at: datetime, ends_at: datetime | None, *, now: datetime) -> None:
    """Raise `BadTimes` for a closure that is over before it begins, or lasts or waits for over a year."""
    if starts_at > now + LONGEST:
        raise BadTimes
    if ends_at is not None and not max(starts_at, now) < ends_at <= starts_at + LONGEST:
        raise BadTimes


def check_room(outlines: Sequence[BaseGeometry], outline: BaseGeometry) -> None:
    """Raise `TooManyClosures` if one more would be too many beside those open in the county."""
    if len(outlines) >= MOST_OPEN or sum(map(outline_m, [*outlines, outline])) > MOST_OPEN_M:
        raise TooManyClosures(limit=MOST_OPEN, metres=MOST_OPEN_M)


def _widened(line: LineString, width_m: float) -> Polygon:
    plane = Plane.at(line)
    wide = plane.flatten(line).buffer(width_m / 2, cap_style="flat", join_style="mitre", mitre_limit=2)
    shape: Polygon = shapely.transform(wide, lambda metres: np.asarray(plane.to_degrees(metres)))
    return shape


def _crossing(shape: BaseGeometry) -> list[float] | None:
    """Return a place where a line crosses itself, if GEOS names it."""
    said = explain_validity(Polygon(shape)) if isinstance(shape, LinearRing) else ""
    if "[" not in said:
        return None
    lon, lat = said.partition("[")[2].rstrip("]").split()
    return [float(lon), float(lat)]
