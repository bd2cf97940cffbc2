"""Record what the page of a force's phone says, inside the caller's transaction."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Forbidden, Permission
from console.feed.actions import append
from console.forces.queries import get_visible_force
from console.forces.tables import Force
from console.incidents.timeline import Entry, insert_timeline_rows, timeline_row
from console.presence.events import change_of
from console.presence.tables import Presence
from console.tasks.tables import Task

SEEN = "task.seen"

State = Literal["front", "background"]


async def tell_presence(
    session: AsyncSession, actor: Actor, *, state: State, task_id: int | None, now: datetime
) -> Presence:
    """Record whether the page of the actor's force is in front, and which task it has. The same again changes nothing.

    A task that is not the force's, or has ended, is ignored: a page says so while it is being closed, and is not heard
    again. Raises Forbidden.
    """
    actor.require(Permission.ANSWER_OWN_TASKS)
    if actor.force_id is None:
        raise Forbidden(permission=Permission.ANSWER_OWN_TASKS)
    force = await get_visible_force(session, actor, actor.force_id)
    presence = await _locked(session, force, now=now)
    task = await _own_task(session, force.id, task_id)
    changed = presence.version == 0 or presence.state != state
    if changed:
        presence.state, presence.since = state, now
    if task is not None and presence.task_id != task.id:
        presence.task_id, presence.reached_at, presence.seen_at = task.id, now, None
        changed = True
    if task is not None and state == "front" and presence.seen_at is None:
        presence.seen_at = now
        changed = True
        await _note_seen(session, actor, task, now=now)
    if changed:
        presence.version += 1
        await session.flush()
        await append(session, [change_of(presence)], now=now)
    return presence


async def tell_notified(session: AsyncSession, task_id: int, *, now: datetime) -> None:
    """Record that a phone of a task's force showed a notice of it, its page being closed or not. Once; a task that has
    ended, and a force whose page was never open, are ignored.
    """
    task = await session.scalar(select(Task).where(Task.id == task_id, Task.active))
    if task is None:
        return
    wanted = select(Presence).where(Presence.id == task.force_id).with_for_update()
    presence = await session.scalar(wanted.execution_options(populate_existing=True))
    if presence is None or presence.notified_task_id == task.id:
        return
    presence.notified_task_id, presence.notified_at = task.id, now
    presence.version += 1
    await session.flush()
    await append(session, [change_of(presence)], now=now)


async def move_presences(session: AsyncSession, forces: Collection[int], *, now: datetime) -> None:
    """Move what the pages of these forces said to the forces' present divisions: others there could not see it."""
    wanted = select(Presence, Force.division_path).join(Force, Force.id == Presence.id)
    moved = wanted.where(Force.id.in_(forces), Force.division_path != Presence.division_path).order_by(Presence.id)
    for presence, path in await session.execute(moved.with_for_update(of=Presence)):
        left_path, presence.division_path = presence.division_path, path
        presence.version += 1
        await append(session, [change_of(presence, left_path=left_path)], now=now)


async def _locked(session: AsyncSession, force: Force, *, now: datetime) -> Presence:
    """Lock the force's row, a new one of version 0 where there is none."""
    new = {"id": force.id, "state": "front", "since": now, "division_path": force.division_path, "version": 0}
    await session.execute(insert(Presence).values(new).on_conflict_do_nothing())
    wanted = select(Presence).where(Presence.id == force.id).with_for_update()
    return (await session.scalars(wanted.execution_options(populate_existing=True))).one()


async def _own_task(session: AsyncSession, force_id: int, task_id: int | None) -> Task | None:
    if task_id is None:
        return None
    wanted = select(Task).where(Task.id == task_id, Task.force_id == force_id, Task.active)
    found: Task | None = await session.scalar(wanted)
    return found


async def _note_seen(session: AsyncSession, actor: Actor, task: Task, *, now: datetime) -> None:
    data = {"task": task.id, "role": task.role}
    entry = Entry(SEEN, actor_id=actor.user_id, force_id=task.force_id, data=data)
    await insert_timeline_rows(session, [timeline_row(task.incident_id, entry, path=task.division_path, now=now)])
