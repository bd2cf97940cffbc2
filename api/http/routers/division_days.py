"""The days on which lines changed, and the lines of any day."""

import asyncio
from datetime import date
from typing import Annotated, Any

import orjson
import shapely
from fastapi import APIRouter, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.division_days import DayOfLinesOut, DaysOfLinesOut
from api.http.wire.shapes import Day
from console.access.rules import Actor, Permission
from geo.errors import NotFound
from geo.store import lies_within
from geo.terms import DivisionCode
from layers.divisions.changes import changes_by_day
from layers.divisions.history import first_day_of, read_changed
from layers.divisions.queries import StoredLine, find_by_code, read_lines

router = APIRouter(route_class=TransactionRoute, tags=["divisions"], dependencies=[allowed(Permission.READ_LAYERS)])

GEOJSON = "application/geo+json"
LINES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A FeatureCollection; properties `code`, `level`, `parent_code`, `name`.",
        "content": {GEOJSON: {"schema": {"type": "object"}}},
    }
}
OfDivision = Annotated[DivisionCode, Query(description="The division at which, and below which, lines are meant.")]


@router.get("/api/divisions/days")
async def list_days(
    session: CurrentSession, actor: CurrentActor, services: CurrentServices, division: OfDivision
) -> DaysOfLinesOut:
    """List the days on which lines of a division changed, with what began, ended, and was redrawn, renamed or surveyed
    anew; the last days may be to come.
    """
    path = await _path_of(session, actor, division, day=services.today())
    start = await first_day_of(session, path)
    if start is None:
        raise NotFound
    versions = await read_changed(session, path, start=start)
    found = await asyncio.to_thread(changes_by_day, versions, start=start)
    return DaysOfLinesOut(start=start, items=[DayOfLinesOut.of(day, changes) for day, changes in found.items()])


@router.get("/api/divisions/lines", response_class=Response, responses=LINES)
async def read_day(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    division: OfDivision,
    day: Annotated[Day, Query(description="The day whose lines are meant.")],
) -> Response:
    """Return the lines of a division and all below as they are on a day, as GeoJSON, from the top down."""
    path = await _path_of(session, actor, division, day=services.today())
    lines = await read_lines(session, path, day=day)
    body = await asyncio.to_thread(_as_features, lines, division)
    return Response(body, media_type=GEOJSON)


async def _path_of(session: AsyncSession, actor: Actor, code: str, *, day: date) -> str:
    division = await find_by_code(session, code, day=day)
    if division is None or not lies_within(division.division_path, actor.scope):
        raise NotFound
    return division.division_path


def _as_features(lines: list[StoredLine], top: str) -> bytes:
    shapes = shapely.to_geojson([line.shape for line in lines]).tolist()
    features = [
        {
            "type": "Feature",
            "id": line.code,
            "properties": {
                "code": line.code,
                "level": line.level,
                "parent_code": None if line.code == top else line.parent,
                "name": line.name,
                "locked": False,
                "kind": None,
            },
            "geometry": orjson.Fragment(shape),
        }
        for line, shape in zip(lines, shapes, strict=True)
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})
