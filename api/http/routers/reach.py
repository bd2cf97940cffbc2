"""The 15-minute circle 15分钟解纷圈 over HTTP; for walls its figures alone."""

import asyncio
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query

from api.http.errors import Invalid
from api.http.transactions import READ_SECONDS, CurrentActor, CurrentServices, SignedInRoute
from api.http.wire.reach import ReachOut
from api.services import Services
from console.access.rules import Permission
from console.reach.circles import Circle, circle_of
from console.reach.queries import origins_on_duty
from geo.store import Reach

router = APIRouter(route_class=SignedInRoute, tags=["tasks"])


@router.get("/api/reach")
async def read_reach(
    actor: CurrentActor,
    services: CurrentServices,
    minutes: Annotated[int, Query(ge=5, le=60, description="Minutes until somebody is there.")] = 15,
    kind: Annotated[str | None, Query(description="Only forces of this kind.", max_length=64)] = None,
) -> ReachOut:
    """Tell which grids those on duty now reach in time within the caller's division, the holes, and the one move that
    closes most.

    A grid is inside if somebody comes to a point of it within the minutes: by road where roads are known, else by the
    estimate of the ranking, and on call with the time to answer. Who has not moved since is not asked for again.
    Those who may not see forces, as a wall, are told the figures alone.
    """
    masked = not (actor.may(Permission.READ_FORCES) and actor.may(Permission.READ_INCIDENTS))
    if masked:
        actor.require(Permission.VIEW_WALL)
    if kind is not None and kind not in {one.code for one in services.pack.forces.kinds}:
        raise Invalid(errors=[{"field": "kind", "code": "unknown"}])
    find = partial(_find, services, actor.scope, minutes, kind)
    circle = await services.reaches.ask((actor.scope, minutes, kind), find)
    return await asyncio.to_thread(ReachOut.of, circle, masked=masked)


async def _find(services: Services, scope: str, minutes: int, kind: str | None) -> Circle:
    """Hold no connection while ways are looked for."""
    now, terms = services.now(), services.pack.dispatch
    async with services.store.transaction(Reach(scope=scope), statement_seconds=READ_SECONDS) as session:
        graph = await services.open_roads(session)
        travels = await services.circles.travels(
            session, scope, graph=graph, terms=terms, day=services.today(), now=now
        )
        origins = await origins_on_duty(session, terms=terms, now=now, kind=kind)
    return await circle_of(travels, origins, minutes=minutes, now=now)
