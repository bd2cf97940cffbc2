"""Health: database, disk, feed lag, silent sources, and programs whose requests are mostly refused."""

import asyncio
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from fastapi import APIRouter, Request, Response

from api.http.errors import ForeignOrigin, NotSignedIn
from api.http.sign_in.sessions import authenticate
from api.http.wire.health import (
    ClockHealthOut,
    DiskHealthOut,
    FeedHealthOut,
    HealthOut,
    SenderHealthOut,
    SourceHealthOut,
)
from api.http.wire.live import TroubleOut
from api.live.live import Live
from api.services import services_of
from api.settings import ROOT
from api.watch.loops import DATABASE_ERRORS
from api.watch.troubles import DATABASE_AWAY as AWAY
from api.watch.troubles import WITHOUT_EFFECT, Trouble
from console.access.rules import Permission
from console.feed import queries
from console.feed.queries import Backlog
from geo.store import DatabaseUnavailable

router = APIRouter(tags=["keeping"])

PATIENCE_SECONDS = 1.5
"""Shorter than the timeout of monitors, commonly 2 s."""


def _version() -> str:
    """Version of the installed package, or of the checkout that the server runs from."""
    try:
        return version("maplebridge")
    except PackageNotFoundError:
        return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


VERSION = _version()


@router.get("/api/health", response_model=HealthOut, responses={503: {"model": HealthOut}})
async def read_health(request: Request, response: Response) -> HealthOut:
    """Return the server's health. Monitors need no sign-in for its state and figures.

    Names of sources, programs and loops are for signed-in operators, supervisors and administrators.
    """
    live = services_of(request).live
    named, waiting = await asyncio.gather(_may_read_names(request), _backlog(live))
    lag_ms = None if waiting is None else live.lag_ms(waiting)
    troubles = (Trouble(AWAY),) if waiting is None else live.troubles(lag_ms=lag_ms)
    found = HealthOut(
        status=_status(troubles),
        database=_database(live, waiting),
        feed=FeedHealthOut(pos=live.hub.head.pos, lag_ms=lag_ms, outbox=None if waiting is None else waiting.events),
        troubles=[TroubleOut.model_validate(trouble if named else replace(trouble, name=None)) for trouble in troubles],
        loops_failing=live.failing if named else [],
        sources=[SourceHealthOut.model_validate(state) for state in live.sources.states(live.now())] if named else [],
        senders=_senders(live) if named else [],
        disk=DiskHealthOut(free_bytes=live.space.disk.free, low=live.space.disk.is_low),
        clock=_clock(live),
        sockets=sum(1 for _ in live.hub.members),
        version=VERSION,
    )
    response.status_code = 503 if found.status == "down" else 200
    response.headers["Cache-Control"] = "no-store"
    return found


async def _may_read_names(request: Request) -> bool:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            actor = await authenticate(request, services_of(request))
    except (NotSignedIn, ForeignOrigin, DatabaseUnavailable, *DATABASE_ERRORS):
        return False
    return actor.may(Permission.READ_HEALTH)


async def _backlog(live: Live) -> Backlog | None:
    """Count the events that wait to be sequenced; None when the database does not respond.

    All callers of a moment share one answer. On a busy machine it may come late although the probe, on a connection of
    its own, finds the database well: then the last count is reported.
    """
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await live.health_reads.ask("backlog", partial(_read_backlog, live))
    except TimeoutError:
        return live.backlog if live.probe.is_up else None


async def _read_backlog(live: Live) -> Backlog | None:
    try:
        async with live.background.transaction(live.root) as session:
            live.backlog = await queries.backlog(session)
    except DATABASE_ERRORS:
        return None
    return live.backlog


def _status(troubles: Sequence[Trouble]) -> Literal["ok", "degraded", "down"]:
    if any(trouble.code == AWAY for trouble in troubles):
        return "down"
    return "degraded" if any(trouble.code not in WITHOUT_EFFECT for trouble in troubles) else "ok"


def _database(live: Live, waiting: Backlog | None) -> Literal["ok", "full", "away"]:
    if waiting is None:
        return "away"
    return "full" if live.space.is_full else "ok"


def _senders(live: Live) -> list[SenderHealthOut]:
    return [
        SenderHealthOut(
            sender=state.sender,
            taken=state.taken,
            refused=state.refused,
            unreadable=state.unreadable,
            failing=state.is_failing,
        )
        for state in live.senders.states()
    ]


def _clock(live: Live) -> ClockHealthOut:
    apart = live.clock_watch.apart
    return ClockHealthOut(
        stepped_s=round(live.clock_watch.stepped.total_seconds(), 1),
        database_apart_s=None if apart is None else round(apart.total_seconds(), 1),
    )
