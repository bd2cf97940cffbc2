"""People of the staff over HTTP, found by name. They are added with a post, and linked to accounts by `/api/users`."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.http.transactions import CurrentActor, CurrentSession, TransactionRoute, allowed
from api.http.wire.registry import StaffListOut, StaffOut
from console.access.rules import Permission
from console.register.queries import people_named

router = APIRouter(route_class=TransactionRoute, prefix="/api/staff", tags=["register"])


@router.get("", dependencies=[allowed(Permission.READ_POSTS)])
async def list_staff(
    session: CurrentSession,
    actor: CurrentActor,
    words: Annotated[str, Query(pattern=r"\S", max_length=60, description="A part of a name or code.")],
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> StaffListOut:
    """List people within reach, and those of the divisions above, by a part of their name or code."""
    found = await people_named(session, words, accounts_of=actor.scope, limit=limit)
    told = actor.may(Permission.READ_ACCOUNTS)
    return StaffListOut(items=[StaffOut.of(one, account=username if told else None) for one, username in found])
