"""Compare an edited file with a draft: the operations that make the one of the other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.coverage.codes import is_provisional
from geo.coverage.comparing.lines import EditedLines
from geo.coverage.comparing.rows import EditedRow, alike, match_rows
from geo.coverage.edges import Line
from geo.coverage.editing.applying import apply
from geo.coverage.editing.attributes import Designate, Rename
from geo.coverage.editing.operations import AnyOperation
from geo.coverage.editing.reassigning import Merge, Reassign
from geo.coverage.editing.splitting import Split, SplitAlong
from geo.coverage.refusals import AcrossParents, CodeTwice, NotAsOperations
from geo.coverage.repair.mending import TOLERANCE_M
from geo.coverage.topology import Coverage
from geo.plane import Plane

GRID = "grid"
"""Level of parents within a village: what lies in one grid may be merged with what lies in another."""
ON_THE_WAY_M = 5e-4
"""Vertices of a new line that are so near to the line without them are left out."""
ROUNDS = 3
"""How often what moved is looked for: corners first, then the edges between them."""


def operations_between(
    coverage: Coverage, rows: Sequence[EditedRow], *, tolerance_m: float = TOLERANCE_M
) -> list[AnyOperation]:
    """Return the operations that turn the finest divisions of a coverage into the rows of an edited file.

    What differs by no more than `tolerance_m` is none: vertices on the way, rotated or reversed rings, noise. Several
    shapes of one code are a split, land taken over from a code that is gone a merge, moved borders moves, other names
    and parents what they say. Raises what the operations raise, `CodesExchanged`, `CodeTwice`, and `NotAsOperations`
    where the operations found do not lead to the file.
    """
    comparison = _Comparison(coverage, tolerance_m)
    comparison.run(rows)
    return comparison.found


class _Comparison:
    """Applies each operation as soon as it is found, so that the next is looked for in what is left."""

    def __init__(self, coverage: Coverage, tolerance_m: float) -> None:
        self.coverage, self.tolerance_m = coverage, tolerance_m
        self.found: list[AnyOperation] = []
        self.rows: dict[str, EditedRow] = {}

    def run(self, rows: Sequence[EditedRow]) -> None:
        matched = match_rows(self.coverage, rows, tolerance_m=self.tolerance_m)
        for code, own in sorted(matched.rows.items()):
            if len(own) > 1:
                self._split(code, own)
            else:
                self.rows[code] = own[0]
        for gone, taker in sorted(matched.gone.items()):
            self._merge(gone, taker)
        for _ in range(ROUNDS):
            self._move()
        require_alike(self.coverage, self.rows, tolerance_m=self.tolerance_m)
        for operation in said_of(self.coverage, self.rows):
            self._do(operation)

    def _do(self, operation: AnyOperation) -> None:
        self.coverage = apply(self.coverage, operation).coverage
        self.found.append(operation)

    def _split(self, code: str, own: Sequence[EditedRow]) -> None:
        """Split a division along the borders between its rows, and give each part its row."""
        before = self.coverage.shapes[code]
        if not make_up(before, own, self.coverage.plane, width_m=self.tolerance_m):
            raise CodeTwice(code, where=shapely.union_all([row.shape for row in own]))
        lines = [line for row in own for line in self._within(before, row.shape)]
        kept = _distinct(self.coverage, lines, tolerance_m=self.tolerance_m)
        reach_m = 4 * self.tolerance_m
        self._do(
            Split(code, kept[0], reach_m=reach_m) if len(kept) == 1 else SplitAlong(code, tuple(kept), reach_m=reach_m)
        )
        parts = [
            code,
            *(new for new in self.coverage.finest if new not in self.rows and before.covers(self._inside(new))),
        ]
        for part in dict.fromkeys(parts):
            row = max(own, key=lambda one: one.shape.intersection(self.coverage.shapes[part]).area)
            self.rows[part] = replace(row, code=part)

    def _inside(self, code: str) -> shapely.Point:
        return shapely.point_on_surface(self.coverage.shapes[code])

    def _within(self, before: BaseGeometry, part: BaseGeometry) -> Iterator[Line]:
        """Yield the borders of a part that are none of the division that it is cut out of, from border to border."""
        plane = self.coverage.plane
        border = plane.flatten(before.boundary)
        shapely.prepare(border)
        for ring in shapely.get_rings(part):
            flat = plane.to_metres(shapely.get_coordinates(ring))
            on_border = np.asarray(shapely.dwithin(border, shapely.points(flat), 2 * self.tolerance_m))
            middles = shapely.points((flat[:-1] + flat[1:]) / 2)
            inner = ~(on_border[:-1] & on_border[1:] & shapely.dwithin(border, middles, 2 * self.tolerance_m))
            if inner.any():
                lines = shapely.MultiLineString(
                    [*zip(flat[:-1][inner].tolist(), flat[1:][inner].tolist(), strict=True)]
                )
                for line in shapely.get_parts(shapely.line_merge(lines)):
                    drawn = shapely.get_coordinates(line.simplify(min(self.tolerance_m / 4, ON_THE_WAY_M)))
                    yield tuple((lon, lat) for lon, lat in plane.to_degrees(drawn).tolist())

    def _merge(self, gone: str, taker: str) -> None:
        require_one_village(self.coverage, [taker, gone])
        parent = self.coverage.divisions[taker].parent
        if parent is not None and self.coverage.divisions[gone].parent != parent:
            self._do(Reassign((gone,), parent))
        self._do(Merge((taker, gone)))

    def _move(self) -> None:
        changed = {code: row.shape for code, row in self.rows.items() if not self._is_alike(code)}
        if changed:
            beside = {other for code in changed for other in self.coverage.neighbours(code)} | changed.keys()
            shapes = {code: self.rows[code].shape for code in beside}
            for move in EditedLines(self.coverage, shapes, tolerance_m=self.tolerance_m).moves():
                self._do(move)

    def _is_alike(self, code: str) -> bool:
        shape = self.coverage.shapes[code]
        return alike(self.coverage, shape, self.rows[code].shape, tolerance_m=self.tolerance_m)


def make_up(before: BaseGeometry, own: Sequence[EditedRow], plane: Plane, *, width_m: float) -> bool:
    """Return whether rows are together one division, but for strips along borders of some width.

    If its own border was moved as well, they are not: which part a piece of land belongs to would be a guess.
    """
    shapes = shapely.make_valid(np.array([row.shape for row in own], dtype=object))
    together = shapely.union_all(shapes)
    slack = width_m * plane.flatten(before).length
    overlap = sum(plane.area_m2(shape) for shape in shapes.tolist()) - plane.area_m2(together)
    differs = plane.flatten(together.symmetric_difference(before))
    return bool(overlap <= slack and differs.area <= slack and differs.buffer(-2 * width_m).is_empty)


def require_alike(coverage: Coverage, rows: Mapping[str, EditedRow], *, tolerance_m: float) -> None:
    """Raise `NotAsOperations` with what is left between a coverage and rows, by the code that each is of."""
    slack = 4 * tolerance_m
    known = [code for code in rows if code in coverage.shapes]
    other = [code for code in rows if code not in coverage.shapes]
    other += [code for code in known if not alike(coverage, coverage.shapes[code], rows[code].shape, tolerance_m=slack)]
    if other:
        where = [rows[code].shape.symmetric_difference(coverage.outline(code)) for code in other if code in coverage]
        raise NotAsOperations(*sorted(other), where=shapely.union_all(where))


def said_of(coverage: Coverage, rows: Mapping[str, EditedRow]) -> list[AnyOperation]:
    """Return the operations that give divisions the parents, names and kinds that their rows say."""
    return [*with_parents(coverage, rows), *with_names(coverage, rows), *with_kinds(coverage, rows)]


def with_kinds(coverage: Coverage, rows: Mapping[str, EditedRow]) -> list[Designate]:
    """Return the operations that give divisions the kinds of their rows."""
    said = {code: row.kind.strip() for code, row in sorted(rows.items()) if row.kind and row.kind.strip()}
    return [Designate(code, kind) for code, kind in said.items() if kind != coverage.divisions[code].kind]


def with_parents(coverage: Coverage, rows: Mapping[str, EditedRow]) -> list[Reassign]:
    """Return the operations that give divisions the parents of their rows."""
    to: dict[str, list[str]] = {}
    for code, row in sorted(rows.items()):
        if row.parent is not None and row.parent != coverage.divisions[code].parent:
            to.setdefault(row.parent, []).append(code)
    return [Reassign(tuple(codes), parent) for parent, codes in sorted(to.items())]


def with_names(coverage: Coverage, rows: Mapping[str, EditedRow]) -> list[Rename]:
    """Return the operations that give divisions the names of their rows."""
    found = []
    for code, row in sorted(rows.items()):
        name = coverage.divisions[code].name if row.name is None else row.name.strip()
        if name not in (coverage.divisions[code].name, _name_before(coverage, code)):
            found.append(Rename(code, name))
    return found


def require_one_village(coverage: Coverage, codes: Sequence[str]) -> None:
    """Raise `AcrossParents` for divisions of several parents, unless these are grids of one village."""
    parents = sorted({str(coverage.divisions[code].parent) for code in codes})
    if len(parents) < 2:
        return
    above = {coverage.divisions[parent].parent for parent in parents}
    if len(above) > 1 or coverage.divisions[parents[0]].level != GRID:
        where = shapely.MultiPolygon([part for code in codes for part in shapely.get_parts(coverage.shapes[code])])
        raise AcrossParents(*codes, parents=parents, where=where)


def _name_before(coverage: Coverage, code: str) -> str:
    """Return the name that a new part was split off with: the file repeats it on each part."""
    name = coverage.divisions[code].name
    return name.rpartition("-")[0] if is_provisional(code) else name


def _distinct(coverage: Coverage, lines: Sequence[Line], *, tolerance_m: float) -> list[Line]:
    """Leave out lines that are another one drawn from its other side."""
    found: list[Line] = []
    for line in lines:
        flat = coverage.plane.flatten(shapely.LineString(line))
        known = [coverage.plane.flatten(shapely.LineString(other)) for other in found]
        if not any(shapely.hausdorff_distance(flat, other) <= 2 * tolerance_m for other in known):
            found.append(line)
    return found
