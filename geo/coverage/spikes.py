"""Spikes: places where a border goes out and comes back beside itself, as digitising and mending leave them."""

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.coverage.partition import Fault, Problem
from geo.coverage.topology import Coverage
from geo.plane import Plane

WIDEST_M = 0.1
"""Width of a spike where it is widest, at most: two digitisers of one border differ by less."""
ELONGATED = 10.0
"""Length of a spike in widths, at least: a shorter one is an acute corner."""


def find_spikes(coverage: Coverage) -> list[Problem]:
    """List the spikes of finest divisions, with the line out and back; the longest first.

    A spike of one division is a slit in another: it is listed for the one that is narrow there. Lines with spikes are a
    coverage all the same, so that the whole check does not refuse them.
    """
    found = [
        Problem(Fault.SPIKE, code, 0.0, spike)
        for code in coverage.finest
        for spike in spikes_of(coverage.shapes[code], coverage.plane)
    ]
    return sorted(found, key=lambda problem: -problem.where.length)


def spikes_of(shape: BaseGeometry, plane: Plane) -> list[shapely.LineString]:
    """Return the spikes of a polygon (degrees), each as its line from the tip down to where it is widest."""
    found = []
    for ring in shapely.get_rings(shapely.orient_polygons(shapely.get_parts(shape))):
        places = shapely.get_coordinates(ring)[:-1]
        flat = plane.to_metres(places)
        back, on = np.roll(flat, 1, axis=0) - flat, np.roll(flat, -1, axis=0) - flat
        lengths = np.minimum(np.hypot(*back.T), np.hypot(*on.T))
        ends = [arm / np.hypot(*arm.T)[:, None] * lengths[:, None] for arm in (back, on)]
        width = np.hypot(*(ends[0] - ends[1]).T)
        inside = on[:, 0] * back[:, 1] - on[:, 1] * back[:, 0] > 0
        sharp = inside & (width <= WIDEST_M) & (lengths > ELONGATED * np.maximum(width, 1e-9))
        for at in np.flatnonzero(sharp & (lengths > WIDEST_M)).tolist():
            middle = plane.to_degrees([flat[at] + (ends[0][at] + ends[1][at]) / 2])[0]
            found.append(shapely.LineString([places[at], middle]))
    return found
