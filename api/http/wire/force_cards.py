"""JSON of a force's card: its load, its last position, its telephone and its trail of the day."""

from datetime import datetime
from typing import Self

from pydantic import Field

from api.http.wire.commands import PhoneOut
from api.http.wire.live import ForceOut
from api.http.wire.shapes import Out
from console.positions.rules import Position


class LastFixOut(Out):
    """A force's last sound position, WGS-84."""

    at: datetime
    lon: float
    lat: float
    accuracy_m: float | None = Field(description="Radius in metres. Null: unknown.")

    @classmethod
    def of(cls, position: Position) -> Self:
        return cls.model_validate(position)


class WeekOut(Out):
    """Load of the last seven days within reach: tasks that it did not decline, and minutes on the way and on scene.

    `usual_tasks` and `usual_minutes` are the medians of the `others` of its kind that are not off duty. To share out
    load, not to rank people: there is no list of it and no target.
    """

    tasks: int
    travel_minutes: float
    scene_minutes: float
    others: int
    usual_tasks: float
    usual_minutes: float


class ForceCardOut(Out):
    """A force with what the feed does not carry. `telephone` is masked but for its last two digits; see `telephone`."""

    force: ForceOut
    busy: bool = Field(description="It has an active task, within the caller's reach or beyond.")
    tasks_today: int = Field(description="Tasks that it was sent on since midnight, within reach.")
    week: WeekOut
    last_fix: LastFixOut | None
    telephone: str = Field(description="Empty where it is not known.")
    phone: PhoneOut | None = Field(None, description="The phone that its commands come from. Null: none was heard.")


class TelephoneOut(Out):
    """A force's telephone number in full. Empty where it is not known."""

    telephone: str


class TrailOut(Out):
    """Sound positions of one force since midnight, by column, oldest first. Times in epoch milliseconds."""

    since: datetime
    kept_days: int = Field(description="Positions are deleted after so many days.")
    lon: list[float]
    lat: list[float]
    at: list[int]
