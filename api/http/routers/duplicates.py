"""Duplicates over HTTP: merge them, dismiss them, and undo either."""

from fastapi import APIRouter, Response

from api.http.body_limits import STEP_BYTES
from api.http.errors import Invalid
from api.http.etags import ExpectedVersion
from api.http.incident_answers import incident_answer
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.incidents import DuplicateIn, IncidentOut, MergeIn, UnmergeIn
from api.http.wire.shapes import Id
from console.access.rules import Permission
from console.cases.joining import join_cases, part_cases
from console.incidents import duplicates

router = APIRouter(
    route_class=TransactionRoute,
    prefix="/api/incidents/{incident_id}",
    tags=["incidents"],
    dependencies=[allowed(Permission.EDIT_INCIDENTS)],
)


@router.post("/merge", max_body_size=STEP_BYTES)
async def merge(
    incident_id: Id,
    body: MergeIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
) -> IncidentOut:
    """Close an incident as the same as another one, its main incident; both timelines say so.

    409 `incident.merge_closed` unless both are open, 409 `incident.merge_occupied` while a force is on this one: merge
    the other one into it, or recall the force. 409 `incident.merge_parts` while what was split off from it goes on,
    and `incident.merge_mending` while it is mended after a dissatisfied answer.
    """
    if body.into == incident_id:
        raise Invalid(errors=[{"field": "into", "code": "itself"}])
    now = services.now()
    merged = await duplicates.merge(session, incident_id, into=body.into, expected=expected, actor=actor, now=now)
    if services.casework is not None:
        await join_cases(session, services.casework, merged, actor=actor, now=now)
    return incident_answer(merged, response)


@router.post("/unmerge", max_body_size=STEP_BYTES)
async def unmerge(
    incident_id: Id,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
    body: UnmergeIn | None = None,
) -> IncidentOut:
    """Open a merged incident again; it waits as before. 409 `incident.not_merged` if it is not merged.

    What was recorded on the main incident since the merge stays there; the timeline of this one repeats the `entries`
    that are named. 404 if one of them is from before, or of another incident.
    """
    carried = body.entries if body else []
    now = services.now()
    opened = await duplicates.unmerge(session, incident_id, carried=carried, expected=expected, actor=actor, now=now)
    if services.casework is not None:
        await part_cases(session, services.casework, opened, actor=actor, now=now)
    return incident_answer(opened, response)


@router.post("/dismiss-duplicate", max_body_size=STEP_BYTES)
async def dismiss(
    incident_id: Id,
    body: DuplicateIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    response: Response,
) -> IncidentOut:
    """Say that two likely duplicates are not the same, from either of them. 409 `incident.not_duplicate`."""
    incident = await duplicates.dismiss(session, incident_id, of=body.of, actor=actor, now=services.now())
    return incident_answer(incident, response)


@router.post("/restore-duplicate", max_body_size=STEP_BYTES)
async def restore(
    incident_id: Id,
    body: DuplicateIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    response: Response,
) -> IncidentOut:
    """Link two incidents again that were dismissed as duplicates. 409 `incident.not_duplicate`."""
    incident = await duplicates.restore(session, incident_id, of=body.of, actor=actor, now=services.now())
    return incident_answer(incident, response)
