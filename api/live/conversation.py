"""Protocol of one socket, without I/O: turns messages into frames to send and other actions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.live import frames
from api.live.mailbox import BAD_MESSAGE, RESYNC
from console.feed.rules import Cursor
from layers.hotspots.rules import BadView, View


class WatchIn(BaseModel):
    """Requests the hexes of a view."""

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
    """Close the socket."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Watch:
    """Send hexes of this view from now on, beginning with all of them."""

    view: View


Action = Send | Close | Watch


def require_resync(reason: str) -> list[Action]:
    """Close the socket of a client with an unusable position: it must fetch a snapshot and reconnect."""
    return [Send(frames.resync(reason)), Close(RESYNC, reason)]


class Conversation:
    """Protocol state of one client: its position to resume from.

    After `open`, `at` is the client's position, from which events continue.
    """

    def __init__(self, since: Cursor | None) -> None:
        self.since = since
        self.at = Cursor(epoch="", pos=0)

    def open(self, head: Cursor, *, kept_from: int, now: datetime) -> list[Action]:
        """Return hello, or resync. `kept_from` is the first position that can still be read; head.pos + 1 for none."""
        refusal = self._refusal(head, kept_from)
        if refusal:
            return require_resync(refusal)
        self.at = self.since or head
        return [Send(frames.hello(self.at.epoch, self.at.pos, now))]

    def _refusal(self, head: Cursor, kept_from: int) -> str | None:
        """Return the reason why the client's position is unusable, or None."""
        if self.since is None:
            return None
        if self.since.epoch != head.epoch:
            return "epoch"
        if self.since.pos > head.pos:
            return "ahead"
        return "too_old" if self.since.pos + 1 < kept_from else None

    def receive(self, message: str) -> list[Action]:
        """Handle a message of the client. An invalid one closes the socket."""
        try:
            asked = WatchIn.model_validate_json(message)
            return [Watch(View(res=asked.res, window=asked.window, category=asked.category))]
        except (ValidationError, BadView):
            return [Close(BAD_MESSAGE, "message")]
