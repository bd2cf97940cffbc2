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


class ShiftOut(Out):
    """Actions of the caller since a moment, the newest first."""

    since: datetime
    signed_in_at: datetime
    items: list[ShiftEntryOut]
    more: bool = Field(description="Whether older entries were left out.")
