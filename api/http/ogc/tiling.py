"""The tiling scheme WebMercatorQuad, in the format of OGC's Two Dimensional Tile Matrix Set."""

from typing import Any

from api.http.ogc.links import TILING, WEB_MERCATOR
from layers.tiles import DEEPEST_ZOOM

HALF = 20037508.342789244
SCALE_0 = 559082264.028717
"""Scale denominator of zoom 0, at 0.28 mm a pixel and 256 pixels a tile."""


def tiling_scheme() -> dict[str, Any]:
    return {
        "id": "WebMercatorQuad",
        "title": "Google Maps Compatible for the World",
        "uri": TILING,
        "crs": WEB_MERCATOR,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [_matrix(z) for z in range(DEEPEST_ZOOM + 1)],
    }


def _matrix(z: int) -> dict[str, Any]:
    return {
        "id": str(z),
        "scaleDenominator": SCALE_0 / 2**z,
        "cellSize": 2 * HALF / 256 / 2**z,
        "pointOfOrigin": [-HALF, HALF],
        "tileWidth": 256,
        "tileHeight": 256,
        "matrixWidth": 2**z,
        "matrixHeight": 2**z,
    }
