"""JSON of tasks that went back because the grid's list does not permit the service."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import Field

from api.http.wire.shapes import Out
from console.tasks.returns import Returned

GRID = "The grid that the incident lies in; empty outside of any."


class ReturnedTaskOut(Out):
    """A task that went back: by which force, to whom, and what was asked for."""

    task: int
    incident: int
    force: int
    grid: str = Field(description=GRID)
    grid_name: str
    sent_by: str = Field(description="Name of who sent it.")
    service: str
    at: datetime


class ReturnCountOut(Out):
    """How many of a sender's tasks in a grid went back."""

    grid: str = Field(description=GRID)
    grid_name: str
    sent_by: str
    tasks: int


class ReturnsOut(Out):
    """The tasks of a month that went back, the latest first, at most 500; and how many by grid and sender."""

    month: str
    items: list[ReturnedTaskOut]
    counts: list[ReturnCountOut]

    @classmethod
    def told(cls, month: str, returned: Sequence[Returned]) -> Self:
        counts = Counter((one.grid, one.grid_name, one.task.sent_by) for one in returned)
        return cls(
            month=month,
            items=[
                ReturnedTaskOut(
                    task=one.task.id,
                    incident=one.task.incident_id,
                    force=one.task.force_id,
                    grid=one.grid,
                    grid_name=one.grid_name,
                    sent_by=one.task.sent_by,
                    service=one.task.note,
                    at=one.task.ended_at or one.task.assigned_at,
                )
                for one in returned
            ],
            counts=[
                ReturnCountOut(grid=grid, grid_name=name, sent_by=who, tasks=n)
                for (grid, name, who), n in counts.most_common()
            ],
        )
