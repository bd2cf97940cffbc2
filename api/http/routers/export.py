"""Export of a layer as a file, within the caller's reach."""

from contextlib import ExitStack
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from api.http.transactions import CurrentActor, CurrentServices, SignedInRoute
from api.http.wire.shapes import Day
from api.live.audiences import check_narrowing
from api.live.hotspots import view_of
from api.services import Services
from console.access.rules import Actor, Permission
from console.access.sight import Subject, sees_masked
from geo.datum import Datum
from geo.errors import NotFound
from geo.store import lies_within
from layers.catalogue import Layer
from layers.divisions.queries import find_by_code
from layers.exports.actions import Order, export
from layers.exports.queries import Selection
from layers.exports.rules import TRAITS, Format
from layers.hotspots.features import HOTSPOTS

router = APIRouter(route_class=SignedInRoute, tags=["export"])

FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "content": {traits.media_type: {"schema": {"type": "string"}} for traits in TRAITS.values()},
    }
}


@router.get("/api/export/{layer}", response_class=FileResponse, responses=FILE)
async def read_export(
    layer: str,
    actor: CurrentActor,
    services: CurrentServices,
    format_: Annotated[Format, Query(alias="format")] = Format.GPKG,
    datum: Datum = Datum.WGS84,
    division: Annotated[str | None, Query(description="A division's code.", pattern=r"^\w{1,32}$")] = None,
    day: Annotated[
        Day | None, Query(description="Lines and hotspots as of this day; incidents that occurred on it.")
    ] = None,
) -> FileResponse:
    """Export one layer as a file, within the caller's reach. No database connection is held while it is written.

    An account makes one file at a time: 429 `reads.too_many` if more than a few wait.
    """
    found = _layer_named(services, actor, layer)
    order = Order(
        layer=found,
        format=format_,
        datum=datum,
        wanted=Selection(
            zone=services.pack.zone,
            today=services.today(),
            within=await _path_of(services, actor, division, layer=found),
            day=day,
        ),
        reach=actor.reach,
        now=services.now(),
        view=view_of(services.pack, masked=sees_masked(actor, Subject.HOTSPOTS)),
        cell_sets=services.cell_sets,
        least_hot=services.pack.hotspots.least_incidents,
    )
    return await _file(services, actor, order, name=_name(found, datum, day or services.today(), format_))


async def _file(services: Services, actor: Actor, order: Order, *, name: str) -> FileResponse:
    """Write the file into a temporary folder that is removed once it is sent."""
    with ExitStack() as stack:
        target = Path(stack.enter_context(TemporaryDirectory(prefix="maplebridge-"))) / name
        async with services.costly_reads.turn(actor.user_id):
            await export(services.store, order, target)
        sent = stack.pop_all()
    return FileResponse(
        target,
        media_type=TRAITS[order.format].media_type,
        filename=name,
        headers={"Cache-Control": "private, no-store"},
        background=BackgroundTask(sent.close),
    )


def _layer_named(services: Services, actor: Actor, code: str) -> Layer:
    """Return an exported layer. Raises NotFound and Forbidden, as `/ogc` does."""
    layer = services.catalogue.get(code)
    if layer is None or not layer.exported:
        raise NotFound
    actor.require(Permission(layer.permission))
    return layer


async def _path_of(services: Services, actor: Actor, code: str | None, *, layer: Layer) -> str | None:
    """Return the path of a division. Raises NotFound outside the caller's scope, Forbidden for counts of one too small
    for a caller who sees them masked.
    """
    if code is None:
        return None
    async with services.store.transaction(actor.reach) as session:
        found = await find_by_code(session, code, day=services.today())
        if found is None or not lies_within(found.division_path, actor.scope):
            raise NotFound
        if layer is HOTSPOTS:
            await check_narrowing(session, found.division_path, actor=actor)
    return found.division_path


def _name(layer: Layer, datum: Datum, day: date, chosen: Format) -> str:
    return f"{layer.code}-{datum.value}-{day:%Y%m%d}{TRAITS[chosen].suffix}"
