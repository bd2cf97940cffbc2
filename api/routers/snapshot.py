"""The snapshot: what a screen needs to start, and the position from which events continue it."""

from functools import partial

import orjson
from fastapi import APIRouter, Query, Request, Response

from api.live.audiences import audience_of, path_of
from api.packing import Packed, pack
from api.pictures import Framed, hotspots_for, picture_json
from api.services import Services
from api.unit import CurrentActor, CurrentServices, SignedInRoute
from api.wire.live import SnapshotOut
from console.feed import queries
from console.feed.rules import Audience
from console.picture.queries import picture_now

router = APIRouter(route_class=SignedInRoute, tags=["live"])


@router.get("/api/snapshot", response_model=SnapshotOut)
async def read_snapshot(
    request: Request,
    actor: CurrentActor,
    services: CurrentServices,
    scope: str | None = Query(None, max_length=32, description="A division's code; the caller's own if left out."),
    wall: bool = Query(False, description="Masked, as a wall shows it."),
) -> Response:
    """State and `pos` of one moment: events after `pos` bring it up to date.

    Its own transaction is REPEATABLE READ, so that all its queries see the same moment as the position. All who ask at
    the same time and may see the same share one answer, packed once.
    """
    audience = audience_of(actor, wall=wall)
    if scope is not None:
        async with services.store.transaction(actor.reach) as session:
            path = await path_of(session, scope, actor=actor, day=services.today())
        audience = audience_of(actor, wall=wall, scope=path)
    packed = await services.live.snapshots.ask(audience, partial(_packed, services, audience))
    return packed.answer(request)


async def _packed(services: Services, audience: Audience) -> Packed:
    framed = await _frame(services, audience)
    return await pack(orjson.dumps(picture_json(framed, audience), option=orjson.OPT_UTC_Z))


async def _frame(services: Services, audience: Audience) -> Framed:
    now = services.now()
    async with services.store.transaction(audience.reach, snapshot=True) as session:
        return Framed(
            at=now,
            cursor=await queries.head(session),
            picture=await picture_now(session, now=now, own=audience.force_id),
            hotspots=await hotspots_for(session, audience, pack=services.pack, areas=services.areas, at=now),
        )
