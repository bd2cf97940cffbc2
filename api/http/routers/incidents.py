"""Incidents over HTTP: lists, single incidents, timelines, edits and closing."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.params import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.bbox import BboxQuery
from api.http.body_limits import REPORT_BYTES, STEP_BYTES
from api.http.errors import Invalid
from api.http.etags import ExpectedVersion
from api.http.incident_answers import incident_answer
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.incidents import ChangesIn, CloseIn, CorrectionIn, EditIn, IncidentOut, TimelineEntryOut
from api.http.wire.shapes import Id, Moment, Page
from api.intake.places import place_in
from api.services import Services
from console.access.rules import Actor, Permission
from console.attachments.actions import move_attachments
from console.cases.desk import close_at_desk
from console.cases.moving import move_cases
from console.cases.regrading import regrade
from console.cases.rehoming import rehome_cases
from console.flow.terms import CONTINUED
from console.incidents import actions
from console.incidents.edits import edit as edit_incident
from console.incidents.events import body_of
from console.incidents.queries import (
    OPEN,
    Filter,
    get_visible_incident,
    list_incidents,
    list_timeline,
    lock_incident,
)
from console.incidents.rules import EDITED_FIELDS, Edits
from console.incidents.tables import Incident
from console.lists.moving import move_entries
from console.tasks.actions import move_tasks
from geo.errors import NotFound
from geo.store import lies_within
from ingest.reports.report import fields_with_unknown_code
from layers.divisions.locks import hold_lines
from layers.divisions.queries import find_by_code

router = APIRouter(route_class=TransactionRoute, prefix="/api/incidents", tags=["incidents"])

MAY_EDIT: Depends = allowed(Permission.EDIT_INCIDENTS)


@router.get("")
async def list_all(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    bbox: BboxQuery,
    scope: Annotated[str | None, Query(description="A division's code.", pattern=r"^\w{1,32}$")] = None,
    status: Annotated[str | None, Query(description="States joined by commas; `open` is all but closed.")] = None,
    category: Annotated[
        str | None, Query(description="A category, or a class of them.", pattern=r"^[a-z0-9_.]{1,64}$")
    ] = None,
    since: Annotated[Moment | None, Query(description="Registered at or after this moment.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: str | None = None,
) -> Page[IncidentOut]:
    """List incidents within reach, newest first."""
    chosen = Filter(
        scope=await _path_of(session, actor, services, code=scope),
        statuses=statuses_of(status),
        category=category,
        bbox=bbox,
        since=since,
    )
    page, following = await list_incidents(session, actor, chosen, limit=limit, cursor=cursor)
    return Page[IncidentOut](items=[IncidentOut(**body_of(incident)) for incident in page], next=following)


@router.get("/{incident_id}")
async def read(incident_id: Id, session: CurrentSession, actor: CurrentActor, response: Response) -> IncidentOut:
    """Read one incident. Send its `ETag` as `If-Match` with a change."""
    incident = await get_visible_incident(session, actor, incident_id)
    return incident_answer(incident, response)


@router.get("/{incident_id}/timeline")
async def timeline(incident_id: Id, session: CurrentSession, actor: CurrentActor) -> Page[TimelineEntryOut]:
    """List the timeline of an incident, in order."""
    incident = await get_visible_incident(session, actor, incident_id)
    items = await list_timeline(session, incident)
    return Page[TimelineEntryOut](items=[TimelineEntryOut.model_validate(item) for item in items])


@router.patch("/{incident_id}", dependencies=[MAY_EDIT], max_body_size=REPORT_BYTES)
async def edit(
    incident_id: Id,
    body: EditIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
) -> IncidentOut:
    """Change an open incident's category, risk, words or place; the timeline keeps the old ones.

    A place must lie within the caller's division. One in another division moves the incident and its tasks there.

    412 `version.stale` if it changed meanwhile, 409 `incident.closed` once it is closed: see corrections.
    """
    edits = Edits(**{name: getattr(body, name) for name in EDITED_FIELDS}, seen=body.seen)
    incident = await _locked(session, incident_id, body)
    await _change(session, incident, body, edits, expected=expected, actor=actor, services=services)
    return incident_answer(incident, response)


@router.post("/{incident_id}/corrections", dependencies=[MAY_EDIT], max_body_size=REPORT_BYTES)
async def correct(
    incident_id: Id,
    body: CorrectionIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
) -> IncidentOut:
    """Correct an incident, closed or not: its timeline gets the old and the new values, who corrected them, and why."""
    edits = Edits(**{name: getattr(body, name) for name in EDITED_FIELDS}, reason=body.reason)
    incident = await _locked(session, incident_id, body)
    await _change(session, incident, body, edits, expected=expected, actor=actor, services=services)
    return incident_answer(incident, response)


@router.post("/{incident_id}/close", dependencies=[MAY_EDIT], max_body_size=STEP_BYTES)
async def close(
    incident_id: Id,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
    body: CloseIn | None = None,
) -> IncidentOut:
    """Close an incident at the desk. 409 `incident.transition` while a force is on it: recall it first.

    Where the place has a case flow, by the move that it names for this; 409 `case.move` where that is not allowed.
    """
    incident = await lock_incident(session, incident_id)
    note, work, now = body.note if body else "", services.casework, services.now()
    if work is None:
        await actions.close(session, incident, note=note, expected=expected, actor=actor, now=now)
    else:
        await close_at_desk(session, work, actor, incident, note=note, expected=expected, now=now)
    return incident_answer(incident, response)


async def _locked(session: AsyncSession, incident_id: int, body: ChangesIn) -> Incident:
    """Lock an incident; before that the lines, if it is to get another place: those who change lines lock them first,
    too.
    """
    if body.lon is not None:
        await hold_lines(session)
    return await lock_incident(session, incident_id)


async def _change(
    session: AsyncSession,
    incident: Incident,
    body: ChangesIn,
    edits: Edits,
    *,
    expected: ExpectedVersion,
    actor: Actor,
    services: Services,
) -> None:
    """Edit or correct a locked incident, with the place in `body` if it has one."""
    _require_known(body, services)
    place = await place_in(session, incident, body, actor=actor, zone=services.pack.zone, now=services.now())
    await edit_incident(
        session,
        incident,
        edits,
        place=place,
        on_division_change=_move_with,
        expected=expected,
        terms=services.pack.incidents,
        actor=actor,
        now=services.now(),
    )
    if services.casework is not None:
        work, now = services.casework, services.now()
        await regrade(session, work, incident, actor=actor, now=now)
        if place is not None:
            await rehome_cases(session, work, [incident.id], delivery=services.delivery, actor=actor, now=now)


async def _move_with(session: AsyncSession, incident: Incident, *, left_path: str, now: datetime) -> None:
    """Move the tasks, the case, the list entries and the attachments of an incident to its new division."""
    await move_tasks(session, incident, left_path=left_path, now=now)
    paths = {incident.id: incident.division_path}
    await move_cases(session, paths, left_paths={incident.id: left_path}, now=now)
    await move_entries(session, paths)
    await move_attachments(session, paths)


def _require_known(body: ChangesIn, services: Services) -> None:
    """Raise `Invalid` for codes that the pack does not have."""
    unknown = fields_with_unknown_code(body, services.pack.known)
    if unknown := [field for field in unknown if (field, body.language) != ("language", "")]:
        raise Invalid(errors=[{"field": field, "code": "unknown"} for field in unknown])


def statuses_of(text: str | None) -> frozenset[str]:
    """Parse statuses joined by commas. Raises `Invalid` for an unknown one."""
    wanted = frozenset(part.strip() for part in text.split(",")) if text else frozenset()
    if wanted - {OPEN, *CONTINUED.stages}:
        raise Invalid(errors=[{"field": "status", "code": "unknown"}])
    return wanted


async def _path_of(session: AsyncSession, actor: Actor, services: Services, *, code: str | None) -> str | None:
    """Return the path of a division. Raises `NotFound` outside the actor's scope."""
    if code is None:
        return None
    division = await find_by_code(session, code, day=services.today())
    if division is None or not lies_within(division.division_path, actor.scope):
        raise NotFound
    return division.division_path
