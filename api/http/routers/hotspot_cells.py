"""The incidents behind a hotspot over HTTP, for those who may read incidents."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api.http.errors import Invalid
from api.http.routers.hotspots import check_category, moment_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.incidents import IncidentOut
from api.http.wire.shapes import DayOrMoment, Page
from console.access.rules import Permission
from console.incidents.events import body_of
from console.incidents.in_cells import Behind, list_in_cell
from geo.cells import from_hex, resolution
from layers.hotspots.rules import RESOLUTIONS, spans

router = APIRouter(
    route_class=TransactionRoute,
    prefix="/api/hotspots",
    tags=["hotspots"],
    dependencies=[allowed(Permission.READ_INCIDENTS)],
)
Window = Literal["1h", "24h", "7d", "28d"]
Category = Annotated[str | None, Query(max_length=64, description="A category or a class; all by default.")]


@router.get("/{cell}/incidents")
async def list_incidents(
    cell: str,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    window: Window | None = None,
    category: Category = None,
    at: Annotated[
        DayOrMoment | None, Query(description="As of hotspots: when the window ends; now by default.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> Page[IncidentOut]:
    """List the incidents that a cell counts in a window, within reach, newest first."""
    check_category(services.pack, category)
    moment = moment_of(at, now=services.now(), zone=services.pack.zone)
    span = spans(window or services.pack.hotspots.window, now=moment, past=0)[0]
    behind = Behind(cell=_counted(cell), start=span.start, end=span.end, category=category)
    page, following = await list_in_cell(session, actor, behind, limit=limit, cursor=cursor)
    return Page[IncidentOut](items=[IncidentOut(**body_of(incident)) for incident in page], next=following)


def _counted(cell: str) -> int:
    """Return a cell of a resolution that is counted. Raises `Invalid`."""
    try:
        found = from_hex(cell)
    except ValueError as error:
        raise Invalid(errors=[{"field": "cell", "code": "format"}]) from error
    if resolution(found) not in RESOLUTIONS:
        raise Invalid(errors=[{"field": "cell", "code": "unknown"}])
    return found
