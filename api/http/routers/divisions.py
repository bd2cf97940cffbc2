"""Codes and names of divisions. Boundaries are served as tiles and under `/ogc`."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.http.transactions import CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.layers import DivisionOut, DivisionsOut
from api.http.wire.shapes import Day
from console.access.rules import Permission
from layers.divisions.queries import list_named

router = APIRouter(route_class=TransactionRoute, tags=["divisions"])

Levels = Annotated[str | None, Query(max_length=100, description="Comma-separated level codes; all by default.")]

OnDay = Annotated[Day | None, Query(description="The day whose lines to list; today by default.")]


@router.get("/api/divisions", response_model=DivisionsOut, dependencies=[allowed(Permission.READ_LAYERS)])
async def list_divisions(
    session: CurrentSession, services: CurrentServices, levels: Levels = None, day: OnDay = None
) -> DivisionsOut:
    """List the divisions in force on a day within reach, and the ancestors of the caller's own; parents before
    children.
    """
    wanted = levels.split(",") if levels else ()
    named = await list_named(session, day=day or services.today(), levels=wanted)
    return DivisionsOut(items=[DivisionOut.of(each) for each in named])
