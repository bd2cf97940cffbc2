"""Positions over HTTP: batches of fixes, and the protocols of phone apps.

Most apps send a refused message again for ever, and what they kept behind it never comes. So a phone is refused only
for what a person must mend: its token, its device, or the address that was typed. All else is taken; what cannot be
read is counted.
"""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from api.http.body_limits import FIX_BYTES, FIXES_BYTES
from api.http.sign_in.device import device_actor
from api.http.transactions import CurrentActor, CurrentServices, SignedInRoute
from api.http.wire.phones import (
    ADDRESS,
    BACKGROUND_BODY,
    OSMAND,
    OSMAND_BODY,
    OVERLAND_BODY,
    OWNTRACKS_BODY,
    OverlandOut,
)
from api.http.wire.positions import MOST_FIXES, PositionOut, PositionsIn, PositionsOut
from api.intake.positions import Outcome, report, report_unreadable
from api.services import services_of
from console.access.rules import Actor
from console.positions.rules import FlaggedSighting, RefusedSighting, TrackedForce
from geo.clocks import ahead_of
from geo.errors import ErrorKind
from ingest.positions import background, osmand, overland, own, owntracks
from ingest.positions.address import Address, read_address
from ingest.positions.reading import Reading, UnnamedDevice, Unreadable

batches = APIRouter(route_class=SignedInRoute, tags=["positions"])
phones = APIRouter(tags=["positions"])

DeviceActor = Annotated[Actor, Depends(device_actor)]


NO_PLACE = "no_place"
"""Code of an SOS without a place: its alarm is raised, and no position stored."""


class UnknownDevice(Unreadable):
    """No force within the sender's reach has this device."""

    code = "position.device_unknown"
    kind = ErrorKind.UNREADABLE


@batches.post("/api/positions", response_model=PositionsOut, max_body_size=FIXES_BYTES)
async def report_positions(
    batch: PositionsIn, request: Request, actor: CurrentActor, services: CurrentServices
) -> PositionsOut:
    """Report fixes of the caller's own force, or as a gateway of any. Repeated fixes are flagged as duplicates."""
    now = services.now.system()
    ahead = ahead_of(batch.sent_at, now=now)
    read = await asyncio.to_thread(own.read_batch, batch.fixes, now=now, ahead=ahead)
    readings = [found for found in read if isinstance(found, Reading)]
    async with services.live.moments.commit():
        outcomes = iter(await report(services.store, services.live, actor, readings, now=services.now.system()))
    items = [_answer(found, next(outcomes) if isinstance(found, Reading) else None) for found in read]
    refused = sum(item.flag is None for item in items)
    request.state.tally = (len(items) - refused, refused)
    return PositionsOut(ok=sum(item.flag == "ok" for item in items), items=items)


def _answer(read: Reading | Unreadable, found: Outcome | None) -> PositionOut:
    if isinstance(read, Unreadable):
        return PositionOut(code=read.params["reason"], field=read.params["field"])
    if isinstance(found, RefusedSighting):
        return PositionOut(code=found.code)
    if isinstance(found, TrackedForce):
        return PositionOut(code=NO_PLACE, dropped=[*read.dropped])
    assert isinstance(found, FlaggedSighting)
    return PositionOut.model_validate({"flag": found.flag, "dropped": [*read.dropped]})


@phones.get("/api/positions/osmand", response_class=Response, openapi_extra={"parameters": OSMAND})
@phones.post("/api/positions/osmand", response_class=Response, openapi_extra=OSMAND_BODY, max_body_size=FIX_BYTES)
async def report_osmand(request: Request, actor: DeviceActor) -> Response:
    """Report fixes from Traccar Client, OsmAnd or GPSLogger, as parameters or JSON. 400 for an unknown device."""
    await _take(request, actor, "osmand", await _osmand(request))
    return Response(status_code=200)


@phones.post(
    "/api/positions/owntracks",
    response_model=list[dict[str, Any]],
    openapi_extra=OWNTRACKS_BODY | {"parameters": ADDRESS},
    max_body_size=FIX_BYTES,
)
async def report_owntracks(request: Request, actor: DeviceActor) -> list[dict[str, Any]]:
    """Receive a message of an OwnTracks app. Messages without a position are ignored; the response is an empty list."""
    address, app, now = _address(request), _app(request), services_of(request).now.system()
    try:
        reading = owntracks.read_message(await request.body(), address=address, now=now, app=app)
    except Unreadable as error:
        await _take(request, actor, "owntracks", [error], devices=_owntracks_devices(request))
    else:
        await _take(request, actor, "owntracks", [] if reading is None else [reading])
    return []


@phones.post(
    "/api/positions/overland",
    response_model=OverlandOut,
    openapi_extra=OVERLAND_BODY | {"parameters": ADDRESS},
    max_body_size=FIXES_BYTES,
)
async def report_overland(request: Request, actor: DeviceActor) -> OverlandOut:
    """Receive a batch of Overland, which deletes it after this response. 400 for an unknown device."""
    address, now = _address(request), services_of(request).now.system()
    found = await _batch(overland.read_batch, await request.body(), address=address, now=now)
    await _take(request, actor, "overland", found)
    return OverlandOut(result="ok")


@phones.post(
    "/api/positions/background-geolocation",
    response_class=Response,
    openapi_extra=BACKGROUND_BODY | {"parameters": ADDRESS},
    max_body_size=FIXES_BYTES,
)
async def report_background(request: Request, actor: DeviceActor) -> Response:
    """Receive locations of a background-geolocation plugin, one or a batch. 400 for an unknown device."""
    address, now = _address(request), services_of(request).now.system()
    found = await _batch(background.read_batch, await request.body(), address=address, now=now)
    await _take(request, actor, "background-geolocation", found)
    return Response(status_code=200)


async def _batch(read: Any, body: bytes, **more: Any) -> list[Reading | Unreadable]:
    """Read a batch, in a thread; one that is none is one error."""
    try:
        found: list[Reading | Unreadable] = await asyncio.to_thread(read, body, **more)
    except Unreadable as error:
        return [error]
    return found


async def _osmand(request: Request) -> list[Reading | Unreadable]:
    """Read the fixes in a request's JSON, or the one in its form and query."""
    address, now = _address(request), services_of(request).now.system()
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/json") or body.lstrip()[:1] in (b"{", b"["):
        return await _batch(osmand.read_json, body, address=address, now=now)
    form = await request.form()
    fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    address = read_address([*request.query_params.multi_items(), *fields])
    parameters = {**request.query_params, **dict(fields)}
    try:
        reading = osmand.read_parameters(parameters, address=address, now=now, app=_app(request))
    except Unreadable as error:
        return [error]
    return [] if reading is None else [reading]


async def _take(
    request: Request,
    actor: Actor,
    dialect: str,
    found: Sequence[Reading | Unreadable],
    *,
    devices: Sequence[str] = (),
) -> None:
    """Store what was read and count what was not. Raises `UnnamedDevice` or `UnknownDevice` where no fix has a device
    that is known: a person must mend that.
    """
    services = services_of(request)
    readings = [one for one in found if isinstance(one, Reading)]
    unnamed = [one for one in found if isinstance(one, UnnamedDevice)]
    unreadable = len(found) - len(readings) - len(unnamed)
    outcomes: list[Outcome] = []
    for some in (readings[at : at + MOST_FIXES] for at in range(0, len(readings), MOST_FIXES)):
        async with services.live.moments.commit():
            outcomes += await report(services.store, services.live, actor, some, now=services.now.system())
    refused = [one for one in outcomes if isinstance(one, RefusedSighting)]
    if unreadable:
        named = {device for one in readings for device in one.devices}
        await report_unreadable(
            services.store, services.live, actor, devices=[*devices, *named], n=unreadable, dialect=dialect
        )
    taken = len(outcomes) - len(refused)
    request.state.tally = (taken or not found, len(refused) + len(unnamed))
    if not taken and unnamed:
        raise unnamed[0]
    if not taken and refused:
        raise UnknownDevice(field="device", reason=refused[0].code)


def _address(request: Request) -> Address:
    return read_address(request.query_params.multi_items())


def _app(request: Request) -> str:
    return request.headers.get("user-agent", "")


def _owntracks_devices(request: Request) -> list[str]:
    """Return the names of the phone that OwnTracks gives beside a message: its address's, its topic, its device id."""
    device = request.headers.get("x-limit-d", "")
    user = request.headers.get("x-limit-u", "")
    found = (_address(request).device, f"owntracks/{user}/{device}", device)
    return [name for name in found if name and "\0" not in name]
