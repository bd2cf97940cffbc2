"""How the lines of plans get in force, over HTTP: what changes hands, publishing for a day, and undoing that."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.http.body_limits import DRAWING_BYTES, STEP_BYTES
from api.http.etags import ExpectedVersion, etag_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.plans import PlanOut, PublishIn, StepNoteIn
from api.http.wire.publishing import TransfersOut
from api.http.wire.shapes import Id
from api.services import Services
from console.cursors import id_of
from console.planning.handover import Thing
from console.planning.publishing import Moment, Wanted, publish, unpublish
from console.planning.queries import get_visible_plan
from console.planning.shown import read_transfers

router = APIRouter(route_class=TransactionRoute, tags=["plans"])


@router.get("/api/plans/{plan_id}/transfers")
async def list_transfers(
    plan_id: Id,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    response: Response,
    thing: Annotated[Thing | None, Query(description="Only things of this kind.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: str | None = None,
) -> TransfersOut:
    """List what changes hands by a plan, each thing once: as of now, or as it was done. 409 `plan.base_changed` where
    its operations do not fit its lines any more.
    """
    plan = await get_visible_plan(session, actor, plan_id)
    found = await read_transfers(
        session, actor, plan, drafts=services.drafts, zone=services.pack.zone, today=services.today()
    )
    start = id_of(cursor) if cursor is not None else 0
    items = [one for one in found.items if thing is None or one.thing is thing]
    following = str(start + limit) if len(items) > start + limit else None
    response.headers["ETag"] = etag_of(plan.version)
    return TransfersOut.of(found, version=plan.version, page=items[start : start + limit], following=following)


@router.post("/api/plans/{plan_id}/publish", max_body_size=DRAWING_BYTES)
async def publish_plan(
    plan_id: Id,
    body: PublishIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
) -> PlanOut:
    """Publish an approved plan for a day, today or later. On its first day the server puts the lines in force within
    a second. 409 `plan.contested` draws where another change meets it; 422 `plan.nobody`.
    """
    wanted = Wanted(body.day, {one.force: one.division for one in body.posts}, body.note)
    plan, publication = await publish(session, actor, plan_id, wanted, expected=expected, moment=_moment(services))
    response.headers["ETag"] = etag_of(plan.version)
    return PlanOut.of(plan, publication)


@router.post("/api/plans/{plan_id}/unpublish", max_body_size=STEP_BYTES)
async def unpublish_plan(
    plan_id: Id,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
    body: StepNoteIn | None = None,
) -> PlanOut:
    """Undo a publication: cancel it before its day, or put back the lines and all that changed hands. 409
    `plan.conflict` where later lines stand on those of the plan.
    """
    note = body.note if body else ""
    plan = await unpublish(session, actor, plan_id, expected=expected, note=note, moment=_moment(services))
    response.headers["ETag"] = etag_of(plan.version)
    return PlanOut.of(plan)


def _moment(services: Services) -> Moment:
    return Moment(services.drafts, services.pack.zone, services.now())
