"""Fit the polygons of a draft together: mend borders that were drawn twice, but only around the faults found."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.coverage.measures import same_land
from geo.coverage.partition import Fault, Problem, check
from geo.coverage.refusals import LinesDoNotFit
from geo.coverage.repair.cleaning import cleaned
from geo.coverage.repair.mending import Mended, mend
from geo.coverage.repair.outlines import Outlines
from geo.coverage.repair.slits import mouths_of_slits
from geo.coverage.repair.widths import Narrowness
from geo.plane import Plane

Shapes = NDArray[np.object_]
FEW = 0.5
"""Share of the polygons beside faults up to which the others are left out."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Polygons that share their vertices. `moved_m` is the furthest that a border moved."""

    shapes: list[BaseGeometry]
    moved_m: float = 0.0


def fit_together(
    shapes: Sequence[BaseGeometry], codes: Sequence[str], *, limit_m: float, outline: BaseGeometry | None = None
) -> Fitted:
    """Return polygons (degrees) with borders mended up to `limit_m` wide; those beside no fault are the same objects.

    With an `outline`, they are fitted to its border, too, which does not move. Gaps wider than the limit stay: whether
    land is missing is for the whole check to say. Raises `LinesDoNotFit` with each overlap and overhang that is wider,
    each polygon that is none, and each that mending would take apart or use up.
    """
    given = np.array(shapes, dtype=object)
    if not (shapely.is_valid(given).all() and not shapely.is_empty(given).any()):
        raise LinesDoNotFit.of(check(shapes, codes))
    beside = _beside_faults(given, limit_m, outline)
    if not beside.size:
        return Fitted([*shapes])
    if outline is None and beside.size <= FEW * given.size:
        mended = mend(given[beside].tolist(), [codes[i] for i in beside.tolist()], limit_m=limit_m, matched=True)
        fitted = given.copy()
        fitted[beside] = mended.polygons
        if not _faults(mended) and shapely.coverage_is_valid(fitted):
            _require_whole(given, fitted, codes)
            return Fitted(fitted.tolist(), mended.moved_m)
    if fast := _cleaned(given, codes, outline, limit_m):
        return fast
    mended = mend(shapes, codes, outline, limit_m=limit_m, matched=True)
    if wide := _faults(mended):
        raise LinesDoNotFit.of(wide, width_m=max(fault.width_m for fault in mended.faults if not fault.mended))
    if mended.too_far or not shapely.coverage_is_valid(mended.polygons):
        raise LinesDoNotFit.of(check(shapes, codes), width_m=mended.moved_m)
    _require_whole(given, np.array(mended.polygons, dtype=object), codes)
    return Fitted(mended.polygons, mended.moved_m)


def _cleaned(given: Shapes, codes: Sequence[str], outline: BaseGeometry | None, limit_m: float) -> Fitted | None:
    """Fit polygons together by the cleaner, which is much faster; None where its result does not hold."""
    fast = cleaned(given, limit_m=limit_m)
    if fast is not None and outline is not None:
        fast = _with_rim(given, fast, codes, outline, limit_m)
    moved_m = 0.0 if fast is None else _furthest(given, fast, limit_m)
    return None if fast is None or moved_m > limit_m else Fitted(fast.tolist(), moved_m)


def _with_rim(
    given: Shapes, matched: Shapes, codes: Sequence[str], outline: BaseGeometry, limit_m: float
) -> Shapes | None:
    """Return the `matched` polygons, of which those near the outline's border are mended anew to fit it.

    They are mended from what was given, or they might move twice, and together with those beside them, which get the
    same vertices on their common borders. None where the result does not hold.
    """
    plane = Plane.at(outline)
    border = shapely.boundary(plane.flatten(outline))
    shapely.prepare(border)
    rim = shapely.dwithin(border, shapely.transform(matched, plane.to_metres), limit_m)
    anew = np.zeros_like(rim)
    anew[shapely.STRtree(matched).query(matched[rim], predicate="intersects")[1]] = True
    rest = shapely.difference(outline, _united(matched[~anew]))
    polygons = np.where(rim, given, matched)[anew].tolist()
    mended = mend(polygons, [codes[i] for i in np.flatnonzero(anew).tolist()], rest, limit_m=limit_m, matched=True)
    fitted = matched.copy()
    fitted[anew] = mended.polygons
    lost = shapely.is_empty(fitted) | (shapely.get_num_geometries(fitted) > shapely.get_num_geometries(given))
    holds = not (_faults(mended) or mended.too_far or lost.any()) and shapely.coverage_is_valid(fitted)
    return fitted if holds and same_land(_united(fitted), outline) else None


def _furthest(given: Shapes, fitted: Shapes, limit_m: float) -> float:
    """Return how far a border moved at most, in metres."""
    plane = Plane.at(shapely.GeometryCollection(given.tolist()))
    ours, theirs = (shapely.transform(shapes, plane.to_metres) for shapes in (given, fitted))
    return float(Outlines.of(ours).depths(theirs, limit=limit_m).max())


def _beside_faults(given: Shapes, limit_m: float, outline: BaseGeometry | None) -> NDArray[np.int64]:
    """Return the numbers of polygons that overlap, do not match, or have a narrow gap beside them.

    Where that is most of them, or they do not make up the outline, gaps are not looked for: all are mended.
    """
    matched = bool(shapely.coverage_is_valid(given))
    every = np.arange(given.size)
    unmatched = every[:0] if matched else every[~shapely.is_empty(shapely.coverage_invalid_edges(given))]
    if len(unmatched) > FEW * given.size:
        return every
    if outline is not None:
        return every if not matched or not same_land(_united(given), outline) else every[:0]
    plane = Plane.at(shapely.GeometryCollection(given.tolist()))
    flat: Shapes = shapely.transform(given, plane.to_metres)
    gaps = [*mouths_of_slits(flat, width=limit_m), *_narrow_holes(flat, limit_m)]
    near = shapely.STRtree(flat).query(gaps, predicate="dwithin", distance=limit_m)[1] if gaps else every[:0]
    return np.unique(np.concatenate([unmatched, near]))


def _united(matched: Shapes) -> BaseGeometry:
    return shapely.coverage_union_all(matched)


def _narrow_holes(flat: Shapes, limit_m: float) -> Shapes:
    """Return the gaps (metres) that are at most `limit_m` wide and enclosed by polygons."""
    union = shapely.get_parts(_united(flat) if shapely.coverage_is_valid(flat) else shapely.union_all(flat))
    rings, of = shapely.get_rings(union, return_index=True)
    inner = np.append(False, of[1:] == of[:-1])
    holes = np.asarray(shapely.polygons(rings[inner]), dtype=object)
    return np.asarray(holes[Narrowness.of(holes, limit_m).narrow] if holes.size else holes)


def _faults(mended: Mended) -> list[Problem]:
    """Return the faults that were too wide to be mended, but for gaps."""
    wide = [fault for fault in mended.faults if not fault.mended and fault.fault is not Fault.GAP]
    return [Problem(one.fault, one.code, one.area_m2, one.where, other=one.other) for one in wide]


def _require_whole(given: Shapes, fitted: Shapes, codes: Sequence[str]) -> None:
    """Raise `LinesDoNotFit` if mending used a polygon up, or took it apart at a neck."""
    lost = shapely.is_empty(fitted) | (shapely.get_num_geometries(fitted) > shapely.get_num_geometries(given))
    if lost.any():
        broken = np.flatnonzero(lost).tolist()
        raise LinesDoNotFit.of([Problem(Fault.APART, codes[i], 0.0, given[i]) for i in broken])
