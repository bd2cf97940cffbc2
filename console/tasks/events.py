"""Tasks in the feed: one shape for events, snapshots and single answers. Masked audiences get none: see `sight.py`."""

from sqlalchemy import Select, select

from console.feed.actions import Change
from console.feed.bodies import Body, utc_text
from console.feed.kinds import Kind, Retention
from console.incidents.rules import LIVE_AFTER_CLOSING
from console.tasks.tables import Task

NAME = "task"


def body_of(task: Task) -> Body:
    """Build the fields of `TaskOut`, JSON-ready; times in UTC."""
    return {
        "id": task.id,
        "incident": task.incident_id,
        "force": task.force_id,
        "role": task.role,
        "status": task.status,
        "active": task.active,
        "assigned_by": task.assigned_by,
        "sent_by": task.sent_by,
        "assigned_at": utc_text(task.assigned_at),
        "answer_due_at": utc_text(task.answer_due_at),
        "warned_at": utc_text(task.warned_at),
        "accepted_at": utc_text(task.accepted_at),
        "departed_at": utc_text(task.departed_at),
        "arrived_at": utc_text(task.arrived_at),
        "ended_at": utc_text(task.ended_at),
        "support_asked_at": utc_text(task.support_asked_at),
        "reason": task.reason,
        "note": task.note,
        "away_m": task.away_m,
        "cost_minutes": task.cost_minutes,
        "eta_minutes": task.eta_minutes,
        "version": task.version,
    }


def change_of(task: Task, *, left_path: str | None = None) -> Change:
    """Build the event of a task's new state; its force sees it in any division. The division `left_path` saw the state
    before.
    """
    return Change(
        kind=NAME,
        entity_id=task.id,
        version=task.version,
        division_path=task.division_path,
        force_ids=frozenset({task.force_id}),
        left_path=left_path,
        body=body_of(task),
    )


def incidents_of_force(force_id: int) -> Select[int]:
    """Select the incidents at which a force has an active task."""
    return select(Task.incident_id).where(Task.force_id == force_id, Task.active)


KIND = Kind(
    name=NAME,
    plural="tasks",
    table=Task,
    body=body_of,
    retention=Retention(after=Task.ended_at, time=LIVE_AFTER_CLOSING),
    created_at=Task.assigned_at,
)
