"""What is drawn on plans, over HTTP: operations, undo and redo, previews, lines and figures."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.body_limits import DRAWING_BYTES, SIGN_IN_BYTES
from api.http.etags import ExpectedVersion, etag_of
from api.http.plan_tallies import tally_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.plans import ComparedOut, DrawnOut, OperationIn, PairOut, figures_out
from api.http.wire.shapes import Id
from api.services import Services
from console.access.rules import Actor
from console.access.sight import Subject, sees_masked
from console.planning.actions import add_operation, lock_for_edit, rebase, redo, undo
from console.planning.drafts import Draft, require_same_base
from console.planning.drawing import Outcome
from console.planning.lines import OperationsDoNotFit, as_features
from console.planning.queries import get_visible_plan
from console.planning.rules import MONTHS, may_edit
from console.planning.tables import Plan
from geo.versions import require_current

router = APIRouter(route_class=TransactionRoute, tags=["plans"])

GEOJSON = "application/geo+json"
LINES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A FeatureCollection; properties `code`, `level`, `parent_code`, `name`, `locked`, `kind`.",
        "content": {GEOJSON: {"schema": {"type": "object"}}},
    }
}
WithLines = Annotated[bool, Query(alias="lines", description="Send the lines of what changed, too.")]
Months = Annotated[int, Query(ge=1, le=60, description="Incidents of so many months up to now count.")]


@router.post("/api/plans/{plan_id}/operations", max_body_size=DRAWING_BYTES)
async def operate(
    plan_id: Id,
    body: OperationIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
    lines: WithLines = False,
) -> DrawnOut:
    """Apply an operation to a draft. Refused whole with 422 `plan.…`, which shows the place in `params.where`."""
    plan = await lock_for_edit(session, actor, plan_id, expected=expected)
    draft = await services.drafts.draft_of(session, plan)
    counted = await tally_of(session, actor, services, draft)
    outcome = await services.tallies.drawn(draft, body.model_dump(), counted)
    await add_operation(session, actor, plan, outcome.operation, now=services.now())
    services.drafts.keep(plan, outcome.draft)
    services.tallies.keep(outcome, counted)
    return _answer(response, plan, outcome, lines=lines)


@router.post("/api/plans/{plan_id}/preview", max_body_size=DRAWING_BYTES)
async def preview(
    plan_id: Id,
    body: OperationIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    lines: WithLines = False,
) -> DrawnOut:
    """Answer what an operation would do to a draft. Nothing is kept."""
    plan = await get_visible_plan(session, actor, plan_id)
    may_edit(actor, plan.state)
    require_current(plan.version, expected)
    draft = await services.drafts.draft_of(session, plan)
    counted = await tally_of(session, actor, services, draft)
    outcome = await services.tallies.drawn(draft, body.model_dump(), counted)
    return DrawnOut.of(outcome, version=plan.version, lines=lines)


@router.post("/api/plans/{plan_id}/undo", max_body_size=SIGN_IN_BYTES)
async def take_back(
    plan_id: Id,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
    lines: WithLines = False,
) -> DrawnOut:
    """Take back the last operation in force. 409 `plan.nothing_to_undo`."""
    plan = await lock_for_edit(session, actor, plan_id, expected=expected)
    was = await _draft_or_base(session, services, plan)
    await undo(session, actor, plan, now=services.now())
    return _answer(response, plan, await _moved(session, actor, services, plan, was), lines=lines)


@router.post("/api/plans/{plan_id}/redo", max_body_size=SIGN_IN_BYTES)
async def do_again(
    plan_id: Id,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
    lines: WithLines = False,
) -> DrawnOut:
    """Put the operation that was undone last in force again. 409 `plan.nothing_to_redo`."""
    plan = await lock_for_edit(session, actor, plan_id, expected=expected)
    was = await _draft_or_base(session, services, plan)
    await redo(session, actor, plan, now=services.now())
    return _answer(response, plan, await _moved(session, actor, services, plan, was), lines=lines)


@router.post("/api/plans/{plan_id}/rebase", max_body_size=SIGN_IN_BYTES)
async def put_on_lines_of_today(
    plan_id: Id,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
    lines: WithLines = False,
) -> DrawnOut:
    """Put a draft on the lines of today, with its operations done anew. 409 `plan.base_changed` shows the first that
    does not fit them; nothing is changed then.
    """
    plan = await lock_for_edit(session, actor, plan_id, expected=expected)
    was = await _draft_or_base(session, services, plan)
    await rebase(session, actor, plan, today=services.today(), now=services.now())
    return _answer(response, plan, await _moved(session, actor, services, plan, was), lines=lines)


@router.get("/api/plans/{plan_id}/lines", response_class=Response, responses=LINES)
async def read_lines(
    plan_id: Id,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    touched: Annotated[
        bool, Query(description="Only divisions that differ from the base day's, and those above.")
    ] = False,
    base: Annotated[bool, Query(description="The lines that the draft begins with, instead of its own.")] = False,
) -> Response:
    """Return the lines of a draft as GeoJSON: its division and all below, from the top down."""
    plan = await get_visible_plan(session, actor, plan_id)
    draft = await services.drafts.draft_of(session, plan)
    coverage = draft.base.coverage if base else draft.coverage
    chosen = [code for code in draft.touched if code in coverage.divisions] if touched else None
    body = await asyncio.to_thread(as_features, coverage, chosen)
    return Response(body, media_type=GEOJSON, headers={"ETag": etag_of(plan.version)})


@router.get("/api/plans/{plan_id}/figures")
async def read_figures(
    plan_id: Id,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    months: Months = MONTHS,
    level: Annotated[
        str | None, Query(max_length=32, description="Of every division of this level, touched or not.")
    ] = None,
) -> ComparedOut:
    """Compare the figures of all that a plan touches, and of the whole, before and after."""
    plan = await get_visible_plan(session, actor, plan_id)
    draft = await services.drafts.draft_of(session, plan)
    counted = await tally_of(session, actor, services, draft, months=months, anew=True)
    asked = (
        services.tallies.compared(draft, counted) if level is None else services.tallies.of_level(draft, counted, level)
    )
    before, after = await asked
    return ComparedOut(
        version=plan.version,
        months=months,
        masked=sees_masked(actor, Subject.INCIDENTS),
        before=figures_out(before),
        after=figures_out(after),
    )


@router.get("/api/plans/{plan_id}/compare")
async def compare(
    plan_id: Id,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    other_id: Annotated[Id, Query(alias="with", description="The other plan.")],
    months: Months = MONTHS,
) -> PairOut:
    """Compare the figures of two plans over the same lines, of all that either touches. 409 `plan.other_lines`."""
    plans = [await get_visible_plan(session, actor, one) for one in (plan_id, other_id)]
    ours, theirs = [await services.drafts.draft_of(session, plan) for plan in plans]
    require_same_base(ours, theirs)
    counted = await tally_of(session, actor, services, ours, months=months, anew=True)
    pair = await services.tallies.side_by_side(ours, theirs, counted)
    return PairOut.of(pair, months=months, masked=sees_masked(actor, Subject.INCIDENTS))


async def _draft_or_base(session: AsyncSession, services: Services, plan: Plan) -> Draft:
    """Return a plan's draft, or what it begins with where its last operation does not fit any more: undo mends that."""
    try:
        return await services.drafts.draft_of(session, plan)
    except OperationsDoNotFit:
        base = await services.drafts.base_of(session, plan)
        return Draft(base, base.coverage)


async def _moved(session: AsyncSession, actor: Actor, services: Services, plan: Plan, was: Draft) -> Outcome:
    draft = await services.drafts.draft_of(session, plan)
    counted = await tally_of(session, actor, services, draft)
    return await services.tallies.moved(was, draft, counted)


def _answer(response: Response, plan: Plan, outcome: Outcome, *, lines: bool) -> DrawnOut:
    response.headers["ETag"] = etag_of(plan.version)
    return DrawnOut.of(outcome, version=plan.version, lines=lines)
