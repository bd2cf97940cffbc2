"""Raise and acknowledge alarms, inside the caller's transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.alarms.events import change_of
from console.alarms.queries import get_visible_alarm, known_alarms
from console.alarms.rules import Effect, SosCall, effect_of
from console.alarms.tables import Alarm
from console.feed.actions import append
from console.forces.tables import Force
from console.incidents.timeline import Entry, insert_timeline_rows, timeline_row
from console.tasks.tables import Task

RAISED, ACKNOWLEDGED = "alarm.raised", "alarm.acknowledged"


async def raise_alarms(session: AsyncSession, calls: Sequence[SosCall], *, now: datetime) -> None:
    """Raise an alarm for each SOS that is no repetition, also of a force off duty: its people have asked for help.

    Forces are locked one after another, in order of id, so that the same SOS sent twice at once raises one alarm.
    """
    for call in sorted(calls, key=lambda call: (call.force_id, call.at)):
        wanted = select(Force).where(Force.id == call.force_id).with_for_update(key_share=True)
        force = (await session.scalars(wanted)).one()
        effect, alarm_id = effect_of(call, await known_alarms(session, force.id, at=call.at), now=now)
        if effect is Effect.RAISE:
            await _raise(session, force, call, now=now)
        elif effect is Effect.UPDATE and alarm_id is not None:
            await _update(session, alarm_id, call, now=now)


async def move_alarms(session: AsyncSession, forces: Collection[int], *, now: datetime) -> None:
    """Move the open alarms of forces to the forces' present divisions.

    There they are acknowledged from now on, and the gateway there, which sees no others, continues them.
    """
    wanted = select(Alarm, Force.division_path).join(Force, Force.id == Alarm.force_id)
    moved = wanted.where(Force.id.in_(forces), Alarm.acknowledged_at.is_(None)).order_by(Alarm.id)
    for alarm, path in await session.execute(moved.with_for_update(of=Alarm)):
        left_path, alarm.division_path = alarm.division_path, path
        alarm.version += 1
        await append(session, [change_of(alarm, left_path=left_path)], now=now)


async def acknowledge(session: AsyncSession, actor: Actor, alarm_id: int, *, now: datetime) -> Alarm:
    """Record who has taken notice of an alarm, and when. Doing so again changes nothing."""
    actor.require(Permission.DISPATCH)
    alarm = await get_visible_alarm(session, actor, alarm_id, lock=True)
    if alarm.acknowledged_at is not None:
        return alarm
    alarm.acknowledged_at, alarm.acknowledged_by = now, actor.user_id
    alarm.version += 1
    await append(session, [change_of(alarm)], now=now)
    await _note(session, alarm, Entry(ACKNOWLEDGED, actor_id=actor.user_id, force_id=alarm.force_id), now=now)
    return alarm


async def _raise(session: AsyncSession, force: Force, call: SosCall, *, now: datetime) -> None:
    alarm = Alarm(
        force_id=force.id,
        name=force.name,
        raised_at=now,
        sent_at=call.at,
        last_sent_at=call.at,
        lon=call.lon,
        lat=call.lat,
        accuracy_m=call.accuracy_m,
        division_path=force.division_path,
        version=1,
    )
    session.add(alarm)
    await session.flush()
    await append(session, [change_of(alarm)], now=now)
    await _note(session, alarm, Entry(RAISED, force_id=force.id), now=now)


async def _update(session: AsyncSession, alarm_id: int, call: SosCall, *, now: datetime) -> None:
    """Move an open alarm to where its force calls from now."""
    alarm = await session.get_one(Alarm, alarm_id, with_for_update=True)
    alarm.last_sent_at = call.at
    if call.lon is not None:
        alarm.lon, alarm.lat, alarm.accuracy_m = call.lon, call.lat, call.accuracy_m
    alarm.version += 1
    await append(session, [change_of(alarm)], now=now)


async def _note(session: AsyncSession, alarm: Alarm, entry: Entry, *, now: datetime) -> None:
    """Write to the timeline of the incident that the force is at, if any."""
    at_work = select(Task.incident_id, Task.division_path).where(Task.force_id == alarm.force_id, Task.active)
    rows = [
        timeline_row(row.incident_id, entry, path=row.division_path, now=now) for row in await session.execute(at_work)
    ]
    await insert_timeline_rows(session, rows)
