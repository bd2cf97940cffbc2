"""Health on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.http.wire.live import TroubleOut
from api.http.wire.shapes import Out


class FeedHealthOut(Out):
    """The feed's position, and the age of the oldest change that waits for a position. Null: unknown."""

    pos: int
    lag_ms: int | None
    outbox: int | None


class SourceHealthOut(Out):
    """A source of reports or positions."""

    source: str
    last_at: datetime
    stale: bool


class SenderHealthOut(Out):
    """A program's account, and how many of its reports or fixes were accepted and refused in the last ten minutes."""

    sender: str
    taken: int
    refused: int
    unreadable: int = Field(description="Messages taken that cannot be read, such as encrypted ones.")
    failing: bool = Field(description="Most of it was refused: at least 20, and more than half.")


class DiskHealthOut(Out):
    """Disk of this machine that holds the private cluster, or else the server's own folder."""

    free_bytes: int
    low: bool


class ClockHealthOut(Out):
    """`stepped_s`: by how much the clock was set in the last hour. `database_apart_s`: its lead on the database's
    clock.
    """

    stepped_s: float
    database_apart_s: float | None


class HealthOut(Out):
    """`degraded`: the server works, with the `troubles` listed. `down`: no database."""

    status: Literal["ok", "degraded", "down"]
    database: Literal["ok", "full", "away"]
    feed: FeedHealthOut
    troubles: list[TroubleOut]
    loops_failing: list[str]
    sources: list[SourceHealthOut]
    senders: list[SenderHealthOut]
    disk: DiskHealthOut
    clock: ClockHealthOut
    sockets: int
    version: str
