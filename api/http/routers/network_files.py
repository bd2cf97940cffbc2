"""Networks of sectors as files over HTTP."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from api.http.body_limits import BATCH_BYTES
from api.http.transactions import CurrentActor, CurrentServices, SignedInRoute
from api.http.uploads import UPLOAD, upload_of
from api.http.wire.shapes import Day, Out
from api.intake.sent_files import SentFile
from api.intake.sent_networks import SentNetwork, take_network
from console.access.queries import display_name_of
from console.access.rules import Forbidden, Permission
from geo.datum import Datum
from geo.overlay.disagreements import WIDTH_M

router = APIRouter(route_class=SignedInRoute, tags=["networks"])


class NetworkImportedOut(Out):
    """What a file did, or with `preview` would do: areas by outcome, and notes such as where they disagree with the
    grids, by the codes of `maplebridge import`.
    """

    day: date
    kept: bool
    counts: dict[str, int]
    notes: list[dict[str, Any]]


@router.post("/api/networks/import", openapi_extra=UPLOAD, max_body_size=BATCH_BYTES)
async def take_file(
    request: Request,
    actor: CurrentActor,
    services: CurrentServices,
    sector: Annotated[str | None, Query(max_length=64, description="Of rows that name none, by code or name.")] = None,
    day: Annotated[Day | None, Query(description="First day of the network; today by default.")] = None,
    width: Annotated[float, Query(ge=0.1, le=50, description="Metres up to which two borders are the same.")] = WIDTH_M,
    repair: Annotated[float | None, Query(ge=0, le=50, description="Mend areas that cross themselves.")] = None,
    datum: Datum = Datum.WGS84,
    swap_xy: Annotated[bool, Query(description="The file has latitude, or northing, first.")] = False,
    preview: Annotated[bool, Query(description="Answer only; nothing is kept.")] = False,
) -> NetworkImportedOut:
    """Import the areas of sectors' networks, whole and from a day on, in place of those before.

    For planners of the whole county. The same file sent again changes nothing. Refused whole with 422 `network.file`.
    """
    actor.require(Permission.DRAW_PLANS)
    if actor.scope != services.pack.root.code:
        raise Forbidden
    sent = await upload_of(request)
    file = SentFile(sent.name, sent.content, datum=datum, swap_xy=swap_xy)
    wish = SentNetwork(sector or None, day or services.today(), width, repair, preview)
    async with services.store.transaction(actor.reach) as session:
        keeper = await display_name_of(session, actor.user_id)
    async with services.costly_reads.turn(actor.user_id):
        done = await take_network(services.store, services.pack, file, wish, keeper=keeper, now=services.now())
    return NetworkImportedOut(day=wish.first_day, kept=not preview, counts=done.counts, notes=[*done.notes])
