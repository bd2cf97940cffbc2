"""Turn lines that were drawn anew into operations: what lies under several of the new shapes is split along their
borders, and what lies under one is merged.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.coverage.codes import is_provisional
from geo.coverage.comparing.operations import require_alike, require_one_village, said_of
from geo.coverage.comparing.rows import EditedRow
from geo.coverage.edges import Line, Segment
from geo.coverage.editing.applying import apply
from geo.coverage.editing.operations import AnyOperation, Batch, Batched
from geo.coverage.editing.reassigning import Merge, Reassign
from geo.coverage.editing.splitting import Split, SplitAlong
from geo.coverage.refusals import CodesExchanged, NotAsOperations, TooManyOperations
from geo.coverage.repair.widths import Narrowness
from geo.coverage.topology import Coverage

Shapes = NDArray[np.object_]
MOST_SPLIT = 1000
"""Divisions that a file may split: a county drawn anew is imported town by town."""


def redrawn_as_operations(coverage: Coverage, rows: Sequence[EditedRow], *, tolerance_m: float) -> list[AnyOperation]:
    """Return the operations that make rows, which fit together, of a coverage.

    Borders within the tolerance of known ones are those. A known code stays with its own land: raises `CodesExchanged`
    for one elsewhere; `AcrossParents` for a shape over two villages; and what the operations raise.
    """
    work = _Redrawing(coverage, rows, tolerance_m)
    work.split()
    work.merge()
    require_alike(work.coverage, work.own, tolerance_m=tolerance_m)
    drawn: list[AnyOperation] = [*work.found] if len(work.found) < 2 else [Batch(tuple(work.found))]
    after = coverage
    for operation in drawn:
        after = apply(after, operation).coverage
    return drawn + _said_by(after, work.own)


def _said_by(coverage: Coverage, rows: Mapping[str, EditedRow]) -> list[AnyOperation]:
    """Return what rows say of divisions, each of it tried."""
    said = said_of(coverage, rows)
    for operation in said:
        coverage = apply(coverage, operation).coverage
    return said


class _Redrawing:
    """Does each operation as soon as it is found; what they make together is judged at the end."""

    def __init__(self, coverage: Coverage, rows: Sequence[EditedRow], tolerance_m: float) -> None:
        self.coverage, self.rows, self.tolerance_m = coverage, rows, tolerance_m
        self.shapes: Shapes = np.array([row.shape for row in rows], dtype=object)
        self.tree = shapely.STRtree(self.shapes)
        self.at = {row.code: i for i, row in enumerate(rows) if row.code}
        self.found: list[Batched] = []
        self.own: dict[str, EditedRow] = {}

    def _do(self, operation: Batched) -> None:
        self.coverage = self.coverage.patched(operation.patch(self.coverage))
        self.found.append(operation)

    def split(self) -> None:
        """Split each division that lies under several shapes."""
        over = self._over(self.coverage.finest)
        several = [code for code in self.coverage.finest if len(over[code]) > 1]
        if len(several) > MOST_SPLIT:
            raise TooManyOperations(*several[:MOST_SPLIT], count=len(several), most=MOST_SPLIT)
        for code in several:
            lines = self._lines_within(code, [*over[code]])
            if lines:
                self._split(code, lines, over[code])

    def _split(self, code: str, lines: Sequence[Line], over: Mapping[int, float]) -> None:
        keep = None
        if self.at.get(code) in over:
            own = self.shapes[self.at[code]].intersection(self.coverage.shapes[code])
            place = shapely.point_on_surface(max(shapely.get_parts(own), key=lambda part: part.area))
            keep = (place.x, place.y)
        reach_m = 4 * self.tolerance_m
        if len(lines) == 1:
            self._do(Split(code, lines[0], keep=keep, reach_m=reach_m))
        else:
            self._do(SplitAlong(code, tuple(lines), keep=keep, reach_m=reach_m))

    def _over(self, codes: Sequence[str]) -> dict[str, dict[int, float]]:
        """Return for each division the shapes over it, but for strips as narrow as noise, with the area of both."""
        known = np.array([self.coverage.shapes[code] for code in codes], dtype=object)
        one, other = self.tree.query(known, predicate="intersects")
        common = shapely.intersection(known[one], self.shapes[other])
        areas = shapely.area(common)
        real = np.flatnonzero(areas > 0)
        parts, of = shapely.get_parts(common[real], return_index=True)
        polygons = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
        parts, of = parts[polygons], of[polygons]
        narrow = Narrowness.of(shapely.transform(parts, self.coverage.plane.to_metres), 4 * self.tolerance_m).narrow
        wide = np.unique(of[~narrow])
        found: dict[str, dict[int, float]] = {code: {} for code in codes}
        for i in real[wide].tolist():
            found[codes[one[i]]][int(other[i])] = float(areas[i])
        return found

    def _lines_within(self, code: str, over: Sequence[int]) -> list[Line]:
        """Return the borders between shapes within a division, from border to border, without those along its own."""
        plane, segments = self.coverage.plane, set[Segment]()
        for i in over:
            for ring in shapely.get_rings(shapely.get_parts(self.shapes[i])):
                places = [(x, y) for x, y in shapely.get_coordinates(ring).tolist()]
                segments.update(min(one, one[::-1]) for one in pairwise(places))
        ends = np.array(sorted(segments))
        flat = plane.to_metres(ends.reshape(-1, 2)).reshape(-1, 2, 2)
        known = plane.flatten(self.coverage.shapes[code])
        border = known.boundary
        shapely.prepare(border)
        shapely.prepare(known)
        lines: Shapes = np.array([shapely.LineString(pair) for pair in flat], dtype=object)
        width = 2 * self.tolerance_m
        along = np.all(
            [shapely.dwithin(border, shapely.points(p), width) for p in (flat[:, 0], flat[:, 1], flat.mean(axis=1))],
            axis=0,
        )
        inside = np.flatnonzero(~along & shapely.intersects(known, lines))
        cut = shapely.intersection(known, lines[inside])
        long = [
            part
            for part in shapely.get_parts(cut).tolist()
            if part.geom_type == "LineString" and part.length > 0 and not self._is_along(part, border, width)
        ]
        if not long:
            return []
        merged = shapely.get_parts(shapely.line_merge(shapely.MultiLineString(long)))
        return [
            tuple((lon, lat) for lon, lat in plane.to_degrees(shapely.get_coordinates(line)).tolist())
            for line in merged.tolist()
        ]

    def _is_along(self, line: shapely.LineString, border: shapely.Geometry, width: float) -> bool:
        middle = line.interpolate(0.5, normalized=True)
        places = [shapely.Point(line.coords[0]), middle, shapely.Point(line.coords[-1])]
        return bool(np.all(shapely.dwithin(border, places, width)))

    def merge(self) -> None:
        """Merge what lies under each shape into the part with its code, else with the largest known one."""
        pieces: dict[int, list[str]] = defaultdict(list)
        for code, over in self._over(self.coverage.finest).items():
            if not over:
                raise NotAsOperations(code, where=self.coverage.shapes[code])
            pieces[max(over, key=lambda i: over[i])].append(code)
        for i, row in enumerate(self.rows):
            if i not in pieces:
                raise NotAsOperations(*([row.code] if row.code else []), where=row.shape)
            self._merge(row, pieces[i])

    def _merge(self, row: EditedRow, codes: Sequence[str]) -> None:
        kept = self._kept(row, codes)
        self.own[kept] = row
        others = [code for code in codes if code != kept]
        if not others:
            return
        require_one_village(self.coverage, codes)
        parent = str(self.coverage.divisions[kept].parent)
        elsewhere = tuple(code for code in codes if self.coverage.divisions[code].parent != parent)
        if elsewhere:
            self._do(Reassign(elsewhere, parent))
        self._do(Merge((kept, *others)))

    def _kept(self, row: EditedRow, codes: Sequence[str]) -> str:
        if row.code is not None and row.code in self.coverage.shapes:
            if row.code not in codes:
                raise CodesExchanged(row.code, where=row.shape)
            return row.code
        free = [code for code in codes if code not in self.at]
        if not free:
            raise NotAsOperations(*codes, where=row.shape)
        return max(free, key=lambda code: (not is_provisional(code), self.coverage.shapes[code].area))
