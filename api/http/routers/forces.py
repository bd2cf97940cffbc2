"""Forces over HTTP."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from api.http.body_limits import STEP_BYTES
from api.http.etags import ExpectedVersion, etag_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.live import ForceIn, ForceOut
from api.http.wire.shapes import Id, Page
from console.access.rules import Permission
from console.forces.actions import set_device_datum, set_duty
from console.forces.events import body_of
from console.forces.queries import get_visible_force, list_forces
from console.forces.rules import Duty
from geo.datum import Datum

router = APIRouter(route_class=TransactionRoute, prefix="/api/forces", tags=["forces"])


@router.get("")
async def list_all(
    session: CurrentSession,
    actor: CurrentActor,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    cursor: str | None = None,
    kind: str | None = None,
    duty: Literal["on", "on_call", "off"] | None = None,
) -> Page[ForceOut]:
    """List forces within reach, in order of id."""
    page, following = await list_forces(session, actor, limit=limit, cursor=cursor, kind=kind, duty=duty)
    return Page[ForceOut](items=[ForceOut(**body_of(force)) for force in page], next=following)


@router.get("/{force_id}")
async def read(force_id: Id, session: CurrentSession, actor: CurrentActor, response: Response) -> ForceOut:
    """Read one force, including the caller's own."""
    force = await get_visible_force(session, actor, force_id)
    response.headers["ETag"] = etag_of(force.version)
    return ForceOut(**body_of(force))


@router.patch("/{force_id}", max_body_size=STEP_BYTES)
async def change(
    force_id: Id,
    body: ForceIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    expected: ExpectedVersion,
    response: Response,
) -> ForceOut:
    """Set a force's duty or its device's datum. 409 `force.busy` for off duty while it has an active task."""
    actor.require(Permission.EDIT_FORCES)
    now = services.now()
    force = await get_visible_force(session, actor, force_id)
    if body.duty is not None:
        force = await set_duty(session, actor, force_id, duty=Duty(body.duty), expected=expected, now=now)
        expected = None
    if "device_datum" in body.model_fields_set:
        datum = None if body.device_datum is None else Datum(body.device_datum)
        force = await set_device_datum(session, actor, force_id, datum=datum, expected=expected, now=now)
    response.headers["ETag"] = etag_of(force.version)
    return ForceOut(**body_of(force))
