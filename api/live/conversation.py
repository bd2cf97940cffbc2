"""The protocol of one socket, without the socket: messages in, frames and decisions out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.live import frames
from api.live.mailbox import BAD_MESSAGE, RESYNC
from console.feed.rules import Cursor
from layers.hotspots.rules import BadView, View


class WatchIn(BaseModel):
    """Which hexes a client looks at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    t: Literal["watch"]
    res: int
    window: str
    category: str | None = Field(None, pattern=r"^[a-z0-9_.]{1,64}$")


@dataclass(frozen=True, slots=True)
class Send:
    """A frame to send."""

    frame: bytes


@dataclass(frozen=True, slots=True)
class Close:
    """End the conversation."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Watch:
    """Send hexes of this view from now on, first all of them."""

    view: View


Action = Send | Close | Watch


def require_resync(reason: str) -> list[Action]:
    """The client's position is of no use: it shall fetch a snapshot and come back."""
    return [Send(frames.resync(reason)), Close(RESYNC, reason)]


class Conversation:
    """One client's side: where it resumes, and what it asks for.

    `at` is the position the client holds once `open` has answered; events continue from there.
    """

    def __init__(self, since: Cursor | None) -> None:
        self.since = since
        self.at = Cursor(epoch="", pos=0)

    def open(self, head: Cursor, *, kept_from: int, now: datetime) -> list[Action]:
        """Greet. `kept_from` is the first position that can still be read; head.pos + 1 when none can."""
        refusal = self._refusal(head, kept_from)
        if refusal:
            return require_resync(refusal)
        self.at = self.since or head
        return [Send(frames.hello(self.at.epoch, self.at.pos, now))]

    def _refusal(self, head: Cursor, kept_from: int) -> str | None:
        """Why the client's position is of no use, None when it is."""
        if self.since is None:
            return None
        if self.since.epoch != head.epoch:
            return "epoch"
        if self.since.pos > head.pos:
            return "ahead"
        return "too_old" if self.since.pos + 1 < kept_from else None

    def receive(self, message: str) -> list[Action]:
        """What a message of the client leads to. One that is not understood ends the conversation."""
        try:
            asked = WatchIn.model_validate_json(message)
            return [Watch(View(res=asked.res, window=asked.window, category=asked.category))]
        except (ValidationError, BadView):
            return [Close(BAD_MESSAGE, "message")]
