"""Shapes of divisions from their edges, always in the same form: rings begin at their smallest vertex, shells run
counterclockwise and holes clockwise, rings and parts are in the order of their first vertices.

Bytes are compared, and GEOS keeps neither the start nor the order of rings across its versions.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import atan2, pi

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from geo.coverage.edges import Line, Point

AnyPolygon = Polygon | MultiPolygon
Loop = list[Point]
SMALLEST = 3
"""Vertices that a loop has at least."""


class BrokenBorder(ValueError):
    """Lines that are the border of no area."""


def shape_of(lines: Iterable[Line]) -> AnyPolygon:
    """Return the shape whose border is made of directed `lines`, with the inside on their left.

    Raises `BrokenBorder` if they are none.
    """
    loops = [_from_smallest(loop) for loop in _loops([*lines])]
    if not loops or min(map(len, loops)) < SMALLEST:
        raise BrokenBorder
    if len(loops) == 1:
        if not _is_shell(loops[0]):
            raise BrokenBorder
        return Polygon(_array(loops[0]))
    shells = sorted(loop for loop in loops if _is_shell(loop))
    holes = sorted(loop for loop in loops if not _is_shell(loop))
    made = [Polygon(_array(shell), [*map(_array, own)]) for shell, own in _with_holes(shells, holes)]
    return made[0] if len(made) == 1 else MultiPolygon(made)


def signed_area(loop: Loop) -> float:
    """Return twice the area within a loop, negative if it runs clockwise.

    Gauss's area formula, from the first vertex, so that far coordinates do not cancel.
    """
    x0, y0 = loop[0]
    return sum((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0) for (x1, y1), (x2, y2) in pairwise(loop[1:]))


def _array(loop: Loop) -> NDArray[np.float64]:
    """Return a loop as shapely reads it fastest."""
    return np.array(loop)


def _is_shell(loop: Loop) -> bool:
    return signed_area(loop) > 0


def _from_smallest(loop: Loop) -> Loop:
    at = loop.index(min(loop))
    return loop[at:] + loop[:at]


def _loops(lines: list[Line]) -> Iterator[Loop]:
    """Join lines end to end into loops without a vertex twice."""
    onward: dict[Point, list[Line]] = defaultdict(list)
    for line in lines:
        onward[line[0]].append(line)
    while onward:
        start = min(onward)
        found: Loop = []
        line = _taken(onward, start, None)
        while True:
            found.extend(line[:-1])
            if line[-1] == start and line[-1] not in onward:
                break
            if line[-1] not in onward:
                raise BrokenBorder
            if line[-1] == start and _closes(onward[start], line, found):
                break
            line = _taken(onward, line[-1], line[-2])
        yield from _simple(found)


def _closes(others: list[Line], last: Line, found: Loop) -> bool:
    """Return whether a walk that is back at its start ends there: it would leave by the line that it began with."""
    start = last[-1]
    first = _turn(last[-2], start, found[1])
    return all(_turn(last[-2], start, line[1]) > first for line in others)


def _taken(onward: dict[Point, list[Line]], at: Point, before: Point | None) -> Line:
    """Take the line that goes on from a vertex: where there are several, the one furthest to the left."""
    lines = onward[at]
    if len(lines) > 1 and before is not None:
        lines.sort(key=lambda line: -_turn(before, at, line[1]))
    line = lines.pop()
    if not lines:
        del onward[at]
    return line


def _turn(before: Point, at: Point, after: Point) -> float:
    """Return the angle from the way back to the way on, clockwise: the smallest is furthest to the left."""
    back = atan2(before[1] - at[1], before[0] - at[0])
    on = atan2(after[1] - at[1], after[0] - at[0])
    return (back - on) % (2 * pi) or 2 * pi


def _simple(walk: Loop) -> Iterator[Loop]:
    """Cut a walk that touches itself into loops that do not."""
    if len(set(walk)) == len(walk):
        yield walk
        return
    seen: dict[Point, int] = {}
    path: Loop = []
    for point in walk:
        if point in seen:
            cut = seen[point]
            yield path[cut:]
            for gone in path[cut:]:
                del seen[gone]
            del path[cut:]
        seen[point] = len(path)
        path.append(point)
    yield path


def _with_holes(shells: list[Loop], holes: list[Loop]) -> Iterator[tuple[Loop, list[Loop]]]:
    """Give each hole to the smallest shell around it."""
    if len(shells) == 1:
        return iter([(shells[0], holes)])
    bodies = [Polygon(shell) for shell in shells]
    own: dict[int, list[Loop]] = defaultdict(list)
    for hole in holes:
        inside = shapely.point_on_surface(Polygon(hole))
        around = [i for i, body in enumerate(bodies) if body.contains(inside)]
        if not around:
            raise BrokenBorder
        own[min(around, key=lambda i: bodies[i].area)].append(hole)
    return ((shell, own[i]) for i, shell in enumerate(shells))
