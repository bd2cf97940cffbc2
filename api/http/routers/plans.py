"""Plans over HTTP: what they are about, their record, and their steps up to the review.

`drafts.py` has what is drawn on them, `publishing.py` how their lines get in force.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.body_limits import STEP_BYTES
from api.http.etags import ExpectedVersion, etag_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.plans import CommentIn, PlanDetailsOut, PlanEntryOut, PlanIn, PlanOut, ReviewIn, StepNoteIn
from api.http.wire.shapes import Id, Page
from api.services import Services
from console.access.rules import Actor
from console.planning.actions import NewPlan, comment, create_plan, require_sound, take_step
from console.planning.publications import open_publication, open_publications
from console.planning.queries import authors_of, entries_of, get_visible_plan, history_of, list_plans
from console.planning.rules import PlanState, PlanStep, steps_of
from geo.errors import NotFound
from geo.store import lies_within
from layers.divisions.queries import find_by_code

router = APIRouter(route_class=TransactionRoute, tags=["plans"])

VERDICTS = {"approve": PlanStep.APPROVE, "return": PlanStep.RETURN}


@router.post("/api/plans", status_code=201, max_body_size=STEP_BYTES)
async def make(
    body: PlanIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices, response: Response
) -> PlanOut:
    """Begin a draft over the lines of a division and all below. 422 `plan.…` where its lines cannot be drawn on."""
    today = services.today()
    day = body.base_day or today
    new = NewPlan(title=body.title, division=body.division, reason=body.reason, base_day=day)
    plan = await create_plan(session, actor, new, today=today, now=services.now())
    await services.drafts.base_of(session, plan)
    response.headers["ETag"] = etag_of(plan.version)
    return PlanOut.of(plan)


@router.get("/api/plans")
async def list_all(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: str | None = None,
    status: PlanState | None = None,
    scope: Annotated[str | None, Query(description="A division's code.", pattern=r"^\w{1,32}$")] = None,
) -> Page[PlanOut]:
    """List plans within reach, in order of id; with `scope`, those of a division and all below."""
    path = await _path_of(session, actor, services, code=scope)
    page, following = await list_plans(session, actor, limit=limit, cursor=cursor, state=status, scope=path)
    published = await open_publications(session, [plan.id for plan in page])
    return Page[PlanOut](items=[PlanOut.of(plan, published.get(plan.id)) for plan in page], next=following)


async def _path_of(session: AsyncSession, actor: Actor, services: Services, *, code: str | None) -> str | None:
    if code is None:
        return None
    division = await find_by_code(session, code, day=services.today())
    if division is None or not lies_within(division.division_path, actor.scope):
        raise NotFound
    return division.division_path


@router.get("/api/plans/{plan_id}")
async def read(plan_id: Id, session: CurrentSession, actor: CurrentActor, response: Response) -> PlanDetailsOut:
    """Return a plan with its operations, its record, and what the caller may do with it."""
    plan = await get_visible_plan(session, actor, plan_id)
    response.headers["ETag"] = etag_of(plan.version)
    return PlanDetailsOut.told(
        plan,
        await history_of(session, plan),
        await entries_of(session, plan),
        publication=await open_publication(session, plan.id),
        steps=steps_of(actor, PlanState(plan.state), authors=await authors_of(session, plan)),
    )


@router.post("/api/plans/{plan_id}/comments", status_code=201, max_body_size=STEP_BYTES)
async def add_comment(
    plan_id: Id, body: CommentIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> PlanEntryOut:
    """Comment on a plan, in any state. Its version stays."""
    entry = await comment(session, actor, plan_id, note=body.note, place=body.place, now=services.now())
    return PlanEntryOut.of(entry)


@router.post("/api/plans/{plan_id}/submit", max_body_size=STEP_BYTES)
async def submit(
    plan_id: Id,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
    body: StepNoteIn | None = None,
) -> PlanOut:
    """Submit a draft for review. 409 `plan.nothing_drawn`; 422 `plan.lines` with all that is wrong with its lines."""
    note, now = body.note if body else "", services.now()
    plan = await take_step(session, actor, plan_id, PlanStep.SUBMIT, expected=expected, note=note, now=now)
    await require_sound(await services.drafts.draft_of(session, plan))
    response.headers["ETag"] = etag_of(plan.version)
    return PlanOut.of(plan)


@router.post("/api/plans/{plan_id}/review", max_body_size=STEP_BYTES)
async def review(
    plan_id: Id,
    body: ReviewIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
) -> PlanOut:
    """Approve a submitted plan, or return it. 403 `plan.own_review` to those who have made it or drawn on it."""
    plan = await take_step(
        session, actor, plan_id, VERDICTS[body.verdict], expected=expected, note=body.note, now=services.now()
    )
    response.headers["ETag"] = etag_of(plan.version)
    return PlanOut.of(plan)


@router.post("/api/plans/{plan_id}/withdraw", max_body_size=STEP_BYTES)
async def withdraw(
    plan_id: Id,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
    body: StepNoteIn | None = None,
) -> PlanOut:
    """Withdraw a plan. It stays on record."""
    note, now = body.note if body else "", services.now()
    plan = await take_step(session, actor, plan_id, PlanStep.WITHDRAW, expected=expected, note=note, now=now)
    response.headers["ETag"] = etag_of(plan.version)
    return PlanOut.of(plan)
