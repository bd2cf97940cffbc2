"""JSON of what the page of a force's phone says."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.http.wire.shapes import Id, In, Out


class PresenceIn(In):
    """What a phone's page says of itself."""

    state: Literal["front", "background"] = Field(
        description="`background`: hidden or locked, or covered by another app. No position is sent from there."
    )
    task: Id | None = Field(None, description="The task that the page has.")


class PresenceOut(Out):
    """What the page of a force's phone said last. A force without one never opened it: reach it by radio or phone."""

    id: int = Field(description="The force.")
    state: Literal["front", "background"]
    since: datetime = Field(description="When it said so first.")
    task: int | None = Field(description="The last task that the page had.")
    reached_at: datetime | None = Field(description="When the task came to the page.")
    seen_at: datetime | None = Field(description="When the page was first in front with it.")
    notified_task: int | None = Field(description="The last task of which a phone showed a notice by Web Push.")
    notified_at: datetime | None
    version: int
