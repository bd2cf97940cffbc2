"""Export a view as one HTML file: `api/http/view_export/` reads it, `layers/view_export_rendering.py` renders it."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse

from api.http.bbox import BboxQuery
from api.http.errors import Invalid
from api.http.language import Lang
from api.http.transactions import READ_SECONDS, CurrentActor, CurrentServices, SignedInRoute, allowed
from api.http.view_export.composer import Composer, Request, read_assets
from api.services import Services
from console.access.rules import Actor, Permission
from layers.divisions.queries import Bbox, find_bbox
from layers.exports.apart import run_apart
from layers.view_export import ViewTooDemanding
from layers.view_export_page import policy_of

router = APIRouter(route_class=SignedInRoute, tags=["views"], dependencies=[allowed(Permission.READ_LAYERS)])

RENDERING = "layers.view_export_rendering"
EVERYWHERE: Bbox = (-180.0, -85.0, 180.0, 85.0)
KNOWN = frozenset({"hexes", "incidents", "cameras", "places"})
LAYERS = "hexes,incidents,cameras,places"
Chosen = Annotated[str, Query(max_length=200, description="Comma-separated: hexes, incidents, cameras, places.")]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A view as it was asked for. Without a box, of the caller's division."""

    box: Bbox | None
    layers: frozenset[str]
    lang: Lang


@router.get("/api/view-export.html", response_class=HTMLResponse)
async def read_view_export(
    actor: CurrentActor,
    services: CurrentServices,
    bbox: BboxQuery,
    layers: Chosen = LAYERS,
    lang: Lang = "zh",
) -> Response:
    """Download the view as the caller may see it now, as one HTML file that works offline.

    Its scripts are inline, which the pages' own policy forbids. The response has a policy that allows exactly those
    scripts, by digest, and is a sandboxed attachment: opened at this address, it could not act for the user.
    Equal requests share one file, and an account makes one at a time: 429 `reads.too_many` if more than a few wait.
    """
    asked = Wanted(box=bbox, layers=_known(layers), lang=lang)
    turn = services.costly_reads.turn(actor.user_id)
    key = (actor.scope, actor.force_id, actor.role, actor.username, asked)
    page = await services.view_exports.ask(key, partial(_page, services, actor, asked), turn=turn)
    name = f"maplebridge-{services.now().astimezone(services.pack.zone):%Y%m%d-%H%M}.html"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": f"sandbox allow-scripts; {policy_of(page)}",
        "Cache-Control": "private, no-store",
    }
    return Response(page, media_type="text/html; charset=utf-8", headers=headers)


def _known(layers: str) -> frozenset[str]:
    """Split the list of layers. Raises Invalid for one that is not known."""
    asked = frozenset(layers.split(","))
    if unknown := sorted(asked - KNOWN):
        raise Invalid(errors=[{"field": "layers", "code": "unknown", "value": unknown[0], "known": sorted(KNOWN)}])
    return asked


async def _page(services: Services, actor: Actor, wanted: Wanted) -> str:
    """Read the view, then render it without a connection, and in a process of its own: folium builds and drops large
    trees, and every request waited for them.
    """
    assets = read_assets(services.settings.static_dir / "view-export")
    async with services.store.transaction(actor.reach, statement_seconds=READ_SECONDS) as session:
        box = wanted.box or await find_bbox(session, actor.scope, day=services.today()) or EVERYWHERE
        composer = Composer(session, actor, services, Request(bbox=box, layers=wanted.layers, lang=wanted.lang))
        read = await composer.read()
    job = await asyncio.to_thread(orjson.dumps, (await composer.sheet(read), assets))
    _, page = await run_apart(RENDERING, job, refusal=ViewTooDemanding)
    return page.decode()
