"""Deadlines of a task: the answer of its force."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.deadlines.actions import DeadlineRequest, cancel_deadlines, set_deadline
from console.deadlines.rules import DeadlineKind, Limit
from console.feed.actions import append
from console.incidents.tables import Incident
from console.incidents.timeline import Entry, note_many
from console.tasks.events import KIND, change_of
from console.tasks.rules import TaskStatus
from console.tasks.tables import Task

ANSWER = f"{KIND.name}.answer"


async def set_answer_deadline(session: AsyncSession, task: Task) -> None:
    """Set the deadline of the force's answer, `answer_due_at`."""
    limit = Limit.of(task.answer_due_at - task.assigned_at)
    await set_deadline(session, ANSWER, DeadlineRequest(task.id, task.division_path, task.assigned_at, limit))


async def cancel_task_deadlines(session: AsyncSession, task: Task, *, now: datetime) -> None:
    """Cancel the deadlines of a task that is answered or recalled."""
    await cancel_deadlines(session, KIND.name, task.id, now=now)


async def warn_unanswered(session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
    """Mark the unanswered tasks, with an entry in their incident's timeline and a feed event.

    Locked rows are left to the next sweep: the force may be answering in that transaction.
    """
    held = await session.execute(
        select(Task, Incident)
        .join(Incident, Incident.id == Task.incident_id)
        .where(Task.id.in_(subjects))
        .order_by(Task.id)
        .with_for_update(of=[Task, Incident], key_share=True, skip_locked=True)
    )
    found = [(task, incident) for task, incident in held]
    late = [(task, incident) for task, incident in found if task.status == TaskStatus.ASSIGNED]
    for task, _ in late:
        task.warned_at = now
        task.version += 1
    await session.flush()
    entries = [(incident, Entry("task.unanswered", force_id=t.force_id, data={"task": t.id})) for t, incident in late]
    await note_many(session, entries, now=now)
    await append(session, [change_of(task) for task, _ in late], now=now)
    return [task.id for task, _ in found]


KINDS = (DeadlineKind(ANSWER, on_due=warn_unanswered),)
