"""Sending a force, and what becomes of its task. Inside the caller's transaction.

Rows are locked in one order everywhere, the incident before the force and before the task, so that two transactions
never wait for each other. They are locked against changes, not against references.
"""

from datetime import datetime

import psycopg
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.dispatching.queries import appraise_one
from console.dispatching.rules import Ranked, Terms
from console.feed.actions import append
from console.forces.queries import get_visible_force
from console.forces.rules import Duty, ForceBusy
from console.forces.tables import Force
from console.incidents.actions import advance
from console.incidents.queries import forces_on, lock_incident
from console.incidents.rules import CLOSED, REGISTERED
from console.incidents.tables import Incident
from console.incidents.timeline import Entry
from console.tasks.deadlines import expect_answer, stop_waiting
from console.tasks.events import change_of
from console.tasks.queries import get_visible_task
from console.tasks.rules import ACTIVE, ForceOffDuty, IncidentAssigned, Step, TaskStatus, require_step, transition
from console.tasks.tables import Task
from geo.errors import Stale

BUSY_FORCE = "uq_tasks_force_id_active"
BUSY_INCIDENT = "uq_tasks_incident_id_active"


async def assign(
    session: AsyncSession, actor: Actor, *, incident_id: int, force_id: int, terms: Terms, now: datetime
) -> Task:
    """Send a force to an incident. Raises IncidentAssigned, ForceBusy, ForceOffDuty, NotFound, or IllegalStep for a
    closed one.

    Whether both are free is decided by the database's unique indexes: the force may be busy beyond the actor's reach.
    """
    actor.require(Permission.DISPATCH)
    incident = await lock_incident(session, incident_id)
    if incident.status not in (REGISTERED, CLOSED):
        raise IncidentAssigned(incident=incident_id)
    force = await get_visible_force(session, actor, force_id, lock=True)
    if force.duty == Duty.OFF:
        raise ForceOffDuty(force=force_id)
    price = await appraise_one(session, incident, force_id, terms=terms, now=now)
    task = _new_task(actor, incident, force, price=price, terms=terms, now=now)
    await _insert(session, task)
    await expect_answer(session, task)
    entry = Entry("task.assigned", actor_id=actor.user_id, force_id=force_id, data={"task": task.id})
    await advance(session, incident, "assign", entry=entry, sent=frozenset({force_id}), now=now)
    await append(session, [change_of(task)], now=now)
    return task


async def take_step(
    session: AsyncSession,
    actor: Actor,
    task_id: int,
    step: Step,
    *,
    expected: int | None = None,
    reason: str | None = None,
    words: str = "",
    now: datetime,
) -> Task:
    """Take a task one step on, and its incident with it. `expected` is the version that the actor saw.

    Raises NotFound, Forbidden, Stale or TaskTransition.
    """
    seen = await get_visible_task(session, actor, task_id)
    require_step(actor, step, force_id=seen.force_id)
    incident = await lock_incident(session, seen.incident_id)
    task = await _lock_task(session, task_id)
    if expected is not None and expected != task.version:
        raise Stale(version=task.version)
    _move(task, step, now=now)
    task.reason, task.note = reason or task.reason, words or task.note
    data = {"task": task.id} | ({"reason": reason} if reason else {})
    entry = Entry(f"task.{task.status}", actor_id=actor.user_id, force_id=task.force_id, data=data)
    await session.flush()
    sent, left = await forces_on(session, incident.id), frozenset({task.force_id})
    await advance(session, incident, step, entry=entry, sent=sent, left=left, now=now)
    await append(session, [change_of(task)], now=now)
    await stop_waiting(session, task, now=now)
    return task


async def _lock_task(session: AsyncSession, task_id: int) -> Task:
    query = select(Task).where(Task.id == task_id).with_for_update(key_share=True)
    return (await session.scalars(query.execution_options(populate_existing=True))).one()


def _new_task(actor: Actor, incident: Incident, force: Force, *, price: Ranked, terms: Terms, now: datetime) -> Task:
    return Task(
        incident_id=incident.id,
        force_id=force.id,
        status=TaskStatus.ASSIGNED.value,
        active=True,
        assigned_by=actor.user_id,
        assigned_at=now,
        answer_due_at=now + terms.answer_within,
        cost_minutes=price.cost_minutes,
        eta_minutes=price.eta_minutes,
        note="",
        division_path=incident.division_path,
        version=1,
    )


async def _insert(session: AsyncSession, task: Task) -> None:
    """Insert in a savepoint, so that a refusal leaves the caller's transaction usable."""
    force, incident = task.force_id, task.incident_id
    try:
        async with session.begin_nested():
            session.add(task)
    except IntegrityError as error:
        violated = error.orig.diag.constraint_name if isinstance(error.orig, psycopg.Error) else None
        if violated == BUSY_FORCE:
            raise ForceBusy(force=force) from error
        if violated == BUSY_INCIDENT:
            raise IncidentAssigned(incident=incident) from error
        raise


def _move(task: Task, step: Step, *, now: datetime) -> None:
    taken = transition(task.status, step)
    task.status = taken.to.value
    task.active = taken.to in ACTIVE
    setattr(task, taken.stamp, now)
    task.version += 1
