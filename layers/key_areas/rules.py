"""A key area's record, and how much of it cameras cover. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geo.plane import Plane
from geo.views import covered_share, cut, view

Buildings = Callable[[BaseGeometry], Sequence[Polygon | MultiPolygon]]
"""Returns the buildings that touch a shape, both in degrees."""


@dataclass(frozen=True, slots=True)
class KeyAreaRecord:
    """One entry of a list of key areas, in WGS-84 degrees."""

    code: str
    kind: str
    name: str
    outline: MultiPolygon
    division_path: str


@dataclass(frozen=True, slots=True)
class ViewOfCamera:
    """What is known of a camera's view, in WGS-84 degrees and metres. `ptz`: it can turn and has no fixed direction."""

    lon: float
    lat: float
    heading: float
    fov_deg: float
    range_m: float
    ptz: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a key area cameras cover, of the cones as entered.

    `counted` are the places in the list of those cameras that stand in it or whose view reaches into it. `fixed_share`
    is covered by those with a fixed direction; `turning_share` lies within the range of those that can turn. `cut`:
    behind buildings nothing is seen.
    """

    area_m2: float
    counted: tuple[int, ...]
    fixed_share: float
    turning_share: float
    cut: bool


def coverage_of(outline: BaseGeometry, cameras: Sequence[ViewOfCamera], *, buildings: Buildings | None) -> Coverage:
    """Return how much of a key area all cameras that may reach it cover."""
    plane = Plane.at(outline)
    area = plane.flatten(outline)
    shapely.prepare(area)
    fixed: list[BaseGeometry] = []
    turning: list[BaseGeometry] = []
    counted: list[int] = []
    for i, camera in enumerate(cameras):
        place, shape = _seen(camera, plane, buildings)
        if area.intersects(shape) or area.intersects(place):
            counted.append(i)
            (turning if camera.ptz else fixed).append(shape)
    return Coverage(
        area_m2=float(area.area),
        counted=tuple(counted),
        fixed_share=covered_share(area, fixed),
        turning_share=covered_share(area, turning),
        cut=buildings is not None,
    )


def _seen(camera: ViewOfCamera, plane: Plane, buildings: Buildings | None) -> tuple[shapely.Point, BaseGeometry]:
    """Return where a camera stands and what it sees, or could see by turning, on the plane."""
    x, y = plane.to_metres([[camera.lon, camera.lat]])[0].tolist()
    fov_deg = 360.0 if camera.ptz else camera.fov_deg
    shape: BaseGeometry = view(x, y, heading=camera.heading, fov_deg=fov_deg, range_m=camera.range_m)
    if buildings is not None:
        around = shapely.transform(shape, lambda metres: np.asarray(plane.to_degrees(metres)))
        shape = cut(shape, x, y, [plane.flatten(one) for one in buildings(around)])
    return shapely.Point(x, y), shape
