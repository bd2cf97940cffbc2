"""What may be attached, by whom it is added and looked at. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from console.access.rules import Actor, Permission
from geo.errors import ErrorKind, MaplebridgeError

MOST_OF_INCIDENT = 300


class Origin(StrEnum):
    """How the phone came by it. What was chosen from the gallery, or from files, has no place and no time."""

    CAMERA = "camera"
    MICROPHONE = "microphone"
    GALLERY = "gallery"


class AttachmentDiffers(MaplebridgeError):
    """There is another attachment of that id; it stays. `params`: `id`."""

    code = "attachment.differs"
    kind = ErrorKind.CONFLICT


class TooManyAttachments(MaplebridgeError):
    """The incident has as many attachments as it may have. `params`: `most`."""

    code = "attachment.too_many"
    kind = ErrorKind.CONFLICT


@dataclass(frozen=True, slots=True)
class ReportedPlace:
    """Where the phone said that it was: degrees WGS-84, metres, and the age of that fix in seconds at the shutter."""

    lon: float
    lat: float
    accuracy_m: float | None = None
    age_s: float | None = None


@dataclass(frozen=True, slots=True)
class NewAttachment:
    """What a sender says of an attachment. `taken_at` and `device_at` are of the device's clock: at the shutter, and
    when it sent. The id is the sender's, too.
    """

    id: UUID
    kind: str
    origin: Origin
    incident_id: int | None = None
    task_id: int | None = None
    place: ReportedPlace | None = None
    taken_at: datetime | None = None
    device_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredMedia:
    """Content that the store of bytes has. `sent_digest` is of the bytes as they were sent."""

    sent_digest: str
    digest: str
    thumbnail_digest: str | None
    media_type: str
    size_bytes: int
    width: int | None
    height: int | None
    seconds: float | None


def sees_all(actor: Actor) -> bool:
    """Return whether the actor may look at the attachments of all incidents within reach, not only at their own
    force's.
    """
    return actor.may(Permission.READ_ATTACHMENTS)


def require_reader(actor: Actor) -> None:
    """Raise Forbidden for actors who may look at no attachment at all."""
    if actor.force_id is None:
        actor.require(Permission.READ_ATTACHMENTS)
