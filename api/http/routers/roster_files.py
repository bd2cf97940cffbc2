"""Rosters as files over HTTP: spreadsheets and calendars, out and in."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.body_limits import BATCH_BYTES
from api.http.language import Lang
from api.http.list_file import MEDIA_TYPES, answer_of
from api.http.roster_file import CALENDAR, WIDTHS, RosterNames, calendar_of, table_of, unit_of
from api.http.routers.rosters import First, Last, Within, names_for, scope_of
from api.http.transactions import READ_SECONDS, CurrentActor, CurrentServices, SignedInRoute
from api.http.uploads import UPLOAD, upload_of
from api.http.wire.rosters import RosterImportedOut
from api.intake.roster_files import RosterFileUnusable, problems_in_order, read_roster
from api.intake.sent_files import SentFile
from api.services import Services
from console.access.rules import Permission
from console.rosters.importing import compare_rows, import_rows
from console.rosters.queries import Period, codes_of_whos, leaves_in, names_of_places, page_of_shifts
from console.rosters.rules import MOST_DAYS, TooManyShifts, Who, check_days
from console.rosters.tables import Leave, Shift
from console.rosters.terms import Attendance
from console.rosters.writing import Moment
from ingest.files.problems import Problem

router = APIRouter(route_class=SignedInRoute, prefix="/api/rosters", tags=["rosters"])

MOST_SHIFTS = 20_000
"""Shifts of one file: a month of a county has some thousands."""
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {**MEDIA_TYPES, "text/calendar": {"schema": {"type": "string"}}}}
}


@router.get("/export", response_class=Response, responses=FILE)
async def read_file(
    actor: CurrentActor,
    services: CurrentServices,
    first: First,
    last: Last,
    division: Within = None,
    format_: Annotated[Literal["csv", "xlsx", "ics"], Query(alias="format")] = "xlsx",
    lang: Annotated[Lang, Query(description="Of heads and words.")] = "zh",
) -> Response:
    """Export shifts and leave of some days within reach as a table, or as a calendar (`ics`) with cancelled ones too.

    Names and codes are there for those who may read them. A table or calendar can be changed and imported again.
    """
    actor.require(Permission.READ_ROSTERS)
    check_days(first, last, most=MOST_DAYS)
    zone, is_calendar = services.pack.zone, format_ == "ics"
    async with services.store.transaction(actor.reach, statement_seconds=READ_SECONDS) as session:
        within = await scope_of(session, actor, division, day=services.today())
        rows: Sequence[Shift | Leave]
        rows, more = await page_of_shifts(
            session, actor, Period(first, last, zone).span, within=within, limit=MOST_SHIFTS, cancelled=is_calendar
        )
        if more:
            raise TooManyShifts(field="to", most=MOST_SHIFTS)
        away = await leaves_in(session, actor, Period(first, last, zone).span, within=within, cancelled=is_calendar)
        rows = sorted([*rows, *away], key=lambda row: row.starts_at)
        names = await labels_of(session, rows, await names_for(session, actor, rows), services=services, lang=lang)
    name = f"roster-{first}-{last}"
    if not is_calendar:
        return await answer_of(table_of(rows, names, zone), format_, name=name, widths=WIDTHS)
    title = f"{first} – {last}"
    content = await asyncio.to_thread(calendar_of, rows, names, title=title)
    headers = {
        "Content-Disposition": f'attachment; filename="maplebridge-{name}.ics"',
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type=CALENDAR, headers=headers)


@router.post("/import", openapi_extra=UPLOAD, max_body_size=BATCH_BYTES)
async def take_file(
    request: Request,
    actor: CurrentActor,
    services: CurrentServices,
    dry: Annotated[bool, Query(description="Answer only; nothing is kept.")] = False,
    attendance: Annotated[Attendance | None, Query(description="Of rows that name none.")] = None,
) -> RosterImportedOut:
    """Import shifts and leave from CSV, a workbook or a calendar (`.ics`): all or none. See [files](imports.md).

    The same file again changes nothing. Refused whole with 422 `roster.file`: `params.problems` names row, field and
    code of each fault. With `dry` these are in the answer.
    """
    actor.require(Permission.EDIT_ROSTERS)
    sent = await upload_of(request)
    zone, at = services.pack.zone, Moment(services.now(), services.today())
    async with services.costly_reads.turn(actor.user_id):
        rows, problems = await asyncio.to_thread(
            read_roster, SentFile(sent.name, sent.content), zone, attendance=attendance
        )
    async with services.store.transaction(actor.reach) as session:
        found = await compare_rows(session, actor, rows, at=at, zone=zone)
        problems += [Problem(one.code, one.row, one.field, params=one.params) for one in found.faults]
        if not dry and not problems:
            await import_rows(session, actor, found, at=at)
    listed = problems_in_order(problems)
    if listed and not dry:
        raise RosterFileUnusable(reason=listed[0]["code"], problems=listed, count=len(listed))
    return RosterImportedOut.told(found, problems=listed, kept=not dry)


async def labels_of(
    session: AsyncSession, rows: Collection[Shift | Leave], names: Mapping[Who, str], *, services: Services, lang: Lang
) -> RosterNames:
    """Return what a file calls those who serve, by the names that it may hold, and their places."""
    codes = await codes_of_whos(session, names)
    divisions = {row.division_path.rpartition(".")[2] for row in rows}
    units = {unit for row in rows if (unit := unit_of(row))}
    places = await names_of_places(session, divisions, units, day=services.today())
    return RosterNames(
        whos={who: (codes.get(who, ""), name) for who, name in names.items()},
        places={code: (name_en if lang == "en" and name_en else name) for code, name, name_en in places},
        lang=lang,
    )
