"""Read tasks within the caller's reach."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.cursors import id_of, page_of
from console.flow.terms import Role
from console.forces.tables import Force
from console.incidents.rules import LIVE_AFTER_CLOSING
from console.incidents.tables import Incident
from console.tasks.rules import may_read_task
from console.tasks.tables import Task
from geo.errors import NotFound

TASKS_ON = text("SELECT task_id, force_id, role, status, active FROM tasks_on(:incident) ORDER BY task_id")


FIX_COUNTS_FOR = timedelta(minutes=10)
"""An older fix does not tell where a force is."""
WEEK_LONG = timedelta(days=7)
WEEK = text("""
WITH alike AS MATERIALIZED (
    SELECT id FROM forces
    WHERE id = :force OR (kind = (SELECT kind FROM forces WHERE id = :force) AND duty <> 'off')
), loads AS (
    SELECT force_id, count(*) AS tasks,
        sum(extract(epoch FROM COALESCE(arrived_at, ended_at, :now) - departed_at)) / 60 AS travel,
        sum(extract(epoch FROM COALESCE(ended_at, :now) - arrived_at)) / 60 AS scene
    FROM tasks
    WHERE force_id = ANY (ARRAY(SELECT id FROM alike)) AND assigned_at > :since AND status <> 'declined'
    GROUP BY force_id
)
SELECT alike.id, COALESCE(tasks, 0), COALESCE(travel, 0)::float8, COALESCE(scene, 0)::float8
FROM alike LEFT JOIN loads ON loads.force_id = alike.id
""")
AWAY = text("""
SELECT ST_Distance(l.geom::geography, i.geom::geography) FROM latest_fixes l, incidents i
WHERE l.force_id = :force AND l.at > :since AND i.id = :incident
""")


@dataclass(frozen=True, slots=True)
class IncidentTask:
    """A task of an incident, as needed for its stage and audience; includes tasks beyond the reach."""

    task: int
    force: int
    role: str
    status: str
    active: bool


@dataclass(frozen=True, slots=True)
class Companion:
    """Another force on the same incident. Its name is None beyond the caller's reach."""

    force: int
    name: str | None
    role: str
    status: str


async def get_visible_task(session: AsyncSession, actor: Actor, task_id: int) -> Task:
    """Return the task if the actor may see it, by role or as their own force's. Raises NotFound."""
    found = await session.get(Task, task_id)
    if found is None or not may_read_task(actor, force_id=found.force_id):
        raise NotFound
    return found


async def get_incident_of_own_task(session: AsyncSession, actor: Actor, incident_id: int, *, force_id: int) -> Incident:
    """Return the incident of an active task of the actor's own force. Raises Forbidden, NotFound."""
    actor.require(Permission.ANSWER_OWN_TASKS)
    own = select(Incident).join(Task, Task.incident_id == Incident.id)
    wanted = own.where(Incident.id == incident_id, Task.force_id == force_id, Task.active)
    found = await session.scalar(wanted) if force_id == actor.force_id else None
    if found is None:
        raise NotFound
    return found


async def tasks_by_id(session: AsyncSession, ids: Collection[int]) -> dict[int, Task]:
    """Return those of these tasks that the session may see, by id."""
    found = await session.scalars(select(Task).where(Task.id.in_(ids))) if ids else ()
    return {task.id: task for task in found}


async def list_tasks(
    session: AsyncSession,
    actor: Actor,
    *,
    limit: int,
    cursor: str | None = None,
    status: str | None = None,
    incident: int | None = None,
    force: int | None = None,
) -> tuple[Sequence[Task], str | None]:
    """Return a page of tasks, newest first, and the cursor of the next. Raises Forbidden, BadCursor."""
    actor.require(Permission.READ_INCIDENTS)
    query = select(Task).order_by(Task.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(Task.id < id_of(cursor))
    wanted = ((Task.status, status), (Task.incident_id, incident), (Task.force_id, force))
    query = query.where(*(column == value for column, value in wanted if value is not None))
    return page_of((await session.scalars(query)).all(), limit=limit)


async def tasks_on(session: AsyncSession, incident_id: int) -> list[IncidentTask]:
    """List all tasks of an incident within reach, oldest first, including those of forces beyond the reach.

    They do not change while the caller holds the incident's lock.
    """
    await session.flush()
    return [IncidentTask(*row) for row in await session.execute(TASKS_ON, {"incident": incident_id})]


async def distance_from_incident(session: AsyncSession, task: Task, *, now: datetime) -> float | None:
    """Return the whole metres between a task's force and its incident, or None where either place is not known."""
    wanted = {"force": task.force_id, "incident": task.incident_id, "since": now - FIX_COUNTS_FOR}
    metres: float | None = await session.scalar(AWAY, wanted)
    return None if metres is None else round(metres)


async def count_tasks(session: AsyncSession, force_id: int, *, since: datetime) -> int:
    """Count the tasks within reach that a force was sent on since a moment."""
    wanted = select(func.count()).where(Task.force_id == force_id, Task.assigned_at >= since)
    return await session.scalar(wanted) or 0


@dataclass(frozen=True, slots=True)
class Week:
    """A force's tasks of the last seven days, its minutes on the way and on scene, and how it is with the `others` of
    its kind that are not off duty: the median of their tasks and of their minutes of both.
    """

    tasks: int
    travel_minutes: float
    scene_minutes: float
    others: int
    usual_tasks: float
    usual_minutes: float


async def week_of(session: AsyncSession, force_id: int, *, now: datetime) -> Week:
    """Return a force's load and that of its kind, within reach. What it declined counts for nothing."""
    of_own: list[list[float]] = []
    of_others: list[list[float]] = []
    for force, *load in await session.execute(WEEK, {"force": force_id, "now": now, "since": now - WEEK_LONG}):
        (of_own if force == force_id else of_others).append(load)
    (tasks, travel, scene), *_ = of_own
    return Week(
        tasks=int(tasks),
        travel_minutes=travel,
        scene_minutes=scene,
        others=len(of_others),
        usual_tasks=median([n for n, _, _ in of_others] or [0]),
        usual_minutes=median([on_way + there for _, on_way, there in of_others] or [0.0]),
    )


async def companions_of(session: AsyncSession, task: Task) -> list[Companion]:
    """List the other forces on an active task's incident: the lead first, then by role and time of assignment."""
    if not task.active:
        return []
    sent = [other for other in await tasks_on(session, task.incident_id) if other.active and other.task != task.id]
    rows = await session.execute(select(Force.id, Force.name).where(Force.id.in_([other.force for other in sent])))
    names = {row.id: row.name for row in rows}
    roles = [role.value for role in Role]
    sent.sort(key=lambda other: roles.index(other.role))
    return [Companion(other.force, names.get(other.force), other.role, other.status) for other in sent]


async def list_own_tasks(
    session: AsyncSession, force_id: int, *, limit: int, now: datetime
) -> list[tuple[Task, Incident]]:
    """List a force's tasks with their incidents: the active one, then those ended in the last day, newest first."""
    rows = await session.execute(
        select(Task, Incident)
        .join(Incident, Incident.id == Task.incident_id)
        .where(Task.force_id == force_id, or_(Task.active, Task.ended_at > now - LIVE_AFTER_CLOSING))
        .order_by(Task.active.desc(), Task.id.desc())
        .limit(limit)
    )
    return [(task, incident) for task, incident in rows]
