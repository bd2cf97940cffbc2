"""Vector tiles over HTTP, after OGC API Tiles. docs/tiles.md describes their content."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.ogc.described import UNCHANGED
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, LayerRoute, allowed
from api.http.wire.shapes import Day
from api.services import Services
from console.access.rules import Actor, Permission
from geo.errors import NotFound
from layers.catalogue import Layer
from layers.tiles import DEEPEST_ZOOM, NoSuchTile, Scheme, Tile, etag_of, read_tile

router = APIRouter(route_class=LayerRoute, tags=["ogc"], dependencies=[allowed(Permission.READ_LAYERS)])

MVT = "application/vnd.mapbox-vector-tile"
DEFAULT = ("divisions", "divisions_label", "cameras", "places")
Zoom = Annotated[int, Path(ge=0, le=DEEPEST_ZOOM)]
Index = Annotated[int, Path(ge=0, lt=2 ** (DEEPEST_ZOOM + 1))]
SchemeName = Annotated[str, Path(description="WebMercatorQuad or WorldCRS84Quad.")]
OnDay = Annotated[Day | None, Query(alias="datetime", description="Boundaries as of this day; today by default.")]

Version = Annotated[
    str | None,
    Query(max_length=64, description="Version of the lines, as in `/api/county`: another address for other lines."),
]


async def _collections(
    collections: Annotated[str, Query(max_length=500, description="Comma-separated.")] = ",".join(DEFAULT),
) -> tuple[str, ...]:
    return tuple(dict.fromkeys(collections.split(",")))


Collections = Annotated[tuple[str, ...], Depends(_collections)]
"""Codes of the collections that the query names, once each."""


class Mvt(Response):
    media_type = MVT


@router.get("/ogc/tiles/{scheme}/{z}/{y}/{x}", response_class=Mvt, responses=UNCHANGED)
async def read_map_tile(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    scheme: SchemeName,
    z: Zoom,
    y: Index,
    x: Index,
    collections: Collections,
    on_day: OnDay = None,
    version: Version = None,
) -> Response:
    """Return one tile of several collections, each a source layer. Row (y) comes before column (x)."""
    layers = tiled_layers(services, actor, collections)
    body = await _body(session, services, actor, tile=Tile(z, x, y, scheme_named(scheme)), layers=layers, day=on_day)
    return answer(body)


@router.get("/ogc/collections/{collection}/tiles/{scheme}/{z}/{y}/{x}", response_class=Mvt, responses=UNCHANGED)
async def read_collection_tile(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    collection: str,
    scheme: SchemeName,
    z: Zoom,
    y: Index,
    x: Index,
    on_day: OnDay = None,
    version: Version = None,
) -> Response:
    """Return one tile of one collection."""
    layers = [tiled_layer(services, actor, collection)]
    body = await _body(session, services, actor, tile=Tile(z, x, y, scheme_named(scheme)), layers=layers, day=on_day)
    return answer(body)


def scheme_named(name: str) -> Scheme:
    """Return a tiling scheme. Raises `NoSuchTile`."""
    try:
        return Scheme(name)
    except ValueError:
        raise NoSuchTile from None


def tiled_layers(services: Services, actor: Actor, codes: Iterable[str]) -> list[Layer]:
    return [tiled_layer(services, actor, code) for code in codes]


def tiled_layer(services: Services, actor: Actor, code: str) -> Layer:
    """Return a collection's layer if it has tiles. Raises `NotFound` and `Forbidden`."""
    layer = services.catalogue.get(code)
    if layer is None or not layer.tiled:
        raise NotFound
    actor.require(Permission(layer.permission))
    return layer


async def _body(
    session: AsyncSession,
    services: Services,
    actor: Actor,
    *,
    tile: Tile,
    layers: Sequence[Layer],
    day: date | None,
) -> bytes:
    on_day = day or services.today()
    zooms = await services.level_zooms.get(session, actor.scope, day=on_day, now=services.now())
    return await read_tile(session, tile, layers, zooms=zooms, day=on_day)


def answer(body: bytes) -> Response:
    """Respond with the tile and its digest.

    Only the reader's own browser caches it, and revalidates each time: a tile's content depends on the reader.
    """
    headers = {"ETag": etag_of(body), "Cache-Control": "private, no-cache", "Vary": "Cookie, Authorization"}
    return Mvt(body, headers=headers)
