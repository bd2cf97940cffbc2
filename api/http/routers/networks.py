"""Networks of sectors over HTTP: their areas, their disagreements with the grids, and the proposal to merge them."""

import asyncio
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.etags import etag_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.merging import MappedOut, MergedOut, OnPlanOut, indicators
from api.http.wire.networks import NetworksOut, areas_as_features
from api.http.wire.overlays import OverlayOut, disagreeing
from api.http.wire.shapes import Day, Id
from api.services import Services
from console.access.rules import Actor, Permission
from console.access.sight import Subject, sees_masked
from console.networks.laying import shares_land, work_at
from console.networks.merging import carried, mapped
from console.networks.overlays import Question, box_around, known_counts, read_places
from console.networks.queries import read_areas, summaries
from console.planning.queries import get_visible_plan
from geo.errors import NotFound
from geo.overlay.disagreements import WIDTH_M
from geo.store import lies_within
from layers.divisions.queries import find_by_code, find_outline, read_lines

router = APIRouter(route_class=TransactionRoute, tags=["networks"], dependencies=[allowed(Permission.READ_PLANS)])

GEOJSON, JSON = "application/geo+json", "application/json"
AREAS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A FeatureCollection; properties `sector`, `code`, `name`, `organisation`, `worker`, "
        "`worker_code`, `counts`, `valid_from`, `grids`.",
        "content": {GEOJSON: {"schema": {"type": "object"}}},
    }
}
OfDivision = Annotated[
    str | None, Query(pattern=r"^\w{1,32}$", description="A division's code; the account's own by default.")
]
OnDay = Annotated[Day | None, Query(description="The day of the networks and grids; today by default.")]
Width = Annotated[
    float, Query(alias="width", ge=0.1, le=50, description="Metres up to which two borders are the same.")
]


@router.get("/api/networks")
async def list_networks(session: CurrentSession, services: CurrentServices, day: OnDay = None) -> NetworksOut:
    """List the sectors with the areas of their networks within reach, and what is counted in these."""
    asked = day or services.today()
    return NetworksOut.of(services.pack.networks, await summaries(session, day=asked), day=asked)


@router.get("/api/networks/overlay", response_model=OverlayOut)
async def overlay(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    division: OfDivision = None,
    day: OnDay = None,
    width: Width = WIDTH_M,
) -> Response:
    """Lay all networks on the grids of a division: disagreements as GeoJSON and counted, and double work.

    422 `network.no_grids` below the level of grids.
    """
    question = await _question(session, actor, services, division=division, day=day, width=width)
    laid = await services.overlays.laid(session, question)
    places = await asyncio.to_thread(work_at, laid, await read_places(session, question.path))
    masked = sees_masked(actor, Subject.FORCES)
    build = partial(OverlayOut.of, laid, places, division=_code(question), day=question.day, masked=masked)
    return Response(await asyncio.to_thread(_as_json, build), media_type=JSON)


@router.get("/api/networks/proposal", response_model=MergedOut)
async def propose(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    division: OfDivision = None,
    day: OnDay = None,
    width: Width = WIDTH_M,
) -> Response:
    """Propose one grid for all sectors, and change nothing: the operations of a plan, if any; the grid that each area
    becomes; and the indicators on the grids, with the error of each.
    """
    question = await _question(session, actor, services, division=division, day=day, width=width)
    merged = await services.overlays.merged(session, question)
    build = partial(MergedOut.of, merged, services.pack.networks, division=_code(question), day=question.day)
    return Response(await asyncio.to_thread(_as_json, build), media_type=JSON)


@router.get("/api/networks/{sector}", response_class=Response, responses=AREAS)
async def read_network(
    sector: Annotated[str, Path(max_length=64)],
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    division: OfDivision = None,
    day: OnDay = None,
) -> Response:
    """Return the areas of a sector's network that lie in a division, at least in part, as GeoJSON."""
    if sector not in {one.code for one in services.pack.networks.sectors}:
        raise NotFound
    question = await _question(session, actor, services, division=division, day=day, width=WIDTH_M)
    outline = await find_outline(session, question.path, day=question.day)
    if outline is None:
        raise NotFound
    near = await read_areas(session, box_around([outline]), day=question.day, sector=sector)
    areas = [area for area in near if shares_land(area.shape, outline)]
    body = await asyncio.to_thread(areas_as_features, areas, masked=sees_masked(actor, Subject.FORCES))
    return Response(body, media_type=GEOJSON)


@router.get("/api/plans/{plan_id}/networks")
async def read_on_plan(
    plan_id: Id,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    response: Response,
    width: Width = WIDTH_M,
) -> OnPlanOut:
    """Lay all networks on the grids of a plan, and carry their indicators over to these with the error of each."""
    plan = await get_visible_plan(session, actor, plan_id)
    draft = await services.drafts.draft_of(session, plan)
    question = Question(actor.scope, plan.division_path, plan.base_day, width)
    laid = await services.overlays.laid_on(session, question, draft.coverage, (plan.id, draft.base.key, plan.head))
    known = known_counts(await read_lines(session, plan.division_path, day=plan.base_day))
    found = await asyncio.to_thread(carried, laid, known)
    response.headers["ETag"] = etag_of(plan.version)
    return OnPlanOut(
        version=plan.version,
        day=plan.base_day,
        width_m=width,
        sectors=disagreeing(laid),
        mapping=[MappedOut.of(one) for one in mapped(laid)],
        by_households=known is not None,
        indicators=indicators(found, services.pack.networks),
    )


async def _question(
    session: AsyncSession, actor: Actor, services: Services, *, division: str | None, day: date | None, width: float
) -> Question:
    """Return the division, day and width of a request.

    Raises `NotFound` for a division that does not exist on the day, or is beyond reach.
    """
    asked = day or services.today()
    if division is None:
        return Question(actor.scope, actor.scope, asked, width)
    found = await find_by_code(session, division, day=asked)
    if found is None or not lies_within(found.division_path, actor.scope):
        raise NotFound
    return Question(actor.scope, found.division_path, asked, width)


def _as_json(build: Callable[[], BaseModel]) -> str:
    """Build a response and encode it; run in a thread, since a county's has thousands of shapes."""
    return build().model_dump_json()


def _code(question: Question) -> str:
    return question.path.rpartition(".")[2]
