"""Take what phones send late: steps that were overtaken meanwhile are kept as evidence beside what holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.cases.casework import Casework
from console.commands.rules import CommandConflict, CommandSettled, Status, TaskRecalled
from console.feed.actions import append
from console.feed.bodies import utc_text
from console.incidents.actions import record_change
from console.incidents.queries import forces_on, lock_incident
from console.incidents.tables import Incident
from console.incidents.timeline import Entry
from console.tasks.actions import entry_of, lock_task, said_of, take_step
from console.tasks.events import change_of
from console.tasks.queries import get_visible_task
from console.tasks.reported import Reported
from console.tasks.rules import TRANSITIONS, Step, TaskStatus, TaskTransition, require_answer, require_step
from console.tasks.tables import Task
from geo.errors import MaplebridgeError

ONWARD = (TaskStatus.ASSIGNED, TaskStatus.ACCEPTED, TaskStatus.DEPARTED, TaskStatus.ARRIVED, TaskStatus.FINISHED)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a step: the task as it is now, and why the step does not hold, where it does not."""

    task: Task
    status: Status = Status.APPLIED
    error: MaplebridgeError | None = None


async def take_reported_step(
    session: AsyncSession,
    actor: Actor,
    task_id: int,
    step: Step,
    *,
    reason: str | None,
    words: str,
    attachments: Sequence[UUID],
    reported: Reported,
    seen: frozenset[int],
    work: Casework | None,
    day: date,
    now: datetime,
) -> Taken:
    """Take a step that a phone reports. `seen` are the versions of the task that the phone knew or made itself.

    A step of a recalled task, and one that is refused because others changed the task, stand in the timeline and change
    nothing else. One that others have entered already is no error. `attachments` and `day` are as for `take_step`.
    Raises NotFound, Forbidden, ServiceNotForbidden, or TaskTransition where the step was wrong from the start.
    """
    found = await get_visible_task(session, actor, task_id)
    require_step(actor, step, force_id=found.force_id)
    incident = await lock_incident(session, found.incident_id)
    task = await lock_task(session, task_id)
    said = {"step": step, **said_of(reason=reason, note=words, attachments=attachments), **reported.data()}
    if overtaken := await _overtaken(session, actor, incident, task, said, now=now):
        return overtaken
    try:
        task = await take_step(
            session,
            actor,
            task_id,
            step,
            reason=reason,
            words=words,
            attachments=attachments,
            reported=reported,
            work=work,
            day=day,
            now=now,
        )
    except TaskTransition:
        if not seen or task.version in seen:
            raise
        await _keep_evidence(session, incident, entry_of("task.conflict", actor, task, said), now=now)
        return Taken(task, Status.REVIEW, CommandConflict(status=task.status, version=task.version))
    return Taken(task)


async def note_from_field(
    session: AsyncSession, actor: Actor, task_id: int, kind: str, *, words: str, reported: Reported, now: datetime
) -> Task:
    """Write a note (`noted`) or a check-in (`checked_in`) of a task's force to the timeline of its incident, whether
    the task has ended or not. Raises NotFound or Forbidden.
    """
    task = await get_visible_task(session, actor, task_id)
    require_answer(actor, force_id=task.force_id)
    incident = await lock_incident(session, task.incident_id)
    await _keep_evidence(session, incident, entry_of(kind, actor, task, said_of(note=words) | reported.data()), now=now)
    return task


async def restore_finish(
    session: AsyncSession, actor: Actor, task_id: int, *, reason: str | None, words: str, now: datetime
) -> Task:
    """Let another outcome of a finished task hold; the timeline keeps the one that held. Raises Forbidden, NotFound,
    CommandSettled for a task that is not finished.
    """
    actor.require(Permission.DISPATCH)
    seen = await get_visible_task(session, actor, task_id)
    incident = await lock_incident(session, seen.incident_id)
    task = await lock_task(session, task_id)
    if task.status != TaskStatus.FINISHED:
        raise CommandSettled(status=task.status)
    was: dict[str, Any] = {"was": task.reason, "was_note": task.note}
    task.reason, task.note = reason or task.reason, words
    task.version += 1
    entry = entry_of("task.outcome_replaced", actor, task, said_of(reason=task.reason, note=words) | was)
    await _keep_evidence(session, incident, entry, now=now)
    await append(session, [change_of(task)], now=now)
    return task


async def _overtaken(
    session: AsyncSession, actor: Actor, incident: Incident, task: Task, said: Mapping[str, Any], *, now: datetime
) -> Taken | None:
    """Keep a step of a recalled task, or one that others have entered already, as evidence; None for any other."""
    if task.status == TaskStatus.RECALLED:
        await _keep_evidence(session, incident, entry_of("task.late", actor, task, said), now=now)
        return Taken(task, Status.REFUSED, TaskRecalled(at=utc_text(task.ended_at)))
    if _is_taken(task, said["step"], said.get("reason")):
        await _keep_evidence(session, incident, entry_of("task.reported", actor, task, said), now=now)
        return Taken(task)
    return None


def _is_taken(task: Task, step: Step, reason: str | None) -> bool:
    """Whether the task is where the step leads, or further: the hall has entered what the force said by radio."""
    to = TRANSITIONS[step].to
    if to not in ONWARD or task.status not in ONWARD:
        return False
    if step == "finish":
        return task.status == TaskStatus.FINISHED and (reason or None) == task.reason
    return ONWARD.index(TaskStatus(task.status)) >= ONWARD.index(to)


async def _keep_evidence(session: AsyncSession, incident: Incident, entry: Entry, *, now: datetime) -> None:
    sent = await forces_on(session, incident.id)
    await record_change(session, incident, entry, sent=sent, now=now)
