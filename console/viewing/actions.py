"""Ask to view cameras, decide about it, and open them, inside the caller's transaction."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Forbidden, Permission
from console.incidents.actions import record_change
from console.incidents.queries import forces_on, lock_incident
from console.incidents.tables import Incident
from console.incidents.timeline import Entry
from console.looks.actions import record_look
from console.looks.rules import Looked
from console.viewing.linking import Platform
from console.viewing.queries import get_camera, get_viewing, viewer_of
from console.viewing.rules import (
    AlreadyDecided,
    CaseClosed,
    NoCase,
    NotGranted,
    OwnRequest,
    ViewingExpired,
    ViewingRefused,
    allowance,
    is_granted,
    standing_of,
)
from console.viewing.tables import Viewing
from console.viewing.terms import ViewingTerms
from layers.cameras.tables import Camera

ASKED, GRANTED, DECLINED, OPENED, REFUSED = (
    f"camera.{step}" for step in ("asked", "granted", "declined", "opened", "refused")
)


@dataclass(frozen=True, slots=True)
class ViewingWanted:
    """A camera to view, for an incident (None: for none), why, and for how many minutes."""

    camera_id: int
    incident_id: int | None
    reason: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """A request as it was written down, the refusal if it was refused, and the link if it was opened."""

    viewing: Viewing
    refused: ViewingRefused | None = None
    link: str = ""


async def ask_to_view(
    session: AsyncSession, actor: Actor, wanted: ViewingWanted, *, terms: ViewingTerms, today: date, now: datetime
) -> Outcome:
    """Ask to view a camera. The request is granted at once, waits to be approved, or is refused: each is written down,
    and stands in the incident's timeline if there is one.

    Raises `Forbidden`, and `NotFound` for a camera or incident beyond the reach.
    """
    actor.require(Permission.READ_INCIDENTS)
    camera = await get_camera(session, wanted.camera_id)
    incident = None if wanted.incident_id is None else await lock_incident(session, wanted.incident_id)
    viewing = _written(actor, camera, incident, wanted, now=now)
    try:
        granted = await _decide(session, actor, camera, incident, wanted, terms=terms, today=today)
    except ViewingRefused as refused:
        return await _refuse(session, viewing, incident, refused, now=now)
    if granted:
        viewing.granted_at, viewing.expires_at = now, now + timedelta(minutes=wanted.minutes)
    session.add(viewing)
    await session.flush()
    await _note(session, viewing, incident, GRANTED if granted else ASKED, actor_id=actor.user_id, now=now)
    return Outcome(viewing)


async def decide_viewing(
    session: AsyncSession, actor: Actor, viewing_id: int, *, approve: bool, terms: ViewingTerms, now: datetime
) -> Viewing:
    """Approve or decline a request that waits; the time of a grant begins now.

    Raises `Forbidden`, `OwnRequest`, `AlreadyDecided`, and `CaseClosed` for an approval.
    """
    if actor.role not in terms.approvers:
        raise Forbidden(permission=Permission.READ_VIEWINGS)
    viewing = await get_viewing(session, actor, viewing_id, lock=True)
    if viewing.user_id == actor.user_id:
        raise OwnRequest
    if _standing(viewing, now=now) != "waiting" or viewing.incident_id is None:
        raise AlreadyDecided
    incident = await lock_incident(session, viewing.incident_id)
    if approve and incident.closed_at is not None:
        raise CaseClosed
    viewing.decided_by, viewing.decider = actor.user_id, actor.username
    if approve:
        viewing.granted_at, viewing.expires_at = now, now + timedelta(minutes=viewing.minutes)
    else:
        viewing.declined_at = now
    await session.flush()
    await _note(session, viewing, incident, GRANTED if approve else DECLINED, actor_id=actor.user_id, now=now)
    return viewing


async def open_viewing(
    session: AsyncSession, actor: Actor, viewing_id: int, *, platform: Platform, now: datetime
) -> Outcome:
    """Return the link to the camera on the video platform, which ends with the grant, and record the look.

    Only who asked may open it. An expired grant, one of a case closed meanwhile, or one not granted is refused, which
    is written down as a request of its own.
    """
    viewing = await get_viewing(session, actor, viewing_id, lock=True)
    if viewing.user_id != actor.user_id:
        raise Forbidden(permission=Permission.READ_VIEWINGS)
    incident = None if viewing.incident_id is None else await lock_incident(session, viewing.incident_id)
    refused = _why_not(viewing, incident, now=now)
    camera = await get_camera(session, viewing.camera_id)
    if refused is not None or viewing.expires_at is None:
        wanted = ViewingWanted(camera.id, viewing.incident_id, viewing.reason, viewing.minutes)
        again = _written(actor, camera, incident, wanted, now=now)
        return await _refuse(session, again, incident, refused or NotGranted(), now=now)
    viewing.opened_at, viewing.opens = now, viewing.opens + 1
    await session.flush()
    await record_look(session, actor, Looked.CAMERA, camera.id, path=camera.division_path, now=now)
    await _note(session, viewing, incident, OPENED, actor_id=actor.user_id, now=now)
    link = platform.link(
        camera=camera.code,
        case=viewing.case_code or "",
        user=actor.user_id,
        viewing=viewing.id,
        now=now,
        expires_at=viewing.expires_at,
    )
    return Outcome(viewing, link=link)


def _written(
    actor: Actor, camera: Camera, incident: Incident | None, wanted: ViewingWanted, *, now: datetime
) -> Viewing:
    return Viewing(
        camera_id=camera.id,
        camera_code=camera.code,
        camera_name=camera.name,
        incident_id=None if incident is None else incident.id,
        case_code=None if incident is None else incident.case_code,
        user_id=actor.user_id,
        username=actor.username,
        reason=wanted.reason,
        minutes=wanted.minutes,
        asked_at=now,
        opens=0,
        division_path=camera.division_path if incident is None else incident.division_path,
    )


async def _decide(
    session: AsyncSession,
    actor: Actor,
    camera: Camera,
    incident: Incident | None,
    wanted: ViewingWanted,
    *,
    terms: ViewingTerms,
    today: date,
) -> bool:
    """Return whether the request is granted at once. Raises a `ViewingRefused`."""
    if incident is None:
        raise NoCase
    if incident.closed_at is not None:
        raise CaseClosed
    viewer = await viewer_of(session, actor, day=today)
    allowed = allowance(terms, viewer, owner=camera.owner, level=camera.level, category=incident.category)
    return is_granted(allowed, wanted.minutes)


def _why_not(viewing: Viewing, incident: Incident | None, *, now: datetime) -> ViewingRefused | None:
    standing = _standing(viewing, now=now)
    if standing == "expired":
        return ViewingExpired()
    if standing != "granted":
        return NotGranted()
    return CaseClosed() if incident is None or incident.closed_at is not None else None


def _standing(viewing: Viewing, *, now: datetime) -> str:
    return standing_of(viewing.refusal, viewing.expires_at, viewing.declined_at, now=now)


async def _refuse(
    session: AsyncSession, viewing: Viewing, incident: Incident | None, refused: ViewingRefused, *, now: datetime
) -> Outcome:
    viewing.refusal = refused.code
    session.add(viewing)
    await session.flush()
    await _note(session, viewing, incident, REFUSED, actor_id=viewing.user_id, now=now)
    return Outcome(viewing, refused)


async def _note(
    session: AsyncSession, viewing: Viewing, incident: Incident | None, kind: str, *, actor_id: int, now: datetime
) -> None:
    if incident is None:
        return
    data = {"camera": viewing.camera_name, "minutes": viewing.minutes, "note": viewing.reason, "viewing": viewing.id}
    entry = Entry(kind, actor_id=actor_id, data=data)
    if viewing.refusal is not None:
        entry = replace(entry, data={**data, "refusal": viewing.refusal})
    await record_change(session, incident, entry, sent=await forces_on(session, incident.id), now=now)
