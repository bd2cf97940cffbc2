"""Handover 交接: what happened within reach while a person was away, and what waits for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.queries import left_at
from console.access.rules import Actor, Permission
from console.access.sight import Sight, Subject, sight_of
from console.alarms.tables import Alarm
from console.clocks.tables import Clock
from console.forces.tables import Force
from console.incidents.tables import Incident, TimelineEntry
from console.shift.rules import UNASKED
from console.tasks.tables import Task

MOVED, NOTED = "case.moved", "noted"


@dataclass(frozen=True, slots=True)
class HandoverItem:
    """An incident, or an alarm, which has no incident; `detail` is a code or a note, by its list."""

    at: datetime
    incident: int | None = None
    case_code: str = ""
    title: str = ""
    category: str = ""
    detail: str = ""
    force_name: str | None = None


@dataclass(frozen=True, slots=True)
class HandoverList:
    """How many there are, and the first of them."""

    count: int
    items: Sequence[HandoverItem]


@dataclass(frozen=True, slots=True)
class Handover:
    """Opened, moved, noted and closed since a moment; and as they are now: tasks at work, what is due next, alarms.

    `moved` are moves of incidents that were open before and still are. `due` are running clocks, the first due first.
    """

    opened: HandoverList
    moved: HandoverList
    closed: HandoverList
    noted: HandoverList
    tasks: HandoverList
    due: HandoverList
    alarms: HandoverList


async def away_since(session: AsyncSession, actor: Actor, *, signed_in_at: datetime) -> datetime | None:
    """Return when the actor was last here before a sign-in: signed out, asked for something, or did something."""
    wrote = select(func.max(TimelineEntry.at)).where(
        TimelineEntry.actor_id == actor.user_id,
        TimelineEntry.at < signed_in_at,
        TimelineEntry.kind.not_in(UNASKED),
    )
    known = [await left_at(session, actor.user_id, before=signed_in_at), await session.scalar(wrote)]
    return max((moment for moment in known if moment is not None), default=None)


async def read_handover(session: AsyncSession, actor: Actor, *, since: datetime, limit: int) -> Handover:
    """Read what happened since a moment and what waits, `limit` of each. Raises `Forbidden`."""
    actor.require(Permission.READ_INCIDENTS)
    opened, closed = Incident.registered_at >= since, Incident.closed_at >= since
    goes_on = (Incident.closed_at.is_(None), Incident.registered_at < since)
    return Handover(
        opened=await _incidents(session, Incident.registered_at, opened, limit=limit),
        moved=await _entries(session, MOVED, since, *goes_on, limit=limit),
        closed=await _incidents(session, Incident.closed_at, closed, limit=limit),
        noted=await _entries(session, NOTED, since, limit=limit),
        tasks=await _tasks(session, limit=limit),
        due=await _due(session, limit=limit),
        alarms=await _alarms(session, actor, limit=limit),
    )


async def _incidents(session: AsyncSession, at: Any, chosen: ColumnElement[bool], *, limit: int) -> HandoverList:
    wanted = select(at, Incident).where(chosen)
    rows = await session.execute(wanted.order_by(at.desc(), Incident.id.desc()).limit(limit))
    return HandoverList(await _count(session, wanted), [_item(moment, incident) for moment, incident in rows])


async def _entries(
    session: AsyncSession, kind: str, since: datetime, *chosen: ColumnElement[bool], limit: int
) -> HandoverList:
    wanted = (
        select(TimelineEntry, Incident)
        .join(Incident, Incident.id == TimelineEntry.incident_id)
        .where(TimelineEntry.kind == kind, TimelineEntry.at >= since, *chosen)
    )
    rows = await session.execute(wanted.order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc()).limit(limit))
    items = [_item(entry.at, incident, detail=_said(entry.data)) for entry, incident in rows]
    return HandoverList(await _count(session, wanted), items)


async def _tasks(session: AsyncSession, *, limit: int) -> HandoverList:
    wanted = (
        select(Task, Incident, Force.name)
        .join(Incident, Incident.id == Task.incident_id)
        .join(Force, Force.id == Task.force_id)
        .where(Task.active)
    )
    rows = await session.execute(wanted.order_by(Task.assigned_at, Task.id).limit(limit))
    items = [_item(task.assigned_at, incident, detail=task.status, force=name) for task, incident, name in rows]
    return HandoverList(await _count(session, wanted), items)


async def _due(session: AsyncSession, *, limit: int) -> HandoverList:
    wanted = (
        select(Clock, Incident)
        .join(Incident, Incident.id == Clock.incident_id)
        .where(Clock.stopped_at.is_(None), Clock.paused_at.is_(None))
    )
    rows = await session.execute(wanted.order_by(Clock.due_at, Clock.id).limit(limit))
    items = [_item(clock.due_at, incident, detail=clock.code) for clock, incident in rows]
    return HandoverList(await _count(session, wanted), items)


async def _alarms(session: AsyncSession, actor: Actor, *, limit: int) -> HandoverList:
    if sight_of(actor.role, Subject.ALARMS) is not Sight.OPEN:
        return HandoverList(0, [])
    wanted = select(Alarm).where(Alarm.acknowledged_at.is_(None))
    rows = await session.scalars(wanted.order_by(Alarm.raised_at, Alarm.id).limit(limit))
    return HandoverList(
        await _count(session, wanted), [HandoverItem(row.raised_at, force_name=row.name) for row in rows]
    )


async def _count(session: AsyncSession, wanted: Any) -> int:
    found: int = (await session.scalar(select(func.count()).select_from(wanted.subquery()))) or 0
    return found


def _said(data: dict[str, Any]) -> str:
    return str(data.get("note") or data.get("move") or "")


def _item(at: datetime, incident: Incident, *, detail: str = "", force: str | None = None) -> HandoverItem:
    return HandoverItem(
        at=at,
        incident=incident.id,
        case_code=incident.case_code,
        title=incident.title,
        category=incident.category,
        detail=detail,
        force_name=force,
    )
