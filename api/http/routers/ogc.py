"""OGC API Features: the layers as collections, for QGIS, GDAL and other clients."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import QueryParams

from api.http.errors import Invalid
from api.http.hotspot_reading import find_hotspots
from api.http.ogc import links, pages
from api.http.ogc.definition import definition
from api.http.ogc.described import ANY_FORM, DEFINITION, FEATURES, ITEM, ITEMS, ONLY_JSON, PAGE, SCHEMA
from api.http.ogc.parameters import CRS84, filters_of, wanted_of
from api.http.ogc.schemas import queryables, schema
from api.http.public_address import public_root
from api.http.routers.hotspots import check_category
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, LayerRoute, allowed
from api.live.hotspots import view_of
from api.services import Services, services_of
from console.access.rules import Actor, Permission
from console.access.sight import Subject, sees_masked
from geo.cells import from_hex, resolution
from geo.errors import NotFound
from layers.catalogue import Layer
from layers.divisions.queries import find_bbox
from layers.features import BadFilter, FeaturePage, Interval, read_feature, read_page
from layers.hotspots.features import HOTSPOTS, VIEW, feature_of, page_of
from layers.hotspots.rules import BadView, Hotspots, View, moment_before

router = APIRouter(prefix="/ogc", route_class=LayerRoute, tags=["ogc"], dependencies=[allowed(Permission.READ_LAYERS)])

Json = dict[str, Any]


def ogc_root(request: Request) -> str:
    return f"{public_root(request, services_of(request).settings.public_url)}/ogc"


def answer(
    request: Request, body: Json, as_page: Callable[[Json], str] = pages.of_links, *, kind: str = links.JSON
) -> Response:
    """Respond with JSON, or with an HTML page to clients that prefer HTML."""
    form = request.query_params.get("f")
    prefers_page = request.headers.get("accept", "").startswith("text/html")
    encoded = orjson.dumps(body, option=orjson.OPT_UTC_Z)
    headers = {"Cache-Control": "private, no-store", "Vary": "Accept"}
    if form == "html" or (form is None and prefers_page):
        return Response(as_page(orjson.loads(encoded)), media_type="text/html", headers=headers)
    return Response(encoded, media_type=kind, headers=headers)


@router.get("", responses=PAGE, openapi_extra=ANY_FORM)
async def read_landing_page(request: Request) -> Response:
    """Link to all resources."""
    return answer(request, links.landing(ogc_root(request), title="Maplebridge 枫桥"))


@router.get("/conformance", responses=PAGE, openapi_extra=ANY_FORM)
async def read_conformance(request: Request) -> Response:
    body = {"conformsTo": list(links.CONFORMS_TO), "links": links.self_links(f"{ogc_root(request)}/conformance")}
    return answer(request, body)


@router.get("/api", responses=DEFINITION, openapi_extra=ONLY_JSON, response_class=Response)
async def read_definition(request: Request, services: CurrentServices, actor: CurrentActor) -> Response:
    """Return the definition of this part of the API in OpenAPI 3.0."""
    return Response(orjson.dumps(definition(ogc_root(request), listed(services, actor))), media_type=links.OPENAPI)


@router.get("/collections", responses=PAGE, openapi_extra=ANY_FORM)
async def read_collections(
    request: Request, session: CurrentSession, services: CurrentServices, actor: CurrentActor
) -> Response:
    """List the collections that the caller's role may read."""
    bbox = await find_bbox(session, actor.scope, day=services.today())
    body = links.collections(ogc_root(request), listed(services, actor), bbox=bbox)
    return answer(request, body, pages.of_collections)


@router.get("/collections/{collection}", responses=PAGE, openapi_extra=ANY_FORM)
async def read_collection(
    request: Request, session: CurrentSession, services: CurrentServices, actor: CurrentActor, collection: str
) -> Response:
    layer = layer_named(services, actor, collection)
    bbox = await find_bbox(session, actor.scope, day=services.today())
    return answer(request, links.collection(ogc_root(request), layer, bbox=bbox))


@router.get("/collections/{collection}/schema", responses=SCHEMA, openapi_extra=ANY_FORM, response_class=Response)
async def read_schema(request: Request, services: CurrentServices, actor: CurrentActor, collection: str) -> Response:
    """Describe the properties of a collection's features as a JSON schema."""
    layer = layer_named(services, actor, collection)
    url = f"{ogc_root(request)}/collections/{layer.code}/schema"
    return answer(request, schema(url, layer), pages.of_schema, kind=links.SCHEMA)


@router.get("/collections/{collection}/queryables", responses=SCHEMA, openapi_extra=ANY_FORM, response_class=Response)
async def read_queryables(
    request: Request, services: CurrentServices, actor: CurrentActor, collection: str
) -> Response:
    """Describe the parameters by which a collection's features are filtered as a JSON schema."""
    layer = layer_named(services, actor, collection)
    url = f"{ogc_root(request)}/collections/{layer.code}/queryables"
    return answer(request, queryables(url, layer), pages.of_schema, kind=links.SCHEMA)


@router.get("/collections/{collection}/items", responses=FEATURES, openapi_extra=ITEMS, response_class=Response)
async def read_items(
    request: Request, session: CurrentSession, services: CurrentServices, actor: CurrentActor, collection: str
) -> Response:
    """Return a page of features within reach, as of today unless `datetime` is given."""
    layer = layer_named(services, actor, collection)
    wanted = wanted_of(layer, request.query_params, zone=services.pack.zone)
    if layer is HOTSPOTS:
        view = requested_view(services, actor, wanted.filters)
        page = page_of(await _rated(session, services, actor, view, interval=wanted.interval), wanted)
    else:
        page = await read_page(session, layer, wanted, day=services.today())
        await session.commit()  # Returns the connection: a large page takes a while to write.
    body = items_of(request, layer, page)
    body["timeStamp"] = services.now()
    return in_crs84(answer(request, body, lambda found: pages.of_items(layer.title, found), kind=links.GEOJSON))


@router.get(
    "/collections/{collection}/items/{feature}",
    responses=FEATURES,
    openapi_extra=ITEM,
    response_class=Response,
)
async def read_item(
    request: Request,
    session: CurrentSession,
    services: CurrentServices,
    actor: CurrentActor,
    collection: str,
    feature: str,
) -> Response:
    """Return one feature within reach. A hotspot is that of the view which its parameters select."""
    layer = layer_named(services, actor, collection)
    query = without_form(request)
    if layer is HOTSPOTS:
        asked = {"res": resolution_of(feature), **filters_of(layer, QueryParams(query))}
        found = _cell_of(await _rated(session, services, actor, requested_view(services, actor, asked)), feature)
    else:
        refuse_view(query)
        found = await _row_of(session, layer, feature)
    url = f"{ogc_root(request)}/collections/{layer.code}"
    here = links.with_query(f"{url}/items/{feature}", query)
    more = [*links.self_links(here, kind=links.GEOJSON), links.link(url, "collection")]
    body = {**found, "links": more}
    return in_crs84(answer(request, body, lambda each: pages.of_item(layer.title, each), kind=links.GEOJSON))


def in_crs84(response: Response) -> Response:
    """Say in a header that the coordinates are longitude and latitude."""
    response.headers["Content-Crs"] = f"<{CRS84}>"
    return response


def listed(services: Services, actor: Actor) -> list[Layer]:
    """List the layers that are collections, as far as the actor's role may read them."""
    return [layer for layer in services.catalogue if layer.listed and actor.may(Permission(layer.permission))]


def layer_named(services: Services, actor: Actor, code: str) -> Layer:
    """Return a collection's layer. Raises `NotFound` and `Forbidden`."""
    layer = services.catalogue.get(code)
    if layer is None or not layer.listed:
        raise NotFound
    actor.require(Permission(layer.permission))
    return layer


def without_form(request: Request) -> dict[str, str]:
    """Return the query's parameters but for the form of the response."""
    return {name: value for name, value in request.query_params.items() if name != "f"}


def refuse_view(query: Mapping[str, str]) -> None:
    """Raise `BadFilter` for a view's parameters, which a collection other than hotspots does not have."""
    for name in query:
        raise BadFilter(parameter=name, fault="unknown_parameter")


def resolution_of(feature: str) -> int | None:
    """Return the resolution of a cell, so that an id found in one view is found alone. None for what is no cell."""
    try:
        return resolution(from_hex(feature))
    except ValueError:
        return None


def requested_view(services: Services, actor: Actor, filters: Mapping[str, Any]) -> View:
    """Return the view that a query's `res`, `window` and `category` select. Raises `BadFilter`."""
    asked = {name: filters.get(name) for name in VIEW}
    try:
        check_category(services.pack, asked["category"])
        return view_of(services.pack, **asked, masked=sees_masked(actor, Subject.HOTSPOTS))
    except (BadView, Invalid) as error:
        named = [name for name, value in asked.items() if value is not None]
        raise BadFilter(parameter=", ".join(named), fault="unknown") from error


def items_of(request: Request, layer: Layer, page: FeaturePage) -> Json:
    """Build a feature collection with a link to the next page."""
    items = f"{ogc_root(request)}/collections/{layer.code}/items"
    return {
        "type": "FeatureCollection",
        "features": page.features,
        "numberMatched": page.matched,
        "numberReturned": len(page.features),
        "links": links.page_links(items, dict(request.query_params), page),
    }


async def _rated(
    session: AsyncSession, services: Services, actor: Actor, view: View, *, interval: Interval | None = None
) -> Hotspots:
    """Return the request's connection, and read the view in a turn of the account: now, or at an interval's end."""
    await session.commit()
    end = interval.end if interval else None
    at = moment_before(end, now=services.now()) if end else services.now()
    return await find_hotspots(services, actor, view, at=at)


def _cell_of(found: Hotspots, name: str) -> Json:
    for cell in found.cells:
        feature = feature_of(found, cell)
        if feature["id"] == name:
            return feature
    raise NotFound


async def _row_of(session: AsyncSession, layer: Layer, feature: str) -> Json:
    if not (feature.isascii() and feature.isdigit() and len(feature) < 19):
        raise NotFound
    found = await read_feature(session, layer, int(feature))
    if found is None:
        raise NotFound
    row: Json = orjson.loads(orjson.dumps(found))
    return row
