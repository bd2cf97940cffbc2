"""JSON of attachments, and the form that one is sent with."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from geoalchemy2.shape import to_shape
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from api.http.wire.shapes import Id, In, Latitude, Longitude, Moment, Out
from console.attachments.queries import Awaited
from console.attachments.rules import NewAttachment, Origin, ReportedPlace
from console.attachments.tables import Attachment
from ingest.media.types import MediaKind

DAY_SECONDS = 86_400


class AttachmentIn(In):
    """What a form says beside its file. Exactly one of `incident` and `task` is given.

    What was chosen from a gallery has neither place nor time: the file's own are not those of the work, and are
    removed.
    """

    id: UUID = Field(description="The sender's own, a UUIDv7 at best. Sending it again is answered as the first time.")
    incident: Id | None = None
    task: Id | None = None
    kind: MediaKind
    origin: Origin
    lon: Longitude | None = Field(None, description="Of the phone at the shutter, degrees east, WGS-84.")
    lat: Latitude | None = Field(None, description="Of the phone at the shutter, degrees north, WGS-84.")
    accuracy_m: float | None = Field(None, ge=0, le=100_000, description="Radius of that fix in metres.")
    place_age_s: float | None = Field(None, ge=0, le=DAY_SECONDS, description="Age of that fix at the shutter.")
    taken_at: Moment | None = Field(None, description="The phone's clock at the shutter. RFC 3339 with zone.")
    device_at: Moment | None = Field(None, description="The phone's clock when it sends. RFC 3339 with zone.")

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if (self.incident is None) == (self.task is None):
            raise PydanticCustomError("one_of_two", "needs either an incident or a task")
        if (self.lon is None) != (self.lat is None):
            raise PydanticCustomError("half_a_place", "needs both coordinates or none")
        if self.origin is Origin.GALLERY and (self.lon, self.taken_at) != (None, None):
            raise PydanticCustomError("gallery_claims", "has a place or a time, though it is from a gallery")
        return self

    def new(self) -> NewAttachment:
        place = None
        if self.lon is not None and self.lat is not None:
            place = ReportedPlace(self.lon, self.lat, self.accuracy_m, self.place_age_s)
        return NewAttachment(
            id=self.id,
            kind=self.kind.value,
            origin=self.origin,
            incident_id=self.incident,
            task_id=self.task,
            place=place,
            taken_at=self.taken_at,
            device_at=self.device_at,
        )


class AttachmentOut(Out):
    """A photo, recording or paper of an incident. Its bytes are at `/api/attachments/{id}`.

    Place and time are what the phone reported, never what the file says. `clock_off_s`: so many seconds the phone's
    clock was behind the server's when it sent; `taken_at` is by the phone's, `received_at` by the server's.
    """

    id: UUID
    incident: int
    task: int | None
    force: int | None = Field(description="Of the task.")
    kind: Literal["photo", "voice", "paper"]
    origin: Literal["camera", "microphone", "gallery"]
    media_type: str
    size_bytes: int
    width: int | None
    height: int | None
    seconds: float | None = Field(description="Length of a recording.")
    has_thumbnail: bool
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    place_age_s: float | None
    taken_at: datetime | None
    clock_off_s: float | None
    received_at: datetime
    sender: str = Field(description="Display name of who sent it, as it was then.")

    @classmethod
    def of(cls, row: Attachment) -> Self:
        point = None if row.geom is None else to_shape(row.geom)
        return cls(
            id=row.id,
            incident=row.incident_id,
            task=row.task_id,
            force=row.force_id,
            kind=row.kind,
            origin=row.origin,
            media_type=row.media_type,
            size_bytes=row.size_bytes,
            width=row.width,
            height=row.height,
            seconds=row.seconds,
            has_thumbnail=row.thumbnail_digest is not None,
            lon=None if point is None else point.centroid.x,
            lat=None if point is None else point.centroid.y,
            accuracy_m=row.accuracy_m,
            place_age_s=row.place_age_s,
            taken_at=row.taken_at,
            clock_off_s=row.clock_off_s,
            received_at=row.received_at,
            sender=row.sender,
        )


class AwaitedOut(Out):
    """An attachment that a force told of with a step, and that has not come: it is still on the phone."""

    id: UUID
    force: int | None
    told_at: datetime


class AttachmentsOut(Out):
    """The attachments of an incident in the order in which they came, and those that are still to come."""

    items: list[AttachmentOut]
    next: None = None
    awaited: list[AwaitedOut]

    @classmethod
    def of(cls, items: Sequence[Attachment], awaited: Sequence[Awaited]) -> Self:
        return cls(
            items=[AttachmentOut.of(row) for row in items],
            awaited=[AwaitedOut(id=one.id, force=one.force, told_at=one.told_at) for one in awaited],
        )
