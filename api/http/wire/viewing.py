"""JSON of requests to view cameras."""

from datetime import datetime
from typing import Literal, Self

from pydantic import Field

from api.http.wire.shapes import Id, In, Out
from console.access.rules import Actor
from console.viewing.actions import ViewingWanted
from console.viewing.rules import standing_of
from console.viewing.tables import Viewing
from console.viewing.terms import ViewingTerms
from ingest.reports.fields import PlainText


class ViewingIn(In):
    """A request to view a camera. Without an incident it is refused, and the refusal is written down."""

    incident: Id | None = Field(None, description="The incident for which it is viewed.")
    reason: PlainText = Field(min_length=1, max_length=200)
    minutes: int = Field(ge=1, le=1440, description="For how long.")

    def wanted(self, camera_id: int) -> ViewingWanted:
        return ViewingWanted(camera_id, self.incident, self.reason, self.minutes)


class ViewingOut(Out):
    """A request to view a camera, and what became of it.

    `waiting`: to be approved; `granted` until `expires_at`; `expired`, `declined`; `refused` with the code `refusal`.
    `opens` is how often its link was asked for.
    """

    id: int
    camera: int
    camera_code: str
    camera_name: str
    incident: int | None
    case_code: str | None
    user: str
    own: bool = Field(description="Whether the caller has asked.")
    decidable: bool = Field(description="Whether the caller may approve or decline it.")
    reason: str
    minutes: int
    asked_at: datetime
    standing: Literal["waiting", "granted", "expired", "declined", "refused"]
    refusal: str | None
    granted_at: datetime | None
    expires_at: datetime | None
    declined_at: datetime | None
    decider: str | None
    opened_at: datetime | None
    opens: int

    @classmethod
    def of(cls, row: Viewing, actor: Actor, terms: ViewingTerms, *, now: datetime) -> Self:
        standing = standing_of(row.refusal, row.expires_at, row.declined_at, now=now)
        own = row.user_id == actor.user_id
        return cls(
            id=row.id,
            camera=row.camera_id,
            camera_code=row.camera_code,
            camera_name=row.camera_name,
            incident=row.incident_id,
            case_code=row.case_code,
            user=row.username,
            own=own,
            decidable=standing == "waiting" and actor.role in terms.approvers and not own,
            reason=row.reason,
            minutes=row.minutes,
            asked_at=row.asked_at,
            standing=standing,
            refusal=row.refusal,
            granted_at=row.granted_at,
            expires_at=row.expires_at,
            declined_at=row.declined_at,
            decider=row.decider,
            opened_at=row.opened_at,
            opens=row.opens,
        )


class ViewingLinkOut(Out):
    """The camera on the video platform. Its token ends with the grant."""

    url: str
    expires_at: datetime
