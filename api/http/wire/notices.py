"""JSON of notices."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from api.http.wire.shapes import In, Out
from console.notices.tables import Notice


class NoticeOut(Out):
    """A notice of a clock, an urging 催办 or a circular 通报. `kind` and `body` hold codes that screens have words for.

    It is addressed to a post, a unit or a force; to none of them, it is for those who oversee the division.
    """

    id: int
    kind: str = Field(
        description="`clock.warn`, `clock.due`, `clock.late`, `urge`, `urge.unanswered`, `circular`, "
        "`follow_up.dissatisfied`, `list.handed_over`, `list.unanswered`, `roster.gap`, or for whoever has to act next "
        "`case.offered`, `case.returned`, `case.called`, `case.answered`, `case.field_finished`."
    )
    incident: int | None
    case_code: str | None
    to_unit: str | None
    to_post: int | None
    to_force: int | None
    from_unit: str | None
    body: dict[str, Any] = Field(
        description="Codes and times: `clock`, `limit`, `due_at` of a clock's notice; the cases of a "
        "circular in `incidents` and `cases`."
    )
    note: str = Field(description="The words of whoever made it.")
    urgent: bool
    made_at: datetime
    shown_at: datetime = Field(description="Within hours, unless it is urgent.")
    read_at: datetime | None
    answer_due_at: datetime | None = Field(description="Set where an answer is asked for.")
    answered_at: datetime | None
    answer: str | None

    @classmethod
    def of(cls, notice: Notice) -> "NoticeOut":
        """Build it from a row."""
        fields = {name: getattr(notice, name) for name in cls.model_fields if name != "incident"}
        return cls(incident=notice.incident_id, **fields)


class NoticeAnswerIn(In):
    """An answer to a notice."""

    answer: Annotated[str, Field(min_length=1, max_length=2000, description="Kept in the case's timeline.")]
