"""Health on the wire."""

from datetime import datetime
from typing import Literal

from api.wire.shapes import Out


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


class HealthOut(Out):
    """`degraded`: it works, but the feed is behind, a loop fails or a source fell silent. `down`: no database."""

    status: Literal["ok", "degraded", "down"]
    database: Literal["ok", "away"]
    feed: FeedHealthOut
    loops_failing: list[str]
    sources: list[SourceHealthOut]
    sockets: int
    version: str
