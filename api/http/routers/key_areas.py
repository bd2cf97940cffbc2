"""Key areas over HTTP."""

import asyncio

from fastapi import APIRouter

from api.http.routers.cameras import heard_within
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.key_areas import KeyAreaOut, KeyAreasOut
from console.access.rules import Permission
from layers.key_areas.queries import key_areas

router = APIRouter(route_class=TransactionRoute, tags=["cameras"], dependencies=[allowed(Permission.READ_LAYERS)])


@router.get("/api/key-areas")
async def read_key_areas(session: CurrentSession, actor: CurrentActor, services: CurrentServices) -> KeyAreasOut:
    """List key areas within reach, with how many of their cameras are online, and how much of each they cover."""
    found = await key_areas(session, now=services.now(), within=heard_within(services))
    async with services.costly_reads.turn(actor.user_id):
        covered = await asyncio.to_thread(services.coverages.of, found, services.basemaps.now())
    return KeyAreasOut(items=[KeyAreaOut.of(area, one) for area, one in zip(found, covered, strict=True)])
