"""Read attachments. Row-level security confines every query to the session's reach."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.attachments.rules import MOST_OF_INCIDENT, require_reader, sees_all
from console.attachments.tables import Attachment
from geo.errors import NotFound

AWAITED = text("""
SELECT DISTINCT ON (told.id) CAST(told.id AS uuid), entry.force_id, entry.at
FROM timeline AS entry, jsonb_array_elements_text(entry.data -> 'attachments') AS told (id)
WHERE entry.incident_id = :incident AND entry.data ? 'attachments'
    AND NOT EXISTS (SELECT FROM attachments AS come WHERE come.id = CAST(told.id AS uuid))
ORDER BY told.id, entry.at
""")
UNUSED = text("""
SELECT kept.digest FROM unnest(CAST(:digests AS text[])) AS kept (digest)
WHERE NOT EXISTS (SELECT FROM attachments WHERE digest = kept.digest)
    AND NOT EXISTS (SELECT FROM attachments WHERE thumbnail_digest = kept.digest)
""")


@dataclass(frozen=True, slots=True)
class Awaited:
    """An attachment that a force has told of and that has not come: it is still on the phone."""

    id: UUID
    force: int | None
    told_at: datetime


async def find_attachment(session: AsyncSession, attachment_id: UUID) -> Attachment | None:
    """Return an attachment within reach, whoever asks."""
    return await session.get(Attachment, attachment_id)


async def get_visible_attachment(session: AsyncSession, actor: Actor, attachment_id: UUID) -> Attachment:
    """Return an attachment that the actor may look at: within reach by role, or their own force's.

    Raises Forbidden, NotFound.
    """
    require_reader(actor)
    found = await find_attachment(session, attachment_id)
    if found is None or not (sees_all(actor) or found.force_id == actor.force_id):
        raise NotFound
    return found


async def list_attachments(session: AsyncSession, actor: Actor, incident_id: int) -> Sequence[Attachment]:
    """List the attachments of an incident that the actor may look at, in the order in which they came."""
    require_reader(actor)
    wanted = select(Attachment).where(Attachment.incident_id == incident_id).order_by(Attachment.number)
    if not sees_all(actor):
        wanted = wanted.where(Attachment.force_id == actor.force_id)
    return (await session.scalars(wanted.limit(MOST_OF_INCIDENT))).all()


async def list_awaited(session: AsyncSession, actor: Actor, incident_id: int) -> list[Awaited]:
    """List what forces have told of at an incident and what has not come; to a force only its own."""
    rows = [Awaited(*row) for row in await session.execute(AWAITED, {"incident": incident_id})]
    return [row for row in rows if sees_all(actor) or row.force == actor.force_id]


async def count_attachments(session: AsyncSession, incident_id: int) -> int:
    wanted = select(func.count()).where(Attachment.incident_id == incident_id)
    return await session.scalar(wanted) or 0


async def unused_among(session: AsyncSession, digests: Collection[str]) -> list[str]:
    """Return those digests that no attachment of the county has; the session must reach all of it."""
    return list(await session.scalars(UNUSED, {"digests": [*digests]}))
