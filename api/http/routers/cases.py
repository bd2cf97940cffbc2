"""Cases over HTTP: the place's flow, the case of an incident, its moves, and lists."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.http.body_limits import STEP_BYTES
from api.http.case_answers import case_answer, case_item
from api.http.etags import ExpectedVersion
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.cases import CaseItemOut, CaseOut, MoveIn
from api.http.wire.flow import FlowOut, PackOut
from api.http.wire.shapes import Id, Page
from api.live.audiences import path_of
from api.services import Services
from console.cases.actions import make_move
from console.cases.casework import Casework
from console.cases.queries import CaseFilter, list_cases, list_versions, see_case, see_moved
from console.cases.storing import terms_of
from geo.errors import NotFound

router = APIRouter(route_class=TransactionRoute, tags=["cases"])

CODE = r"^[a-z][a-z0-9_.]{0,63}$"


def casework_of(services: Services) -> Casework:
    """Return the place's casework. Raises `NotFound` where its pack has no case flow."""
    if services.casework is None:
        raise NotFound
    return services.casework


@router.get("/api/flow")
async def read_flow(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    version: Annotated[str | None, Query(pattern=r"^[0-9a-f]{16}$", description="An older version.")] = None,
) -> FlowOut:
    """Read this place's case flow: stages, steps, lanes, levels, moves with their forms, limits, and words."""
    work = casework_of(services)
    wanted = version or work.version
    return FlowOut.of(work, await terms_of(session, work, wanted), wanted)


@router.get("/api/packs")
async def list_packs(session: CurrentSession, actor: CurrentActor, services: CurrentServices) -> Page[PackOut]:
    """List the versions of the case flow that cases of one's division have begun under, with the current one."""
    work = casework_of(services)
    kept = [
        PackOut(
            key=one.key,
            version=one.version,
            current=one.version == work.version,
            first_used_at=one.first_used_at,
            running=running,
        )
        for one, running in await list_versions(session)
    ]
    if not any(one.current for one in kept):
        kept.insert(0, PackOut(key=work.key, version=work.version, current=True, first_used_at=None, running=0))
    return Page[PackOut](items=kept)


@router.get("/api/incidents/{incident_id}/case")
async def read_case(
    incident_id: Id, session: CurrentSession, actor: CurrentActor, services: CurrentServices, response: Response
) -> CaseOut:
    """Read the case of an incident, and what the caller can do now. Send its `ETag` as `If-Match` with a move."""
    now = services.now()
    return case_answer(await see_case(session, casework_of(services), actor, incident_id, now=now), response, now=now)


@router.post("/api/incidents/{incident_id}/moves", max_body_size=STEP_BYTES)
async def move_case(
    incident_id: Id,
    body: MoveIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
) -> CaseOut:
    """Make a move of the case: any stage, hand-over, return, pause, extension, closing or reopening.

    The fields of the move's form stand beside `move`. 409 `case.move` for a move that is not allowed, with `reason`;
    422 `case.form` with every wrong field; 412 `version.stale` if the case has changed meanwhile.
    """
    work, now = casework_of(services), services.now()
    opened = await make_move(
        session, work, actor, incident_id, move=body.move, form=body.form, expected=expected, now=now
    )
    return case_answer(await see_moved(session, work, actor, opened, now=now), response, now=now)


@router.get("/api/cases")
async def list_all(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    mine: Annotated[
        bool, Query(description="At the caller's own units: theirs, offered to them, or calling them.")
    ] = False,
    unit: Annotated[str | None, Query(max_length=100, description="A unit's code, as for `mine`.")] = None,
    stage: Annotated[str | None, Query(pattern=CODE)] = None,
    lane: Annotated[str | None, Query(pattern=CODE)] = None,
    level: Annotated[str | None, Query(pattern=CODE)] = None,
    scope: Annotated[str | None, Query(pattern=r"^\w{1,32}$", description="A division's code.")] = None,
    late: Annotated[bool, Query(description="Past the next due time.")] = False,
    ended: Annotated[bool, Query(description="Ended ones instead of those that go on.")] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: str | None = None,
) -> Page[CaseItemOut]:
    """List cases within reach, newest first: those that go on, unless `ended` asks for the others."""
    work, now = casework_of(services), services.now()
    path = None if scope is None else await path_of(session, scope, actor=actor, day=services.today())
    units = None if unit is None else {unit}
    if mine:
        own = {seat.unit for seat in await work.register.seats_of(session, actor, now=now)}
        units = own if units is None else own & units
    chosen = CaseFilter(units=units, stage=stage, lane=lane, level=level, scope=path, ended=ended, late=late)
    found, following = await list_cases(session, actor, chosen, limit=limit, cursor=cursor, now=now)
    return Page[CaseItemOut](items=[case_item(case, incident) for case, incident in found], next=following)
