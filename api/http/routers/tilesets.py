"""Descriptions of the vector tiles, after OGC API Tiles."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.ogc import links
from api.http.ogc.described import ANY_FORM, PAGE
from api.http.ogc.tilesets import tileset, tilesets
from api.http.ogc.tiling import tiling_scheme, uri_of
from api.http.routers.ogc import answer, ogc_root, without_form
from api.http.routers.tiles import Collections, OnDay, SchemeName, Version, scheme_named, tiled_layer, tiled_layers
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, LayerRoute, allowed
from api.services import Services
from console.access.rules import Actor, Permission
from layers.catalogue import Layer
from layers.divisions.queries import find_bbox
from layers.tiles import Scheme

router = APIRouter(prefix="/ogc", route_class=LayerRoute, tags=["ogc"], dependencies=[allowed(Permission.READ_LAYERS)])

Json = dict[str, Any]


@router.get("/tileMatrixSets", responses=PAGE, openapi_extra=ANY_FORM)
async def read_tiling_schemes(request: Request) -> Response:
    url = f"{ogc_root(request)}/tileMatrixSets"
    schemes = [{"id": each, "uri": uri_of(each), "links": [links.link(f"{url}/{each}", "self")]} for each in Scheme]
    return answer(request, {"tileMatrixSets": schemes, "links": links.self_links(url)})


@router.get("/tileMatrixSets/{scheme}", responses=PAGE, openapi_extra=ANY_FORM)
async def read_tiling_scheme(request: Request, scheme: SchemeName) -> Response:
    found = scheme_named(scheme)
    url = f"{ogc_root(request)}/tileMatrixSets/{found}"
    return answer(request, {**tiling_scheme(found), "links": links.self_links(url)})


@router.get("/tiles", responses=PAGE, openapi_extra=ANY_FORM)
async def read_tilesets(
    request: Request,
    services: CurrentServices,
    actor: CurrentActor,
    collections: Collections,
    on_day: OnDay = None,
    version: Version = None,
) -> Response:
    """List the tilesets that combine several collections."""
    tiled_layers(services, actor, collections)
    url = f"{ogc_root(request)}/tiles"
    return answer(request, tilesets(ogc_root(request), url, title="Maplebridge", query=without_form(request)))


@router.get("/tiles/{scheme}", responses=PAGE, openapi_extra=ANY_FORM)
async def read_tileset(
    request: Request,
    session: CurrentSession,
    services: CurrentServices,
    actor: CurrentActor,
    scheme: SchemeName,
    collections: Collections,
    on_day: OnDay = None,
    version: Version = None,
) -> Response:
    """Describe the source layers, with the lowest zoom of each level of divisions."""
    layers = tiled_layers(services, actor, collections)
    url = f"{ogc_root(request)}/tiles"
    return answer(request, await _described(request, session, services, actor, url=url, scheme=scheme, layers=layers))


@router.get("/collections/{collection}/tiles", responses=PAGE, openapi_extra=ANY_FORM)
async def read_collection_tilesets(
    request: Request,
    services: CurrentServices,
    actor: CurrentActor,
    collection: str,
    on_day: OnDay = None,
    version: Version = None,
) -> Response:
    layer = tiled_layer(services, actor, collection)
    url = f"{ogc_root(request)}/collections/{layer.code}/tiles"
    return answer(request, tilesets(ogc_root(request), url, title=layer.title, query=without_form(request)))


@router.get("/collections/{collection}/tiles/{scheme}", responses=PAGE, openapi_extra=ANY_FORM)
async def read_collection_tileset(
    request: Request,
    session: CurrentSession,
    services: CurrentServices,
    actor: CurrentActor,
    collection: str,
    scheme: SchemeName,
    on_day: OnDay = None,
    version: Version = None,
) -> Response:
    layers = [tiled_layer(services, actor, collection)]
    url = f"{ogc_root(request)}/collections/{collection}/tiles"
    return answer(request, await _described(request, session, services, actor, url=url, scheme=scheme, layers=layers))


async def _described(
    request: Request,
    session: AsyncSession,
    services: Services,
    actor: Actor,
    *,
    url: str,
    scheme: str,
    layers: Sequence[Layer],
) -> Json:
    day = services.today()
    zooms = await services.level_zooms.get(session, actor.scope, day=day, now=services.now())
    return tileset(
        ogc_root(request),
        url,
        scheme_named(scheme),
        layers=layers,
        zooms={zoom.level: zoom.zoom for zoom in zooms},
        bbox=await find_bbox(session, actor.scope, day=day),
        query=without_form(request),
        version=services.live.lines.version,
    )
