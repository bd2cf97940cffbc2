"""A coverage: the finest divisions of a draft as one topology, and the divisions above them, derived.

Coordinates are WGS-84 degrees, to the last bit those that were given; measures are metres on the plane at its middle.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from geo.coverage.divisions import Division, Tree
from geo.coverage.edges import Edge, EdgeKey, Point
from geo.coverage.index import Index, Rows
from geo.coverage.loops import AnyPolygon, shape_of
from geo.coverage.measures import compactness, slivers
from geo.coverage.patches import Patch
from geo.plane import Plane

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True)
class Coverage:
    """Immutable. `edges` hold every border once; `sides` are the edges around each of the finest divisions, whose
    `shapes` follow from them; `ends` counts the edges that end at a vertex.

    `origin` is the coverage that this one came from by patches, None where it was built, and `differing` are all codes
    that the patches concern: whatever else there is, is the same object in both.

    `levels` go from the draft's own division, whose parent is None, down to the finest one. Lines of divisions of
    `fixed_levels` must not move. `outer` is the land of the whole, which no operation changes.
    """

    levels: tuple[str, ...]
    divisions: Mapping[str, Division]
    edges: Mapping[EdgeKey, Edge]
    sides: Mapping[str, tuple[EdgeKey, ...]]
    shapes: Mapping[str, AnyPolygon]
    ends: Mapping[Point, int]
    outer: AnyPolygon
    plane: Plane
    fixed_levels: frozenset[str] = frozenset()
    issued: int = 0
    origin: "Coverage | None" = field(default=None, repr=False, compare=False)
    differing: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    _outlines: dict[str, AnyPolygon] = field(default_factory=dict, init=False, repr=False, compare=False)
    _narrow: dict[str, bool] = field(default_factory=dict, init=False, repr=False, compare=False)
    _compactness: dict[str, float] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def tree(self) -> Tree:
        return Tree(self.divisions, self.levels, self.shapes.keys())

    @property
    def first(self) -> "Coverage":
        """The coverage that was built, from which this one came by patches: itself, if by none."""
        return self.origin or self

    def may_differ(self, other: "Coverage") -> Set[str]:
        """Return codes of all levels among which are all that another coverage has otherwise: few, where both came from
        the same one.
        """
        if self.first is other.first:
            return self.differing | other.differing
        return {*self.divisions, *other.divisions, *self.shapes, *other.shapes}

    def with_fixed_levels(self, *levels: str) -> "Coverage":
        """Return the coverage with lines of these levels fixed."""
        return replace(self, fixed_levels=frozenset(levels), origin=self.first).knowing(self)

    def knowing(self, other: "Coverage") -> "Coverage":
        """Return this coverage, with the outlines that are known of another one with the same lines."""
        self._outlines.update(other._outlines)
        return self

    def __contains__(self, code: object) -> bool:
        return code in self.divisions

    def edges_around(self, code: str) -> list[Edge]:
        """Return the edges around one of the finest divisions."""
        return [self.edges[key] for key in self.sides[code]]

    def outline(self, code: str) -> AnyPolygon:
        """Return the shape of a division of any level; above the finest, it is derived from those below.

        A division with nothing below it is empty.
        """
        if code in self.shapes:
            return self.shapes[code]
        if code not in self._outlines:
            self._outlines[code] = self.united(self.tree.finest_below([code]))
        return self._outlines[code]

    def united(self, finest: Iterable[str]) -> AnyPolygon:
        """Return the shape that some of the finest divisions have together."""
        within = set(finest)
        return Polygon() if not within else shape_of(edge.directed(code) for code, edge in self.border_of(within))

    def border_of(self, within: set[str]) -> Iterator[tuple[str, Edge]]:
        """Yield the edges between some of the finest divisions and all others, with the division that is inside."""
        for code in within:
            for key in self.sides[code]:
                edge = self.edges[key]
                if edge.beyond(code) not in within:
                    yield code, edge

    def neighbours(self, code: str) -> set[str]:
        """Return the finest divisions that share an edge with one: a corner makes no neighbours."""
        return {other for edge in self.edges_around(code) if (other := edge.beyond(code)) is not None}

    def compactness(self, code: str) -> float:
        """Return the compactness of a division of any level."""
        if code not in self._compactness:
            self._compactness[code] = compactness(self.outline(code), self.plane)
        return self._compactness[code]

    def narrow(self, codes: Sequence[str]) -> list[bool]:
        """Tell for each of some finest divisions whether it is a sliver."""
        asked = [code for code in codes if code not in self._narrow]
        if asked:
            found = slivers([self.shapes[code] for code in asked], self.plane).tolist()
            self._narrow.update(zip(asked, found, strict=True))
        return [self._narrow[code] for code in codes]

    @cached_property
    def finest(self) -> list[str]:
        """Codes of the finest divisions, sorted."""
        return sorted(self.shapes)

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """The place of each of the finest divisions in `finest`."""
        return {code: row for row, code in enumerate(self.finest)}

    @cached_property
    def polygons(self) -> NDArray[np.object_]:
        """Shapes of the finest divisions, in the order of `finest`."""
        found = np.empty(len(self.finest), dtype=object)
        found[:] = [self.shapes[code] for code in self.finest]
        return found

    def finest_near(self, geometry: BaseGeometry, *, metres: float = 0.0) -> list[str]:
        """Return the finest divisions whose boxes come within some metres of a geometry (degrees)."""
        west, south, east, north = geometry.bounds
        wide, high = metres / self.plane.scale
        box = self._boxes
        near = (box[:, 0] <= east + wide) & (box[:, 2] >= west - wide)
        near &= (box[:, 1] <= north + high) & (box[:, 3] >= south - high)
        return [self.finest[i] for i in np.flatnonzero(near).tolist()]

    @cached_property
    def index(self) -> Index:
        """A spatial index of `polygons`."""
        if self.origin is None:
            every = np.arange(len(self.finest))
            return Index(shapely.STRtree(self.polygons), kept=(every, every))
        rows = sorted(self.rows[code] for code in self.differing if code in self.rows)
        kept = self.origin.rows_without(self.differing), self.rows_without(self.differing)
        return Index(self.origin.index.tree, kept=kept, differing=self.polygons[rows], rows=rows)

    def rows_without(self, codes: Iterable[str]) -> Rows:
        """Return the rows of all finest divisions but some."""
        kept = np.ones(len(self.finest), dtype=np.bool_)
        kept[[self.rows[code] for code in codes if code in self.rows]] = False
        return np.flatnonzero(kept)

    @cached_property
    def _boxes(self) -> NDArray[np.float64]:
        return np.asarray(shapely.bounds(self.polygons))

    def patched(self, patch: Patch) -> "Coverage":
        """Return the coverage with a patch applied: only the shapes beside its edges are computed anew."""
        beside = {code for edge in (*patch.gone, *patch.new) for code in edge.sides if code is not None}
        differing = self.differing | beside | patch.before.keys() | patch.after.keys()
        changed = replace(self, issued=patch.issued[1], origin=self.first, differing=differing)
        if patch.before or patch.after:
            changed = replace(changed, divisions=_divisions_after(self, patch))
        if patch.gone or patch.new:
            changed = replace(changed, **_topology_after(self, patch))
        self._hand_on(changed, beside, patch)
        return changed

    def _hand_on(self, changed: "Coverage", beside: Set[str], patch: Patch) -> None:
        """Give a patched coverage what is known of this one and holds for it, too."""
        given = vars(changed)
        if all((code in self.shapes) == (code in changed.shapes) for code in beside):
            given["finest"], given["rows"] = self.finest, self.rows
        if changed.divisions is self.divisions:
            given["tree"] = self.tree
        else:
            given["tree"] = self.tree.after(changed.divisions, changed.shapes.keys(), patch.after)
        if "finest" in given:
            given["polygons"] = self._polygons_after(changed, beside)
        stale = self._stale(patch, changed)
        changed._outlines.update({code: known for code, known in self._outlines.items() if code not in stale})
        changed._narrow.update({code: known for code, known in self._narrow.items() if code not in stale})
        changed._compactness.update({code: known for code, known in self._compactness.items() if code not in stale})

    def _polygons_after(self, changed: "Coverage", beside: Set[str]) -> NDArray[np.object_]:
        found = self.polygons.copy()
        for code in beside:
            found[self.rows[code]] = changed.shapes[code]
        return found

    def _stale(self, patch: Patch, after: "Coverage") -> set[str]:
        """Return the divisions of all levels whose outlines a patch may have changed: it drew on their border, or moved
        something into or out of them.
        """
        stale = set[str]()
        for coverage, edges in ((self, patch.gone), (after, patch.new)):
            for edge in edges:
                stale |= _with_above(coverage, edge.left) ^ _with_above(coverage, edge.right)
        for code in {*patch.before, *patch.after}:
            stale |= _with_above(self, code) ^ _with_above(after, code)
        return stale

    def as_bytes(self) -> bytes:
        """Return all that the coverage says, the same for the same lines and divisions however they came about."""
        divisions = [self.divisions[code] for code in sorted(self.divisions)]
        shapes = b"".join(shapely.to_wkb(self.polygons).tolist())
        return orjson.dumps([self.levels, divisions, self.finest, self.issued]) + shapes


def _with_above(coverage: Coverage, code: str | None) -> set[str]:
    """Return a division and all that it lies in; of what is not there, none."""
    return coverage.tree.with_above([code]) if code is not None and code in coverage else set()


def _divisions_after(coverage: Coverage, patch: Patch) -> Mapping[str, Division]:
    divisions = _copied(coverage.divisions)
    for code, one in patch.after.items():
        if one is None:
            divisions.pop(code, None)
        else:
            divisions[code] = one
    return divisions


def _copied(known: Mapping[Key, Value]) -> dict[Key, Value]:
    """Return a copy to change. `copy` clones a table whole, where a display sets one key after the other once keys were
    deleted.
    """
    assert isinstance(known, dict)
    return copy(known)


def _topology_after(coverage: Coverage, patch: Patch) -> dict[str, Any]:
    """Return the fields of a coverage that edges make up, after a patch."""
    edges = _copied(coverage.edges)
    for edge in patch.gone:
        del edges[edge.key]
    edges.update((edge.key, edge) for edge in patch.new)
    sides, shapes = _copied(coverage.sides), _copied(coverage.shapes)
    for code, own in _sides_after(coverage, patch).items():
        if not own:
            del sides[code], shapes[code]
            continue
        sides[code] = tuple(sorted(own))
        shape, before = shape_of(edges[key].directed(code) for key in sides[code]), coverage.shapes.get(code)
        shapes[code] = before if before is not None and before.wkb == shape.wkb else shape
    return {"edges": edges, "sides": sides, "shapes": shapes, "ends": _ends_after(coverage, patch)}


def _sides_after(coverage: Coverage, patch: Patch) -> dict[str, set[EdgeKey]]:
    """Return the edges around each of the finest divisions beside those of a patch."""
    beside, new = sides_of([*patch.gone, *patch.new]), sides_of(patch.new)
    gone = {edge.key for edge in patch.gone}
    return {code: (set(coverage.sides.get(code, ())) - gone) | set(new.get(code, ())) for code in beside}


def _ends_after(coverage: Coverage, patch: Patch) -> dict[Point, int]:
    """Return how many edges end at each vertex after a patch."""
    counts = Counter(end for edge in patch.new for end in ends_of(edge))
    counts.subtract(end for edge in patch.gone for end in ends_of(edge))
    ends = _copied(coverage.ends)
    for point, more in counts.items():
        ends[point] = ends.get(point, 0) + more
        if not ends[point]:
            del ends[point]
    return ends


def ends_of(edge: Edge) -> tuple[Point, Point]:
    """Return the two ends of an edge; those of a loop are one."""
    return edge.line[0], edge.line[-1]


def sides_of(edges: Iterable[Edge]) -> dict[str, tuple[EdgeKey, ...]]:
    """Return the keys of the edges around each division, sorted."""
    found: dict[str, list[EdgeKey]] = defaultdict(list)
    for edge in edges:
        for code in edge.sides:
            if code is not None:
                found[code].append(edge.key)
    return {code: tuple(sorted(keys)) for code, keys in found.items()}
