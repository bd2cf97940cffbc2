"""Faults of a partition's borders, grouped by the polygons beside them, with place, width and length."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.coverage.partition import Fault
from geo.coverage.repair.allotting import UNALLOTTED
from geo.coverage.repair.faces import Borders, Faces, Floats, Ints, Shapes
from geo.coverage.repair.snapping import SAME_M
from geo.coverage.repair.widths import Narrowness, widths
from geo.plane import Plane

PARENT = UNALLOTTED


@dataclass(frozen=True, slots=True)
class BorderFault:
    """The gaps, overlaps or overhang between two polygons, or between one and the parent (`other` is None).

    `width_m` is the width at the widest place, `length_m` the length of all `pieces` together; `where` has the pieces,
    in degrees, the widest first. `mended` says whether it was narrow enough.
    """

    fault: Fault
    code: str
    other: str | None
    width_m: float
    length_m: float
    area_m2: float
    pieces: int
    where: BaseGeometry
    mended: bool

    @property
    def place(self) -> tuple[float, float]:
        """Longitude and latitude of the widest place."""
        ((x, y),) = shapely.get_coordinates(shapely.point_on_surface(shapely.get_geometry(self.where, 0)))
        return float(x), float(y)


def faults_of(
    faces: Faces,
    borders: Borders,
    allotted: Ints,
    *,
    codes: Sequence[str],
    plane: Plane,
    tolerance: float,
    limit: float,
    known: Narrowness,
) -> tuple[list[BorderFault], int]:
    """Return the faults wider than the tolerance, the widest first, and the number of narrower ones."""
    kinds, which = _kinds(faces)
    wide = widths(faces.shapes[which], limit=limit, known=known.take(which))
    reported = wide > tolerance
    snapped = int(((wide > SAME_M) & ~reported).sum())
    shapes, wide, kinds, pairs = (
        faces.shapes[which[reported]],
        wide[reported],
        kinds[reported],
        _sides(faces, borders, allotted, which[reported]),
    )
    found = _faults(shapes, wide, kinds, pairs, codes=codes, plane=plane, limit=limit)
    return found, snapped


def overhangs(
    polygons: Sequence[BaseGeometry], codes: Sequence[str], parent: BaseGeometry, *, tolerance: float
) -> list[BorderFault]:
    """Return the parts of each polygon (degrees) that lie beyond `parent` by more than the tolerance, in metres."""
    if not polygons:
        return []
    plane = Plane.at(parent)
    shapely.prepare(parent)
    found = []
    for polygon, code in zip(polygons, codes, strict=True):
        parts = [] if parent.covers(polygon) else _polygons(plane.flatten(polygon.difference(parent)))
        shapes = np.array(parts, dtype=object)
        wide = widths(shapes, limit=tolerance) if parts else np.zeros(0)
        if (wide > tolerance).any():
            kinds, pairs = np.full(len(shapes), Fault.OUTSIDE, dtype=object), np.full((len(shapes), 2), (0, PARENT))
            found += _faults(shapes, wide, kinds, pairs, codes=[code], plane=plane, limit=tolerance)
    return sorted(found, key=lambda fault: -fault.width_m)


def _polygons(geometry: BaseGeometry) -> list[BaseGeometry]:
    return [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]


def _kinds(faces: Faces) -> tuple[NDArray[np.object_], Ints]:
    """Return the kind of each fault, and the index of its face."""
    owners = faces.owners
    kinds = np.full(len(faces.shapes), None, dtype=object)
    kinds[faces.inside & (owners > 1)] = Fault.OVERLAP
    kinds[faces.inside & (owners == 0)] = Fault.GAP
    kinds[~faces.inside & (owners > 0)] = Fault.OUTSIDE
    which = np.flatnonzero(kinds != None)  # noqa: E711  (element by element)
    return kinds[which], which


def _sides(faces: Faces, borders: Borders, allotted: Ints, which: Ints) -> Ints:
    """Return the two polygons of each fault (n × 2): its first two owners, else the ones with the longest border."""
    pairs = np.full((len(faces.shapes), 2), PARENT)
    order = np.lexsort((faces.owner, faces.face))
    _fill(pairs, faces.face[order], faces.owner[order])
    bare = faces.owners == 0
    used = bare[borders.face] & (allotted[borders.other] != UNALLOTTED)
    count = int(allotted.max(initial=0)) + 1
    keys, place = np.unique(borders.face[used] * count + allotted[borders.other[used]], return_inverse=True)
    metres = np.bincount(place, borders.metres[used], minlength=len(keys))
    order = np.lexsort((-metres, keys // count))
    _fill(pairs, keys[order] // count, keys[order] % count)
    return pairs[which]


def _fill(pairs: Ints, face: Ints, owner: Ints) -> None:
    """Write the first two owners of each face, given in order."""
    first = np.append(True, face[1:] != face[:-1]) if face.size else np.zeros(0, dtype=bool)
    second = np.append(False, first[:-1]) & ~first if face.size else first
    pairs[face[first], 0] = owner[first]
    pairs[face[second], 1] = owner[second]


def _faults(
    shapes: Shapes,
    wide: Floats,
    kinds: NDArray[np.object_],
    pairs: Ints,
    *,
    codes: Sequence[str],
    plane: Plane,
    limit: float,
) -> list[BorderFault]:
    """Join the pieces of one kind between two polygons to one fault; the widest fault first.

    All faults are joined by array operations: a county drawn twice has ten thousand.
    """
    if not shapes.size:
        return []
    group = _groups(kinds, pairs)
    order = np.lexsort((-wide, group))
    first = np.flatnonzero(np.append(True, np.diff(group[order]) > 0))
    joined = np.asarray(shapely.multipolygons(shapes[order], indices=group[order]), dtype=object)
    where = shapely.transform(joined, plane.to_degrees)
    length = np.bincount(group, shapely.length(shapes) / 2)
    area, pieces = np.bincount(group, shapely.area(shapes)), np.bincount(group)
    found = []
    for at, widest in enumerate(order[first].tolist()):
        kind = kinds[widest]
        one, other = (None if side == PARENT else codes[side] for side in pairs[widest].tolist())
        found.append(
            BorderFault(
                fault=kind,
                code=one or "",
                other=other if kind is not Fault.OUTSIDE else None,
                width_m=float(wide[widest]),
                length_m=float(length[at]),
                area_m2=float(area[at]),
                pieces=int(pieces[at]),
                where=where[at],
                mended=bool(wide[widest] <= limit),
            )
        )
    return sorted(found, key=lambda fault: -fault.width_m)


def _groups(kinds: NDArray[np.object_], pairs: Ints) -> Ints:
    """Number the faults of each piece by kind and polygons."""
    known = np.array([*Fault], dtype=object)
    kind = np.argmax(kinds[:, None] == known[None, :], axis=1)
    _, group = np.unique(np.column_stack([kind, np.sort(pairs, axis=1)]), axis=0, return_inverse=True)
    return np.asarray(group, dtype=np.int64).reshape(-1)
