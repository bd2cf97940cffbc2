"""Health on the wire."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.http.wire.live import TroubleOut
from api.http.wire.shapes import Out


class FeedHealthOut(Out):
    """How far the feed is, and the age of the oldest change that waits for its position. None: nobody knows."""

    pos: int
    lag_ms: int | None
    outbox: int | None


class SourceHealthOut(Out):
    """A source of reports or positions."""

    source: str
    last_at: datetime
    stale: bool


class SenderHealthOut(Out):
    """A program that sends, by its account, and what was made of its sendings in the last ten minutes."""

    sender: str
    taken: int
    refused: int
    failing: bool = Field(description="Most of it was refused.")


class DiskHealthOut(Out):
    """The disk of this machine that the private cluster lies on, or the server's own folder."""

    free_bytes: int
    low: bool


class ClockHealthOut(Out):
    """`stepped_s`: by how much the clock was set in the last hour. `database_apart_s`: its lead on the database's."""

    stepped_s: float
    database_apart_s: float | None


class HealthOut(Out):
    """`degraded`: it works, but `troubles` says what does not. `down`: no database."""

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
