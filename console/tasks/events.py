"""How a task is told: one shape for events, snapshots and single answers."""

from datetime import UTC, datetime
from typing import Any

from console.feed.actions import Change
from console.tasks.tables import Task

KIND = "task"


def body_of(task: Task) -> dict[str, Any]:
    """The fields of `TaskOut`, JSON-ready; times in UTC."""
    return {
        "id": task.id,
        "incident": task.incident_id,
        "force": task.force_id,
        "status": task.status,
        "active": task.active,
        "assigned_by": task.assigned_by,
        "assigned_at": _utc_text(task.assigned_at),
        "answer_due_at": _utc_text(task.answer_due_at),
        "warned_at": _utc_text(task.warned_at),
        "accepted_at": _utc_text(task.accepted_at),
        "departed_at": _utc_text(task.departed_at),
        "arrived_at": _utc_text(task.arrived_at),
        "ended_at": _utc_text(task.ended_at),
        "reason": task.reason,
        "note": task.note,
        "cost_minutes": task.cost_minutes,
        "eta_minutes": task.eta_minutes,
        "version": task.version,
    }


def change_of(task: Task) -> Change:
    """The event of a task's new state; its force may see it wherever the incident lies."""
    return Change(
        kind=KIND,
        entity_id=task.id,
        version=task.version,
        division_path=task.division_path,
        force_ids=frozenset({task.force_id}),
        body=body_of(task),
    )


def _utc_text(moment: datetime | None) -> str | None:
    """RFC 3339 as the wire schemas write it, so that an event and an answer are equal to the letter."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
