"""Rows of a file that was edited elsewhere, matched with the finest divisions of a draft."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.coverage.refusals import BadPolygon, CodesExchanged, NotAsOperations
from geo.coverage.topology import Coverage
from geo.plane import Plane

HALF = 0.5


@dataclass(frozen=True, slots=True)
class EditedRow:
    """One shape of the file, in degrees. `code` is None for a new one; `name`, `parent` and `kind` where not given."""

    code: str | None
    shape: BaseGeometry
    name: str | None = None
    parent: str | None = None
    kind: str | None = None


@dataclass(slots=True)
class Matched:
    """Rows by the division that they are of; `gone` are divisions without any, by the one that took their land."""

    rows: dict[str, list[EditedRow]] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)


def alike(coverage: Coverage, one: BaseGeometry, other: BaseGeometry, *, tolerance_m: float) -> bool:
    """Return whether two shapes are the same drawn anew: no vertex is further off than the tolerance.

    Vertices on the way, where a ring begins and which way it runs do not count.
    """
    if one is other:
        return True
    ours, theirs = (_vertices(shape) for shape in (one, other))
    plane = coverage.plane
    return _are_near(plane, np.setdiff1d(ours, theirs), other, tolerance_m) and _are_near(
        plane, np.setdiff1d(theirs, ours), one, tolerance_m
    )


def _vertices(shape: BaseGeometry) -> NDArray[np.complex128]:
    places = shapely.get_coordinates(shape)
    return np.asarray(places[:, 0] + 1j * places[:, 1])


def _are_near(plane: Plane, vertices: NDArray[np.complex128], shape: BaseGeometry, tolerance_m: float) -> bool:
    """Return whether all vertices (degrees) are near the border of a shape."""
    if not vertices.size:
        return True
    border = plane.flatten(shape.boundary)
    shapely.prepare(border)
    points = shapely.points(plane.to_metres(np.column_stack([vertices.real, vertices.imag])))
    return bool(np.all(shapely.dwithin(border, points, tolerance_m)))


def match_rows(coverage: Coverage, rows: Sequence[EditedRow], *, tolerance_m: float) -> Matched:
    """Match rows with divisions: by code, and those without a known one by the land that they were cut out of.

    Raises `BadPolygon`, `CodesExchanged`, and `NotAsOperations` for land that nothing covers any more.
    """
    broken = [row for row in rows if not row.shape.is_valid or row.shape.is_empty]
    if broken:
        raise BadPolygon(
            *(row.code or "" for row in broken), where=shapely.union_all([r.shape.boundary for r in broken])
        )
    found = Matched()
    own = defaultdict[str, list[EditedRow]](list)
    for row in rows:
        known = row.code is not None and row.code in coverage.shapes
        own[str(row.code) if known else _around(coverage, row.shape)].append(row)
    found.rows = dict(own)
    _require_own_codes(coverage, found.rows, tolerance_m=tolerance_m)
    for code in coverage.finest:
        if code not in found.rows:
            found.gone[code] = _taker(coverage, code, found.rows)
    return found


def _around(coverage: Coverage, shape: BaseGeometry) -> str:
    """Return the division that most of a new shape lies in."""
    at = coverage.index.query(shape)
    if not at.size:
        raise NotAsOperations(where=shape)
    shared = shapely.area(shapely.intersection(coverage.polygons[at], shape))
    return coverage.finest[int(at[int(shared.argmax())])]


def _require_own_codes(coverage: Coverage, rows: Mapping[str, list[EditedRow]], *, tolerance_m: float) -> None:
    """Raise `CodesExchanged` if shapes that are somewhere else now are those of other codes."""
    moved = {}
    for code, own in rows.items():
        row = own[0]
        if (
            len(own) == 1
            and row.code == code
            and not alike(coverage, coverage.shapes[code], row.shape, tolerance_m=tolerance_m)
        ):
            other = _around(coverage, row.shape)
            if other != code and alike(coverage, coverage.shapes[other], row.shape, tolerance_m=tolerance_m):
                moved[code] = other
    if moved:
        codes = sorted({*moved, *moved.values()})
        raise CodesExchanged(*codes, where=shapely.union_all([coverage.shapes[code] for code in codes]))


def _taker(coverage: Coverage, code: str, rows: Mapping[str, list[EditedRow]]) -> str:
    """Return the division whose row covers most of one that is gone."""
    shape = coverage.shapes[code]
    shared = {
        other: sum(row.shape.intersection(shape).area for row in rows[other])
        for other in sorted(coverage.neighbours(code))
        if other in rows
    }
    best = max(shared, key=lambda other: shared[other], default=None)
    if best is None or shared[best] <= HALF * shape.area:
        raise NotAsOperations(code, where=shape)
    return best
