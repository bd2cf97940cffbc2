"""JSON of incidents, reports and timelines."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from api.http.wire.shapes import Id, In, Latitude, Longitude, Out
from ingest.reports.fields import DatumCode, PlainText, Report, null_means, reject_many_members


class IncidentIn(Report):
    """A report from a source."""

    @model_validator(mode="before")
    @classmethod
    def _has_few_members(cls, body: object) -> object:
        return reject_many_members(body)


class ChangesIn(In):
    """Changes of an incident; omitted fields stay as they are."""

    category: PlainText | None = None
    risk: PlainText | None = None
    title: PlainText | None = Field(None, min_length=1, max_length=200)
    description: PlainText | None = Field(None, max_length=4000)
    address: PlainText | None = Field(None, max_length=200)
    language: PlainText | None = Field(
        None, max_length=32, description="Language that the parties speak; empty takes it away."
    )
    lon: Longitude | None = Field(None, description="With `lat`: its place, the first one or a better one.")
    lat: Latitude | None = None
    datum: Annotated[DatumCode, null_means("wgs84", given=DatumCode)] = "wgs84"


class EditIn(ChangesIn):
    """Changes of an open incident; omitted fields stay as they are."""

    seen: Annotated[bool, null_means(False, given=bool)] = Field(
        False, description="The report that came again with other content (`differs_at`) has been looked at."
    )


class CorrectionIn(ChangesIn):
    """A correction of an incident, which may be closed: what was wrong, and why it is changed."""

    reason: PlainText = Field(min_length=1, max_length=2000)


class CloseIn(In):
    """Note of an incident closed at the desk."""

    note: Annotated[PlainText, null_means("", given=str)] = Field("", max_length=2000)


class NoteIn(In):
    """A note of an operator."""

    note: PlainText = Field(min_length=1, max_length=2000)


class MergeIn(In):
    """The main incident of which this one is a duplicate."""

    into: Id


class UnmergeIn(In):
    """Entries of the main incident's timeline, written since the merge, that concern the incident that leaves it."""

    entries: list[Id] = Field([], max_length=200)


class DuplicateIn(In):
    """The other one of two likely duplicates."""

    of: Id


class LineErrorOut(Out):
    field: str
    code: str


class LineOut(Out):
    """Outcome of one line of a batch: `id` and `case_code` if accepted, `errors` if refused.

    `differs` names the fields of an existing incident that have other values: nothing of them was taken over.
    """

    line: int
    status: Literal["created", "existing", "refused"]
    id: int | None = None
    case_code: str | None = None
    differs: list[str] | None = None
    errors: list[LineErrorOut] | None = None


class BatchOut(Out):
    """Outcome of every line that is not blank, in order, and counts."""

    items: list[LineOut]
    created: int
    existing: int
    differing: int = Field(description="How many of the existing ones came with other content.")
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
    lon: float | None = Field(description="Null, as `lat` and `cell`, while the incident waits for a place.")
    lat: float | None
    cell: str | None
    address: str = Field(description="The place in words, if the report said it. Empty in a masked one.")
    grid: str | None
    division: str | None = Field(description="The village's code on the day it occurred.")
    division_path: str
    occurred_at: datetime
    registered_at: datetime
    first_due_at: datetime
    closed_at: datetime | None
    differs_at: datetime | None = Field(
        description="When its source sent the same number with other content, until somebody has looked at it."
    )
    duplicate_of: int | None = Field(description="The original of a likely duplicate, by category, place and time.")
    merged_into: int | None = Field(
        None, description="The main incident of one that an operator has closed as the same. Not in a masked one."
    )
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
