"""Health: whether the database answers, how far behind the feed is, and which sources fell silent."""

import asyncio
import tomllib
from importlib.metadata import PackageNotFoundError, version

from fastapi import APIRouter, Request, Response

from api.live.live import Live
from api.live.loops import DATABASE_AWAY
from api.services import services_of
from api.settings import ROOT
from api.wire.health import FeedHealthOut, HealthOut, SourceHealthOut
from console.feed import queries
from console.feed.queries import Backlog

router = APIRouter(tags=["keeping"])

PATIENCE_SECONDS = 2.0
LAG_SECONDS = 5.0
"""A feed this far behind is no longer live."""


def _version() -> str:
    """The installed package's, or the checkout's that the server is run from."""
    try:
        return version("maplebridge")
    except PackageNotFoundError:
        return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


VERSION = _version()


@router.get("/api/health", response_model=HealthOut, responses={503: {"model": HealthOut}})
async def read_health(request: Request, response: Response) -> HealthOut:
    """For monitors and screens, without sign-in: no name and no number of a matter is in it."""
    live = services_of(request).live
    waiting = await _backlog(live)
    found = HealthOut(
        status=_status(live, waiting),
        database="away" if waiting is None else "ok",
        feed=_feed(live, waiting),
        loops_failing=live.failing,
        sources=[SourceHealthOut.model_validate(state) for state in live.sources.states(live.now())],
        sockets=sum(1 for _ in live.hub.members),
        version=VERSION,
    )
    response.status_code = 503 if found.status == "down" else 200
    response.headers["Cache-Control"] = "no-store"
    return found


async def _backlog(live: Live) -> Backlog | None:
    """What waits to be sequenced; None when the database does not answer in time."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), live.background.transaction(live.root) as session:
            return await queries.backlog(session)
    except DATABASE_AWAY:
        return None


def _feed(live: Live, waiting: Backlog | None) -> FeedHealthOut:
    if waiting is None:
        return FeedHealthOut(pos=live.hub.head.pos, lag_ms=None, outbox=None)
    return FeedHealthOut(pos=live.hub.head.pos, lag_ms=_lag_ms(live, waiting), outbox=waiting.events)


def _lag_ms(live: Live, waiting: Backlog) -> int:
    return 0 if waiting.since is None else max(0, round((live.now() - waiting.since).total_seconds() * 1000))


def _status(live: Live, waiting: Backlog | None) -> str:
    if waiting is None:
        return "down"
    silent = any(state.stale for state in live.sources.states(live.now()))
    behind = _lag_ms(live, waiting) > LAG_SECONDS * 1000
    return "degraded" if live.failing or behind or silent else "ok"
