"""The tiling schemes in the format of OGC's Two Dimensional Tile Matrix Set.

The names of its version 1 stand beside those of version 2: GDAL before 3.7 knows only them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from api.http.ogc.links import WEB_MERCATOR
from api.http.ogc.parameters import CRS84
from layers.divisions.queries import Bbox
from layers.tiles import DEEPEST_ZOOM, Scheme, tile_at

Json = dict[str, Any]

OVERZOOMED_FROM = 16
HALF = 20037508.342789244


@dataclass(frozen=True, slots=True)
class Tiling:
    """A scheme's coordinates: the corner of all tiles, and at zoom 0 the size of a pixel and the scale's denominator.

    A scale is that of pixels of 0.28 mm, of which a tile has 256.
    """

    title: str
    crs: str
    axes: tuple[str, str]
    origin: tuple[float, float]
    cell_size: float
    scale: float
    well_known: str


TILINGS: Mapping[Scheme, Tiling] = MappingProxyType(
    {
        Scheme.WEB_MERCATOR: Tiling(
            title="Google Maps Compatible for the World",
            crs=WEB_MERCATOR,
            axes=("X", "Y"),
            origin=(-HALF, HALF),
            cell_size=2 * HALF / 256,
            scale=559082264.028717,
            well_known="GoogleMapsCompatible",
        ),
        Scheme.DEGREES: Tiling(
            title="CRS84 for the World",
            crs=CRS84,
            axes=("Lon", "Lat"),
            origin=(-180.0, 90.0),
            cell_size=180 / 256,
            scale=279541132.0143589,
            well_known="GoogleCRS84Quad",
        ),
    }
)


def deepest(scheme: Scheme) -> int:
    """Return the last zoom that is described. Tiles deeper down hold the same lines."""
    return scheme.zoom_of(OVERZOOMED_FROM)


def uri_of(scheme: Scheme) -> str:
    return f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{scheme}"


def tiling_scheme(scheme: Scheme) -> Json:
    tiling = TILINGS[scheme]
    return {
        "id": scheme,
        "title": tiling.title,
        "uri": uri_of(scheme),
        "crs": tiling.crs,
        "orderedAxes": tiling.axes,
        "wellKnownScaleSet": f"http://www.opengis.net/def/wkss/OGC/1.0/{tiling.well_known}",
        "tileMatrices": [_matrix(scheme, z) for z in range(DEEPEST_ZOOM + 1)],
        "type": "TileMatrixSetType",
        "identifier": scheme,
        "supportedCRS": tiling.crs,
    }


def _matrix(scheme: Scheme, z: int) -> Json:
    tiling = TILINGS[scheme]
    return {
        "id": str(z),
        "scaleDenominator": tiling.scale / 2**z,
        "cellSize": tiling.cell_size / 2**z,
        "pointOfOrigin": tiling.origin,
        "tileWidth": 256,
        "tileHeight": 256,
        "matrixWidth": scheme.columns(z),
        "matrixHeight": 2**z,
        "identifier": str(z),
        "topLeftCorner": tiling.origin,
    }


def limits(scheme: Scheme, box: Bbox, *, least: int) -> list[Json]:
    """List the first and last tiles that a box touches, of each zoom from `least` on that is worth asking for.

    A program that reads every zoom would else ask for the whole world, and for thousands of tiles of one field.
    """
    west, south, east, north = box
    found = []
    for z in range(least, deepest(scheme) + 1):
        first, last = tile_at(west, north, z=z, scheme=scheme), tile_at(east, south, z=z, scheme=scheme)
        rows = {"minTileRow": first.y, "maxTileRow": last.y}
        found.append({"tileMatrix": str(z), **rows, "minTileCol": first.x, "maxTileCol": last.x})
    return found
