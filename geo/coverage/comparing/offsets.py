"""Find a file that lies beside the lines that are known: in another datum than it was declared, or with its axes
exchanged; also where that is so of a part of it.

A shape with a known code is compared with the lines that this code has; the land of the whole file, whatever its codes,
with that of the draft, by the translation that fits best: outlines of two editions differ by a hundred metres to either
side, and still lie in the middle of each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.coverage.comparing.rows import EditedRow
from geo.coverage.refusals import OtherPlace
from geo.coverage.topology import Coverage
from geo.datum import Datum, from_wgs84, to_wgs84
from geo.plane import Plane

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]
BESIDE_M = 20.0
"""Shapes whose vertices lie nearer to their known lines, in the median, are not suspected."""
EXPLAINED = 0.25
"""Part of that distance which is left at most where another datum explains it."""
ON_LINES_M = 2.0
"""Distance of all vertices from the draft's lines, for a shape without a known code: to some, a line is always near."""
HALF = 0.5
ALONG = 0.5
"""Part of the whole land's offset which is left at most where another datum explains that."""
SHIFTED_M = 1.0
"""Offset, the same for all shapes, from which on they are in another system."""
STEP_M, STEPS, SAMPLED = 500.0, 20, 500
AXES, UNKNOWN = "axes", "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What lies beside its place, and where it would lie on it."""

    likely: str
    rows: Sequence[int]
    offset_m: float


def require_own_place(coverage: Coverage, rows: Sequence[EditedRow], *, declared: Datum) -> None:
    """Raise `OtherPlace` for a file, or a part of one, in another datum than the one that it was declared to be in."""
    shapes = np.array([row.shape for row in rows], dtype=object)
    found = _beside(coverage, rows, shapes, declared) or _all_shifted(coverage, rows, shapes)
    found = found or _land_beside(coverage, rows, shapes, declared)
    if found is not None:
        named = [rows[i] for i in found.rows]
        where = shapely.MultiPolygon([part for row in named for part in shapely.get_parts(row.shape)])
        raise OtherPlace(
            *(row.code for row in named if row.code),
            where=where,
            likely=found.likely,
            declared=declared.value,
            offset_m=round(found.offset_m, 1),
            count=len(named),
            rows=len(rows),
        )


def alternatives(declared: Datum) -> list[str]:
    return [*(datum.value for datum in Datum if datum is not declared), AXES]


def as_if(places: Floats, *, declared: Datum, other: str) -> Floats:
    """Return where vertices would lie if the file were in another datum, or had its axes exchanged."""
    x, y = from_wgs84(places[:, 0], places[:, 1], declared)
    if other == AXES:
        x, y = np.clip(y, -180, 180), np.clip(x, -90, 90)
        return np.column_stack(to_wgs84(x, y, declared))
    return np.column_stack(to_wgs84(x, y, Datum(other)))


class _Known:
    """The lines on which each shape ought to lie: those of its code, else any."""

    def __init__(self, coverage: Coverage, rows: Sequence[EditedRow]) -> None:
        self.plane = coverage.plane
        self.has_code = np.array([row.code in coverage.shapes for row in rows], dtype=bool)
        own = [coverage.shapes[row.code] for row in rows if row.code is not None and row.code in coverage.shapes]
        self.lines: Shapes = np.full(len(rows), None, dtype=object)
        self.lines[self.has_code] = [self.plane.flatten(shape.boundary) for shape in own]
        bare = not self.has_code.all()
        edges = [self.plane.to_metres(edge.line) for edge in coverage.edges.values()] if bare else []
        self.every = shapely.STRtree(_segments(shapely.MultiLineString(edges)))

    def away(self, shapes: Shapes, at: NDArray[np.int64], *, whole: float) -> Floats:
        """Return how far the shapes (degrees) of rows `at` lie from their lines: in the median of their vertices, or
        without a code, that of the share `whole` of them.
        """
        vertices, of = shapely.get_coordinates(shapes, return_index=True)
        points = np.asarray(shapely.points(self.plane.to_metres(vertices)), dtype=object)
        away = np.zeros(len(points))
        own = self.has_code[at[of]]
        away[own] = shapely.distance(self.lines[at[of[own]]], points[own])
        if not own.all():
            away[~own] = self.every.query_nearest(points[~own], return_distance=True, all_matches=False)[1]
        order = np.lexsort((away, of))
        counts = np.bincount(of, minlength=len(shapes))
        share = np.where(self.has_code[at], HALF, whole)
        last = np.cumsum(counts) - counts + ((counts - 1) * share).astype(np.int64)
        return np.asarray(np.where(counts > 0, away[order][np.clip(last, 0, len(order) - 1)], 0.0))


def _segments(line: BaseGeometry) -> Shapes:
    """Return the segments of lines, those without a length left out."""
    parts = shapely.get_parts(line)
    places, of = shapely.get_coordinates(parts, return_index=True)
    at = np.flatnonzero((of[:-1] == of[1:]) & (places[:-1] != places[1:]).any(axis=1))
    return np.asarray(shapely.linestrings(np.stack([places[at], places[at + 1]], axis=1)), dtype=object)


def _beside(coverage: Coverage, rows: Sequence[EditedRow], shapes: Shapes, declared: Datum) -> Finding | None:
    """Find shapes that lie beside their known lines, and would lie on them otherwise."""
    known = _Known(coverage, rows)
    away = known.away(shapes, np.arange(len(shapes)), whole=HALF)
    suspects = np.flatnonzero(away >= BESIDE_M)
    if not suspects.size:
        return None
    most = np.where(known.has_code[suspects], EXPLAINED * away[suspects], ON_LINES_M)
    found: dict[str, NDArray[np.int64]] = {}
    for other in alternatives(declared):
        moved = shapely.transform(shapes[suspects], partial(as_if, declared=declared, other=other))
        found[other] = suspects[known.away(moved, suspects, whole=1.0) <= most]
    likely = max(found, key=lambda other: found[other].size)
    at = found[likely]
    return Finding(likely, at.tolist(), float(np.median(away[at]))) if at.size else None


def _all_shifted(coverage: Coverage, rows: Sequence[EditedRow], shapes: Shapes) -> Finding | None:
    """Find a file whose shapes all lie beside the known ones of their codes by the same offset."""
    at = [i for i, row in enumerate(rows) if row.code in coverage.shapes and not row.shape.is_empty]
    if len(at) < 2:
        return None
    known = [coverage.shapes[str(rows[i].code)] for i in at]
    ours, theirs = (shapely.get_coordinates(shapely.centroid(some)) for some in (shapes[at], known))
    offsets = (theirs - ours) * coverage.plane.scale
    middle = np.median(offsets, axis=0)
    length = float(np.hypot(*middle))
    alike = np.hypot(*(offsets - middle).T) <= SHIFTED_M / 2
    return Finding(UNKNOWN, at, length) if length >= SHIFTED_M and alike.mean() > 0.5 else None


def _land_beside(coverage: Coverage, rows: Sequence[EditedRow], shapes: Shapes, declared: Datum) -> Finding | None:
    """Find a file of few known codes whose land as a whole lies beside that of the draft."""
    known = sum(row.code in coverage.shapes for row in rows)
    if known > HALF * len(rows):
        return None
    land = shapely.union_all(shapely.make_valid(shapes))
    if land.is_empty or land.area < coverage.outer.area / 2:
        return None
    offset = best_offset(coverage.plane, land, coverage.outer)
    length = float(np.hypot(*offset))
    if length < BESIDE_M:
        return None
    middle = np.array([[coverage.plane.lon, coverage.plane.lat]])
    for other in alternatives(declared)[:-1]:
        shift = coverage.plane.to_metres(as_if(middle, declared=declared, other=other))[0]
        if float(np.hypot(*(offset - shift))) <= ALONG * length:
            return Finding(other, range(len(shapes)), length)
    return None


def best_offset(plane: Plane, land: BaseGeometry, known: BaseGeometry) -> Floats:
    """Return the translation in metres that brings the border of some land (degrees) nearest to another.

    By the closest points (P. J. Besl, N. D. McKay: A method for registration of 3-D shapes, 1992), each along its own
    direction, with far ones weighing less.
    """
    border = shapely.STRtree(_segments(shapely.boundary(plane.flatten(known))))
    points = shapely.get_coordinates(shapely.segmentize(shapely.boundary(plane.flatten(land)), STEP_M))
    points = points[:: max(1, len(points) // SAMPLED)]
    offset = np.zeros(2)
    for _ in range(STEPS):
        step = _step(points + offset, border)
        offset += step
        if float(np.hypot(*step)) < 0.5:
            break
    return offset


def _step(places: Floats, border: shapely.STRtree) -> Floats:
    """Return the translation that brings places nearer to their closest segments."""
    points = np.asarray(shapely.points(places), dtype=object)
    segments = border.geometries[border.query_nearest(points, all_matches=False)[1]]
    ways = shapely.get_coordinates(shapely.shortest_line(segments, points))[::2] - places
    away = np.hypot(*ways.T)
    weight = 1 / np.maximum(away, max(float(np.median(away)), 1e-6))
    direction = ways / np.maximum(away, 1e-9)[:, None]
    weighted = (direction * weight[:, None]).T
    return np.asarray(np.linalg.solve(weighted @ direction + 1e-9 * np.eye(2), weighted @ away))
