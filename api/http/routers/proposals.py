"""Proposals over HTTP: even the load of a draft. They are searched apart, and change nothing by themselves."""

import asyncio
from datetime import datetime, time
from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.body_limits import REPORT_BYTES, SIGN_IN_BYTES
from api.http.etags import ExpectedVersion
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.proposals import ProposalIn, ProposalOut, ProposalStartedOut
from api.http.wire.shapes import Id
from api.services import Services
from console.access.rules import Actor
from console.planning.counts import Tally, tally_after
from console.planning.drafts import Draft
from console.planning.drawing import Span
from console.planning.proposals.answering import Measuring
from console.planning.proposals.asked import Proposal, masked_for
from console.planning.proposals.rules import Wish, level_above
from console.planning.proposals.site import Site, site_of
from console.planning.queries import get_visible_plan
from console.planning.rules import PlanStep, may_edit, months_before, require_may
from geo.versions import require_current

router = APIRouter(route_class=TransactionRoute, tags=["plans"])

ProposalId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}-[0-9]{1,9}$", description="An id that this server gave.")]


@router.post("/api/plans/{plan_id}/proposals", status_code=202, max_body_size=REPORT_BYTES)
async def propose(
    plan_id: Id,
    body: ProposalIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
) -> ProposalStartedOut:
    """Search groupings of a draft with even loads and few changes. 429 `plan.proposals_waiting` when many wait."""
    plan = await get_visible_plan(session, actor, plan_id)
    may_edit(actor, plan.state)
    require_current(plan.version, expected)
    draft = await services.drafts.draft_of(session, plan)
    base = await _counted(session, actor, services, draft, months=body.months)
    site = await asyncio.to_thread(_surveyed, draft, base, _wish_of(body, draft))
    proposal = Proposal(
        id=services.proposals.next_id(),
        plan=plan.id,
        version=plan.version,
        wish=site.wish,
        scope=actor.scope,
        masked=masked_for(actor),
        months=body.months,
        groups=len(site.groups),
        pieces=len(site.pieces),
        piece_level=site.piece_level,
    )
    services.proposals.begin(proposal, Measuring(draft, site, base, services.tallies.travel))
    return ProposalStartedOut(id=proposal.id, state=proposal.state, ahead=services.proposals.ahead_of(proposal))


@router.get("/api/plans/{plan_id}/proposals/{proposal_id}")
async def read(
    plan_id: Id, proposal_id: ProposalId, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> ProposalOut:
    """Return how far a proposal is, and its alternatives. 404 `plan.proposal_gone` after a restart of the server."""
    plan = await get_visible_plan(session, actor, plan_id)
    return ProposalOut.told(services.proposals.get(actor, plan.id, proposal_id), services.proposals)


@router.delete("/api/plans/{plan_id}/proposals/{proposal_id}", max_body_size=SIGN_IN_BYTES)
async def cancel(
    plan_id: Id, proposal_id: ProposalId, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> ProposalOut:
    """End a search, within a second. One that is done stays as it is."""
    require_may(actor, PlanStep.EDIT, authors=())
    plan = await get_visible_plan(session, actor, plan_id)
    proposal = services.proposals.get(actor, plan.id, proposal_id)
    await services.proposals.cancel(proposal)
    return ProposalOut.told(proposal, services.proposals)


def _wish_of(body: ProposalIn, draft: Draft) -> Wish:
    return Wish(
        level=body.level,
        division=body.division,
        within=body.within or level_above(draft.coverage, body.level),
        weights=body.weights.model_dump(),
        seeds=body.seeds,
        keep_homes=body.keep_homes,
        seconds=body.seconds,
    )


def _surveyed(draft: Draft, base: Tally, wish: Wish) -> Site:
    return site_of(draft.coverage, tally_after(base, draft.coverage, draft.change), wish)


async def _counted(session: AsyncSession, actor: Actor, services: Services, draft: Draft, *, months: int) -> Tally:
    """Return the counts on the lines that a draft begins with, of the months up to today."""
    day = months_before(services.today(), months)
    span = Span(months, datetime.combine(day, time(), tzinfo=services.pack.zone))
    return await services.tallies.of(session, actor, draft.base, span=span, now=services.now())
