"""The follow-up of ended cases over HTTP: lists and figures. A follow-up itself is a move of the case."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.follow_up_file import WIDTHS, table_of
from api.http.language import Lang
from api.http.list_file import MEDIA_TYPES, answer_of
from api.http.routers.cases import casework_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.follow_ups import FollowUpFiguresOut, FollowUpItemOut
from api.http.wire.shapes import Page
from api.live.audiences import path_of
from api.services import Services
from console.access.rules import Actor
from console.follow_ups.actions import period_of
from console.follow_ups.queries import (
    FollowUpFilter,
    ListName,
    Row,
    count_follow_ups,
    count_late,
    figures_of,
    list_follow_ups,
    names_of,
)

router = APIRouter(route_class=TransactionRoute, prefix="/api/follow-ups", tags=["cases"])

PERIOD = r"^2[0-9]{3}-(0[1-9]|1[0-2])$"
MOST_ROWS = 1_000
COUNTED: tuple[ListName, ...] = ("due", "coming", "dissatisfied", "mended", "asked", "unreached", "refused")


@router.get("")
async def list_all(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    name: Annotated[ListName, Query(alias="list", description="`due` leaves out what the caller has handled.")] = "due",
    unit: Annotated[str | None, Query(max_length=100, description="A unit's code.")] = None,
    scope: Annotated[str | None, Query(pattern=r"^\w{1,32}$", description="A division's code.")] = None,
    period: Annotated[str | None, Query(pattern=PERIOD, description="The month in which cases ended.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: str | None = None,
) -> Page[FollowUpItemOut]:
    """List the follow-ups of ended cases within reach: those due the oldest first, others the newest first.

    Ask, and record the answers, by the case's move of the kind `follow_up`.
    """
    casework_of(services)
    path = None if scope is None else await path_of(session, scope, actor=actor, day=services.today())
    chosen = FollowUpFilter(name, unit=unit, scope=path, period=period)
    found, following = await list_follow_ups(session, actor, chosen, limit=limit, cursor=cursor, now=services.now())
    return Page[FollowUpItemOut](items=await _told(session, actor, services, found), next=following)


@router.get("/file", response_class=Response, responses={200: {"content": dict(MEDIA_TYPES)}})
async def read_file(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    name: Annotated[ListName, Query(alias="list")] = "dissatisfied",
    format_: Annotated[Literal["xlsx", "csv"], Query(alias="format")] = "xlsx",
    lang: Lang = "zh",
) -> Response:
    """Take a list of follow-ups, the newest thousand, as a workbook or as CSV, to print it or to hand it on."""
    work, now = casework_of(services), services.now()
    found, _ = await list_follow_ups(session, actor, FollowUpFilter(name), limit=MOST_ROWS, cursor=None, now=now)
    items = await _told(session, actor, services, found)
    units = await work.register.names(session, {one.unit for one in items}, now=now)
    table = table_of(items, services.pack, work.terms.follow_up, units=units, lang=lang)
    return await answer_of(table, format_, name=f"{name}-{services.today()}", widths=WIDTHS)


async def _told(session: AsyncSession, actor: Actor, services: Services, found: Sequence[Row]) -> list[FollowUpItemOut]:
    names = await names_of(session, {row.asked_by for row, _, _ in found if row.asked_by is not None})
    numbered = actor.scope == services.pack.root.code
    return [FollowUpItemOut.told(*one, names=names, numbered=numbered) for one in found]


@router.get("/figures")
async def read_figures(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    period: Annotated[str | None, Query(pattern=PERIOD, description="A month; this one by default.")] = None,
) -> FollowUpFiguresOut:
    """Count the follow-ups on each list, and the draws of a month: of how many ended cases how many were drawn."""
    work, now = casework_of(services), services.now()
    month = period or period_of(now, work.zone)
    counts = await count_follow_ups(session, actor, COUNTED, now=now)
    late = await count_late(session, actor, now=now)
    return FollowUpFiguresOut.told(counts, await figures_of(session, actor, month), late=late, period=month)
