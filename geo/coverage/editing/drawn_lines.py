"""Fit a drawn line to the borders that it meets: a corner within reach is meant, and so is a border at its ends."""

from collections.abc import Sequence

import numpy as np
import shapely

from geo.coverage.edges import Line, Point
from geo.coverage.editing.finding import nearest_point
from geo.coverage.editing.reshaping import without_repeats
from geo.coverage.topology import Coverage

BEYOND_M = 1e-3
"""How far an end that lies on a border is drawn beyond it, so that rounding does not keep both apart."""


def fitted(coverage: Coverage, line: Line, codes: Sequence[str], *, reach_m: float) -> Line:
    """Return a line (degrees) that goes through the vertices of finest divisions that it passes within reach of.

    An end within reach of a border, but not of a vertex, is drawn just across the border.
    """
    borders = _Borders(coverage, codes, shapely.LineString(line), reach_m)
    if not borders.vertices:
        return line
    through = [borders.corner(point) or point for point in borders.with_crossings(line)]
    if line[0] == line[-1]:
        return without_repeats(through)
    if len(through) < 2:
        return line
    ends = borders.across(through[0], through[1]), borders.across(through[-1], through[-2])
    first, last = ([] if end is None else [end] for end in ends)
    return without_repeats([*first, *through, *last])


class _Borders:
    """Borders near a line."""

    def __init__(self, coverage: Coverage, codes: Sequence[str], line: shapely.LineString, reach_m: float) -> None:
        self.coverage, self.reach_m = coverage, reach_m
        self.shapes = [coverage.shapes[code] for code in codes]
        keys = sorted({key for code in codes for key in coverage.sides[code]})
        around = shapely.box(*shapely.bounds(line.buffer(2 * reach_m / float(coverage.plane.scale.min()))))
        lines = np.array([shapely.LineString(coverage.edges[key].line) for key in keys], dtype=object)
        self.lines = lines[shapely.intersects(lines, around).astype(bool)]
        self.vertices = {(x, y) for x, y in shapely.get_coordinates(self.lines).tolist()}

    def corner(self, point: Point) -> Point | None:
        """Return the vertex within reach of a point."""
        return nearest_point(self.coverage, point, self.vertices, self.reach_m)

    def with_crossings(self, line: Line) -> list[Point]:
        """Return the places of a line, and between them the vertices near which it crosses a border."""
        drawn = shapely.LineString(line)
        points = shapely.get_coordinates(shapely.intersection(self.lines, drawn)).tolist()
        corners = {self.corner((x, y)): (x, y) for x, y in points}
        along = [(drawn.project(shapely.Point(p)), corner) for corner, p in corners.items() if corner is not None]
        lengths = np.hypot(*np.diff(np.array(line), axis=0).T)
        passed = zip(np.append(0, np.cumsum(lengths)).tolist(), line, strict=True)
        return [point for _, point in sorted([*passed, *along], key=lambda found: found[0])]

    def across(self, end: Point, onward: Point) -> Point | None:
        """Return a place just across the border that an end is within reach of; the line goes `onward` from there.

        None where the end is far from borders, on a vertex, or across already.
        """
        if end in self.vertices:
            return None
        plane = self.coverage.plane
        at, towards = plane.to_metres([end, onward])
        flat = shapely.transform(self.lines, plane.to_metres)
        nearest = flat[int(shapely.distance(flat, shapely.Point(at)).argmin())]
        away = nearest.distance(shapely.Point(at))
        if away > self.reach_m or (not shapely.intersects(self.shapes, shapely.Point(end)).any() and away > BEYOND_M):
            return None
        goal = np.array(nearest.interpolate(nearest.project(shapely.Point(at))).coords[0])
        way = goal - at if away > BEYOND_M else at - towards
        beyond = (goal if away > BEYOND_M else at) + way / np.hypot(*way) * BEYOND_M
        lon, lat = plane.to_degrees([beyond])[0].tolist()
        return lon, lat
