"""A force's card over HTTP: load, last position, telephone and trail. Each look at the last two is recorded."""

from datetime import UTC, datetime, time

from fastapi import APIRouter

from api.http.body_limits import SIGN_IN_BYTES
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.commands import PhoneOut
from api.http.wire.force_cards import ForceCardOut, LastFixOut, TelephoneOut, TrailOut, WeekOut
from api.http.wire.live import ForceOut
from api.http.wire.shapes import Id
from api.services import Services
from console.access.rules import Permission
from console.commands.queries import phone_of
from console.forces.events import body_of
from console.forces.queries import get_visible_force, is_busy
from console.forces.rules import masked_telephone
from console.looks.actions import record_look
from console.looks.rules import Looked
from console.positions.queries import latest_position, trail_of
from console.tasks.queries import count_tasks, week_of

router = APIRouter(route_class=TransactionRoute, prefix="/api/forces/{force_id}", tags=["forces"])

READER = allowed(Permission.READ_FORCES)


@router.get("/card", dependencies=[READER])
async def read_card(
    force_id: Id, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> ForceCardOut:
    """Read a force's card. Its last position is left out for those who may not read incidents."""
    force = await get_visible_force(session, actor, force_id)
    located = actor.may(Permission.READ_INCIDENTS) and force.duty != "off"
    found = await latest_position(session, force_id) if located else None
    phone = await phone_of(session, force_id)
    return ForceCardOut(
        force=ForceOut(**body_of(force)),
        busy=await is_busy(session, force_id),
        tasks_today=await count_tasks(session, force_id, since=midnight(services)),
        week=WeekOut.model_validate(await week_of(session, force_id, now=services.now())),
        last_fix=None if found is None else LastFixOut.of(found),
        telephone=masked_telephone(force.telephone),
        phone=None if phone is None else PhoneOut.of(phone),
    )


@router.post("/telephone", dependencies=[allowed(Permission.READ_TELEPHONES)], max_body_size=SIGN_IN_BYTES)
async def look_up_telephone(
    force_id: Id, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> TelephoneOut:
    """Return a force's telephone number, and record who looked it up."""
    force = await get_visible_force(session, actor, force_id)
    path, now = force.division_path, services.now()
    await record_look(session, actor, Looked.TELEPHONE, force_id, path=path, now=now)
    return TelephoneOut(telephone=force.telephone)


@router.get("/trail")
async def read_trail(force_id: Id, session: CurrentSession, actor: CurrentActor, services: CurrentServices) -> TrailOut:
    """Return where a force has been since midnight, and record who looked, unless it is the caller's own force. On duty
    only: nothing else is stored.
    """
    is_own = actor.force_id == force_id
    if not is_own:
        actor.require(Permission.READ_TRAILS)
    force = await get_visible_force(session, actor, force_id)
    since, now = midnight(services), services.now()
    if not is_own:
        await record_look(session, actor, Looked.TRAIL, force_id, path=force.division_path, now=now)
    points = await trail_of(session, force_id, since=since, until=now)
    return TrailOut(
        since=since,
        kept_days=services.settings.position_days,
        lon=[point.lon for point in points],
        lat=[point.lat for point in points],
        at=[int(point.at.timestamp() * 1000) for point in points],
    )


def midnight(services: Services) -> datetime:
    """Return when the county's day began."""
    return datetime.combine(services.today(), time(), services.pack.zone).astimezone(UTC)
