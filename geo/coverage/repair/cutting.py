"""Cut narrow faces again along more lines, by noding only what is beside them: noding a county twice takes seconds."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.coverage.repair.faces import Faces, Ints, Shapes, lines_of

TOUCHES_M = 1e-6
"""Distance at which a border counts as that of a face: faces are made of rounded points of their borders."""
LOST_M = 1e-7
"""Width of what pieces may lack of a face by rounding."""

Vertex = complex
Edge = tuple[Vertex, Vertex]


def cut_again(
    faces: Faces, narrow: NDArray[np.bool_], lines: Sequence[BaseGeometry], more: Shapes
) -> tuple[Faces, Ints] | None:
    """Cut the `narrow` ones of `faces`, which `lines` made, along `more` lines; return the number that each had, or -1.

    The pieces come last. Other faces get the new vertices on their borders, and are not cut: more lines end in them.
    None if the pieces do not make up the faces that they are of, vertex by vertex.
    """
    reached, _ = shapely.STRtree(more).query(faces.shapes, predicate="intersects")
    cut = np.unique(reached[narrow[reached]])
    whole = faces.shapes[cut]
    noded = shapely.unary_union([*_segments_near(whole, lines), *more])
    pieces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    piece, of = shapely.STRtree(whole).query(shapely.point_on_surface(pieces), predicate="intersects")
    pieces = pieces[piece]
    if not (_make_up(pieces, of, whole) and _keep_vertices(pieces, whole)):
        return None
    kept = np.setdiff1d(np.arange(len(faces.shapes)), cut)
    shapes = _with_vertices(faces.shapes[kept], _chains(whole, pieces))
    found = _joined(faces, np.concatenate([shapes, pieces]), np.concatenate([kept, cut[of]]))
    return found, np.concatenate([kept, np.full(len(pieces), -1)])


def _segments_near(shapes: Shapes, lines: Sequence[BaseGeometry]) -> Shapes:
    """Return the segments of lines that touch any of the shapes."""
    vertices, of = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    first = np.flatnonzero(of[:-1] == of[1:])
    segments = lines_of(vertices[first], vertices[first + 1])
    _, near = shapely.STRtree(segments).query(shapes, predicate="dwithin", distance=TOUCHES_M)
    return np.asarray(segments[np.unique(near)], dtype=object)


def _make_up(pieces: Shapes, of: Ints, whole: Shapes) -> bool:
    """Return whether the pieces of each face make up its area."""
    found = np.bincount(of, shapely.area(pieces), minlength=len(whole))
    return bool((np.abs(found - shapely.area(whole)) <= LOST_M * shapely.length(whole)).all())


def _keep_vertices(pieces: Shapes, whole: Shapes) -> bool:
    """Return whether the pieces have all vertices of the faces: where lines nearly meet, GEOS moves some."""
    ours, theirs = (shapely.get_coordinates(shapes) for shapes in (pieces, whole))
    return bool(np.isin(theirs[:, 0] + 1j * theirs[:, 1], ours[:, 0] + 1j * ours[:, 1]).all())


def _chains(whole: Shapes, pieces: Shapes) -> dict[Edge, list[Vertex]]:
    """Return the vertices by which the outer edges of some faces were divided, both ways."""
    before, after = _outer_edges(whole), _outer_edges(pieces)
    known = {vertex for edge in before for vertex in edge}
    beside: dict[Vertex, list[Vertex]] = defaultdict(list)
    for one, other in after - before:
        beside[one].append(other)
        beside[other].append(one)
    chains: dict[Edge, list[Vertex]] = {}
    divided = before - after
    for one, other in divided:
        for way in beside[one]:
            chain = _chain(one, way, beside, known)
            if chain and chain[-1] == other:
                chains[one, other], chains[other, one] = chain[:-1], chain[-2::-1]
    return chains


def _chain(last: Vertex, at: Vertex, beside: dict[Vertex, list[Vertex]], known: set[Vertex]) -> list[Vertex]:
    """Follow new vertices from `last` by `at` to the next known one; empty where that does not go on singly."""
    found = [at]
    while at not in known:
        onward = [vertex for vertex in beside[at] if vertex != last]
        if len(onward) != 1:
            return []
        last, at = at, onward[0]
        found.append(at)
    return found


def _outer_edges(shapes: Shapes) -> set[Edge]:
    """Return the edges that only one of the shapes has."""
    vertices, of = shapely.get_coordinates(shapely.get_rings(shapes), return_index=True)
    points = vertices[:, 0] + 1j * vertices[:, 1]
    first = np.flatnonzero(of[:-1] == of[1:])
    edges = np.sort(np.column_stack([points[first], points[first + 1]]), axis=1)
    once, count = np.unique(edges, axis=0, return_counts=True)
    return {(one, other) for one, other in once[count == 1].tolist()}


def _with_vertices(shapes: Shapes, chains: dict[Edge, list[Vertex]]) -> Shapes:
    """Return the shapes with the vertices of each chain on the edge that it divides."""
    if not chains:
        return shapes
    vertices, of = shapely.get_coordinates(shapes, return_index=True)
    points = vertices[:, 0] + 1j * vertices[:, 1]
    ends = np.array([one for one, _ in chains])
    starts = np.flatnonzero(np.isin(points[:-1], ends) & np.isin(points[1:], ends))
    at = [i for i in starts.tolist() if (complex(points[i]), complex(points[i + 1])) in chains and of[i] == of[i + 1]]
    made = shapes.copy()
    changed = np.unique(of[at])
    made[changed] = _divided(shapes[changed], chains)
    return made


def _divided(polygons: Shapes, chains: dict[Edge, list[Vertex]]) -> Shapes:
    """Put the vertices of chains into the rings of polygons."""
    rings, of_polygon = shapely.get_rings(polygons, return_index=True)
    vertices, of_ring = shapely.get_coordinates(rings, return_index=True)
    points = (vertices[:, 0] + 1j * vertices[:, 1]).tolist()
    found, ring = points[:1], of_ring[:1].tolist()
    for (one, other), (before, here) in zip(pairwise(points), pairwise(of_ring.tolist()), strict=True):
        new = chains.get((one, other), ()) if before == here else ()
        found += [*new, other]
        ring += [here] * (len(new) + 1)
    made = np.array(found)
    lines = np.asarray(
        shapely.linearrings(np.column_stack([made.real, made.imag]), indices=np.array(ring)), dtype=object
    )
    return np.asarray(shapely.polygons(lines, indices=of_polygon), dtype=object)


def _joined(faces: Faces, shapes: Shapes, was: Ints) -> Faces:
    """Return faces of other shapes with the polygons of those that they `was` of."""
    order = np.argsort(faces.face, kind="stable")
    start = np.searchsorted(faces.face[order], was, side="left")
    count = np.searchsorted(faces.face[order], was, side="right") - start
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    owner = faces.owner[order][np.repeat(start, count) + within]
    face = np.repeat(np.arange(len(was)), count)
    return replace(faces, shapes=shapes, face=face, owner=owner, inside=faces.inside[was])
