"""Random operations on any coverage, from numbers between 0 and 1."""

from collections.abc import Callable, Sequence
from math import cos, pi, sin
from typing import TypeVar

import numpy as np

from geo.coverage.edges import Edge, Line, Point
from geo.coverage.editing.attributes import Lock, Rename, Unlock
from geo.coverage.editing.creating import Create
from geo.coverage.editing.moving import Move, Snap, Straighten
from geo.coverage.editing.operations import AnyOperation
from geo.coverage.editing.reassigning import Merge, Reassign
from geo.coverage.editing.splitting import Split, SplitAlong
from geo.coverage.topology import Coverage

Numbers = Sequence[float]
Thing = TypeVar("Thing")


def pick(among: Sequence[Thing], share: float) -> Thing:
    return among[min(int(share * len(among)), len(among) - 1)]


def chord(coverage: Coverage, code: str, n: Numbers) -> Line:
    """A line through a division, at any angle, with a bend."""
    west, south, east, north = coverage.outline(code).bounds
    middle = np.array([west + (east - west) * n[0], south + (north - south) * n[1]])
    reach = np.array([east - west, north - south]) * (0.2 + 1.3 * n[3])
    way = np.array([cos(pi * n[2]), sin(pi * n[2])])
    bend = middle + reach * np.array([way[1], -way[0]]) * (n[4] - 0.5) / 3
    return tuple((float(x), float(y)) for x, y in (middle - reach * way, bend, middle + reach * way))


def any_code(coverage: Coverage, share: float) -> str:
    """A finest division half of the time, else any."""
    return pick(coverage.finest, 2 * share) if share < 0.5 else pick(sorted(coverage.divisions), 2 * share - 1)


def any_edge(coverage: Coverage, share: float) -> Edge:
    return coverage.edges[pick(sorted(coverage.edges), share)]


def beside(coverage: Coverage, place: Point, n: Numbers) -> Point:
    """A place up to some hundred metres away, or nearer."""
    far = 10 ** (1 + 1.7 * n[0]) / coverage.plane.scale
    return place[0] + far[0] * (n[1] - 0.5), place[1] + far[1] * (n[2] - 0.5)


def split(coverage: Coverage, n: Numbers) -> AnyOperation:
    code = any_code(coverage, n[0])
    return Split(code, chord(coverage, code, n[1:]), reach_m=pick([0.05, 0.0, 5.0], n[6]))


def split_along(coverage: Coverage, n: Numbers) -> AnyOperation:
    code = any_code(coverage, n[0])
    return SplitAlong(code, (chord(coverage, code, n[1:]), chord(coverage, code, n[2:])))


def merge(coverage: Coverage, n: Numbers) -> AnyOperation:
    code = any_code(coverage, n[0])
    near = coverage.tree.children[coverage.divisions[code].parent]
    if code in coverage.shapes and n[2] < 0.8:
        near = sorted(coverage.neighbours(code) & {*near}) or near
    return Merge((code, pick(sorted(near), n[1])))


def reassign(coverage: Coverage, n: Numbers) -> AnyOperation:
    code = pick(coverage.finest, n[0])
    own = coverage.divisions[code].parent
    parents = {coverage.divisions[other].parent or code for other in coverage.neighbours(code)}
    return Reassign((code,), pick(sorted(parents - {own}) or [code], n[1]))


def move(coverage: Coverage, n: Numbers) -> AnyOperation:
    vertex = pick(any_edge(coverage, n[0]).line, n[1])
    return Move(vertex=vertex, to=beside(coverage, vertex, n[2:]), reach_m=pick([0.05, 2.0], n[5]))


def bend(coverage: Coverage, n: Numbers) -> AnyOperation:
    line = any_edge(coverage, n[0]).line
    at = min(int(n[1] * (len(line) - 1)), len(line) - 2)
    middle = (line[at][0] + line[at + 1][0]) / 2, (line[at][1] + line[at + 1][1]) / 2
    if n[6] < 0.5:
        return Move(edge=middle, to=beside(coverage, middle, n[2:]))
    return Move(edge=middle, to=(line[0], beside(coverage, middle, n[2:]), beside(coverage, middle, n[3:]), line[-1]))


def slide(coverage: Coverage, n: Numbers) -> AnyOperation:
    line = pick(sorted(edge.line for edge in coverage.edges.values() if edge.is_outer), n[0])
    line = line if n[1] < 0.5 else line[::-1]
    at = min(int(n[2] * n[2] * (len(line) - 1)), len(line) - 2)
    (x0, y0), (x1, y1) = line[at : at + 2]
    return Move(vertex=line[0], to=(x0 + (x1 - x0) * n[3], y0 + (y1 - y0) * n[3]))


def straighten(coverage: Coverage, n: Numbers) -> AnyOperation:
    line = any_edge(coverage, n[0]).line
    return Straighten(edge=line[len(line) // 2], within_m=pick([None, 1.0, 20.0], n[1]))


def snap(coverage: Coverage, n: Numbers) -> AnyOperation:
    edge = any_edge(coverage, n[0])
    street = tuple(beside(coverage, place, (0.2, *n[i % 3 + 1 :])) for i, place in enumerate(edge.line))
    return Snap((edge.left or edge.right or "",), (street,), within_m=60)


def create(coverage: Coverage, n: Numbers) -> AnyOperation:
    code = any_code(coverage, n[0])
    place = coverage.outline(code).representative_point().coords[0]
    corners = [beside(coverage, (place[0], place[1]), (n[1], cos(a) / 2 + 0.5, sin(a) / 2 + 0.5)) for a in ANGLES]
    return Create(code, (*corners, corners[0]), "market")


ANGLES = (0.1, 1.9, 3.3, 4.8)


def name(coverage: Coverage, n: Numbers) -> AnyOperation:
    return Rename(any_code(coverage, n[0]), f"name {n[1]:.3f}")


def lock(coverage: Coverage, n: Numbers) -> AnyOperation:
    locked = [code for code, one in coverage.divisions.items() if one.locked]
    return Unlock((pick(locked, n[0]),)) if locked else Lock((pick(coverage.finest, n[0]),))


MAKERS: list[Callable[[Coverage, Numbers], AnyOperation]] = [
    split,
    split_along,
    merge,
    reassign,
    move,
    bend,
    slide,
    straighten,
    snap,
    create,
    name,
    lock,
]
