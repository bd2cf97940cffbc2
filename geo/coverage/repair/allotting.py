"""Allot faces to polygons: each face that is open goes to the neighbour with which it has the longest border."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.coverage.repair.faces import Borders, Faces, Floats, Ints, Shapes, lines_of
from geo.coverage.repair.outlines import Outlines

UNALLOTTED = -1
STUB = 1e-3
"""Metres by which a cut reaches beyond a face, so that it meets the border on either side."""
REACH = np.array([0.99, 0.91, 0.83, 0.75, 0.67])
"""Parts of the limit at which polygons' reaches end: unequal, so that cuts around one corner do not coincide."""


def allot(faces: Faces, borders: Borders, settled: Ints, open_: NDArray[np.bool_]) -> Ints:
    """Return the polygon of each face: `settled` where that is set, else for `open_` faces that of a neighbour.

    A face goes to one of its owners while one of them is beside it. A face that no polygon reaches stays `UNALLOTTED`.
    """
    found = settled.copy()
    count = int(max(settled.max(initial=0), faces.owner.max(initial=0))) + 1
    owned = faces.face * count + faces.owner
    free = faces.owners == 0
    while True:
        waiting = open_ & (found == UNALLOTTED)
        usable = waiting[borders.face] & (found[borders.other] != UNALLOTTED)
        if not usable.any():
            return found
        keys, place = np.unique(borders.face[usable] * count + found[borders.other[usable]], return_inverse=True)
        metres = np.bincount(place, borders.metres[usable])
        by_right = np.isin(keys, owned) | free[keys // count]
        if by_right.any():
            keys, metres = keys[by_right], metres[by_right]
        order = np.lexsort((metres, keys // count))
        face = keys[order] // count
        best = keys[order[np.append(face[1:] != face[:-1], True)]]
        found[best // count] = best % count


def far_faces(faces: Faces, outlines: Outlines, allotted: Ints, open_: NDArray[np.bool_], *, limit: float) -> Ints:
    """List open faces that would take a polygon further than `limit` from where it was: slivers around a corner."""
    gained = np.flatnonzero(open_ & (allotted != UNALLOTTED))
    vertices, of_face = shapely.get_coordinates(faces.shapes[gained], return_index=True)
    away = outlines.distances(vertices, allotted[gained[of_face]], limit=limit)
    return np.unique(gained[of_face[away > limit]])


def cuts_across(faces: Faces, borders: Borders, allotted: Ints, far: Ints, *, limit: float) -> list[BaseGeometry]:
    """Return lines that cut each of the `far` faces where it leaves the reach of one of the polygons beside it.

    Each piece is then wholly within reach of any polygon that it touches.
    """
    beside = np.isin(borders.face, far) & (allotted[borders.other] != UNALLOTTED)
    if not beside.any():
        return []
    sides, place = np.unique(
        np.column_stack([borders.face[beside], allotted[borders.other[beside]]]), axis=0, return_inverse=True
    )
    face = sides[:, 0]
    segments = lines_of(borders.start[beside], borders.end[beside])
    order = np.argsort(place, kind="stable")
    shared = shapely.multilinestrings(segments[order], indices=place[order])
    around = shapely.buffer(shared, limit * REACH[sides[:, 1] % len(REACH)], quad_segs=2)
    lines = shapely.get_parts(shapely.get_parts(shapely.intersection(faces.shapes[face], shapely.boundary(around))))
    lines = lines[shapely.length(lines) > 0]
    return [*lines, *stubs(lines)]


def stubs(lines: Shapes) -> list[BaseGeometry]:
    """Return short lines that go on straight from both ends of each line."""
    ends = [(shapely.get_point(lines, at), shapely.get_point(lines, before)) for at, before in ((0, 1), (-1, -2))]
    return [stub for at, before in ends for stub in _beyond(_xy(at), _xy(before))]


def _xy(points: Shapes) -> Floats:
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)])


def _beyond(end: Floats, before: Floats) -> list[BaseGeometry]:
    way = end - before
    far = end + way / np.maximum(np.hypot(*way.T), 1e-12)[:, None] * STUB
    return list(lines_of(end, far))
