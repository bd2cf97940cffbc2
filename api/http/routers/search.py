"""Search incidents, forces, divisions, places and cameras by name or code."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query

from api.http.errors import Invalid
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.search import FoundOut, SearchOut
from console.search.queries import search

router = APIRouter(route_class=TransactionRoute, tags=["search"])


@router.get("/api/search")
async def find(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    q: Annotated[str, Query(min_length=1, max_length=100)],
) -> SearchOut:
    """Return at most 20 results within reach whose name or code contains `q`."""
    words = q.strip()
    if not words or "\0" in words:
        raise Invalid(errors=[{"field": "q", "code": "format"}])
    found = await search(session, actor, words, day=services.today())
    return SearchOut(items=[FoundOut(**asdict(one)) for one in found])
