"""Mend a partition whose borders were drawn twice: narrow overlaps, gaps and overhangs go to one of the polygons beside
them.

Width decides. A fault that is at most as wide as the limit is mended, and no border moves by more than the limit; a
wider one stays, and the caller decides. Afterwards neighbours share their vertices to the last bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.coverage.repair.allotting import UNALLOTTED, allot, cuts_across, far_faces
from geo.coverage.repair.border_faults import BorderFault, faults_of
from geo.coverage.repair.cutting import cut_again
from geo.coverage.repair.faces import Borders, Faces, Ints, Shapes, lines_between
from geo.coverage.repair.known import KnownVertices
from geo.coverage.repair.outlines import Outlines
from geo.coverage.repair.slits import SEARCHED_M, mouths_of_slits
from geo.coverage.repair.snapping import joined_vertices
from geo.coverage.repair.widths import Narrowness
from geo.plane import Plane

TOLERANCE_M = 0.02
"""Width of faults that are mended unasked: rounding to seven decimals moves either border by up to 8 mm."""
CUTTING_ROUNDS = 3
SLACK = 1.01


@dataclass(frozen=True, slots=True)
class Mended:
    """`polygons` in degrees, in the order given; the same objects where nothing was mended.

    `faults` are those wider than the tolerance, the widest first; `snapped` counts the others. `moved_m` is the
    furthest that a border moved, `too_far` the polygons whose border would have to move further than the limit.
    """

    polygons: list[BaseGeometry]
    faults: list[BorderFault]
    snapped: int = 0
    moved_m: float = 0.0
    too_far: tuple[str, ...] = ()


def mend(
    polygons: Sequence[BaseGeometry],
    codes: Sequence[str],
    parent: BaseGeometry | None = None,
    *,
    limit_m: float = TOLERANCE_M,
    matched: bool = False,
) -> Mended:
    """Mend valid polygons (degrees, one code each) into a partition of `parent`, as far as faults are at most
    `limit_m` wide.

    Without a parent, gaps are those that the polygons enclose, and slits between two of them. With `matched`, vertices
    that a neighbour lacks are put in, even where no fault is.
    """
    given = np.array(polygons, dtype=object)
    if not given.size:
        return Mended([], [])
    work = _Mending(given, list(codes), parent, max(limit_m, TOLERANCE_M), matched=matched)
    cuts = [] if parent is not None else mouths_of_slits(work.flat, width=max(work.limit, SEARCHED_M))
    if not cuts and _is_partition(given, parent):
        return Mended(list(polygons), [])
    return work.run(cuts)


def _is_partition(polygons: Shapes, parent: BaseGeometry | None) -> bool:
    """Return whether neighbours match to the last bit and together are the parent, or enclose no gap."""
    if not shapely.coverage_is_valid(polygons):
        return False
    union = shapely.coverage_union_all(polygons)
    if parent is None:
        return not any(part.interiors for part in shapely.get_parts(union))
    return bool(shapely.equals(union, parent))


class _Mending:
    """The polygons to mend in metres, and how to get back to degrees without changing a vertex that did not move."""

    def __init__(
        self, given: Shapes, codes: Sequence[str], parent: BaseGeometry | None, limit: float, *, matched: bool
    ) -> None:
        self.given, self.codes, self.limit = given, codes, limit
        self.asked = matched or limit > TOLERANCE_M
        self.plane = Plane.at(parent if parent is not None else shapely.GeometryCollection(list(given)))
        flat: Shapes = shapely.transform(given, self.plane.to_metres)
        self.outlines = Outlines.of(flat)
        self.parent = None if parent is None else self.plane.flatten(parent)
        self.flat = joined_vertices(flat, first=np.array([self.parent], dtype=object))
        self.joined = self.flat is not flat
        self.known = KnownVertices.of(np.append(given, np.array([parent], dtype=object)), self.plane)

    def run(self, cuts: Sequence[BaseGeometry]) -> Mended:
        faces = Faces.of(self.flat, self.parent, cuts=cuts)
        known = Narrowness.of(faces.shapes, self.limit)
        near = np.full(len(faces.shapes), UNALLOTTED)
        for last in range(CUTTING_ROUNDS):
            borders = faces.borders()
            settled = self._settled(faces, known.narrow)
            open_ = faces.inside & known.narrow & (settled == UNALLOTTED)
            allotted = allot(faces, borders, settled, open_)
            far = far_faces(faces, self.outlines, allotted, open_ & (allotted != near), limit=self.limit)
            more = cuts_across(faces, borders, allotted, far, limit=self.limit) if far.size else []
            if not more or last == CUTTING_ROUNDS - 1:
                break
            faces, known, near = self._cut(faces, known, allotted, cuts, more)
            cuts = [*cuts, *more]
        return self._outcome(faces, borders, allotted, known)

    def _cut(
        self,
        faces: Faces,
        known: Narrowness,
        allotted: Ints,
        cuts: Sequence[BaseGeometry],
        more: Sequence[BaseGeometry],
    ) -> tuple[Faces, Narrowness, Ints]:
        """Cut faces along `more` lines. Return which are narrow, and the polygons that are known to be near enough."""
        lines = lines_between(self.flat, self.parent, cuts)
        found = cut_again(faces, known.narrow, lines, np.array(more, dtype=object))
        if found is None:
            anew = Faces.of(self.flat, self.parent, cuts=[*cuts, *more])
            return anew, Narrowness.of(anew.shapes, self.limit), np.full(len(anew.shapes), UNALLOTTED)
        made, was = found
        kept = was[was >= 0]
        near = np.append(allotted[kept], np.full(len(was) - len(kept), UNALLOTTED))
        return made, known.take(kept).and_of(made.shapes[len(kept) :], self.limit), near

    def _settled(self, faces: Faces, narrow: NDArray[np.bool_]) -> Ints:
        """Return the polygon of faces that stay what they are.

        Each polygon keeps the largest face of its own, however narrow it is.
        """
        owners = faces.owners
        own = np.full(len(faces.shapes), UNALLOTTED)
        alone = faces.inside[faces.face] & (owners[faces.face] == 1)
        own[faces.face[alone]] = faces.owner[alone]
        areas = shapely.area(faces.shapes)
        order = np.lexsort((areas, own))
        largest = order[np.append(own[order][1:] != own[order][:-1], True)]
        kept = ~narrow
        kept[largest] = True
        return np.where(kept, own, UNALLOTTED)

    def _outcome(self, faces: Faces, borders: Borders, allotted: Ints, known: Narrowness) -> Mended:
        faults, snapped = faults_of(
            faces,
            borders,
            allotted,
            codes=self.codes,
            plane=self.plane,
            tolerance=TOLERANCE_M,
            limit=self.limit,
            known=known,
        )
        if not self.asked and not snapped and not any(fault.mended for fault in faults):
            return Mended(list(self.known.in_degrees(self.flat) if self.joined else self.given), faults)
        made = _united(faces, allotted, len(self.given))
        moved = self.outlines.depths(made, limit=self.limit * SLACK)
        far = np.flatnonzero(moved > self.limit * SLACK)
        return Mended(
            list(self.known.in_degrees(made)),
            faults,
            snapped=snapped,
            moved_m=float(moved.max(initial=0)),
            too_far=tuple(self.codes[i] for i in far.tolist()),
        )


def _united(faces: Faces, allotted: Ints, count: int) -> Shapes:
    """Unite the faces of each polygon."""
    order = np.argsort(allotted, kind="stable")
    order = order[allotted[order] != UNALLOTTED]
    ends = np.searchsorted(allotted[order], np.arange(count), side="right")
    made = np.full(count, shapely.Polygon(), dtype=object)
    for which, part in enumerate(np.split(faces.shapes[order], ends[:-1])):
        if len(part):
            made[which] = part[0] if len(part) == 1 else union_of_faces(part)
    return made


def union_of_faces(faces: Shapes) -> BaseGeometry:
    """Unite faces that share their vertices, or nearly: those that were cut again may differ by rounding."""
    try:
        return shapely.coverage_union_all(faces)
    except shapely.errors.GEOSException:
        return shapely.union_all(faces)
