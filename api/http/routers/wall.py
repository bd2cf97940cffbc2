"""Figures of a wall, and who leads the duty."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.http.body_limits import STEP_BYTES
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.shapes import Page
from api.http.wire.wall import ArrivalsOut, DutyLeaderIn, DutyLeaderOut, ReportedOut, WallOut
from console.access.rules import Permission
from console.duty.actions import set_leader
from console.duty.queries import leader_of, turns_of
from console.situation.figures import arrivals, reported_in, spans_to_compare

router = APIRouter(route_class=TransactionRoute, tags=["wall"])


@router.get("/api/wall", dependencies=[allowed(Permission.VIEW_WALL)])
async def read_wall(session: CurrentSession, actor: CurrentActor, services: CurrentServices) -> WallOut:
    """Return the day's figures of the caller's division. They hold no personal data but the duty leader's name."""
    now = services.now()
    counted = await reported_in(session, spans_to_compare(now, zone=services.pack.zone))
    leader = await leader_of(session, actor.scope)
    return WallOut(
        at=now,
        reported=ReportedOut(**dict(zip(("today", "yesterday", "last_week"), counted, strict=True))),
        arrivals=ArrivalsOut.model_validate(await arrivals(session, now=now)),
        leader=DutyLeaderOut.of(leader) if leader is not None and leader.name else None,
    )


@router.put("/api/duty-leader", max_body_size=STEP_BYTES)
async def set_duty_leader(
    asked: DutyLeaderIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> DutyLeaderOut:
    """Say who leads the duty of the caller's division from now on. For operators and supervisors."""
    return DutyLeaderOut.of(await set_leader(session, actor, name=asked.name, post=asked.post, now=services.now()))


@router.get("/api/duty-leader", dependencies=[allowed(Permission.VIEW_HALL)])
async def list_duty_leaders(
    session: CurrentSession, actor: CurrentActor, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> Page[DutyLeaderOut]:
    """List who led the duty of the caller's division, the latest first."""
    return Page[DutyLeaderOut](
        items=[DutyLeaderOut.of(turn) for turn in await turns_of(session, actor.scope, limit=limit)]
    )
