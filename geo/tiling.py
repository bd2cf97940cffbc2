"""Fill a polygon with small cells: an exact partition, with borders that look drawn by hand.

All borders are noded together once, on a grid of 1e-7 degrees (about a centimetre), and the cells are the faces between
them. Neighbours therefore share their vertices to the last bit, and no gap or overlap can exist.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree, Voronoi
from shapely.geometry import LineString, MultiPoint, Polygon

from geo.plane import Plane

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Density = Callable[[Floats], Floats]
"""Relative density at points (n × 2, metres on the plane); only proportions count."""

GRID_DEGREES = 1e-7
SAMPLES_PER_CELL = 30
WIGGLE = 0.14


@dataclass(frozen=True, slots=True)
class Borders:
    """Adjacent pairs of cells: `pairs` (m × 2, each pair once, smaller first) and the `metres` of border they share."""

    pairs: Ints
    metres: Floats


def scatter(outline: Polygon, plane: Plane, *, count: int, density: Density, rng: np.random.Generator) -> Floats:
    """Place `count` points (metres) inside `outline` (degrees), spread evenly for the given density.

    Two rounds of Lloyd's relaxation: without any, slivers remain; with many, cells become a honeycomb.
    """
    cloud = _sample(outline, plane, count=count * SAMPLES_PER_CELL, density=density, rng=rng)
    points = cloud[rng.choice(len(cloud), count, replace=False)]
    for _ in range(2):
        nearest = KDTree(points).query(cloud)[1]
        points = _means(cloud, nearest, count=count)
    return _move_inside(points, outline, plane, cloud=cloud)


def _sample(outline: Polygon, plane: Plane, *, count: int, density: Density, rng: np.random.Generator) -> Floats:
    """Draw about `count` points from the density: draw evenly, draw again by weight, and jitter."""
    flat = plane.flatten(outline)
    shapely.prepare(flat)
    west, south, east, north = flat.bounds
    even = rng.uniform((west, south), (east, north), (count, 2))
    even = even[shapely.contains_xy(flat, even[:, 0], even[:, 1])]
    weight = density(even)
    spacing = np.sqrt(flat.area / len(even))
    drawn = even[rng.choice(len(even), count, p=weight / weight.sum())] + rng.normal(0, spacing / 2, (count, 2))
    return np.asarray(drawn[shapely.contains_xy(flat, drawn[:, 0], drawn[:, 1])])


def _means(cloud: Floats, label: Ints, *, count: int) -> Floats:
    number = np.maximum(np.bincount(label, minlength=count), 1)
    return np.column_stack([np.bincount(label, cloud[:, axis], minlength=count) / number for axis in (0, 1)])


def _move_inside(points: Floats, outline: Polygon, plane: Plane, *, cloud: Floats) -> Floats:
    """Move points that relaxation pushed outside to the nearest sampled point, which lies inside."""
    flat = plane.flatten(outline)
    out = ~shapely.contains_xy(flat, points[:, 0], points[:, 1])
    moved = points.copy()
    moved[out] = cloud[KDTree(cloud).query(points[out])[1]]
    return moved


def tile(outline: Polygon, points: Floats, plane: Plane, *, rng: np.random.Generator) -> list[Polygon]:
    """Build one cell for each point (metres), in the points' order; together they are exactly `outline` (degrees).

    The outline itself gains the vertices where cells meet it. Every cell is one simple polygon.
    """
    lines = [LineString(plane.to_degrees(edge)) for edge in _wandering_edges(points, outline, plane, rng=rng)]
    noded = shapely.unary_union([*lines, outline.boundary], grid_size=GRID_DEGREES)
    faces = [face for face in shapely.get_parts(shapely.polygonize([noded])) if _mostly_within(face, outline)]
    seeds = MultiPoint(plane.to_degrees(points)).geoms
    face_of, seed_of = shapely.STRtree(list(seeds)).query(faces, predicate="contains")
    return _face_of_each_seed(faces, face_of, seed_of, count=len(points))


def join(tilings: Sequence[list[Polygon]]) -> list[list[Polygon]]:
    """Fit tilings of neighbouring outlines together: where two meet, each gains the vertices of the other.

    Each cell keeps its place in its tiling. Afterwards they are one tiling, to the last bit.
    """
    cells = [cell for tiling in tilings for cell in tiling]
    noded = shapely.unary_union(shapely.boundary(np.array(cells, dtype=object)), grid_size=GRID_DEGREES)
    faces = list(shapely.get_parts(shapely.polygonize([noded])))
    inside = shapely.point_on_surface(np.array(faces, dtype=object))
    face_of, cell_of = shapely.STRtree(cells).query(inside, predicate="intersects")
    joined = iter(_face_of_each_seed(faces, face_of, cell_of, count=len(cells)))
    return [[next(joined) for _ in tiling] for tiling in tilings]


def _mostly_within(face: Polygon, outline: Polygon) -> bool:
    return bool(outline.contains(face.representative_point()))


def _wandering_edges(points: Floats, outline: Polygon, plane: Plane, *, rng: np.random.Generator) -> list[Floats]:
    """Return the Voronoi edges as polylines (metres) that wander a little towards the points on either side."""
    west, south, east, north = plane.flatten(outline).bounds
    reach = 4 * max(east - west, north - south)
    far = np.array([[west - reach, south], [east + reach, south], [west, north + reach], [west, south - reach]])
    diagram = Voronoi(np.concatenate([points, far]))
    ridges = zip(diagram.ridge_points, diagram.ridge_vertices, strict=True)
    corners = diagram.vertices
    return [
        _wander(corners[a], corners[b], diagram.points[list(sides)], rng=rng)
        for sides, (a, b) in ridges
        if min(a, b) >= 0
    ]


def _wander(start: Floats, end: Floats, sides: Floats, *, rng: np.random.Generator) -> Floats:
    """Draw a polyline from `start` to `end`. Each step leaves the edge a fraction of the way to one of the two `sides`.

    It stays within the two triangles between edge and points, which no other edge enters, so edges cannot cross.
    """
    steps = int(np.clip(np.hypot(*(end - start)) // 60, 1, 8))
    along = np.linspace(0, 1, steps + 1)[:, None]
    straight = start + (end - start) * along
    sway = rng.normal(0, WIGGLE / 2) * np.sin(np.pi * along) + rng.normal(0, WIGGLE / 4, (steps + 1, 1))
    sway = np.clip(sway, -WIGGLE, WIGGLE)
    sway[[0, -1]] = 0
    goal = np.where(sway > 0, sides[0], sides[1])
    return np.asarray(straight + np.abs(sway) * (goal - straight))


def _face_of_each_seed(faces: list[Polygon], face_of: Ints, seed_of: Ints, *, count: int) -> list[Polygon]:
    """Return the face of each seed, with the seedless slivers that the outline cuts off joined to a neighbour."""
    owner = np.full(len(faces), -1, dtype=np.int64)
    owner[face_of] = seed_of
    links = borders(faces)
    while (owner < 0).any():
        owner = _assign_orphans(owner, links)
    order = np.argsort(owner, kind="stable")
    groups = np.split(order, np.searchsorted(owner[order], np.arange(1, count)))
    return [union([faces[i] for i in group]) for group in groups]


def _assign_orphans(owner: Ints, links: Borders) -> Ints:
    """Assign each unowned face to the owned neighbour with which it shares the longest border."""
    both = np.concatenate([links.pairs, links.pairs[:, ::-1]])
    metres = np.concatenate([links.metres, links.metres])
    useful = (owner[both[:, 0]] < 0) & (owner[both[:, 1]] >= 0)
    if not useful.any():
        raise ValueError("a face of the tiling touches no cell")
    rank = np.argsort(metres[useful])
    chosen = owner.copy()
    chosen[both[useful][rank, 0]] = owner[both[useful][rank, 1]]
    return chosen


def union(cells: list[Polygon]) -> Polygon:
    """Join connected cells of one tiling: exactly their outer edges, every vertex kept."""
    joined = cells[0] if len(cells) == 1 else shapely.coverage_union_all(cells)
    if not isinstance(joined, Polygon):
        raise ValueError("cells of a union are not connected")
    return joined


def borders(cells: list[Polygon]) -> Borders:
    """Find the cells of a tiling that share a border, by comparing segments: vertices are equal to the last bit or not
    at all.
    """
    segments, owner = _segments(cells)
    keys, place = np.unique(segments, axis=0, return_inverse=True)
    order = np.argsort(place.ravel(), kind="stable")
    sorted_place, sorted_owner = place.ravel()[order], owner[order]
    twins = np.flatnonzero(sorted_place[1:] == sorted_place[:-1])
    pairs = np.sort(np.column_stack([sorted_owner[twins], sorted_owner[twins + 1]]), axis=1)
    length = _metres(keys[sorted_place[twins]])
    unique, index = np.unique(pairs, axis=0, return_inverse=True)
    return Borders(
        unique.astype(np.int64), np.bincount(index.ravel(), weights=length, minlength=len(unique)).astype(np.float64)
    )


def _segments(cells: list[Polygon]) -> tuple[Floats, Ints]:
    """List all segments (x1, y1, x2, y2), western end first, with the index of the cell that each belongs to."""
    lines = shapely.boundary(np.array(cells, dtype=object))
    parts, owner = shapely.get_parts(lines, return_index=True)
    vertices, part = shapely.get_coordinates(parts, return_index=True)
    follows = part[1:] == part[:-1]
    start, end = vertices[:-1][follows], vertices[1:][follows]
    turn = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    start[turn], end[turn] = end[turn], start[turn].copy()
    return np.column_stack([start, end]), owner[part[:-1][follows]].astype(np.int64)


def _metres(segments: Floats) -> Floats:
    if len(segments) == 0:
        return np.zeros(0)
    plane = Plane(float(segments[0, 0]), float(segments[0, 1]))
    return np.asarray(np.hypot(*((segments[:, 2:] - segments[:, :2]) * plane.scale).T))


def centres(cells: list[Polygon], plane: Plane) -> Floats:
    """Return a point inside each cell (metres, n × 2)."""
    return plane.to_metres(shapely.get_coordinates(shapely.point_on_surface(np.array(cells, dtype=object))))
