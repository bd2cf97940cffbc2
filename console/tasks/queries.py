"""Reading tasks, within the reach of whoever asks."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.incidents.tables import Incident
from console.tasks.rules import sees_task
from console.tasks.tables import Task
from geo.errors import NotFound

KEPT = timedelta(days=1)
"""How long a task that has ended stays in its force's own list."""


async def get_visible_task(session: AsyncSession, actor: Actor, task_id: int) -> Task:
    """The task, if the actor may see it: by role, or because it is their own force's. Raises NotFound."""
    found = await session.get(Task, task_id)
    if found is None or not sees_task(actor, force_id=found.force_id):
        raise NotFound(task=task_id)
    return found


async def list_tasks(
    session: AsyncSession,
    *,
    before: int | None = None,
    limit: int,
    status: str | None = None,
    incident: int | None = None,
    force: int | None = None,
) -> Sequence[Task]:
    """Tasks, newest first, beginning behind `before`."""
    query: Select[Task] = select(Task).order_by(Task.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Task.id < before)
    wanted = ((Task.status, status), (Task.incident_id, incident), (Task.force_id, force))
    query = query.where(*(column == value for column, value in wanted if value is not None))
    return (await session.scalars(query)).all()


async def list_own_tasks(
    session: AsyncSession, force_id: int, *, limit: int, now: datetime
) -> list[tuple[Task, Incident]]:
    """A force's tasks with their incidents: the active one first, then what ended in the last day, newest first."""
    rows = await session.execute(
        select(Task, Incident)
        .join(Incident, Incident.id == Task.incident_id)
        .where(Task.force_id == force_id, or_(Task.active, Task.ended_at > now - KEPT))
        .order_by(Task.active.desc(), Task.id.desc())
        .limit(limit)
    )
    return [(task, incident) for task, incident in rows]
