"""Go on rounds and record visits as a phone reports them, inside the caller's transaction.

Ids are those of the phone's commands, each of which is done once, even where it comes after the commands of then have
been deleted.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from geoalchemy2.shape import from_shape
from shapely import Point
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Forbidden, Permission
from console.forces.tables import Force
from console.grids.queries import get_visible_grid
from console.rounds.queries import get_route
from console.rounds.rules import How, NewMark, RoundOver, RoundUnknown, RouteRetired, When, distance_to, point_of
from console.rounds.tables import PatrolRound, RoundMark, Visit
from geo.store import SRID


@dataclass(frozen=True, slots=True)
class NewVisit:
    """Households or premises (`household`, `enterprise`) of a grid that were called on."""

    grid: str
    kind: str
    count: int
    matter: str


async def start_round(session: AsyncSession, actor: Actor, round_id: UUID, route_id: int, *, when: When) -> PatrolRound:
    """Start a round of the own force. Raises `Forbidden`, `NotFound`, `RouteRetired`."""
    force_id = _own_force(actor)
    if known := await session.get(PatrolRound, round_id):
        return known
    route = await get_route(session, route_id)
    if route.retired_at is not None and route.retired_at <= when.at:
        raise RouteRetired
    begun = PatrolRound(
        id=round_id,
        route_id=route.id,
        route_name=route.name,
        points=route.points,
        force_id=force_id,
        force_name=await _name_of(session, force_id),
        started_at=when.at,
        note="",
        division_code=route.division_code,
        division_path=route.division_path,
        version=1,
    )
    session.add(begun)
    await session.flush()
    return begun


async def mark_point(
    session: AsyncSession, actor: Actor, round_id: UUID, mark_id: UUID, new: NewMark, *, when: When
) -> PatrolRound:
    """Report a point of a round. Of several reports at a point the last one counts; all stay on record.

    Raises `Forbidden`, `RoundUnknown`, `RoundOver`, `PointUnknown`, `CodeUnknown`.
    """
    going = await _lock_own(session, actor, round_id)
    if await session.get(RoundMark, mark_id):
        return going
    if going.ended_at is not None and going.ended_at < when.at:
        raise RoundOver(ended_at=going.ended_at.isoformat())
    point = point_of(going.points, new)
    position = None if new.how is How.LEFT_OUT else new.position
    going.version += 1
    session.add(
        RoundMark(
            id=mark_id,
            round_id=round_id,
            n=going.version,
            point=point["id"],
            how=new.how.value,
            at=when.at,
            device_at=when.device_at,
            received_at=when.received_at,
            doubtful=when.doubtful,
            place=from_shape(Point(position.lon, position.lat), srid=SRID) if position else None,
            distance_m=distance_to(point, position),
            accuracy_m=position.accuracy_m if position else None,
            age_s=position.age_s if position else None,
            reason=new.reason,
            division_path=going.division_path,
        )
    )
    await session.flush()
    return going


async def end_round(session: AsyncSession, actor: Actor, round_id: UUID, *, note: str, when: When) -> PatrolRound:
    """End a round of the own force, whatever is still open. Doing so again changes nothing. Raises `Forbidden`,
    `RoundUnknown`.
    """
    going = await _lock_own(session, actor, round_id)
    if going.ended_at is None:
        going.ended_at, going.note = max(when.at, going.started_at), note
        going.version += 1
        await session.flush()
    return going


async def record_visit(
    session: AsyncSession, actor: Actor, visit_id: UUID, new: NewVisit, *, day: date, when: When
) -> Visit:
    """Record that the own force called on households or premises of a grid that there was on `day`. Raises `Forbidden`,
    `NotFound`, `NotAGrid`.
    """
    force_id = _own_force(actor)
    if known := await session.get(Visit, visit_id):
        return known
    grid = await get_visible_grid(session, actor, new.grid, day=day)
    visit = Visit(
        id=visit_id,
        kind=new.kind,
        count=new.count,
        matter=new.matter,
        force_id=force_id,
        force_name=await _name_of(session, force_id),
        at=when.at,
        device_at=when.device_at,
        received_at=when.received_at,
        doubtful=when.doubtful,
        division_code=grid.code,
        division_path=grid.division_path,
    )
    session.add(visit)
    await session.flush()
    return visit


async def forget_places(session: AsyncSession, *, before: datetime) -> None:
    """Delete the positions of old reports. Their distances stay."""
    old = (RoundMark.at < before) & RoundMark.place.is_not(None)
    await session.execute(update(RoundMark).where(old).values(place=None))


def _own_force(actor: Actor) -> int:
    actor.require(Permission.ANSWER_OWN_TASKS)
    if actor.force_id is None:
        raise Forbidden(permission=Permission.ANSWER_OWN_TASKS)
    return actor.force_id


async def _name_of(session: AsyncSession, force_id: int) -> str:
    return await session.scalar(select(Force.name).where(Force.id == force_id)) or ""


async def _lock_own(session: AsyncSession, actor: Actor, round_id: UUID) -> PatrolRound:
    force_id = _own_force(actor)
    wanted = select(PatrolRound).where(PatrolRound.id == round_id, PatrolRound.force_id == force_id)
    found = (await session.scalars(wanted.with_for_update())).one_or_none()
    if found is None:
        raise RoundUnknown
    return found
