"""Descriptions of the vector tiles, after OGC API Tiles."""

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.ogc import links
from api.http.ogc.described import ANY_FORM, PAGE
from api.http.ogc.tiling import tiling_scheme
from api.http.routers.ogc import answer, ogc_root
from api.http.routers.tiles import DEFAULT, tiled_layer
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, LayerRoute, allowed
from api.services import Services
from console.access.rules import Actor, Permission
from layers.catalogue import Layer, Property
from layers.divisions.queries import find_bbox
from layers.tiles import DEEPEST_ZOOM

router = APIRouter(prefix="/ogc", route_class=LayerRoute, tags=["ogc"], dependencies=[allowed(Permission.READ_LAYERS)])

Json = dict[str, Any]
SET = "WebMercatorQuad"


@router.get("/tileMatrixSets", responses=PAGE, openapi_extra=ANY_FORM)
async def read_tiling_schemes(request: Request) -> Response:
    url = f"{ogc_root(request)}/tileMatrixSets"
    schemes = [{"id": SET, "uri": links.TILING, "links": [links.link(f"{url}/{SET}", "self")]}]
    return answer(request, {"tileMatrixSets": schemes, "links": links.self_links(url)})


@router.get(f"/tileMatrixSets/{SET}", responses=PAGE, openapi_extra=ANY_FORM)
async def read_tiling_scheme(request: Request) -> Response:
    return answer(request, {**tiling_scheme(), "links": links.self_links(f"{ogc_root(request)}/tileMatrixSets/{SET}")})


@router.get("/tiles", responses=PAGE, openapi_extra=ANY_FORM)
async def read_tilesets(request: Request) -> Response:
    """List the tilesets that combine several collections."""
    return answer(request, _list_of(ogc_root(request), f"{ogc_root(request)}/tiles", title="Maplebridge"))


@router.get(f"/tiles/{SET}", responses=PAGE, openapi_extra=ANY_FORM)
async def read_tileset(
    request: Request, session: CurrentSession, services: CurrentServices, actor: CurrentActor
) -> Response:
    """Describe the source layers, with the lowest zoom of each level of divisions."""
    layers = [tiled_layer(services, actor, code) for code in DEFAULT]
    url = f"{ogc_root(request)}/tiles/{SET}"
    return answer(request, await _described(session, services, actor, root=ogc_root(request), url=url, layers=layers))


@router.get("/collections/{collection}/tiles", responses=PAGE, openapi_extra=ANY_FORM)
async def read_collection_tilesets(
    request: Request, services: CurrentServices, actor: CurrentActor, collection: str
) -> Response:
    layer = tiled_layer(services, actor, collection)
    url = f"{ogc_root(request)}/collections/{layer.code}/tiles"
    return answer(request, _list_of(ogc_root(request), url, title=layer.title))


@router.get(f"/collections/{{collection}}/tiles/{SET}", responses=PAGE, openapi_extra=ANY_FORM)
async def read_collection_tileset(
    request: Request, session: CurrentSession, services: CurrentServices, actor: CurrentActor, collection: str
) -> Response:
    layers = [tiled_layer(services, actor, collection)]
    url = f"{ogc_root(request)}/collections/{collection}/tiles/{SET}"
    return answer(request, await _described(session, services, actor, root=ogc_root(request), url=url, layers=layers))


def _list_of(root: str, url: str, *, title: str) -> Json:
    scheme = links.link(f"{root}/tileMatrixSets/{SET}", "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme")
    described = {
        "title": title,
        "dataType": "vector",
        "crs": links.WEB_MERCATOR,
        "tileMatrixSetURI": links.TILING,
        "links": [links.link(f"{url}/{SET}", "self"), scheme],
    }
    return {"tilesets": [described], "links": links.self_links(url)}


async def _described(
    session: AsyncSession, services: Services, actor: Actor, *, root: str, url: str, layers: list[Layer]
) -> Json:
    day = services.today()
    zooms = await services.level_zooms.get(session, actor.scope, day=day, now=services.now())
    by_level = {zoom.level: zoom.zoom for zoom in zooms}
    return links.tileset(
        root,
        url,
        title=" · ".join(layer.title for layer in layers),
        layers=[_layer(layer, by_level) for layer in layers],
        bbox=await find_bbox(session, actor.scope, day=day),
    )


def _layer(layer: Layer, by_level: dict[str, int]) -> Json:
    """Describe a source layer. `levels` gives the lowest zoom of each level of divisions."""
    levels = {level: zoom for level, zoom in by_level.items() if not layer.levels or level in layer.levels}
    dated = {} if layer.levels is None else {"levels": levels}
    least = layer.min_zoom if layer.levels is None else min(levels.values(), default=0)
    return {
        "id": layer.code,
        "dataType": "vector",
        "geometryDimension": 2 if layer.geometry == "polygon" else 0,
        "minTileMatrix": str(least),
        "maxTileMatrix": str(DEEPEST_ZOOM),
        "propertiesSchema": {
            "type": "object",
            "properties": {p.name: {"type": "string" if "date" in p.kind else p.kind} for p in _tiled(layer)},
        },
        **dated,
    }


def _tiled(layer: Layer) -> list[Property]:
    return [p for p in layer.properties if p.tiled]
