"""Notices over HTTP: list, read and answer them."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.body_limits import STEP_BYTES
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.notices import NoticeAnswerIn, NoticeOut
from api.http.wire.shapes import Id, Page
from api.services import Services
from console.access.rules import Actor
from console.incidents.queries import lock_incident
from console.notices.actions import answer_notice, read_notice
from console.notices.addresses import addresses_of
from console.notices.queries import NoticeFilter, list_notices
from console.notices.rules import Addresses

router = APIRouter(route_class=TransactionRoute, prefix="/api/notices", tags=["notices"])


async def _own(session: AsyncSession, actor: Actor, services: Services) -> Addresses:
    """Return what reaches the caller, by their seats in the place's register."""
    work, now = services.casework, services.now()
    seats = () if work is None else await work.register.seats_of(session, actor, now=now)
    return addresses_of(actor, seats)


@router.get("")
async def list_all(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: str | None = None,
    mine: Annotated[bool, Query(description="Only those that reach the caller: their posts, units and force.")] = True,
    unread: Annotated[bool | None, Query(description="Only unread ones, or only those that are read.")] = None,
    unanswered: Annotated[
        bool | None, Query(description="Only those whose answer is still out, or only the others.")
    ] = None,
    incident: Annotated[Id | None, Query(description="Only those about this incident.")] = None,
) -> Page[NoticeOut]:
    """List notices within reach, the latest first."""
    page, following = await list_notices(
        session,
        actor,
        await _own(session, actor, services),
        NoticeFilter(mine=mine, unread=unread, unanswered=unanswered, incident_id=incident),
        now=services.now(),
        limit=limit,
        cursor=cursor,
    )
    return Page[NoticeOut](items=[NoticeOut.of(notice) for notice in page], next=following)


@router.post("/{notice_id}/read", max_body_size=STEP_BYTES)
async def read(notice_id: Id, session: CurrentSession, actor: CurrentActor, services: CurrentServices) -> NoticeOut:
    """Mark a notice as read. Doing so again changes nothing."""
    own = await _own(session, actor, services)
    return NoticeOut.of(await read_notice(session, actor, own, notice_id, now=services.now()))


@router.post("/{notice_id}/answer", max_body_size=STEP_BYTES)
async def answer(
    notice_id: Id, body: NoticeAnswerIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> NoticeOut:
    """Answer a notice that asks for it, once; the case's timeline keeps the answer."""
    own = await _own(session, actor, services)
    now = services.now()
    answered = await answer_notice(session, actor, own, notice_id, answer=body.answer, now=now)
    if answered.incident_id is not None:
        incident = await lock_incident(session, answered.incident_id)
        await services.cases.show(session, [incident], now=now)
    return NoticeOut.of(answered)
