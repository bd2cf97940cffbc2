"""Choose finest divisions by an area: brushed on the map, or made of H3 cells.

A division belongs to an area that covers more than half of it. Where an area ought to cut divisions, it is a `split`
or a `create` instead: reassigning moves whole ones. Cells stand for their true hexagons, so that an area narrower than
a cell still chooses what lies in it.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.cells import is_cell, ring
from geo.coverage.refusals import BadPolygon, NothingThere
from geo.coverage.topology import Coverage

HALF = 0.5


class Chosen(NamedTuple):
    """Finest divisions that an area covers more than half of, and those that it covers less of."""

    codes: tuple[str, ...]
    grazed: tuple[str, ...]


def choose_by_area(coverage: Coverage, area: BaseGeometry) -> Chosen:
    """Return the finest divisions that an area (degrees) chooses. Raises `BadPolygon`, and `NothingThere` for none."""
    if area.is_empty or not area.is_valid:
        raise BadPolygon(where=area)
    at = np.sort(coverage.index.query(area))
    shapes = coverage.polygons[at]
    share = shapely.area(shapely.intersection(shapes, area)) / shapely.area(shapes)
    codes = [coverage.finest[i] for i in at.tolist()]
    chosen = tuple(code for code, part in zip(codes, share.tolist(), strict=True) if part > HALF)
    if not chosen:
        raise NothingThere(*codes, where=area, reach_m=0.0)
    return Chosen(chosen, tuple(code for code, part in zip(codes, share.tolist(), strict=True) if 0 < part <= HALF))


def choose_by_cells(coverage: Coverage, cells: Iterable[int]) -> Chosen:
    """Return the finest divisions that H3 cells choose together. Raises `BadPolygon` for a cell that is none."""
    named = [*cells]
    if not named or not all(map(is_cell, named)):
        raise BadPolygon(where=None)
    return choose_by_area(coverage, shapely.union_all([shapely.Polygon(ring(cell)) for cell in named]))
