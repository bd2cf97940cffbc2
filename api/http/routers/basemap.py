"""Tiles of the basemap and of the raster map over HTTP. docs/tiles.md describes their content."""

from gzip import decompress
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api.http.ogc.described import UNCHANGED
from api.http.routers.tiles import Index, Mvt, Zoom
from api.http.transactions import CurrentActor, CurrentServices, SignedInRoute, allowed
from console.access.rules import Permission
from geo.errors import NotFound
from layers.basemap.raster import image_type
from layers.tiles import Tile

router = APIRouter(route_class=SignedInRoute, tags=["basemap"], dependencies=[allowed(Permission.READ_LAYERS)])

FOR_EVER = "private, max-age=31536000, immutable"
"""Another basemap has another address."""
Version = Annotated[str, Path(max_length=64, description="As in `/api/county`.")]

A_DAY = "private, max-age=86400"
RasterLayer = Annotated[int, Path(ge=0, lt=8, description="From the bottom up, `layers` of `/api/county` in all.")]
RasterVersion = Annotated[
    str | None, Query(max_length=64, description="As in `/api/county`: another address for another map.")
]
PICTURE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A picture of 256 pixels.",
        "content": {kind: {} for kind in ("image/png", "image/jpeg", "image/webp")},
    }
}


@router.get("/api/basemap/raster/{layer}/{z}/{x}/{y}", response_class=Response, responses=PICTURE)
async def read_raster_tile(
    actor: CurrentActor,
    services: CurrentServices,
    layer: RasterLayer,
    z: Zoom,
    x: Index,
    y: Index,
    version: RasterVersion = None,
) -> Response:
    """Return one picture of a layer of the raster map; column (x) comes before row (y). 404 where there is none."""
    raster, tile = services.rasters.now(), Tile(z, x, y)
    if raster is None or layer >= raster.info.layers or not raster.info.min_zoom <= z <= raster.info.max_zoom:
        raise NotFound
    async with services.raster_reads.turn(actor.user_id):
        body = await raster.tile(layer, tile)
    if not body:
        raise NotFound
    return Response(body, media_type=image_type(body), headers={"Cache-Control": A_DAY})


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
