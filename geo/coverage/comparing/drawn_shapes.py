"""Shapes as a file has them: what is no polygon is shown, and what only looks like none is put right."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.coverage.comparing.rows import EditedRow
from geo.coverage.partition import Fault, Problem
from geo.coverage.refusals import LinesDoNotFit
from geo.coverage.repair.widths import Narrowness
from geo.plane import Plane

Shapes = NDArray[np.object_]


def label_of(rows: Sequence[EditedRow], at: int) -> str:
    """Return what a row is called: its code, or its number in the file."""
    return rows[at].code or f"#{at + 1}"


def sound_shapes(rows: Sequence[EditedRow], *, plane: Plane, limit_m: float) -> Shapes:
    """Return the shapes of rows, all valid: spikes without an area and loops up to `limit_m` wide are left out.

    Raises `LinesDoNotFit` with the places where others cross themselves.
    """
    shapes = np.array([row.shape for row in rows], dtype=object)
    broken = np.flatnonzero(~shapely.is_valid(shapes) | shapely.is_empty(shapes)).tolist()
    problems = []
    for at in broken:
        made = _made_valid(shapes[at], plane, limit_m)
        if made is None:
            problems.append(
                Problem(Fault.INVALID, label_of(rows, at), plane.area_m2(shapes[at].envelope), crossings_of(shapes[at]))
            )
        else:
            shapes[at] = made
    if problems:
        raise LinesDoNotFit.of(problems)
    return shapes


def _made_valid(shape: BaseGeometry, plane: Plane, limit_m: float) -> BaseGeometry | None:
    """Return a polygon made valid, None where that would change more than strips up to `limit_m` wide."""
    made = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    parts = np.array([part for part in shapely.get_parts(made) if part.geom_type == "Polygon"], dtype=object)
    if not parts.size:
        return None
    flat = np.array([plane.flatten(part) for part in parts], dtype=object)
    wide = parts[~Narrowness.of(flat, limit_m).narrow].tolist()
    whole = len(wide) == shapely.get_num_geometries(shape)
    kept = (wide[0] if len(wide) == 1 else shapely.MultiPolygon(wide)) if whole else None
    if kept is None:
        return None
    moved = shapely.hausdorff_distance(plane.flatten(kept.boundary), plane.flatten(made.boundary))
    return kept if moved <= limit_m else None


def crossings_of(shape: BaseGeometry) -> BaseGeometry:
    """Return the places where the rings of a shape cross or touch themselves, or its border where they do not."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    lines = [shapely.LineString(ring.coords) for ring in rings]
    known = {(x, y) for x, y in shapely.get_coordinates(lines).tolist()}
    noded = {(x, y) for x, y in shapely.get_coordinates(shapely.unary_union(lines)).tolist()}
    found = sorted(noded - known)
    return shapely.MultiPoint(found) if found else shapely.MultiLineString(lines)
