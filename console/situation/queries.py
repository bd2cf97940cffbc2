"""The picture 态势: all that is going on, now or at an earlier moment, as far as the session may see.

Bodies are those of the events, so that a picture plus the events after it is the next picture.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from console.feed.tables import LoggedEvent
from console.forces import events as force_events
from console.forces.tables import Force
from console.incidents import events as incident_events
from console.incidents.tables import Incident
from console.positions.queries import latest_positions, positions_at
from console.positions.rules import Position
from console.tasks import events as task_events
from console.tasks.tables import Task

LINGER = timedelta(hours=24)
"""Closed incidents and ended tasks stay in the picture for this long."""

CAME_IN = case((Incident.closed_at < Incident.registered_at, Incident.occurred_at), else_=Incident.registered_at)
"""When a matter came in. A record of the past came in when it occurred, not in the minute it was handed over."""

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Situation:
    """Bodies by kind, in the order of their ids, and where the forces are."""

    incidents: list[Body]
    tasks: list[Body]
    forces: list[Body]
    positions: list[Position]


@dataclass(frozen=True, slots=True)
class Strip:
    """How many matters came in and were closed in each of equal steps from `start` on."""

    start: datetime
    step: timedelta
    reported: list[int]
    closed: list[int]


async def situation_now(session: AsyncSession, *, now: datetime, own: int | None = None) -> Situation:
    """What is open, and what ended in the last day. With `own`, of the matters only those that force is sent to."""
    tasks = await session.scalars(select(Task).where(_lingering(Task.ended_at, now)).order_by(Task.id))
    matters = select(Incident).where(_lingering(Incident.closed_at, now)).order_by(Incident.id)
    if own is not None:
        sent_to = select(Task.incident_id).where(Task.force_id == own, Task.active)
        matters = matters.where(Incident.id.in_(sent_to))
    incidents = await session.scalars(matters)
    forces = await session.scalars(select(Force).order_by(Force.id))
    return Situation(
        incidents=[incident_events.body_of(incident) for incident in incidents],
        tasks=[task_events.body_of(task) for task in tasks],
        forces=[force_events.body_of(force) for force in forces],
        positions=await latest_positions(session),
    )


async def situation_at(session: AsyncSession, moment: datetime) -> Situation:
    """The picture as it was told at `moment`, from the bodies in the log.

    What had not been told by then, since the log does not go back so far, is told as it is now.
    """
    incidents = await session.execute(
        _as_then(Incident, incident_events.KIND, moment).where(
            Incident.registered_at <= moment, _lingering(Incident.closed_at, moment)
        )
    )
    tasks = await session.execute(
        _as_then(Task, task_events.KIND, moment).where(Task.assigned_at <= moment, _lingering(Task.ended_at, moment))
    )
    return Situation(
        incidents=[body or incident_events.body_of(incident) for incident, body in incidents],
        tasks=[body or task_events.body_of(task) for task, body in tasks],
        forces=await _forces_at(session, moment),
        positions=await positions_at(session, moment),
    )


async def strip(session: AsyncSession, *, start: datetime, step: timedelta, steps: int) -> Strip:
    """Matters that came in, and were closed, in each of `steps` steps from `start` on. A step holds its own end."""
    return Strip(
        start=start,
        step=step,
        reported=await _binned(session, CAME_IN, start=start, step=step, steps=steps),
        closed=await _binned(session, Incident.closed_at, start=start, step=step, steps=steps),
    )


async def sources_heard(session: AsyncSession, *, since: datetime) -> dict[str, datetime]:
    """When each source reported last, of those that told of something that happened after `since`."""
    rows = await session.execute(
        select(Incident.source, func.max(Incident.registered_at))
        .where(Incident.occurred_at > since)
        .group_by(Incident.source)
    )
    return {row[0]: row[1] for row in rows}


def _lingering(ended: InstrumentedAttribute[datetime | None], moment: datetime) -> ColumnElement[bool]:
    return or_(ended.is_(None), ended > moment - LINGER)


def _as_then(table: type[Incident] | type[Task], kind: str, moment: datetime) -> Select[Any]:
    """Rows with the last body that the log holds of each at `moment`, None where it holds none."""
    told = (
        select(LoggedEvent.body)
        .where(LoggedEvent.kind == kind, LoggedEvent.entity_id == table.id, LoggedEvent.at <= moment)
        .where(LoggedEvent.body.is_not(None))
        .order_by(LoggedEvent.version.desc())
        .limit(1)
        .lateral("told")
    )
    return select(table, told.c.body).join(told, true(), isouter=True).order_by(table.id)


async def _forces_at(session: AsyncSession, moment: datetime) -> list[Body]:
    """Forces seldom change: those that have not are as they are now."""
    told = await session.execute(
        select(LoggedEvent.entity_id, LoggedEvent.body)
        .ext(distinct_on(LoggedEvent.entity_id))
        .where(LoggedEvent.kind == force_events.KIND, LoggedEvent.at <= moment, LoggedEvent.body.is_not(None))
        .order_by(LoggedEvent.entity_id, LoggedEvent.version.desc())
    )
    then = {row.entity_id: row.body for row in told}
    forces = await session.scalars(select(Force).order_by(Force.id))
    return [then.get(force.id) or force_events.body_of(force) for force in forces]


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
