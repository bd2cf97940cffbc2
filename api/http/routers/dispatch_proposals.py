"""Proposals of forces for many incidents at once, over HTTP."""

from fastapi import APIRouter

from api.http.body_limits import STEP_BYTES
from api.http.transactions import CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.packages import DispatchProposalIn, DispatchProposalOut
from console.access.rules import Permission
from console.dispatching.proposals import propose

router = APIRouter(route_class=TransactionRoute, tags=["tasks"])


@router.post("/api/dispatch/proposals", dependencies=[allowed(Permission.DISPATCH)], max_body_size=STEP_BYTES)
async def propose_for_all(
    body: DispatchProposalIn, session: CurrentSession, services: CurrentServices
) -> DispatchProposalOut:
    """Propose forces for what the packages of up to 200 incidents lack; nothing is sent until it is confirmed.

    Each assignment is confirmed by `POST /api/incidents/{id}/tasks` with its force and role: what no longer holds is
    refused there. Travel is by road for up to 40 incidents where roads are known.
    """
    graph, now = await services.open_roads(session), services.now()
    found = await propose(session, body.incidents, terms=services.pack.proposals, graph=graph, now=now)
    return DispatchProposalOut.of(found)
