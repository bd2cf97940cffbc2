"""Replay over HTTP: the situation at an earlier moment, and counts for the timeline strip."""

from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response

from api.http.errors import Invalid
from api.http.transactions import READ_SECONDS, CurrentActor, CurrentServices, SignedInRoute
from api.http.wire.live import SnapshotOut, StripOut
from api.http.wire.shapes import Moment
from api.live.audiences import audience_of
from api.live.gzipped import GzippedJson, compress
from api.live.snapshots import Snapshot, hotspots_for, masked_positions, snapshot_body
from api.services import Services
from console.access.rules import Forbidden, Permission
from console.feed import queries
from console.feed.rules import Audience, Cursor
from console.situation.queries import situation_at, strip
from geo.masking import mask_time

router = APIRouter(route_class=SignedInRoute, tags=["live"])

STEPS = 72
"""Bars in a strip: five minutes each over the usual six hours."""


async def _audience(
    actor: CurrentActor, wall: bool = Query(False, description="Masked, as a wall shows it.")
) -> Audience:
    """Return the audience of a hall or wall. Raises Forbidden for a force, which has no replay."""
    audience = audience_of(actor, wall=wall)
    if audience.force_id is not None:
        raise Forbidden(permission=Permission.VIEW_HALL)
    return audience


ReplayAudience = Annotated[Audience, Depends(_audience)]


@router.get("/api/replay", response_model=SnapshotOut)
async def read_replay(
    request: Request, actor: CurrentActor, audience: ReplayAudience, services: CurrentServices, at: Moment
) -> Response:
    """Read the situation at an earlier moment, in the snapshot's shape. `pos` is the feed's position then.

    Masked, it is that of the whole minute before. Equal requests share one reading, and an account makes one at a time:
    429 `reads.too_many` if more than a few wait.
    """
    _check(at, services)
    at = mask_time(at) if audience.masked else at
    turn = services.costly_reads.turn(actor.user_id)
    found = await services.replays.ask((audience, at), partial(_gzipped, services, audience, at), turn=turn)
    return found.response(request)


async def _gzipped(services: Services, audience: Audience, at: datetime) -> GzippedJson:
    body = await snapshot_body(await _frame(services, audience, at), audience, services.kinds)
    return await compress(orjson.dumps(body, option=orjson.OPT_UTC_Z))


async def _frame(services: Services, audience: Audience, at: datetime) -> Snapshot:
    cursor, recorded_from = await _record_at(services, at)
    reading = services.store.transaction(audience.reach, snapshot=True, statement_seconds=READ_SECONDS)
    async with reading as session:
        situation = await situation_at(session, services.kinds, at, recorded_from=recorded_from)
        return Snapshot(
            at=at,
            cursor=cursor,
            situation=masked_positions(situation, audience),
            hotspots=await hotspots_for(session, audience, pack=services.pack, cell_sets=services.cell_sets, at=at),
            recorded_from=recorded_from,
        )


async def _record_at(services: Services, at: datetime) -> tuple[Cursor, datetime]:
    """Return the feed's position at a moment, and the time at which the record kept begins."""
    async with services.store.transaction(services.live.root, statement_seconds=READ_SECONDS) as session:
        head = await queries.head(session)
        cursor = Cursor(epoch=head.epoch, pos=await queries.position_at(session, at) or 0)
        return cursor, await queries.oldest_at(session) or services.now()


@router.get("/api/replay/strip", response_model=StripOut)
async def read_strip(
    actor: CurrentActor,
    audience: ReplayAudience,
    services: CurrentServices,
    hours: int = Query(6, ge=1, le=168, description="How far back."),
    to: Annotated[Moment | None, Query(description="The end; now if left out or later.")] = None,
) -> StripOut:
    """Count incidents reported and closed in equal steps."""
    step = timedelta(hours=hours) / STEPS
    now = services.now()
    start = (now if to is None else min(to, now)) - timedelta(hours=hours)
    reading = services.store.transaction(audience.reach, snapshot=True, statement_seconds=READ_SECONDS)
    async with services.costly_reads.turn(actor.user_id), reading as session:
        found = await strip(session, start=start, step=step, steps=STEPS)
    return StripOut.model_validate(
        {
            "from": start,
            "to": start + STEPS * step,
            "kept_from": now - timedelta(days=services.settings.feed_days),
            "step_s": int(step.total_seconds()),
            "reported": found.reported,
            "closed": found.closed,
        }
    )


def _check(at: datetime, services: Services) -> None:
    """Raise Invalid for a moment in the future or before the kept feed."""
    now = services.now()
    if at > now:
        raise Invalid(errors=[{"field": "at", "code": "future"}])
    if at < now - timedelta(days=services.settings.feed_days):
        raise Invalid(errors=[{"field": "at", "code": "too_old"}])
