"""Actions of the caller in this shift."""

from dataclasses import fields
from typing import Annotated

from fastapi import APIRouter, Query, Request

from api.http.sign_in.sessions import secret_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.shapes import Moment
from api.http.wire.shift import HandoverListOut, HandoverOut, ShiftEntryOut, ShiftOut
from console.access.queries import signed_in_at
from console.shift.handover import away_since, read_handover
from console.shift.queries import list_own_entries
from console.shift.rules import LONG_AGO, MOST_ENTRIES, MOST_HANDED, since_when

router = APIRouter(route_class=TransactionRoute, tags=["incidents"])

Since = Annotated[Moment | None, Query(description="From when on: the sign-in if left out, at most a week.")]


@router.get("/api/shift")
async def read_shift(
    request: Request,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    since: Since = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ENTRIES)] = 200,
) -> ShiftOut:
    """List what the caller did: registered, dispatched, recalled, edited, noted, closed."""
    signed_in = await signed_in_at(session, secret_of(request) or "")
    start = since_when(since, signed_in_at=signed_in, now=services.now())
    found, more = await list_own_entries(session, actor, since=start, limit=limit)
    items = [ShiftEntryOut.model_validate(entry) for entry in found]
    return ShiftOut(since=start, signed_in_at=signed_in, items=items, more=more)


@router.get("/api/shift/handover")
async def read_handed_over(
    request: Request,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    since: Annotated[
        Moment | None, Query(description="From when on: when the caller was last here if left out, at most a week.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_HANDED)] = 10,
) -> HandoverOut:
    """Tell what happened within reach while the caller was away, and what waits for them now."""
    signed_in = await signed_in_at(session, secret_of(request) or "")
    left = since or await away_since(session, actor, signed_in_at=signed_in) or signed_in - LONG_AGO
    start = since_when(left, signed_in_at=signed_in, now=services.now())
    found = await read_handover(session, actor, since=start, limit=limit)
    lists = {one.name: HandoverListOut.model_validate(getattr(found, one.name)) for one in fields(found)}
    return HandoverOut(since=start, signed_in_at=signed_in, **lists)
