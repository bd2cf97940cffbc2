"""Edges of a coverage: each stretch of border between the same two divisions, stored once for both of them.

An edge ends at nodes, the vertices where other than two stretches meet; a border without any is a loop. Its direction
and, of a loop, its start follow from its coordinates alone, so that the same lines always give the same edges.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Point = tuple[float, float]
"""Longitude and latitude in degrees."""
Line = tuple[Point, ...]
Segment = tuple[Point, Point]
EdgeKey = Segment
"""The first segment of an edge, in its own direction: no other edge has it."""
Code = str | None
"""Code of a division, or None for the outside of the coverage."""
Ints = NDArray[np.int64]


class DoubledBorder(ValueError):
    """More than two polygons have the same segment, or two of them on the same side: they overlap."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A stretch of border. `left` and `right` of its `line` are the finest divisions there, or None for the outside."""

    line: Line
    left: Code
    right: Code

    @property
    def key(self) -> EdgeKey:
        return self.line[0], self.line[1]

    @property
    def sides(self) -> tuple[Code, Code]:
        return self.left, self.right

    @property
    def is_outer(self) -> bool:
        return self.left is None or self.right is None

    @property
    def is_loop(self) -> bool:
        return self.line[0] == self.line[-1]

    def beyond(self, code: str) -> Code:
        """Return what lies on the other side than `code`."""
        return self.right if self.left == code else self.left

    def directed(self, code: str) -> Line:
        """Return the line with `code` on its left."""
        return self.line if self.left == code else self.line[::-1]

    @classmethod
    def canonical(cls, line: Line, left: Code, right: Code) -> "Edge":
        """Build the edge in its own direction: from the smaller end, a loop from its end by the smaller neighbour."""
        first, last = (line[1], line[-2]) if line[0] == line[-1] else (line[0], line[-1])
        return cls(line, left, right) if first <= last else cls(line[::-1], right, left)


class Segments(NamedTuple):
    """Undirected segments between vertices `low` < `high`, with what lies left and right on the way up, as numbers."""

    low: Ints
    high: Ints
    left: Ints
    right: Ints


def edges_of(
    codes: Sequence[str],
    polygons: Sequence[BaseGeometry],
    *,
    beyond: Mapping[Segment, Code] | None = None,
    nodes: Collection[Point] = (),
) -> list[Edge]:
    """Return the edges around polygons (degrees, one code each; several polygons of one code are one division).

    `beyond` says what lies right of a directed segment that has no polygon there: by default the outside. `nodes` are
    vertices at which edges end in any case. Raises `DoubledBorder`. Neighbours must share their vertices to the last
    bit.
    """
    names: list[Code] = [*dict.fromkeys(codes)]
    number: dict[Code, int] = {code: i for i, code in enumerate(names)}
    label = np.array([number[code] for code in codes], dtype=np.int64)
    points, start, end, of = _directed(polygons)
    places = list(zip(points.real.tolist(), points.imag.tolist(), strict=True))
    segments, single = _matched(start, end, label[of], count=len(points))
    if beyond:
        for at in single.tolist():
            way = places[segments.low[at]], places[segments.high[at]]
            up = segments.left[at] >= 0
            other = beyond.get(way if up else way[::-1])
            if other is not None:
                if other not in number:
                    number[other] = len(names)
                    names.append(other)
                (segments.right if up else segments.left)[at] = number[other]
    names.append(None)
    is_node = _nodes(segments, len(points))
    if nodes:
        is_node[[i for i, place in enumerate(places) if place in nodes]] = True
    chains = _chains(segments, is_node)
    return [
        Edge.canonical(tuple([places[i] for i in chain]), names[left], names[right]) for chain, left, right in chains
    ]


def _directed(polygons: Sequence[BaseGeometry]) -> tuple[NDArray[np.complex128], Ints, Ints, Ints]:
    """Return the sorted vertices, and start, end and polygon of each segment, with the polygon on its left."""
    parts, of_part = shapely.get_parts(np.array(polygons, dtype=object), return_index=True)
    rings, of_ring = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
    vertices, of_vertex = shapely.get_coordinates(rings, return_index=True)
    points, place = np.unique(vertices[:, 0] + 1j * vertices[:, 1], return_inverse=True)
    follows = np.flatnonzero((of_vertex[:-1] == of_vertex[1:]) & (place[:-1] != place[1:]))
    return points, place[follows], place[follows + 1], of_part[of_ring[of_vertex[follows]]]


def _matched(start: Ints, end: Ints, label: Ints, *, count: int) -> tuple[Segments, Ints]:
    """Match each segment with its twin; return those between different divisions, and the indexes of those without."""
    low, high, up = np.minimum(start, end), np.maximum(start, end), start < end
    key = low * count + high
    order = np.lexsort((~up, key))
    key, low, high, up, label = key[order], low[order], high[order], up[order], label[order]
    first = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    times = np.diff(np.append(first, len(key)))
    second = first + times - 1
    twin = times > 1
    if (times > 2).any() or (up[first[twin]] == up[second[twin]]).any():
        raise DoubledBorder
    left = np.where(up[first], label[first], -1)
    right = np.where(up[second], -1, label[second])
    between = left != right
    found = Segments(low[first][between], high[first][between], left[between], right[between])
    return found, np.flatnonzero(~twin[between])


def _nodes(segments: Segments, count: int) -> NDArray[np.bool_]:
    """Return which vertices are nodes: other than two segments meet there."""
    met = np.bincount(segments.low, minlength=count) + np.bincount(segments.high, minlength=count)
    return np.asarray(met != 2)


def _chains(segments: Segments, is_node: NDArray[np.bool_]) -> Iterator[tuple[list[int], int, int]]:
    """Yield each edge as its vertices, and the numbers of what lies left and right of it."""
    low, high = segments.low.tolist(), segments.high.tolist()
    around: dict[int, list[int]] = {}
    for at, (one, other) in enumerate(zip(low, high, strict=True)):
        around.setdefault(one, []).append(at)
        around.setdefault(other, []).append(at)
    ends, used = is_node.tolist(), [False] * len(low)
    starts = [vertex for vertex in sorted(around) if ends[vertex]]
    for vertex in (*starts, *sorted(around)):
        for first in around[vertex]:
            if used[first]:
                continue
            chain, at = [vertex], first
            while True:
                used[at] = True
                chain.append(low[at] + high[at] - chain[-1])
                if ends[chain[-1]] or chain[-1] == vertex:
                    break
                one, other = around[chain[-1]]
                at = other if one == at else one
            up = low[first] == vertex
            left, right = int(segments.left[first]), int(segments.right[first])
            yield (chain, left, right) if up else (chain, right, left)


def segments_of(line: Line) -> Iterator[Segment]:
    """Yield the segments of a line."""
    return pairwise(line)
