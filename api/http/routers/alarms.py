"""Alarms over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.http.body_limits import STEP_BYTES
from api.http.etags import etag_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.alarms import AlarmOut
from api.http.wire.shapes import Id, Page
from console.alarms.actions import acknowledge
from console.alarms.events import body_of
from console.alarms.queries import list_alarms

router = APIRouter(route_class=TransactionRoute, prefix="/api/alarms", tags=["alarms"])


@router.get("")
async def list_all(
    session: CurrentSession,
    actor: CurrentActor,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: str | None = None,
    is_open: Annotated[
        bool | None, Query(alias="open", description="Only those that wait, or only acknowledged ones.")
    ] = None,
) -> Page[AlarmOut]:
    """List alarms within reach, in order of id."""
    page, following = await list_alarms(session, actor, limit=limit, cursor=cursor, is_open=is_open)
    return Page[AlarmOut](items=[AlarmOut(**body_of(alarm)) for alarm in page], next=following)


@router.post("/{alarm_id}/acknowledge", max_body_size=STEP_BYTES)
async def acknowledge_alarm(
    alarm_id: Id, session: CurrentSession, actor: CurrentActor, services: CurrentServices, response: Response
) -> AlarmOut:
    """Take notice of an alarm. Doing so again changes nothing."""
    alarm = await acknowledge(session, actor, alarm_id, now=services.now())
    response.headers["ETag"] = etag_of(alarm.version)
    return AlarmOut(**body_of(alarm))
