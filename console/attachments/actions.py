"""Add attachments, and move them with their incidents, inside the caller's transaction."""

from collections.abc import Mapping
from datetime import datetime

import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.queries import display_name_of
from console.access.rules import Actor, Permission
from console.attachments.queries import count_attachments, find_attachment
from console.attachments.rules import (
    MOST_OF_INCIDENT,
    AttachmentDiffers,
    NewAttachment,
    StoredMedia,
    TooManyAttachments,
)
from console.attachments.tables import Attachment
from console.feed.bodies import utc_text
from console.incidents.actions import record_change
from console.incidents.queries import forces_on, lock_incident
from console.incidents.tables import Incident
from console.incidents.timeline import Entry
from console.tasks.queries import get_visible_task
from console.tasks.rules import require_answer
from console.tasks.tables import Task
from geo.errors import NotFound
from geo.store import SRID, BulkMove

ADDED = "attachment.added"
MOVE = BulkMove(Attachment, "incident_id", returning=("id",))


async def check_target(session: AsyncSession, actor: Actor, new: NewAttachment) -> tuple[int, Task | None]:
    """Return the incident that an actor may attach to, and the task, if it is of one. Raises Forbidden, NotFound.

    A force attaches to its own tasks, also to those that have ended meanwhile: it may have been out of reach.
    """
    if new.task_id is not None:
        task = await get_visible_task(session, actor, new.task_id)
        if not actor.may(Permission.ADD_ATTACHMENTS):
            require_answer(actor, force_id=task.force_id)
        return task.incident_id, task
    actor.require(Permission.ADD_ATTACHMENTS)
    if new.incident_id is None or await session.get(Incident, new.incident_id) is None:
        raise NotFound
    return new.incident_id, None


async def earlier(session: AsyncSession, actor: Actor, new: NewAttachment, *, sent_digest: str) -> Attachment | None:
    """Return the attachment that this id has already, if it is the same. Raises `AttachmentDiffers`."""
    found = await find_attachment(session, new.id)
    if found is not None and not _is_same(found, new, actor, sent_digest=sent_digest):
        raise AttachmentDiffers(id=str(new.id))
    return found


async def add_attachment(
    session: AsyncSession, actor: Actor, new: NewAttachment, media: StoredMedia, *, now: datetime
) -> Attachment:
    """Add an attachment whose bytes are stored; the same again returns the first. The timeline tells of it.

    Raises Forbidden, NotFound, `AttachmentDiffers` or `TooManyAttachments`.
    """
    incident_id, task = await check_target(session, actor, new)
    incident = await lock_incident(session, incident_id)
    if (found := await earlier(session, actor, new, sent_digest=media.sent_digest)) is not None:
        return found
    if await count_attachments(session, incident_id) >= MOST_OF_INCIDENT:
        raise TooManyAttachments(most=MOST_OF_INCIDENT)
    row = _row(actor, incident, task, new, media, now=now) | {"sender": await display_name_of(session, actor.user_id)}
    # The id may be that of an attachment elsewhere, which only its unique index sees.
    wanted = insert(Attachment).values(row).on_conflict_do_nothing().returning(Attachment)
    added = (await session.scalars(wanted)).one_or_none()
    if added is None:
        raise AttachmentDiffers(id=str(new.id))
    said = {"attachment": str(added.id), "kind": added.kind, "origin": added.origin}
    said |= {"taken_at": str(utc_text(added.taken_at))} if added.taken_at else {}
    entry = Entry(ADDED, actor_id=actor.user_id, force_id=added.force_id, data=said)
    sent = await forces_on(session, incident.id)
    # A force whose task has ended announces a state that it does not see any more, as when it ended the task.
    left = frozenset() if added.force_id is None else frozenset({added.force_id}) - sent
    await record_change(session, incident, entry, sent=sent, left=left, now=now)
    return added


async def move_attachments(session: AsyncSession, paths: Mapping[int, str]) -> None:
    """Put the attachments of incidents into the incidents' new divisions."""
    await MOVE.run(session, paths)


def _row(
    actor: Actor, incident: Incident, task: Task | None, new: NewAttachment, media: StoredMedia, *, now: datetime
) -> dict[str, object]:
    place = new.place
    return {
        "id": new.id,
        "incident_id": incident.id,
        "task_id": new.task_id,
        "force_id": task.force_id if task else None,
        "kind": new.kind,
        "origin": new.origin.value,
        "media_type": media.media_type,
        "sent_digest": media.sent_digest,
        "digest": media.digest,
        "thumbnail_digest": media.thumbnail_digest,
        "size_bytes": media.size_bytes,
        "width": media.width,
        "height": media.height,
        "seconds": media.seconds,
        "geom": from_shape(shapely.Point(place.lon, place.lat), srid=SRID) if place else None,
        "accuracy_m": place.accuracy_m if place else None,
        "place_age_s": place.age_s if place else None,
        "taken_at": new.taken_at,
        "clock_off_s": (now - new.device_at).total_seconds() if new.device_at else None,
        "received_at": now,
        "sent_by": actor.user_id,
        "division_path": incident.division_path,
    }


def _is_same(found: Attachment, new: NewAttachment, actor: Actor, *, sent_digest: str) -> bool:
    mine = (sent_digest, new.kind, new.task_id, actor.user_id)
    return (found.sent_digest, found.kind, found.task_id, found.sent_by) == mine and (
        new.incident_id in (None, found.incident_id)
    )
