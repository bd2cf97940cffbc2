"""Rosters over HTTP: who serves when, leave, swaps, patterns, and gaps in the minimum cover."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.body_limits import REPORT_BYTES, STEP_BYTES
from api.http.etags import ExpectedVersion, etag_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.gone_down import StayOut, StaysOut
from api.http.wire.rosters import (
    CoverOut,
    GapOut,
    LaidOut,
    LayIn,
    LeaveIn,
    LeaveOut,
    PatternOut,
    PlaceNameOut,
    RosterOut,
    RosterPeopleOut,
    ShiftIn,
    ShiftRowOut,
    SwapIn,
    WhoOut,
    area_of,
)
from api.http.wire.shapes import Day
from api.services import Services
from console.access.rules import Actor, Permission
from console.rosters.actions import cancel_leave, cancel_shift, put_leave, put_shift, swap_shift
from console.rosters.gone_down import gone_down
from console.rosters.laying import Laying, lay_pattern
from console.rosters.queries import (
    Period,
    find_whos,
    gaps_in,
    get_shift,
    leaves_in,
    names_of_places,
    names_of_whos,
    page_of_shifts,
    who_of,
)
from console.rosters.rules import MOST_DAYS, Gap, PatternUnknown, Who, WhoKind, check_days, days_between
from console.rosters.tables import Leave, Shift
from console.rosters.terms import Attendance
from console.rosters.writing import Moment
from geo.errors import NotFound
from geo.store import lies_within
from layers.divisions.queries import find_by_code

router = APIRouter(route_class=TransactionRoute, prefix="/api/rosters", tags=["rosters"])

OfShift = Annotated[UUID, Path(description="A UUID that the client chooses.")]
First = Annotated[Day, Query(alias="from", description="The first day.")]
Last = Annotated[Day, Query(alias="to", description="The last day, at most 61 days later.")]
Within = Annotated[str | None, Query(pattern=r"^\w{1,32}$", description="This division and all below; one's own.")]


@router.get("")
async def read_roster(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    first: First,
    last: Last,
    division: Within = None,
    attendance: Annotated[
        Attendance | None, Query(description="Only shifts of this one; leave and gaps are those of all.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 2000,
    cursor: str | None = None,
) -> RosterOut:
    """Read the roster of some days within reach, by begin: shifts, leave, and where the cover falls short."""
    actor.require(Permission.READ_ROSTERS)
    check_days(first, last, most=MOST_DAYS)
    within = await scope_of(session, actor, division, day=services.today())
    terms, calendar = services.pack.roster, services.pack.times.calendar
    period = Period(first, last, services.pack.zone)
    shifts, following = await page_of_shifts(
        session, actor, period.span, within=within, limit=limit, cursor=cursor, attendance=attendance
    )
    leaves: Sequence[Leave] = []
    gaps: Sequence[Gap] = []
    if cursor is None:
        leaves = await leaves_in(session, actor, period.span, within=within)
        gaps = await gaps_in(session, terms, period, within=within, calendar=calendar)
    names = await names_for(session, actor, [*shifts, *leaves])
    paths = [
        *(row.division_path for row in shifts),
        *(row.division_path for row in leaves),
        *(gap.division_path for gap in gaps),
    ]
    codes = {code for path in paths for code in (path.rpartition(".")[2], area_of(path))}
    units = {one.unit for one in shifts if one.unit}
    places = await names_of_places(session, codes, units, day=services.today())
    return RosterOut(
        first=first,
        last=last,
        items=[ShiftRowOut.told(row, names, answer_minutes=terms.answer_minutes) for row in shifts],
        next=following,
        leaves=[LeaveOut.told(row, names) for row in leaves],
        gaps=[GapOut.told(gap) for gap in gaps],
        assumed_years=calendar.unannounced(first, last),
        days_off=[day for day in days_between(first, last) if not calendar.kind(day).is_worked],
        places=[PlaceNameOut(code=code, name=name, name_en=name_en) for code, name, name_en in places],
        patterns=[PatternOut.of(pattern) for pattern in terms.patterns],
        minimums=[CoverOut.of(cover) for cover in terms.minimums],
        may_edit=actor.may(Permission.EDIT_ROSTERS),
    )


@router.get("/down")
async def read_gone_down(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    first: First,
    last: Last,
    division: Within = None,
) -> StaysOut:
    """Count how long people of an upper centre have been at lower ones 下沉: by shifts, and by secondment."""
    check_days(first, last, most=MOST_DAYS)
    within = await scope_of(session, actor, division, day=services.today())
    period = Period(first, last, services.pack.zone)
    found = await gone_down(session, actor, period, within=within, now=services.now())
    names = await names_readable(session, actor, {one.stay.who for one in found})
    stays = [StayOut.told(one, names) for one in found]
    codes = {code for one in stays for code in (one.home, one.division)}
    places = await names_of_places(session, codes, {one.unit for one in stays if one.unit}, day=services.today())
    return StaysOut(
        first=first,
        last=last,
        items=stays,
        places=[PlaceNameOut(code=code, name=name, name_en=name_en) for code, name, name_en in places],
    )


@router.get("/people")
async def find_people(
    session: CurrentSession,
    actor: CurrentActor,
    words: Annotated[str, Query(max_length=64, description="Part of a name or code; empty for the first ones.")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RosterPeopleOut:
    """Find forces, people and units of the caller's division to put on the roster. For those who may edit it."""
    found = await find_whos(session, actor, words=words, limit=limit)
    return RosterPeopleOut(items=[WhoOut(kind=who.kind.value, id=who.id, name=name) for who, name in found])


@router.put("/shifts/{shift_id}", max_body_size=STEP_BYTES, responses={201: {"model": ShiftRowOut}})
async def write_shift(
    shift_id: OfShift,
    body: ShiftIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
) -> ShiftRowOut:
    """Add a shift (201), or change it. The same again changes nothing.

    409 `roster.overlap` names the other shift of the same one, 409 `roster.on_leave` until when they are away.
    """
    at = _moment(services)
    row, is_new = await put_shift(session, actor, shift_id, body.as_shift(), expected=expected, at=at)
    response.status_code = 201 if is_new else 200
    return await _told(session, actor, row, services, response)


@router.delete("/shifts/{shift_id}", max_body_size=STEP_BYTES)
async def delete_shift(
    shift_id: OfShift,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
) -> ShiftRowOut:
    """Cancel a shift. It keeps its row, so that calendars that hold it learn of it."""
    row = await cancel_shift(session, actor, shift_id, expected=expected, now=services.now())
    return await _told(session, actor, row, services, response)


@router.post("/shifts/{shift_id}/swap", max_body_size=STEP_BYTES)
async def swap(
    shift_id: OfShift,
    body: SwapIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
) -> list[ShiftRowOut]:
    """Give a shift, or hours of it, to another one; return the shifts that come of it.

    409 `roster.swap` where the shift no longer has these hours: somebody else has taken them.
    """
    actor.require(Permission.EDIT_ROSTERS)
    asked = body.as_swap(await get_shift(session, shift_id))
    rows = await swap_shift(session, actor, shift_id, asked, expected=expected, now=services.now())
    names = await names_for(session, actor, rows)
    minutes = services.pack.roster.answer_minutes
    return [ShiftRowOut.told(row, names, answer_minutes=minutes) for row in rows]


@router.put("/leaves/{leave_id}", max_body_size=STEP_BYTES, responses={201: {"model": LeaveOut}})
async def write_leave(
    leave_id: OfShift,
    body: LeaveIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
) -> LeaveOut:
    """Add leave (201), or change it. Shifts in it stay on the roster, and count for no cover."""
    new = body.as_leave()
    row, is_new = await put_leave(session, actor, leave_id, new, expected=expected, now=services.now())
    response.status_code = 201 if is_new else 200
    response.headers["ETag"] = etag_of(row.version)
    return LeaveOut.told(row, await names_for(session, actor, [row]))


@router.delete("/leaves/{leave_id}", max_body_size=STEP_BYTES)
async def delete_leave(
    leave_id: OfShift,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
) -> LeaveOut:
    """Cancel leave."""
    row = await cancel_leave(session, actor, leave_id, expected=expected, now=services.now())
    response.headers["ETag"] = etag_of(row.version)
    return LeaveOut.told(row, await names_for(session, actor, [row]))


@router.post("/lay", max_body_size=REPORT_BYTES)
async def lay(body: LayIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices) -> LaidOut:
    """Lay a pattern of the pack, whole: once more after the calendar of a year is published. See [packs](packs.md)."""
    actor.require(Permission.EDIT_ROSTERS)
    pattern = services.pack.roster.pattern_by_code.get(body.pattern)
    if pattern is None:
        raise PatternUnknown(field="pattern", pattern=body.pattern)
    whos = [*dict.fromkeys(who.as_who() for who in body.who)]
    period = Period(body.first, body.last, services.pack.zone)
    laying = Laying(whos, period, unit=body.unit, division=body.division)
    calendar, at = services.pack.times.calendar, _moment(services)
    return LaidOut.model_validate(await lay_pattern(session, actor, pattern, laying, calendar=calendar, at=at))


async def scope_of(session: AsyncSession, actor: Actor, division: str | None, *, day: date) -> str:
    """Return the path of a division in the caller's own, or of that itself. Raises `NotFound`."""
    if division is None:
        return actor.scope
    found = await find_by_code(session, division, day=day)
    if found is None or not lies_within(found.division_path, actor.scope):
        raise NotFound
    return found.division_path


async def names_for(session: AsyncSession, actor: Actor, rows: Collection[Shift | Leave]) -> dict[Who, str]:
    """Return the names in rows that the caller may read."""
    return await names_readable(session, actor, {who_of(row) for row in rows})


async def names_readable(session: AsyncSession, actor: Actor, whos: Collection[Who]) -> dict[Who, str]:
    """Return the names that the caller may read: of forces and of people by right, and of units."""
    edits = actor.may(Permission.EDIT_ROSTERS)
    allowed = {
        WhoKind.FORCE: edits or actor.may(Permission.READ_FORCES),
        WhoKind.PERSON: edits or actor.may(Permission.READ_POSTS),
        WhoKind.UNIT: True,
    }
    own = None if actor.force_id is None else Who(WhoKind.FORCE, actor.force_id)
    return await names_of_whos(session, {who for who in whos if allowed[who.kind] or who == own})


def _moment(services: Services) -> Moment:
    return Moment(services.now(), services.today())


async def _told(session: AsyncSession, actor: Actor, row: Shift, services: Services, response: Response) -> ShiftRowOut:
    response.headers["ETag"] = etag_of(row.version)
    names = await names_for(session, actor, [row])
    return ShiftRowOut.told(row, names, answer_minutes=services.pack.roster.answer_minutes)
