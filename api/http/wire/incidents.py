"""JSON of incidents, reports and timelines."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field, model_validator

from api.http.wire.shapes import In, Out
from ingest.reports.fields import PlainText, Report, reject_many_members


class IncidentIn(Report):
    """A report from a source."""

    @model_validator(mode="before")
    @classmethod
    def _has_few_members(cls, body: object) -> object:
        return reject_many_members(body)


class EditIn(In):
    """Changes of an incident; omitted fields stay as they are."""

    category: PlainText | None = None
    risk: PlainText | None = None
    title: PlainText | None = Field(None, min_length=1, max_length=200)
    description: PlainText | None = Field(None, max_length=4000)


class CloseIn(In):
    """Note of an incident closed at the desk."""

    note: PlainText = Field("", max_length=2000)


class LineErrorOut(Out):
    field: str
    code: str


class LineOut(Out):
    """Outcome of one line of a batch: `id` and `case_code` if accepted, `errors` if refused."""

    line: int
    status: Literal["created", "existing", "refused"]
    id: int | None = None
    case_code: str | None = None
    errors: list[LineErrorOut] | None = None


class BatchOut(Out):
    """Outcome of every line that is not blank, in order, and counts."""

    items: list[LineOut]
    created: int
    existing: int
    refused: int


class IncidentOut(Out):
    """An incident in snapshots, events and single responses. Masked: no title, description or code."""

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
    """An entry in an incident's timeline. `kind` is a code such as `registered` or `task.accepted`."""

    id: int
    at: datetime
    kind: str
    actor: str | None
    force: int | None
    force_name: str | None
    data: dict[str, Any]
