"""H3 cells as plain integers: the cell of a point, parents, neighbours, the cells that fill a polygon.

A cell is an `int` that fits a signed 64-bit column (H3 keeps the top bit at 0); on the wire it is its hexadecimal form.
Longitude comes before latitude, as everywhere in Maplebridge, although H3 itself has it the other way round.
"""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csr_array
from shapely.geometry.base import BaseGeometry

STORED_RESOLUTION = 10
Cells = NDArray[np.int64]


class PointCells(NamedTuple):
    """The cells that hold one point, at each resolution that is counted.

    A point near an edge may lie in a coarse cell that is not the parent of its fine one: H3's children stick out of
    their parent, and with parents 1 incident in 15 is counted in a neighbouring hexagon.
    """

    cell_7: int
    cell_8: int
    cell_9: int
    cell_10: int

    def at(self, res: int) -> int:
        return self[res - COUNTED_RESOLUTIONS.start]


COUNTED_RESOLUTIONS = range(7, 11)


def cell_of(lon: float, lat: float, res: int = STORED_RESOLUTION) -> int:
    """Return the cell of resolution `res` that holds a WGS-84 point."""
    return int(h3.latlng_to_cell(lat, lon, res))


def point_cells(lon: float, lat: float) -> PointCells:
    """Return the cells that hold a WGS-84 point, each computed from the point itself."""
    return PointCells(*[h3.latlng_to_cell(lat, lon, res) for res in COUNTED_RESOLUTIONS])


def cells_of(lon: ArrayLike, lat: ArrayLike, res: int = STORED_RESOLUTION) -> Cells:
    """`cell_of` for arrays of the same length."""
    x, y = np.asarray(lon, dtype=np.float64).tolist(), np.asarray(lat, dtype=np.float64).tolist()
    return np.fromiter(map(h3.latlng_to_cell, y, x, [res] * len(x)), dtype=np.int64, count=len(x))


def to_hex(cell: int) -> str:
    return str(h3.int_to_str(cell))


def from_hex(text: str) -> int:
    """Parse the hexadecimal form of a cell. ValueError when `text` is not a valid one."""
    try:
        cell = int(text, 16)
    except ValueError:
        cell = 0
    if not is_cell(cell):
        raise ValueError(f"{text!r} is not an H3 cell")
    return cell


def is_cell(cell: int) -> bool:
    return 0 < cell < 2**63 and bool(h3.is_valid_cell(cell))


def resolution(cell: int) -> int:
    return int(h3.get_resolution(cell))


def cells_around(cells: Cells, res: int) -> Cells:
    """Return the cell of resolution `res` that holds the centre of each of these cells, by the point as `cell_of`."""
    known = {cell: cell_of(*centre(cell), res) for cell in np.unique(cells).tolist()}
    return np.fromiter(map(known.__getitem__, cells.tolist()), dtype=np.int64, count=len(cells))


def disk(cell: int, rings: int = 1) -> list[int]:
    """Return the cell and all within `rings` steps of it: 7 cells for one ring, 6 around the twelve pentagons."""
    return list(h3.grid_disk(cell, rings))


def centre(cell: int) -> tuple[float, float]:
    """Return longitude and latitude of the cell's centre."""
    lat, lon = h3.cell_to_latlng(cell)
    return lon, lat


def ring(cell: int) -> list[tuple[float, float]]:
    """Return the cell's outline as a closed ring of (longitude, latitude)."""
    corners = [(lon, lat) for lat, lon in h3.cell_to_boundary(cell)]
    return [*corners, corners[0]]


def area_m2(cell: int) -> float:
    return float(h3.cell_area(cell, unit="m^2"))


def cells_covering(polygon: BaseGeometry, res: int) -> Cells:
    """Return the cells whose centres lie inside a polygon or multipolygon, ascending.

    For the polygons of a partition the cells are a partition too: a centre lies in one polygon only.
    """
    return np.array(sorted(h3.geo_to_cells(polygon, res)), dtype=np.int64)


def cells_touching(polygon: BaseGeometry, res: int) -> Cells:
    """Return the cells that a polygon or multipolygon covers or crosses, ascending.

    They are not a partition: cells on a border between two polygons are in both.
    """
    shape = h3.geo_to_h3shape(polygon)
    return np.array(sorted(h3.h3shape_to_cells_experimental(shape, res, contain="overlap")), dtype=np.int64)


def adjacency(cells: Sequence[int] | Cells) -> csr_array[np.float64, tuple[int, int]]:
    """Build the n × n adjacency matrix: symmetric, 1 for a cell itself and for each neighbour that is among `cells`.

    Row i belongs to `cells[i]`; neighbours outside the set do not count. Building takes about 10 µs a cell, so callers
    keep the matrix for as long as the set stays the same.
    """
    keys = np.asarray(cells, dtype=np.int64)
    disks = [disk(cell) for cell in keys.tolist()]
    sizes = np.fromiter(map(len, disks), dtype=np.int64, count=len(keys))
    near = np.fromiter(chain.from_iterable(disks), dtype=np.int64, count=sizes.sum())
    rows, order = np.repeat(np.arange(len(keys)), sizes), np.argsort(keys)
    places = order[np.minimum(np.searchsorted(keys, near, sorter=order), len(keys) - 1)]
    among = keys[places] == near
    pairs = rows[among], places[among]
    return coo_array((np.ones(len(pairs[0])), pairs), shape=(len(keys), len(keys))).tocsr()
