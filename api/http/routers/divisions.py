"""Names of divisions for their codes. Lines come by tiles or by `/ogc`."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.http.transactions import CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.layers import DivisionOut, DivisionsOut
from console.access.rules import Permission
from layers.divisions.queries import list_named

router = APIRouter(route_class=TransactionRoute, tags=["divisions"])

Levels = Annotated[str | None, Query(max_length=100, description="Comma-separated level codes; all when left out.")]


@router.get("/api/divisions", response_model=DivisionsOut, dependencies=[allowed(Permission.READ_LAYERS)])
async def list_divisions(session: CurrentSession, services: CurrentServices, levels: Levels = None) -> DivisionsOut:
    """The divisions in force today within reach, and those that the caller's own lies in; parents before children."""
    wanted = levels.split(",") if levels else ()
    named = await list_named(session, day=services.today(), levels=wanted)
    return DivisionsOut(items=[DivisionOut.of(each) for each in named])
