"""Routes, rounds and visits over HTTP. Phones report theirs as commands."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.body_limits import REPORT_BYTES, STEP_BYTES
from api.http.etags import ExpectedVersion, etag_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.rounds import (
    PatrolRoundOut,
    PatrolRouteEdit,
    PatrolRouteIn,
    PatrolRouteOut,
    RoundsOut,
    VisitsOut,
)
from api.http.wire.shapes import Day, Id, Page
from api.services import Services
from console.access.rules import Actor, Permission
from console.grids.queries import get_visible_division
from console.rosters.terms import local
from console.rounds.queries import (
    Listed,
    count_visits,
    get_record,
    list_rounds,
    list_routes,
    list_visits,
    own_grids,
    own_only,
    require_route_reader,
)
from console.rounds.routes import add_route, change_route, retire_route
from console.rounds.tables import PatrolRoute

router = APIRouter(route_class=TransactionRoute, tags=["rounds"])

Within = Annotated[str | None, Query(pattern=r"^\w{1,32}$", description="This division and all below; one's own.")]
OnDay = Annotated[Day | None, Query(description="The county's day; today by default.")]
Mine = Annotated[bool, Query(description="Only those of the account's own force.")]


@router.get("/api/patrol-routes")
async def list_all_routes(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    division: Within = None,
    mine: Annotated[bool, Query(description="Of grids in which the account's force holds a post, if any.")] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: str | None = None,
) -> Page[PatrolRouteOut]:
    """List the routes of a division's grids that are in use, in order of id."""
    require_route_reader(actor)
    today = services.today()
    within = await _path_of(session, actor, division, day=today)
    grids = await own_grids(session, actor, day=today) if mine else ()
    page, following = await list_routes(session, within=within, grids=grids, limit=limit, cursor=cursor)
    return Page[PatrolRouteOut](items=[_route(actor, one) for one in page], next=following)


@router.post("/api/patrol-routes", status_code=201, max_body_size=REPORT_BYTES)
async def add(
    body: PatrolRouteIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices, response: Response
) -> PatrolRouteOut:
    """Add a route to a grid. 422 `route.outside` if a point lies elsewhere."""
    route = await add_route(
        session, actor, body.grid, body.name, body.wanted(), today=services.today(), now=services.now()
    )
    response.headers["ETag"] = etag_of(route.version)
    return _route(actor, route)


@router.put("/api/patrol-routes/{route_id}", max_body_size=REPORT_BYTES)
async def change(
    route_id: Id,
    body: PatrolRouteEdit,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
) -> PatrolRouteOut:
    """Change a route. Rounds keep the points of their start; a point that is sent with its code keeps its slip."""
    route = await change_route(
        session,
        actor,
        route_id,
        body.name,
        body.wanted(),
        expected=expected,
        today=services.today(),
        now=services.now(),
    )
    response.headers["ETag"] = etag_of(route.version)
    return _route(actor, route)


@router.post("/api/patrol-routes/{route_id}/retire", max_body_size=STEP_BYTES)
async def retire(
    route_id: Id, session: CurrentSession, actor: CurrentActor, services: CurrentServices, response: Response
) -> PatrolRouteOut:
    """Take a route out of use. Its rounds stay on record."""
    route = await retire_route(session, actor, route_id, now=services.now())
    response.headers["ETag"] = etag_of(route.version)
    return _route(actor, route)


@router.get("/api/rounds")
async def list_day(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    day: OnDay = None,
    division: Within = None,
    mine: Mine = False,
) -> RoundsOut:
    """List the rounds that began on a day within reach. A patrol sees those of its own force."""
    asked = day or services.today()
    found = await list_rounds(session, actor, await _listed(session, actor, services, asked, division, mine=mine))
    return RoundsOut(day=asked, items=[PatrolRoundOut.of(one) for one in found])


@router.get("/api/rounds/{round_id}")
async def read_round(
    round_id: UUID, session: CurrentSession, actor: CurrentActor, response: Response
) -> PatrolRoundOut:
    """Return a round with what was reported at each point."""
    record = await get_record(session, actor, round_id)
    response.headers["ETag"] = etag_of(record.round.version)
    return PatrolRoundOut.of(record)


@router.get("/api/visits")
async def list_visits_of_day(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    day: OnDay = None,
    division: Within = None,
    mine: Mine = False,
) -> VisitsOut:
    """List the visits of a day within reach, and their counts by grid. A patrol sees those of its own force."""
    asked = day or services.today()
    wanted = await _listed(session, actor, services, asked, division, mine=mine)
    visits, counts = await list_visits(session, actor, wanted), await count_visits(session, actor, wanted)
    return VisitsOut.told(asked, visits, counts)


def _route(actor: Actor, route: PatrolRoute) -> PatrolRouteOut:
    return PatrolRouteOut.of(route, with_codes=actor.may(Permission.EDIT_GRIDS))


async def _path_of(session: AsyncSession, actor: Actor, division: str | None, *, day: date) -> str:
    return (await get_visible_division(session, actor, division, day=day)).division_path if division else actor.scope


async def _listed(
    session: AsyncSession, actor: Actor, services: Services, day: date, division: str | None, *, mine: bool
) -> Listed:
    own_only(actor)
    within = await _path_of(session, actor, division, day=services.today())
    zone = services.pack.zone
    return Listed(local(day, 0, zone), local(day, 1440, zone), within, mine=mine)
