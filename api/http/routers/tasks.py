"""Tasks over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.http.body_limits import STEP_BYTES
from api.http.etags import ExpectedVersion, etag_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.shapes import Id, Page
from api.http.wire.tasks import AnswerIn, CallIn, CompanionOut, OwnTaskOut, TaskIn, TaskOut
from console.access.rules import Forbidden, Permission
from console.flow.terms import Role
from console.incidents import events as incident_events
from console.tasks.actions import ask_for_support, assign, take_step
from console.tasks.events import body_of
from console.tasks.queries import companions_of, list_own_tasks, list_tasks
from console.tasks.rules import Step, TaskStatus

router = APIRouter(route_class=TransactionRoute, tags=["tasks"])

YES = frozenset({"", "1", "true"})


@router.post("/api/incidents/{incident_id}/tasks", status_code=201, max_body_size=STEP_BYTES)
async def send(
    incident_id: Id,
    body: TaskIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    response: Response,
) -> TaskOut:
    """Send a force to an incident, by default as lead if there is none. 409 `force.busy`, `force.off_duty`,
    `force.on_leave`, `force.may_not_answer` or `task.lead_taken`.
    """
    task = await assign(
        session,
        actor,
        incident_id=incident_id,
        force_id=body.force,
        role=Role(body.role) if body.role else None,
        terms=services.pack.dispatch,
        answers=services.pack.answers,
        packages=services.pack.packages,
        work=services.casework,
        graph=await services.open_roads(session),
        now=services.now(),
    )
    response.headers["ETag"] = etag_of(task.version)
    return TaskOut(**body_of(task))


@router.post("/api/tasks/{task_id}/support", max_body_size=STEP_BYTES)
async def ask_support(
    task_id: Id,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    response: Response,
    body: CallIn | None = None,
) -> TaskOut:
    """Ask the hall for support at a task. 409 `task.over` once it has ended."""
    words = body.note if body else ""
    work = services.casework
    task = await ask_for_support(session, actor, task_id, words=words, work=work, now=services.now())
    response.headers["ETag"] = etag_of(task.version)
    return TaskOut(**body_of(task))


@router.post("/api/tasks/{task_id}/{step}", max_body_size=STEP_BYTES)
async def take(
    task_id: Id,
    step: Step,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
    body: AnswerIn | None = None,
) -> TaskOut:
    """Take a step of a task. 409 `task.transition` if its status does not allow the step.

    Forces answer for themselves. With `relayed`, a dispatcher enters what a force said by radio or telephone.
    """
    answer = body or AnswerIn()
    task = await take_step(
        session,
        actor,
        task_id,
        step,
        expected=expected,
        reason=answer.reason,
        words=answer.note,
        relayed=answer.relayed,
        attachments=answer.attachments,
        work=services.casework,
        day=services.today(),
        now=services.now(),
    )
    response.headers["ETag"] = etag_of(task.version)
    return TaskOut(**body_of(task))


@router.get("/api/tasks")
async def list_all(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    mine: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: str | None = None,
    status: TaskStatus | None = None,
    incident: Id | None = None,
    force: Id | None = None,
) -> Page[OwnTaskOut] | Page[TaskOut]:
    """List tasks within reach; with `mine`, the tasks of the caller's own force with their incidents."""
    if mine is not None and mine.lower() in YES:
        return await _own(session, actor, limit=limit, services=services)
    page, following = await list_tasks(
        session, actor, limit=limit, cursor=cursor, status=status, incident=incident, force=force
    )
    return Page[TaskOut](items=[TaskOut(**body_of(task)) for task in page], next=following)


async def _own(
    session: CurrentSession, actor: CurrentActor, *, limit: int, services: CurrentServices
) -> Page[OwnTaskOut]:
    if actor.force_id is None:
        raise Forbidden(permission=Permission.ANSWER_OWN_TASKS)
    actor.require(Permission.ANSWER_OWN_TASKS)
    found = await list_own_tasks(session, actor.force_id, limit=limit, now=services.now())
    items = [
        OwnTaskOut(
            **body_of(task),
            details=incident_events.body_of(incident),
            companions=[CompanionOut.model_validate(one) for one in await companions_of(session, task)],
        )
        for task, incident in found
    ]
    return Page[OwnTaskOut](items=items)
