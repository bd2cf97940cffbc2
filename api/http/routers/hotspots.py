"""Hotspots over HTTP: the cells of one view, rated."""

from datetime import date, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import numpy as np
import orjson
from fastapi import APIRouter, Query, Response

from api.http.bbox import BboxQuery
from api.http.errors import Invalid
from api.http.hotspot_reading import find_accuracy, find_hotspots
from api.http.transactions import CurrentActor, CurrentServices, SignedInRoute, allowed
from api.http.wire.hotspots import AccuracyOut
from api.http.wire.live import HotspotsOut
from api.http.wire.shapes import DayOrMoment
from api.live.hotspots import hotspots_body, view_of
from api.place.pack import Pack
from console.access.rules import Permission
from console.access.sight import Subject, sees_masked
from geo.cells import centre
from layers.divisions.queries import Bbox
from layers.exports.queries import day_end, midnight
from layers.hotspots.rating import within
from layers.hotspots.rules import Hotspots, moment_before

router = APIRouter(route_class=SignedInRoute, tags=["hotspots"])


def check_category(pack: Pack, category: str | None) -> None:
    """Raise `Invalid` for a category or class that the pack does not have."""
    terms = pack.incidents
    known = terms.category_by_code.keys() | {of.code for of in terms.classes}
    if category is not None and category not in known:
        raise Invalid(errors=[{"field": "category", "code": "unknown"}])


def only_within(found: Hotspots, box: Bbox) -> Hotspots:
    """Keep only the cells whose centre lies in a box."""
    centres = np.array([centre(cell.cell) for cell in found.cells], dtype=np.float64).reshape(-1, 2)
    return within(found, box, centres=centres)


def moment_of(at: date | datetime | None, *, now: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment at which windows end. Raises `Invalid` for one that is still to come."""
    if at is None:
        return now
    start = at if isinstance(at, datetime) else midnight(at, zone)
    if start > now:
        raise Invalid(errors=[{"field": "at", "code": "future"}])
    return moment_before(at if isinstance(at, datetime) else day_end(at, zone), now=now)


@router.get("/api/hotspots", response_model=HotspotsOut, dependencies=[allowed(Permission.READ_LAYERS)])
async def read_hotspots(
    actor: CurrentActor,
    services: CurrentServices,
    box: BboxQuery,
    res: int | None = Query(None, ge=7, le=10, description="H3 resolution."),
    window: Literal["1h", "24h", "7d", "28d"] | None = None,
    category: str | None = Query(None, max_length=64, description="A category or a class; all by default."),
    at: Annotated[
        DayOrMoment | None,
        Query(
            description="Hotspots of the past: the window ends with this day in the county's time zone, or at this "
            "time, rounded up to a quarter of an hour; now by default."
        ),
    ] = None,
) -> Response:
    """List the cells with a count or a class, in the caller's division, now or at the end of any earlier day.

    They are rated as they were then: by the incidents that had occurred, over the boundaries of that day.
    """
    check_category(services.pack, category)
    view = view_of(
        services.pack, res=res, window=window, category=category, masked=sees_masked(actor, Subject.HOTSPOTS)
    )
    moment = moment_of(at, now=services.now(), zone=services.pack.zone)
    found = await find_hotspots(services, actor, view, at=moment)
    if box is not None:
        found = only_within(found, box)
    return Response(orjson.dumps(hotspots_body(found), option=orjson.OPT_UTC_Z), media_type="application/json")


@router.get("/api/hotspots/accuracy", dependencies=[allowed(Permission.READ_INCIDENTS)])
async def read_accuracy(
    actor: CurrentActor,
    services: CurrentServices,
    res: int | None = Query(None, ge=7, le=10, description="H3 resolution."),
    category: str | None = Query(None, max_length=64, description="A category or a class; all by default."),
) -> AccuracyOut:
    """Measure hotspots of 7 days by the week that followed, against the busiest cells of the four weeks before it.

    By the whole weeks up to last midnight, twelve at most, in the caller's division.
    """
    check_category(services.pack, category)
    view = view_of(services.pack, res=res, window="7d", category=category, masked=False)
    return AccuracyOut.of(view, await find_accuracy(services, actor, view))
