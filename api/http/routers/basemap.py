"""Tiles of the basemap over HTTP. docs/tiles.md describes their content."""

from gzip import decompress
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api.http.ogc.described import UNCHANGED
from api.http.routers.tiles import Index, Mvt, Zoom
from api.http.transactions import CurrentServices, SignedInRoute, allowed
from console.access.rules import Permission
from geo.errors import NotFound
from layers.tiles import Tile

router = APIRouter(route_class=SignedInRoute, tags=["basemap"], dependencies=[allowed(Permission.READ_LAYERS)])

FOR_EVER = "private, max-age=31536000, immutable"
"""Another basemap has another address."""
Version = Annotated[str, Path(max_length=64, description="As in `/api/county`.")]


@router.get("/api/basemap/{version}/{z}/{x}/{y}", response_class=Mvt, responses=UNCHANGED)
async def read_basemap_tile(
    request: Request, services: CurrentServices, version: Version, z: Zoom, x: Index, y: Index
) -> Response:
    """Return one tile of the basemap in use; column (x) comes before row (y).

    A page that has the version before gets the present one's tiles, which it does not keep.
    """
    tile = Tile(z, x, y)
    basemap = services.basemaps.now()
    if basemap is None:
        raise NotFound
    body = basemap.tile(tile.z, tile.x, tile.y)
    current = basemap.info.version
    headers = {
        "ETag": f'"{current}"',
        "Cache-Control": FOR_EVER if version == current else "private, no-cache",
        "Vary": "Accept-Encoding, Cookie, Authorization",
    }
    if not body:
        return Mvt(b"", headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Mvt(body, headers=headers | {"Content-Encoding": "gzip"})
    return Mvt(decompress(body), headers=headers)
