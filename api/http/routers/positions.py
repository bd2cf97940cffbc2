"""Positions over HTTP: batches of fixes, and the protocols of phone apps."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from api.http.body_limits import FIX_BYTES, FIXES_BYTES
from api.http.sign_in.device import device_actor
from api.http.transactions import CurrentActor, CurrentServices, SignedInRoute
from api.http.wire.phones import OSMAND, OSMAND_BODY, OWNTRACKS_BODY
from api.http.wire.positions import PositionOut, PositionsIn, PositionsOut
from api.intake.positions import report
from api.services import Services, services_of
from console.access.rules import Actor
from console.positions.rules import FlaggedSighting, RefusedSighting
from ingest.positions import osmand, own, owntracks
from ingest.positions.reading import Reading, Unreadable

batches = APIRouter(route_class=SignedInRoute, tags=["positions"])
phones = APIRouter(tags=["positions"])

DeviceActor = Annotated[Actor, Depends(device_actor)]


class UnknownDevice(Unreadable):
    """No force within the sender's reach has this device."""

    code = "position.device_unknown"


@batches.post("/api/positions", response_model=PositionsOut, max_body_size=FIXES_BYTES)
async def report_positions(
    batch: PositionsIn, request: Request, actor: CurrentActor, services: CurrentServices
) -> PositionsOut:
    """Report fixes of the caller's own force, or as a gateway of any. Repeated fixes are flagged as duplicates."""
    read = own.read_batch(batch.fixes)
    readings = [found for found in read if isinstance(found, Reading)]
    outcomes = iter(await report(services.store, services.live, actor, readings, now=services.now.system()))
    items = [_answer(next(outcomes) if isinstance(found, Reading) else found) for found in read]
    refused = sum(item.flag is None for item in items)
    request.state.tally = (len(items) - refused, refused)
    return PositionsOut(ok=sum(item.flag == "ok" for item in items), items=items)


def _answer(found: FlaggedSighting | RefusedSighting | Unreadable) -> PositionOut:
    if isinstance(found, FlaggedSighting):
        return PositionOut.model_validate({"flag": found.flag})
    if isinstance(found, RefusedSighting):
        return PositionOut(code=found.code)
    return PositionOut(code=found.params["reason"], field=found.params["field"])


@phones.get("/api/positions/osmand", response_class=Response, openapi_extra={"parameters": OSMAND})
@phones.post("/api/positions/osmand", response_class=Response, openapi_extra=OSMAND_BODY, max_body_size=FIX_BYTES)
async def report_osmand(request: Request, actor: DeviceActor) -> Response:
    """Report one fix from Traccar Client or OsmAnd, as parameters or JSON. 400 for an unknown device."""
    services = services_of(request)
    await _report_one(services, actor, await _osmand(request, services))
    return Response(status_code=200)


@phones.post(
    "/api/positions/owntracks",
    response_model=list[dict[str, Any]],
    openapi_extra=OWNTRACKS_BODY,
    max_body_size=FIX_BYTES,
)
async def report_owntracks(request: Request, actor: DeviceActor) -> list[dict[str, Any]]:
    """Receive a message of an OwnTracks app. Messages without a position are ignored; the response is an empty list."""
    await _report_one(services_of(request), actor, owntracks.read_message(await request.body()))
    return []


async def _osmand(request: Request, services: Services) -> Reading | None:
    """Read the fix from a request's JSON, or from its form and query."""
    now = services.now.system()
    if request.headers.get("content-type", "").startswith("application/json"):
        return osmand.read_json(await request.body(), now=now)
    form = await request.form()
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    return osmand.read_parameters({**request.query_params, **fields}, now=now)


async def _report_one(services: Services, actor: Actor, reading: Reading | None) -> None:
    if reading is None:
        return
    outcomes: Sequence[FlaggedSighting | RefusedSighting] = await report(
        services.store, services.live, actor, [reading], now=services.now.system()
    )
    if isinstance(outcomes[0], RefusedSighting):
        raise UnknownDevice(field="device", reason=outcomes[0].code)
