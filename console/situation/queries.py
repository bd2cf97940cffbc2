"""The situation 态势: incidents, tasks, forces and positions, now or at an earlier moment, within the session's reach.

Bodies are those of the events, so that a situation plus the events after it is the next situation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from console.feed.bodies import Body
from console.feed.kinds import Kind, Kinds
from console.feed.tables import LoggedEvent
from console.incidents.tables import Incident
from console.positions.queries import latest_positions, positions_at
from console.positions.rules import Position

REPORTED_AT = case((Incident.closed_at < Incident.registered_at, Incident.occurred_at), else_=Incident.registered_at)
"""Time at which an incident was reported. Records of the past count when they occurred, not when they were imported."""

NEWEST = LoggedEvent.version.desc(), LoggedEvent.body.is_(None)
"""Newest events first; of one version, the new state before the leaving, for sessions that see both."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Bodies by the name of their kind, in the order of ids, and positions of forces."""

    bodies: Mapping[str, list[Body]]
    positions: list[Position]


@dataclass(frozen=True, slots=True)
class Strip:
    """Counts of incidents reported and closed in equal steps from `start` on."""

    start: datetime
    step: timedelta
    reported: list[int]
    closed: list[int]


async def situation_now(session: AsyncSession, kinds: Kinds, *, now: datetime, own: int | None = None) -> Situation:
    """Read all entities that exist and have not ended long ago. With `own`, those of that force's own snapshot."""
    return Situation(
        bodies={name: await _bodies_now(session, kind, now=now, own=own) for name, kind in kinds.items()},
        positions=await latest_positions(session),
    )


async def situation_at(session: AsyncSession, kinds: Kinds, moment: datetime) -> Situation:
    """Read the situation at `moment`, from the bodies in the log.

    Entities without an event that old in the log are returned in their present state.
    """
    return Situation(
        bodies={name: await _bodies_at(session, kind, moment) for name, kind in kinds.items()},
        positions=await positions_at(session, moment),
    )


async def strip(session: AsyncSession, *, start: datetime, step: timedelta, steps: int) -> Strip:
    """Count incidents reported and closed in each of `steps` steps from `start` on. A step includes its end."""
    return Strip(
        start=start,
        step=step,
        reported=await _binned(session, REPORTED_AT, start=start, step=step, steps=steps),
        closed=await _binned(session, Incident.closed_at, start=start, step=step, steps=steps),
    )


async def last_reports_by_source(session: AsyncSession, *, since: datetime) -> dict[str, datetime]:
    """Return the time of the last report of each source with an incident that occurred after `since`."""
    rows = await session.execute(
        select(Incident.source, func.max(Incident.registered_at))
        .where(Incident.occurred_at > since)
        .group_by(Incident.source)
    )
    return {row[0]: row[1] for row in rows}


async def _bodies_now(session: AsyncSession, kind: Kind[Any], *, now: datetime, own: int | None) -> list[Body]:
    wanted = select(kind.table).where(_lingering(kind, now)).order_by(_id(kind))
    if own is not None and kind.of_force:
        wanted = wanted.where(_id(kind).in_(kind.of_force(own)))
    return [kind.body(row) for row in await session.scalars(wanted)]


async def _bodies_at(session: AsyncSession, kind: Kind[Any], moment: datetime) -> list[Body]:
    """Read entities within reach now, and those that were within reach then and have left it since."""
    here = [
        kind.body(row) if version is None else body
        for row, version, body in await session.execute(_within_reach(kind, moment))
        if version is None or body is not None
    ]
    left = await session.scalars(_left_since(kind, moment))
    gone = [body for body in left if body is not None and _lingers(kind, body, moment)]
    return sorted(here + gone, key=itemgetter("id"))


def _within_reach(kind: Kind[Any], moment: datetime) -> Select[Any]:
    """Select rows with version and body of their last event up to `moment`; both are NULL if the log has none."""
    last = (
        select(LoggedEvent.version, LoggedEvent.body)
        .where(LoggedEvent.kind == kind.name, LoggedEvent.entity_id == _id(kind), LoggedEvent.at <= moment)
        .order_by(*NEWEST)
        .limit(1)
        .lateral("last")
    )
    rows = select(kind.table, last.c.version, last.c.body).join(last, true(), isouter=True)
    if kind.created_at is not None:
        rows = rows.where(kind.created_at <= moment)
    return rows.where(_lingering(kind, moment)).order_by(_id(kind))


def _left_since(kind: Kind[Any], moment: datetime) -> Select[Any]:
    """Select the last body up to `moment` of each entity that has left the reach after it and not come back."""
    left = select(LoggedEvent.entity_id).where(
        LoggedEvent.kind == kind.name, LoggedEvent.at > moment, LoggedEvent.body.is_(None)
    )
    is_here = select(_id(kind)).where(_id(kind) == LoggedEvent.entity_id).exists()
    return (
        select(LoggedEvent.body)
        .ext(distinct_on(LoggedEvent.entity_id))
        .where(LoggedEvent.kind == kind.name, LoggedEvent.at <= moment, LoggedEvent.entity_id.in_(left), ~is_here)
        .order_by(LoggedEvent.entity_id, *NEWEST)
    )


def _lingering(kind: Kind[Any], moment: datetime) -> ColumnElement[bool]:
    if kind.retention is None:
        return true()
    return or_(kind.retention.after.is_(None), kind.retention.after > moment - kind.retention.time)


def _lingers(kind: Kind[Any], body: Body, moment: datetime) -> bool:
    if kind.retention is None or (ended := body[kind.retention.after.key]) is None:
        return True
    return datetime.fromisoformat(ended) > moment - kind.retention.time


def _id(kind: Kind[Any]) -> ColumnElement[int]:
    key: ColumnElement[int] = kind.table.__mapper__.primary_key[0]
    return key


async def _binned(
    session: AsyncSession,
    column: ColumnElement[datetime] | InstrumentedAttribute[datetime | None],
    *,
    start: datetime,
    step: timedelta,
    steps: int,
) -> list[int]:
    place = func.ceil(func.extract("epoch", column - start) / step.total_seconds()) - 1
    rows = await session.execute(
        select(place, func.count()).where(column > start, column <= start + steps * step).group_by(place)
    )
    counts = {int(place): count for place, count in rows}
    return [counts.get(i, 0) for i in range(steps)]
