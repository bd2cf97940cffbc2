"""Hotspots over HTTP: the cells of one view, rated."""

from datetime import datetime
from typing import Literal

import numpy as np
import orjson
from fastapi import APIRouter, Query, Response

from api.errors import Invalid
from api.pack import Pack
from api.services import Services
from api.unit import CurrentActor, CurrentServices, CurrentSession, UnitRoute, allowed
from api.wire.boxes import parse_bbox
from api.wire.layers import hotspots_json
from api.wire.live import HotspotsOut
from console.access.rules import Actor, Permission
from console.feed.rules import WALL_RESOLUTION
from geo.cells import centre
from layers.hotspots.queries import Look, hotspots
from layers.hotspots.rating import within
from layers.hotspots.rules import Hotspots, View

router = APIRouter(route_class=UnitRoute, tags=["hotspots"])


def look_of(actor: Actor, services: Services, *, at: datetime | None = None) -> Look:
    """How the actor's own division is looked at now, or was to be looked at at another moment."""
    now = at or services.now()
    return Look(scope=actor.scope, now=now, day=now.astimezone(services.pack.zone).date(), areas=services.areas)


def view_of(pack: Pack, *, res: int | None, window: str | None, category: str | None, masked: bool) -> View:
    """The view asked for, the pack's own where nothing is said. Raises `Invalid` and `BadView`."""
    wanted = res or pack.hotspots.resolution
    known = {c.code for c in pack.categories} | {c.code for c in pack.classes}
    if category is not None and category not in known:
        raise Invalid(errors=[{"field": "category", "code": "unknown"}])
    return View(
        res=min(wanted, WALL_RESOLUTION) if masked else wanted,
        window=window or pack.hotspots.window,
        category=category,
    )


def cut_to(found: Hotspots, bbox: str) -> Hotspots:
    """Only the cells whose centre lies in a box."""
    try:
        box = parse_bbox(bbox)
    except ValueError as error:
        raise Invalid(errors=[{"field": "bbox", "code": "bbox"}]) from error
    centres = np.array([centre(cell.cell) for cell in found.cells], dtype=np.float64).reshape(-1, 2)
    return within(found, box, centres=centres)


@router.get("/api/hotspots", response_model=HotspotsOut, dependencies=[allowed(Permission.READ_LAYERS)])
async def read_hotspots(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    res: int | None = Query(None, ge=7, le=10, description="H3 resolution."),
    window: Literal["1h", "24h", "7d", "28d"] | None = None,
    category: str | None = Query(None, max_length=64, description="A category or a class; all when left out."),
    bbox: str | None = Query(None, max_length=200, description="west,south,east,north"),
) -> Response:
    """Cells with a count or a class, in the actor's own division."""
    view = view_of(services.pack, res=res, window=window, category=category, masked=actor.sees_masked)
    found = await hotspots(session, look_of(actor, services), view)
    if bbox is not None:
        found = cut_to(found, bbox)
    return Response(orjson.dumps(hotspots_json(found), option=orjson.OPT_UTC_Z), media_type="application/json")
