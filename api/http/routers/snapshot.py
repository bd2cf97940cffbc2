"""Snapshot over HTTP: the present situation, and the feed position from which events continue it."""

from contextlib import AsyncExitStack
from functools import partial

import orjson
from fastapi import APIRouter, Query, Request, Response

from api.http.transactions import CurrentActor, CurrentServices, SignedInRoute
from api.http.wire.live import SnapshotOut
from api.live.audiences import audience_of, path_of
from api.live.gzipped import GzippedJson, compress
from api.live.snapshots import Snapshot, as_published, hotspots_for, snapshot_body
from api.services import Services
from console.feed import queries
from console.feed.rules import Audience
from console.situation.queries import situation_now

router = APIRouter(route_class=SignedInRoute, tags=["live"])


@router.get("/api/snapshot", response_model=SnapshotOut)
async def read_snapshot(
    request: Request,
    actor: CurrentActor,
    services: CurrentServices,
    scope: str | None = Query(None, max_length=32, description="A division's code; the caller's own if left out."),
    wall: bool = Query(False, description="Masked, as a wall shows it."),
) -> Response:
    """Read the state and `pos` of one moment; events after `pos` update it.

    Its transaction is REPEATABLE READ, so that all its queries see the same moment as the position. A replay of `at`
    shows the same. Concurrent requests of one audience share one snapshot, compressed once.
    """
    audience = audience_of(actor, wall=wall)
    if scope is not None:
        async with services.store.transaction(actor.reach) as session:
            path = await path_of(session, scope, actor=actor, day=services.today())
        audience = audience_of(actor, wall=wall, scope=path)
    snapshot = await services.live.snapshots.ask(audience, partial(_gzipped, services, audience))
    return snapshot.response(request)


async def _gzipped(services: Services, audience: Audience) -> GzippedJson:
    body = await snapshot_body(await _frame(services, audience), audience, services.kinds)
    return await compress(orjson.dumps(body, option=orjson.OPT_UTC_Z))


async def _frame(services: Services, audience: Audience) -> Snapshot:
    live = services.live
    await live.feed_publisher.number_events()
    async with AsyncExitStack() as stack:
        async with live.moments.begin():
            now = services.now()
            session = await stack.enter_async_context(services.store.transaction(audience.reach, snapshot=True))
            head = await queries.head(session)
        return Snapshot(
            at=now,
            cursor=head,
            situation=as_published(
                await situation_now(session, services.kinds, now=now, own=audience.force_id),
                audience,
                live.force_positions,
            ),
            hotspots=await hotspots_for(session, audience, pack=services.pack, cell_sets=services.cell_sets, at=now),
        )
