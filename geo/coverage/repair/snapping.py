"""Join vertices that are the same point to within rounding, before borders are compared."""

import numpy as np
import shapely

from geo.coverage.repair.faces import Floats, Ints, Shapes

SAME_M = 5e-4
"""Distance of vertices that are one: conversion between datums and printed decimals leave less."""


def joined_vertices(shapes: Shapes, *, first: Shapes) -> Shapes:
    """Move each vertex (metres) to the first one within `SAME_M`: a vertex of `first` if there is one.

    A polygon that this would make invalid stays as it was.
    """
    vertices = np.concatenate([shapely.get_coordinates(first), shapely.get_coordinates(shapes)])
    _, at, number = np.unique(vertices[:, 0] + 1j * vertices[:, 1], return_index=True, return_inverse=True)
    order = np.argsort(at)
    points = vertices[at[order]]
    to = _first_within(points)
    if (to == np.arange(len(to))).all():
        return shapes
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    moved: Floats = points[to[rank[number[len(vertices) - len(shapely.get_coordinates(shapes)) :]]]]
    joined = shapely.set_coordinates(shapes.copy(), moved)
    return np.where(shapely.is_valid(joined), joined, shapes)


def _first_within(points: Floats) -> Ints:
    """Return for each point the number of the first one near it. One step only: dense borders would collapse."""
    given = np.asarray(shapely.points(points), dtype=object)
    one, other = shapely.STRtree(given).query(given, predicate="dwithin", distance=SAME_M)
    to = np.arange(len(points))
    np.minimum.at(to, one, other)
    return to
