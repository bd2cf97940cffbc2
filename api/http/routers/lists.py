"""Monthly lists over HTTP: gather them, add by hand, hand over, answer, and take them as a file."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.body_limits import STEP_BYTES
from api.http.etags import ExpectedVersion
from api.http.language import Lang
from api.http.list_file import MEDIA_TYPES, answer_of, table_of
from api.http.routers.cases import casework_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.lists import (
    GatheredOut,
    GatherIn,
    HandOverIn,
    ListAnswerIn,
    ListEntryIn,
    ListEntryOut,
    ListPageOut,
    MonthlyListsOut,
)
from api.http.wire.shapes import Id
from api.live.audiences import path_of
from api.services import Services
from console.access.rules import Actor
from console.follow_ups.queries import names_of
from console.lists.actions import HandingOver, NewEntry, add_entry, answer_entry, gather, hand_over
from console.lists.queries import EntryFilter, Row, Standing, count_entries, list_entries, read_entry
from console.lists.rules import ListUnknown
from console.lists.terms import MonthlyList
from geo.errors import NotFound

router = APIRouter(route_class=TransactionRoute, tags=["cases"])

Listed = Annotated[str, Path(max_length=64, description="A list's code.")]
OfMonth = Annotated[str, Query(pattern=r"^2[0-9]{3}-(0[1-9]|1[0-2])$", description="A month, such as `2026-11`.")]
MOST_ROWS = 10_000
"""Entries of a file. A month of a county has fewer."""


def _list_of(services: Services, code: str) -> MonthlyList:
    found = services.pack.lists.by_code.get(code)
    if found is None:
        raise ListUnknown(list=code[:64])
    return found


@router.get("/api/lists")
async def list_lists(actor: CurrentActor, services: CurrentServices) -> MonthlyListsOut:
    """List the place's monthly lists."""
    return MonthlyListsOut.told(services.pack.lists.monthly)


@router.get("/api/lists/{list_code}")
async def read_list(
    list_code: Listed,
    month: OfMonth,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    standing: Annotated[Standing | None, Query(description="Only those that stand there.")] = None,
    unit: Annotated[str | None, Query(max_length=100, description="Was handed it, or owes the answer.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    cursor: str | None = None,
) -> ListPageOut:
    """Read a month's list within reach, in the order in which entries were made."""
    listed, now = _list_of(services, list_code), services.now()
    chosen = EntryFilter(listed.code, month, standing=standing, unit=unit)
    found, following = await list_entries(session, actor, chosen, limit=limit, cursor=cursor, now=now)
    counts = await count_entries(session, actor, listed.code, month, now=now)
    return ListPageOut(items=await _told(session, found, services), next=following, counts=counts)


@router.get("/api/lists/{list_code}/file", response_class=Response, responses={200: {"content": dict(MEDIA_TYPES)}})
async def read_file(
    list_code: Listed,
    month: OfMonth,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    format_: Annotated[Literal["xlsx", "csv"], Query(alias="format")] = "xlsx",
    lang: Lang = "zh",
) -> Response:
    """Take a month's list as a workbook or as CSV, to print it or to hand it on."""
    listed, now = _list_of(services, list_code), services.now()
    rows, _ = await list_entries(session, actor, EntryFilter(list_code, month), limit=MOST_ROWS, cursor=None, now=now)
    told = await _told(session, rows, services)
    units = await casework_of(services).register.names(
        session, {code for one in told for code in (one.unit, one.holder, one.answered_unit) if code}, now=now
    )
    table = table_of(told, services.pack, listed, units=units, lang=lang)
    return await answer_of(table, format_, name=f"{list_code}-{month}")


@router.post("/api/lists/{list_code}/gather", max_body_size=STEP_BYTES)
async def gather_list(
    list_code: Listed, body: GatherIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> GatheredOut:
    """Take in the incidents of a month by the list's rules. Doing so again adds what has come since."""
    listed, work = _list_of(services, list_code), casework_of(services)
    return GatheredOut(added=await gather(session, work, actor, listed, body.month, now=services.now()))


@router.post("/api/lists/{list_code}", status_code=201, max_body_size=STEP_BYTES)
async def post_entry(
    list_code: Listed, body: ListEntryIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> ListEntryOut:
    """Add an entry by hand."""
    listed, path = _list_of(services, list_code), actor.scope
    if body.division is not None:
        path = await path_of(session, body.division, actor=actor, day=services.today())
    new = NewEntry(body.month, title=body.title, note=body.note, division_path=path)
    entry = await add_entry(session, actor, listed, new, now=services.now())
    return await _one(session, actor, entry.id, services)


@router.post("/api/list-entries/{entry_id}/hand-over", max_body_size=STEP_BYTES)
async def hand_over_entry(
    entry_id: Id,
    body: HandOverIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
) -> ListEntryOut:
    """Hand an entry over to a unit, which gets a notice; its answer is due after the list's days.

    422 `list.unit` for a unit whose division does not hold the entry's; 409 `list.answered` once it is answered.
    """
    listed = _list_of(services, (await _row(session, actor, entry_id))[0].code)
    handing = HandingOver(body.unit, request=body.request, days=listed.answer_days)
    work, now = casework_of(services), services.now()
    await hand_over(session, work, services.delivery, actor, entry_id, handing, expected=expected, now=now)
    return await _one(session, actor, entry_id, services)


@router.post("/api/list-entries/{entry_id}/answer", max_body_size=STEP_BYTES)
async def answer(
    entry_id: Id,
    body: ListAnswerIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
) -> ListEntryOut:
    """Answer an entry, once, for the unit that it was handed over to or that has its case now.

    409 `list.not_handed` for any other unit.
    """
    work, now = casework_of(services), services.now()
    await answer_entry(session, work, actor, entry_id, answer=body.answer, expected=expected, now=now)
    return await _one(session, actor, entry_id, services)


async def _row(session: AsyncSession, actor: Actor, entry_id: int) -> Row:
    row = await read_entry(session, actor, entry_id)
    if row is None:
        raise NotFound
    return row


async def _one(session: AsyncSession, actor: Actor, entry_id: int, services: Services) -> ListEntryOut:
    return (await _told(session, [await _row(session, actor, entry_id)], services))[0]


async def _told(session: AsyncSession, rows: Sequence[Row], services: Services) -> list[ListEntryOut]:
    users = {user for entry, _, _ in rows for user in (entry.made_by, entry.answered_by) if user is not None}
    names = await names_of(session, users)
    return [ListEntryOut.told(row, names=names, now=services.now()) for row in rows]
