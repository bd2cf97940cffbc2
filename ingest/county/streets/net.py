"""Streets as a network: what hangs together, and the ways between towns, which become main roads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import KDTree

from geo.coverage.edges import Point as Spot
from geo.tiling import Floats, Ints
from ingest.county.streets.land import Land
from ingest.county.streets.street import MAIN, Street

PREFERRED = {"secondary": 0.8, "tertiary": 0.9, "service": 3.0}
"""What a metre counts on the way from town to town, by class; 1 for others."""
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Net:
    """Points by number, and the pieces of streets between two of them, street by street: ends, metres and street."""

    number: dict[Spot, int]
    ends: Ints
    metres: Floats
    of: Ints

    @classmethod
    def of_streets(cls, land: Land, streets: Sequence[Street]) -> "Net":
        number: dict[Spot, int] = {}
        for street in streets:
            for spot in street.line:
                number.setdefault(spot, len(number))
        pieces = [(number[a], number[b], i) for i, street in enumerate(streets) for a, b in pairwise(street.line)]
        found = np.array(pieces, dtype=np.int64)
        at = land.plane.to_metres([*number])
        metres = np.hypot(*(at[found[:, 0]] - at[found[:, 1]]).T)
        return cls(number, np.sort(found[:, :2], axis=1), metres, found[:, 2])

    def graph(self, weights: Floats) -> csr_array:
        """Return the graph of the points. Of two pieces between the same points, the first counts."""
        _, first = np.unique(self.ends, axis=0, return_index=True)
        low, high = self.ends[first].T
        return coo_array((weights[first], (low, high)), shape=(len(self.number), len(self.number))).tocsr()


def connected(land: Land, streets: Sequence[Street]) -> list[Street]:
    """Return the streets that hang together, without the few that water has cut off."""
    net = Net.of_streets(land, streets)
    _, part = connected_components(net.graph(net.metres), directed=False)
    most = np.bincount(part).argmax()
    return [street for street in streets if part[net.number[street.line[0]]] == most]


def with_main_roads(land: Land, streets: Sequence[Street]) -> Iterator[Street]:
    """Yield the streets, with main roads on the ways between neighbouring towns; the longest is a trunk road."""
    pairs = sorted({between for level, between in map(land.apart, land.inner) if level == "town"})
    ways = _ways(land, streets, pairs)
    main = {piece: pair for pair in pairs for piece in ways[pair]}
    trunk = {*max(ways.values(), key=len, default=[])}
    first = 0
    for street in streets:
        pieces = range(first, first + len(street.line) - 1)
        for (pair, is_trunk), some in groupby(pieces, lambda piece: (main.get(piece), piece in trunk)):
            part = [piece - first for piece in some]
            cut = replace(street, line=street.line[part[0] : part[-1] + 2])
            yield replace(cut, kind=MAIN[not is_trunk], level="town", between=pair) if pair else cut
        first = pieces.stop


def _ways(land: Land, streets: Sequence[Street], pairs: Sequence[Pair]) -> dict[Pair, list[int]]:
    """Find the pieces of the way between each pair of towns, on larger streets where that is hardly longer."""
    if not pairs:
        return {}
    net = Net.of_streets(land, streets)
    towns = [*dict.fromkeys(code for pair in pairs for code in pair)]
    nearest = KDTree(land.plane.to_metres([*net.number])).query(land.plane.to_metres([*map(land.seat, towns)]))[1]
    seats = dict(zip(towns, nearest.tolist(), strict=True))
    counted = np.array([PREFERRED.get(street.kind, 1.0) for street in streets])[net.of] * net.metres
    sources = [*dict.fromkeys(seats[one] for one, _ in pairs)]
    _, before = dijkstra(net.graph(counted), directed=False, indices=sources, return_predecessors=True)
    number: dict[tuple[int, int], int] = {}
    for piece, (low, high) in enumerate(net.ends.tolist()):
        number.setdefault((low, high), piece)
    found: dict[Pair, list[int]] = {pair: [] for pair in pairs}
    for (one, other), way in found.items():
        row, at = before[sources.index(seats[one])], seats[other]
        while (to := int(row[at])) >= 0:
            way.append(number[min(at, to), max(at, to)])
            at = to
    return found
