"""Read alarms within the caller's reach."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Forbidden, Permission
from console.access.sight import Sight, Subject, sight_of
from console.alarms.rules import KnownAlarm
from console.alarms.tables import Alarm
from console.cursors import id_of, page_of
from geo.errors import NotFound


async def get_visible_alarm(session: AsyncSession, actor: Actor, alarm_id: int, *, lock: bool = False) -> Alarm:
    """Return the alarm if the actor may see it. Raises NotFound."""
    query = select(Alarm).where(Alarm.id == alarm_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query) if sight_of(actor.role, Subject.ALARMS) is Sight.OPEN else None
    if found is None:
        raise NotFound
    return found


async def list_alarms(
    session: AsyncSession, actor: Actor, *, limit: int, cursor: str | None = None, is_open: bool | None = None
) -> tuple[Sequence[Alarm], str | None]:
    """Return a page of alarms in order of id, and the cursor of the next. Raises Forbidden, BadCursor."""
    if sight_of(actor.role, Subject.ALARMS) is not Sight.OPEN:
        raise Forbidden(permission=Permission.READ_FORCES)
    query = select(Alarm).order_by(Alarm.id).limit(limit + 1)
    if cursor is not None:
        query = query.where(Alarm.id > id_of(cursor))
    if is_open is not None:
        query = query.where(Alarm.acknowledged_at.is_(None) if is_open else Alarm.acknowledged_at.is_not(None))
    return page_of((await session.scalars(query)).all(), limit=limit)


async def known_alarms(session: AsyncSession, force_id: int, *, at: datetime) -> list[KnownAlarm]:
    """List the alarms of a force that an SOS sent at this time may be part of, the open one first."""
    until = func.greatest(Alarm.last_sent_at, Alarm.acknowledged_at)
    rows = await session.execute(
        select(Alarm.id, Alarm.sent_at, Alarm.last_sent_at, Alarm.acknowledged_at)
        .where(Alarm.force_id == force_id)
        .where(or_(Alarm.acknowledged_at.is_(None), (Alarm.sent_at <= at) & (until >= at)))
        .order_by(Alarm.acknowledged_at.desc().nulls_first())
    )
    return [KnownAlarm(*row) for row in rows]
