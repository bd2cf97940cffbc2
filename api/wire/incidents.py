"""Incidents on the wire."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from api.wire.shapes import In, Latitude, Longitude, Moment, Out


class IncidentIn(In):
    """A report, as any source sends it."""

    source: str = Field(min_length=1, max_length=64)
    external_no: str | None = Field(None, min_length=1, max_length=128)
    category: str
    title: str = Field(min_length=1, max_length=200)
    description: str = Field("", max_length=4000)
    lon: Longitude
    lat: Latitude
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    occurred_at: Moment | None = None
    closed_at: Moment | None = Field(None, description="A record of the past that is already closed.")
    risk: str | None = None


class IncidentOut(Out):
    """An incident, as a snapshot, an event and a single answer show it. Masked: no title, description or code."""

    id: int
    case_code: str
    source: str
    external_no: str | None
    category: str
    risk: str
    level: str
    title: str
    description: str
    status: str
    lon: float
    lat: float
    cell: str
    grid: str | None
    division: str | None = Field(description="The village's code on the day it occurred.")
    division_path: str
    occurred_at: datetime
    registered_at: datetime
    first_due_at: datetime
    closed_at: datetime | None
    duplicate_of: int | None
    version: int


class TimelineEntryOut(Out):
    """Something that happened to an incident. `kind` is a code such as `registered` or `task.accepted`."""

    id: int
    at: datetime
    kind: str
    actor: str | None
    force: int | None
    force_name: str | None
    data: dict[str, Any]
