"""Create a grid of its own kind 专属网格 (a market, a park, a school) within a division."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import shapely
from shapely.geometry.base import BaseGeometry

from geo.coverage.codes import Issuer
from geo.coverage.divisions import Division
from geo.coverage.edges import Line
from geo.coverage.editing.attributes import records
from geo.coverage.editing.drafting import cut, redraw
from geo.coverage.editing.drawn_lines import fitted
from geo.coverage.editing.fields import MaybeText, Metres, Ring, Text
from geo.coverage.editing.finding import REACH_M, division_of
from geo.coverage.measures import width_m
from geo.coverage.patches import Patch
from geo.coverage.refusals import BadPolygon, Emptied, Outside
from geo.coverage.topology import Coverage


@dataclass(frozen=True, slots=True)
class Create:
    """Cut the area of `polygon` (a ring) out of what lies within a division, as a new division of this `kind`.

    The new one is of the level below `within`, with one of each level below it; within a finest division it is its
    sibling. Corners within `reach_m` of a vertex are that vertex; overhangs up to `reach_m` are cut off.
    """

    op: ClassVar[str] = "create"
    within: Text
    polygon: Ring
    kind: Text
    name: MaybeText = None
    reach_m: Metres = REACH_M

    def patch(self, coverage: Coverage) -> Patch:
        """Raises `UnknownCode`, `BadPolygon`, `Outside`, `Emptied` if it covers a whole division, `Crosses`."""
        division_of(coverage, self.within)
        below = sorted(coverage.tree.finest_below([self.within]))
        given = _polygon(self.within, self.polygon)
        near = [code for code in below if coverage.shapes[code].intersects(given)]
        area = _polygon(self.within, fitted(coverage, self.polygon, near, reach_m=self.reach_m))
        self._require_within(coverage, area)
        beside = [code for code in below if coverage.shapes[code].intersection(area).area > 0]
        pieces = cut(coverage, beside, [area.exterior])
        inside = [area.contains(shapely.point_on_surface(piece.shape)) for piece in pieces]
        left = {piece.of for piece, taken in zip(pieces, inside, strict=True) if not taken}
        if covered := [code for code in beside if code not in left]:
            raise Emptied(*covered, where=area)
        issuer = Issuer(coverage)
        made = self._divisions(coverage, issuer)
        drawn = [(made[-1].code if taken else p.of, p.shape) for p, taken in zip(pieces, inside, strict=True)]
        redrawn = redraw(coverage, beside, drawn)
        return replace(records(coverage, made, issued=issuer.issued), gone=redrawn.gone, new=redrawn.new)

    def _require_within(self, coverage: Coverage, area: shapely.Polygon) -> None:
        over = area.difference(coverage.outline(self.within))
        parts = [part for part in shapely.get_parts(over) if part.geom_type == "Polygon"]
        wide = [part for part in parts if width_m(part, coverage.plane) > self.reach_m]
        if wide:
            raise Outside(self.within, where=shapely.MultiPolygon(wide))

    def _divisions(self, coverage: Coverage, issuer: Issuer) -> Sequence[Division]:
        """Return the new divisions, the finest one last."""
        around, below = coverage.divisions[self.within], coverage.tree.finest_below([self.within])
        first = coverage.levels.index(around.level) + 1
        last = max(coverage.levels.index(coverage.divisions[code].level) for code in below)
        parent: str | None = around.code
        if coverage.tree.is_finest(around.code):
            first, parent = last, around.parent
        levels = coverage.levels[first : last + 1]
        made: list[Division] = []
        for level in levels:
            code = issuer.next()
            made.append(Division(code, self.name or self.kind, level, parent, kind=self.kind))
            parent = code
        return made


def _polygon(code: str, ring: Line) -> shapely.Polygon:
    """Return the area within a ring; raises `BadPolygon` where it crosses itself."""
    area = shapely.Polygon(ring)
    if not area.is_valid or area.is_empty:
        raise BadPolygon(code, where=_crossings(ring))
    return area


def _crossings(ring: Line) -> BaseGeometry:
    """Return the points where a ring crosses itself, or the ring."""
    line = shapely.LineString(ring)
    found = {(x, y) for x, y in shapely.get_coordinates(shapely.unary_union(line)).tolist()} - set(ring)
    return shapely.MultiPoint(sorted(found)) if found else line
