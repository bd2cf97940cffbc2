"""Assign tasks and take their steps, inside the caller's transaction.

Rows are locked in one order everywhere, the incident before the force and the task, so that transactions cannot
deadlock. They are locked against changes, not against references.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.queries import display_name_of
from console.access.rules import Actor, Permission
from console.cases.casework import Casework
from console.cases.field import closing_outcome, opened_for_finish, record_finish
from console.deadlines.actions import move_deadlines
from console.dispatching.answering import Answer, responders_to
from console.dispatching.packages import Package, kept, kept_package, package_for
from console.dispatching.queries import candidates_for, evaluate_force
from console.dispatching.rankings import KEPT, ranking_of
from console.dispatching.rules import Ranked
from console.dispatching.terms import DispatchTerms
from console.feed.actions import append
from console.flow.rules import require_open, role_for, stage_of
from console.flow.terms import CLOSED, CONTINUED, HANDLED, ORDINARY, Role
from console.forces.queries import get_visible_force
from console.forces.rules import ForceBusy
from console.forces.tables import Force
from console.grids.queries import services_of
from console.incidents.actions import advance
from console.incidents.queries import lock_incident
from console.incidents.rules import is_shown_live
from console.incidents.tables import Incident
from console.incidents.timeline import Entry
from console.tasks.deadlines import cancel_task_deadlines, set_answer_deadline
from console.tasks.events import NAME, change_of
from console.tasks.queries import IncidentTask, distance_from_incident, get_visible_task, tasks_on
from console.tasks.reported import Reported
from console.tasks.returns import NOT_PERMITTED, require_outside
from console.tasks.rules import (
    ACTIVE,
    MEASURED,
    LeadTaken,
    Step,
    TaskOver,
    TaskStatus,
    entry_kind,
    refusal,
    require_answer,
    require_step,
    transition,
)
from console.tasks.tables import Task
from geo.clocks import CLOCKS_DIFFER
from geo.versions import Expected, require_current
from layers.roads.graph import Graph

BUSY_FORCE = "uq_tasks_force_id_active"
SECOND_LEAD = "uq_tasks_incident_id_lead"


async def assign(
    session: AsyncSession,
    actor: Actor,
    *,
    incident_id: int,
    force_id: int,
    role: Role | None = None,
    terms: DispatchTerms,
    answers: Sequence[Answer] = (),
    packages: Sequence[Package] = (),
    work: Casework | None = None,
    graph: Graph | None = None,
    now: datetime,
) -> Task:
    """Send a force to an incident, in `role` or by default to lead, or to support if another force leads.

    `answers` says who may; the incident keeps its package of `packages` from the first task on, and the task the
    ranking that its force was chosen from. Raises Forbidden,
    NotFound, LeadTaken, MayNotAnswer, ForceBusy, ForceOffDuty, ForceOnLeave, or IllegalStep for an incident that has
    ended.
    The database's unique index decides whether the force is free: it may be busy beyond the actor's reach.
    """
    actor.require(Permission.DISPATCH)
    incident = await lock_incident(session, incident_id)
    require_open(ORDINARY, at=incident.status, step="assign")
    role = _role(role, await tasks_on(session, incident_id), incident_id=incident_id)
    force = await get_visible_force(session, actor, force_id, lock=True)
    responders = responders_to(answers, category=incident.category, risk=incident.risk, role=role)
    price, code = await evaluate_force(
        session, incident, force_id, responders=responders, terms=terms, graph=graph, now=now
    )
    if code is not None:
        raise refusal(code, force=force_id, role=role)
    choice = await candidates_for(
        session, incident, responders=responders, terms=terms, graph=graph, limit=KEPT, now=now
    )
    if package := package_for(packages, category=incident.category, risk=incident.risk):
        keep_package(incident, package)
    task = _new_task(actor, incident, force, role=role, price=price, terms=terms, now=now)
    task.ranking = ranking_of(choice.candidates, price)
    task.sent_by = await display_name_of(session, actor.user_id)
    await _insert(session, task)
    await set_answer_deadline(session, task)
    entry = entry_of(f"task.{task.status}", actor, task, {})
    await update_incident(session, incident, task, entry=entry, actor=actor, work=work, now=now)
    return task


def keep_package(incident: Incident, package: Package) -> None:
    """Keep a copy of the package, unless the incident has one for its category and risk. Lock the incident before."""
    category, risk = incident.category, incident.risk
    if kept_package(incident.package, category=category, risk=risk) is None:
        incident.package = kept(package, category=category, risk=risk)


async def take_step(
    session: AsyncSession,
    actor: Actor,
    task_id: int,
    step: Step,
    *,
    expected: Expected = None,
    reason: str | None = None,
    words: str = "",
    relayed: bool = False,
    reported: Reported | None = None,
    attachments: Sequence[UUID] = (),
    work: Casework | None = None,
    day: date,
    now: datetime,
) -> Task:
    """Take a step of a task, and update its incident's stage. `expected` is the version that the actor saw, or None.
    `relayed`: the force said so by radio or telephone, and the actor enters it; the timeline says so too.
    `reported`: the force's phone said so, perhaps long after.
    `attachments` are the ids of those that the force has taken and sends by themselves, perhaps later.

    With the place's `work`, the finish of a lead is a step of the incident's case, and ends it only where the pack says
    so; without, it closes the incident. `day`: the place's day on which it was done, whose lists of services tell
    whether a task may go back as not permitted. Raises NotFound, Forbidden, Stale, TaskTransition or
    ServiceNotForbidden.
    """
    seen = await get_visible_task(session, actor, task_id)
    require_step(actor, step, force_id=seen.force_id, relayed=relayed)
    incident = await lock_incident(session, seen.incident_id)
    task = await lock_task(session, task_id)
    require_current(task.version, expected)
    done_at = now if reported is None else reported.on(task)
    _move(task, step, now=done_at)
    if reason == NOT_PERMITTED and task.status == TaskStatus.DECLINED:
        require_outside(await services_of(session, incident.division_path, day=day), words)
    task.reason, task.note = reason or task.reason, words or task.note
    said = said_of(reason=reason, note=words, attachments=attachments) | ({"relayed": True} if relayed else {})
    said |= {} if reported is None else reported.data()
    if step in MEASURED and now - done_at <= CLOCKS_DIFFER:
        task.away_m = await distance_from_incident(session, task, now=now)
        said |= {} if task.away_m is None else {"away_m": task.away_m}
    entry = entry_of(entry_kind(step, task.status), actor, task, said)
    await update_incident(session, incident, task, entry=entry, actor=actor, work=work, now=now)
    await cancel_task_deadlines(session, task, now=now)
    return task


async def move_tasks(session: AsyncSession, incident: Incident, *, left_path: str, now: datetime) -> None:
    """Move the tasks of an incident, and their deadlines, to its new division. Lock the incident before.

    Clients that may no longer see them are sent `gone`; their forces see them in any division.
    """
    wanted = select(Task).where(Task.incident_id == incident.id).order_by(Task.id).with_for_update(key_share=True)
    tasks = (await session.scalars(wanted.execution_options(populate_existing=True))).all()
    for task in tasks:
        task.division_path = incident.division_path
        task.version += 1
    await session.flush()
    await move_deadlines(session, NAME, dict.fromkeys((task.id for task in tasks), incident.division_path))
    shown = [task for task in tasks if is_shown_live(task.ended_at, now=now)]
    await append(session, [change_of(task, left_path=left_path) for task in shown], now=now)


async def ask_for_support(
    session: AsyncSession,
    actor: Actor,
    task_id: int,
    *,
    words: str,
    reported: Reported | None = None,
    work: Casework | None = None,
    now: datetime,
) -> Task:
    """Record that a force asks for support at its incident. Asking again counts anew.

    Raises NotFound, Forbidden or TaskOver.
    """
    seen = await get_visible_task(session, actor, task_id)
    require_answer(actor, force_id=seen.force_id)
    incident = await lock_incident(session, seen.incident_id)
    task = await lock_task(session, task_id)
    if not task.active:
        raise TaskOver(status=task.status)
    task.support_asked_at = now if reported is None else reported.on(task)
    task.version += 1
    said = said_of(note=words) | ({} if reported is None else reported.data())
    entry = entry_of("task.support_asked", actor, task, said)
    await update_incident(session, incident, task, entry=entry, actor=actor, work=work, now=now)
    return task


async def update_incident(
    session: AsyncSession,
    incident: Incident,
    task: Task,
    *,
    entry: Entry,
    actor: Actor,
    work: Casework | None,
    now: datetime,
) -> None:
    """Update the incident's stage after a change of `task`, and append the events of both.

    All forces with an active task at it see its event in any division; the task's force stops seeing it when the task
    has ended.
    """
    tasks = await tasks_on(session, incident.id)
    stage = stage_of(ORDINARY, tasks, at=incident.status)
    finished = stage == CLOSED != incident.status
    opened = await opened_for_finish(session, work, incident, actor=actor, now=now) if work and finished else None
    if opened is not None and await closing_outcome(session, opened) is None:
        stage = stage_of(CONTINUED, tasks, at=incident.status)
    newly = opened is not None and not (stage == HANDLED == incident.status)
    sent = frozenset(other.force for other in tasks if other.active)
    left = frozenset({task.force_id})
    await advance(session, incident, stage, entry=entry, sent=sent, left=left, now=now)
    await append(session, [change_of(task)], now=now)
    if work is not None and opened is not None and newly:
        await record_finish(session, work, opened, task_id=task.id, force_id=task.force_id, actor=actor, now=now)


def entry_of(kind: str, actor: Actor, task: Task, said: Mapping[str, Any]) -> Entry:
    """Build a timeline entry about a task."""
    data = {"task": task.id, "role": task.role, **said}
    return Entry(kind, actor_id=actor.user_id, force_id=task.force_id, data=data)


def said_of(*, reason: str | None = None, note: str = "", attachments: Sequence[UUID] = ()) -> dict[str, Any]:
    """Return what was said with a step, as an entry has it: nothing for what was left out."""
    said = {"reason": reason, "note": note, "attachments": [str(one) for one in attachments]}
    return {name: words for name, words in said.items() if words}


def _role(wanted: Role | None, tasks: Sequence[IncidentTask], *, incident_id: int) -> Role:
    """Return the role of a new task. Raises LeadTaken if another force already leads."""
    role = wanted or role_for(tasks)
    lead = next((task for task in tasks if task.active and task.role == Role.LEAD), None)
    if role is Role.LEAD and lead is not None:
        raise LeadTaken(incident=incident_id, force=lead.force, task=lead.task)
    return role


async def lock_task(session: AsyncSession, task_id: int) -> Task:
    """Lock a task, after its incident."""
    query = select(Task).where(Task.id == task_id).with_for_update(key_share=True)
    return (await session.scalars(query.execution_options(populate_existing=True))).one()


def _new_task(
    actor: Actor, incident: Incident, force: Force, *, role: Role, price: Ranked, terms: DispatchTerms, now: datetime
) -> Task:
    return Task(
        incident_id=incident.id,
        force_id=force.id,
        role=role.value,
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
        if violated == SECOND_LEAD:
            raise LeadTaken(incident=incident) from error
        raise


def _move(task: Task, step: Step, *, now: datetime) -> None:
    taken = transition(task.status, step)
    task.status = taken.to.value
    task.active = taken.to in ACTIVE
    setattr(task, taken.stamp, now)
    task.version += 1
