"""Group adjacent cells into connected, compact regions of given sizes."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from geo.tiling import Borders, Floats, Ints

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class CellGraph:
    """Graph of cells to group: centre of each (n × 2, metres), its weight, and the cells it touches."""

    centres: Floats
    weights: Floats
    touching: Sequence[Sequence[int]]

    @classmethod
    def of(cls, centres: Floats, weights: Floats, links: Borders) -> "CellGraph":
        touching: list[list[int]] = [[] for _ in range(len(centres))]
        for a, b in links.pairs.tolist():
            touching[a].append(b)
            touching[b].append(a)
        return cls(centres, weights, touching)

    def part(self, members: Ints) -> "CellGraph":
        """Subgraph of these cells, renumbered in the order given."""
        place = {cell: i for i, cell in enumerate(members.tolist())}
        touching = [[place[t] for t in self.touching[cell] if t in place] for cell in members.tolist()]
        return CellGraph(self.centres[members], self.weights[members], touching)


def divide(patchwork: CellGraph, sizes: Floats, *, rng: np.random.Generator) -> Ints:
    """Return the region (0 … k-1) of each cell: k connected regions, none empty, with weights roughly proportional to
    `sizes`.

    Seeds are drawn as k-means++ does, then moved to the middle of the region they grew, a few times. ValueError when
    there are fewer cells than regions, or when the cells are not connected.
    """
    seeds = _draw_seeds(patchwork, len(sizes), rng=rng)
    for _ in range(ROUNDS):
        seeds = _recentre(patchwork, grow(patchwork, seeds, sizes), len(sizes))
    return grow(patchwork, seeds, sizes)


def grow_around(patchwork: CellGraph, seats: Sequence[int], sizes: Floats) -> Ints:
    """Return the region of each cell around given `seats`, which need not be the middles of their regions.

    Grow from the seats, then once more from the middles of the regions: without the second pass, towns in between get
    long arms. If a seat would then lie in a neighbour's region, the first pass is returned.
    """
    first = grow(patchwork, seats, sizes)
    again = grow(patchwork, _recentre(patchwork, first, len(sizes)), sizes)
    return again if again[list(seats)].tolist() == list(range(len(sizes))) else first


def grow(patchwork: CellGraph, seeds: Sequence[int], sizes: Floats) -> Ints:
    """Grow a connected region from each seed: the region emptiest for its size takes the nearest free cell it
    touches.
    """
    owner = np.full(len(patchwork.centres), -1, dtype=np.int64)
    filled = np.zeros(len(sizes))
    fringes: list[list[tuple[float, int]]] = [[] for _ in sizes]
    turns: list[tuple[float, int]] = []
    for region, seed in enumerate(seeds):
        heapq.heappush(fringes[region], (0.0, seed))
        heapq.heappush(turns, (-1.0, region))
    while turns:
        _, region = heapq.heappop(turns)
        cell = _next_free(fringes[region], owner)
        if cell is None:
            continue
        owner[cell] = region
        filled[region] += patchwork.weights[cell] / sizes[region]
        _push_neighbours(patchwork, fringes[region], cell, home=patchwork.centres[seeds[region]], owner=owner)
        heapq.heappush(turns, (float(filled[region]), region))
    if (owner < 0).any():
        raise ValueError("the cells are not connected")
    return owner


def _next_free(fringe: list[tuple[float, int]], owner: Ints) -> int | None:
    while fringe:
        _, cell = heapq.heappop(fringe)
        if owner[cell] < 0:
            return cell
    return None


def _push_neighbours(
    patchwork: CellGraph, fringe: list[tuple[float, int]], cell: int, *, home: Floats, owner: Ints
) -> None:
    for neighbour in patchwork.touching[cell]:
        if owner[neighbour] < 0:
            east, north = patchwork.centres[neighbour] - home
            heapq.heappush(fringe, (float(east * east + north * north), neighbour))


def _draw_seeds(patchwork: CellGraph, count: int, *, rng: np.random.Generator) -> list[int]:
    """Draw seeds far from each other, each by its squared distance from those already drawn (k-means++)."""
    points = patchwork.centres
    if count > len(points):
        raise ValueError(f"{count} regions need more than {len(points)} cells")
    seeds = [int(rng.integers(len(points)))]
    apart = ((points - points[seeds[0]]) ** 2).sum(axis=1)
    while len(seeds) < count:
        weight = apart * patchwork.weights
        seeds.append(int(rng.choice(len(points), p=weight / weight.sum())))
        apart = np.minimum(apart, ((points - points[seeds[-1]]) ** 2).sum(axis=1))
    return seeds


def _recentre(patchwork: CellGraph, owner: Ints, count: int) -> list[int]:
    """Return for each region its cell nearest to the region's weighted middle."""
    weight = np.bincount(owner, patchwork.weights, minlength=count)
    middle = np.column_stack(
        [np.bincount(owner, patchwork.weights * axis, minlength=count) / weight for axis in patchwork.centres.T]
    )
    members = [np.flatnonzero(owner == region) for region in range(count)]
    return [int(own[KDTree(patchwork.centres[own]).query(at)[1]]) for own, at in zip(members, middle, strict=True)]


def apportion(total: int, weights: Floats, *, least: Ints, most: Ints) -> Ints:
    """Share out `total` in whole numbers by `weights`, each share within its bounds, by D'Hondt's rule from `least`
    upwards.

    ValueError when the bounds cannot add up to `total`.
    """
    if not least.sum() <= total <= most.sum() or (least > most).any():
        raise ValueError(f"{total} cannot be shared out within the bounds")
    shares = least.copy()
    owed = [(-float(w) / (n + 1), i) for i, (w, n) in enumerate(zip(weights, shares, strict=True)) if n < most[i]]
    heapq.heapify(owed)
    for _ in range(total - int(shares.sum())):
        _, i = heapq.heappop(owed)
        shares[i] += 1
        if shares[i] < most[i]:
            heapq.heappush(owed, (-float(weights[i]) / (float(shares[i]) + 1), i))
    return shares
