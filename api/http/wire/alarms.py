"""JSON of alarms."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.http.wire.shapes import Out


class AlarmOut(Out):
    """An SOS of a force, open until it is acknowledged. Walls are sent only that there is one.

    `sent_at` is the phone's time of the last call, `raised_at` the server's of the first. Without a place the phone had
    none: the force's last position is the best that is known.
    """

    id: int
    kind: Literal["sos"]
    force: int | None
    name: str = Field(description="The force's name.")
    raised_at: datetime
    sent_at: datetime
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    acknowledged_at: datetime | None
    acknowledged_by: int | None
    version: int
