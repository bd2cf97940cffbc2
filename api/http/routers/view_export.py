"""Export a view as one HTML file: `api/http/view_export/` reads its content, `layers/view_export.py` renders it."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse

from api.http.errors import Invalid
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.view_export.composer import Composer, Request, read_assets
from api.http.view_export.words import Lang
from api.http.wire.boxes import parse_bbox
from console.access.rules import Permission
from layers.divisions.queries import Bbox, find_bbox
from layers.view_export import policy_of, render

router = APIRouter(route_class=TransactionRoute, tags=["views"], dependencies=[allowed(Permission.READ_LAYERS)])

LAYERS = "hexes,incidents,cameras,places"
Box = Annotated[
    str | None, Query(max_length=200, description="west,south,east,north; the caller's division by default.")
]
Chosen = Annotated[str, Query(max_length=200, description="Comma-separated: hexes, incidents, cameras, places.")]


@router.get("/api/view-export.html", response_class=HTMLResponse)
async def read_view_export(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    bbox: Box = None,
    layers: Chosen = LAYERS,
    lang: Lang = "zh",
) -> Response:
    """Download the view as the caller may see it now, as one HTML file that works offline.

    Its scripts are inline, which the pages' own policy forbids. The response has a policy that allows exactly those
    scripts, by digest, and is a sandboxed attachment: opened at this address, it could not act for the user.
    """
    assets = read_assets(services.settings.static_dir / "view-export")
    day = services.today()
    box = _box(bbox) or await find_bbox(session, actor.scope, day=day) or (-180.0, -85.0, 180.0, 85.0)
    asked = Request(bbox=box, layers=frozenset(layers.split(",")), lang=lang)
    sheet = await Composer(session, actor, services, asked).sheet()
    page = await asyncio.to_thread(render, sheet, assets)
    name = f"maplebridge-{services.now().astimezone(services.pack.zone):%Y%m%d-%H%M}.html"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": f"sandbox allow-scripts; {policy_of(page)}",
        "Cache-Control": "private, no-store",
    }
    return Response(page, media_type="text/html; charset=utf-8", headers=headers)


def _box(bbox: str | None) -> Bbox | None:
    try:
        return parse_bbox(bbox) if bbox else None
    except ValueError as error:
        raise Invalid(errors=[{"field": "bbox", "code": "bbox"}]) from error
