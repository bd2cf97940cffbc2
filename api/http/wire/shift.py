"""A person's shift on the wire."""

from datetime import datetime
from typing import Any

from pydantic import Field

from api.http.wire.shapes import Out


class ShiftEntryOut(Out):
    """Something the caller did with an incident. `kind` and `data` are those of its timeline."""

    id: int
    at: datetime
    kind: str
    incident: int
    case_code: str
    title: str
    category: str
    status: str = Field(description="The incident's state now.")
    force_name: str | None
    data: dict[str, Any]


class HandoverItemOut(Out):
    """An incident, or an alarm, which has none. `detail` is a note or move, a task's state, or a clock's code."""

    at: datetime = Field(description="When it happened; of `due`, when it is due.")
    incident: int | None
    case_code: str
    title: str
    category: str
    detail: str
    force_name: str | None


class HandoverListOut(Out):
    """How many there are, and the first of them."""

    count: int
    items: list[HandoverItemOut]


class HandoverOut(Out):
    """What happened within reach since the caller left, and what waits: tasks at work, clocks that run, open alarms."""

    since: datetime
    signed_in_at: datetime
    opened: HandoverListOut
    moved: HandoverListOut
    closed: HandoverListOut
    noted: HandoverListOut
    tasks: HandoverListOut
    due: HandoverListOut
    alarms: HandoverListOut


class ShiftOut(Out):
    """Actions of the caller since a moment, the newest first."""

    since: datetime
    signed_in_at: datetime
    items: list[ShiftEntryOut]
    more: bool = Field(description="Whether older entries were left out.")
