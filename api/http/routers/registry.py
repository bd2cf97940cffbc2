"""The register's screen over HTTP: units edited by hand, who sits where today, exposure, and the log of changes."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Query
from shapely import Point

from api.http.body_limits import STEP_BYTES
from api.http.routers.register import OfUnit
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.register import UnitOut
from api.http.wire.registry import (
    ChangeEntryOut,
    ExposureOut,
    ExposureRowOut,
    SittingOut,
    SittingsOut,
    UnitCloseIn,
    UnitEditIn,
    UnitIn,
)
from api.http.wire.shapes import Page
from api.place.pack import Pack
from console.access.rules import Permission
from console.cases.centres import MOVERS
from console.change_log.queries import page_of_changes
from console.register.actions import Moment
from console.register.editing import close_unit, edit_unit, open_unit
from console.register.queries import get_unit, manned_by, posts_in
from console.register.rules import require_known
from console.rosters.queries import Period
from console.rosters.rules import Who, WhoKind
from console.rosters.sitting import sitting_in
from geo.errors import NotFound
from geo.store import lies_within
from layers.divisions.queries import find_by_code
from layers.exposure.queries import exposure_of
from layers.exposure.rules import summed

router = APIRouter(route_class=TransactionRoute, tags=["register"])

OfDivision = Annotated[str | None, Query(pattern=r"^\w{1,32}$", description="A division's code; else one's own.")]


@router.post("/api/units", status_code=201, max_body_size=STEP_BYTES)
async def post_unit(body: UnitIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices) -> UnitOut:
    """Open a unit in one's own division. 409 `unit.exists` if its code is taken, or the division has a centre."""
    actor.require(Permission.EDIT_POSTS)
    kind = services.pack.registry.kind_by_code.get(body.kind)
    require_known(body.kind, services.pack.registry.kind_by_code, name="kind")
    _require_words(services.pack, hours=body.hours, services=body.services, specialities=body.specialities)
    division = await find_by_code(session, body.division, day=services.today())
    if division is None:
        raise NotFound
    if body.parent is not None:
        await get_unit(session, body.parent)
    record = body.as_record(division.level, division.division_path, is_centre=bool(kind and kind.centre))
    point = None if body.lon is None or body.lat is None else Point(body.lon, body.lat)
    at = Moment(services.now(), services.today())
    return UnitOut.of(await open_unit(session, actor, record, point=point, reason=body.reason, at=at), accepts=False)


@router.patch("/api/units/{unit}", max_body_size=STEP_BYTES)
async def patch_unit(
    unit: OfUnit, body: UnitEditIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> UnitOut:
    """Change a unit's name, hours, telephone, services or attendance. 409 `unit.closed` for a closed one."""
    actor.require(Permission.EDIT_POSTS)
    said = body.said()
    _require_words(
        services.pack,
        hours=said.get("hours", ""),
        services=said.get("services", ()),
        specialities=said.get("specialities", ()),
    )
    row = await edit_unit(session, actor, unit, said, reason=body.reason, now=services.now())
    accepting = await manned_by(session, [row.id], roles=MOVERS, day=services.today())
    return UnitOut.of(row, accepts=row.id in accepting)


@router.post("/api/units/{unit}/close", max_body_size=STEP_BYTES)
async def close(
    unit: OfUnit, body: UnitCloseIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> UnitOut:
    """Close a unit from today on. 409 `unit.in_use` while it has posts, running cases or units below it."""
    at = Moment(services.now(), services.today())
    row = await close_unit(session, actor, unit, cases=services.open_cases, reason=body.reason, at=at)
    return UnitOut.of(row, accepts=False)


@router.get("/api/units/{unit}/sitting", dependencies=[allowed(Permission.READ_ROSTERS)])
async def read_sitting(
    unit: OfUnit, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> SittingsOut:
    """Tell who serves in a unit today, by the rosters: shifts at it, of itself, and of those who hold its posts."""
    row, today = await get_unit(session, unit), services.today()
    held = await posts_in(session, [row.id], day=today)
    whos = [Who(WhoKind.UNIT, row.id), *(Who(WhoKind.PERSON, post.person_id) for post in held)]
    span = Period(today, today, services.pack.zone).span
    found = await sitting_in(session, unit, whos=whos, span=span)
    named = actor.may(Permission.READ_POSTS)
    return SittingsOut(day=today, items=[SittingOut.of(one, named=named) for one in found])


@router.get("/api/exposure", dependencies=[allowed(Permission.READ_LAYERS)])
async def read_exposure(
    session: CurrentSession, actor: CurrentActor, services: CurrentServices, division: OfDivision = None
) -> ExposureOut:
    """Count households, premises and enterprises in a division within reach, and in those directly below it."""
    today, path = services.today(), actor.scope
    if division is not None:
        found = await find_by_code(session, division, day=today)
        if found is None or not lies_within(found.division_path, actor.scope):
            raise NotFound
        path = found.division_path
    parts = await exposure_of(session, path, day=today)
    below = [part for part in parts if part.path != path]
    total = ExposureRowOut.of(summed(parts, path=path))
    return ExposureOut(total=total, items=[ExposureRowOut.of(part) for part in below])


@router.get("/api/change-log")
async def read_change_log(
    session: CurrentSession,
    actor: CurrentActor,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
    subject: Annotated[str | None, Query(max_length=80, description="A unit's code, or a username.")] = None,
) -> Page[ChangeEntryOut]:
    """List changes to the register and to accounts within reach, the latest first, with their reasons."""
    page, following = await page_of_changes(session, actor, subject=subject, limit=limit, cursor=cursor)
    return Page[ChangeEntryOut](items=[ChangeEntryOut.of(entry) for entry in page], next=following)


def _require_words(pack: Pack, *, hours: str, services: Iterable[str], specialities: Iterable[str]) -> None:
    """Raise `PostUnknown` for hours, a service, or a category that the pack does not have."""
    registry, incidents = pack.registry, pack.incidents
    require_known(hours, [one.code for one in registry.opening_hours], name="hours")
    offered = {one.code for one in registry.services}
    for service in services:
        require_known(service, offered, name="services")
    handled = {one.code for one in (*incidents.categories, *incidents.classes)}
    for speciality in specialities:
        require_known(speciality, handled, name="specialities")
