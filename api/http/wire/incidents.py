"""Incidents on the wire."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from api.http.wire.shapes import In, Out
from ingest.reports.fields import PlainText, Report


class IncidentIn(Report):
    """A report, as any source sends it."""


class EditIn(In):
    """What to change of an incident; what is left out stays as it is."""

    category: PlainText | None = None
    risk: PlainText | None = None
    title: PlainText | None = Field(None, min_length=1, max_length=200)
    description: PlainText | None = Field(None, max_length=4000)


class CloseIn(In):
    """Why an incident ends at the desk."""

    note: PlainText = Field("", max_length=2000)


class LineErrorOut(Out):
    field: str
    code: str


class LineOut(Out):
    """What became of one line of a batch. `id` and `case_code` when it was taken, `errors` when it was refused."""

    line: int
    status: Literal["created", "existing", "refused"]
    id: int | None = None
    case_code: str | None = None
    errors: list[LineErrorOut] | None = None


class BatchOut(Out):
    """What became of every line that was not blank, in order, and how many there were of each."""

    items: list[LineOut]
    created: int
    existing: int
    refused: int


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
    language: str | None = Field(None, description="Language that the parties speak, if relevant. Not in a masked one.")
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
