"""Tasks that went back to their sender because the grid's list does not permit the service, over HTTP."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.returns import ReturnsOut
from console.grids.queries import get_visible_division
from console.rosters.terms import local
from console.tasks.returns import list_returned

router = APIRouter(route_class=TransactionRoute, tags=["tasks"])

OfMonth = Annotated[str, Query(pattern=r"^2[0-9]{3}-(0[1-9]|1[0-2])$", description="A month, such as `2026-11`.")]


@router.get("/api/task-returns")
async def list_month(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    month: OfMonth,
    division: Annotated[
        str | None, Query(pattern=r"^\w{1,32}$", description="This division and all below; one's own.")
    ] = None,
) -> ReturnsOut:
    """List the tasks that went back in a month as not permitted, with their count by grid and sender."""
    within, today = actor.scope, services.today()
    if division:
        within = (await get_visible_division(session, actor, division, day=today)).division_path
    first = date.fromisoformat(f"{month}-01")
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    since, until = (local(day, 0, services.pack.zone) for day in (first, following))
    return ReturnsOut.told(
        month, await list_returned(session, actor, since=since, until=until, within=within, day=today)
    )
