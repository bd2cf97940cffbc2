"""Read the feed, within the transaction's reach by row-level security."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from console.feed.rules import Cursor, Event, Visibility
from console.feed.tables import FeedHead, LoggedEvent, OutboxEvent


@dataclass(frozen=True, slots=True)
class Backlog:
    """Events without a position: their number, and the time of the oldest."""

    events: int
    since: datetime | None


WAITING_CHANGES = text("SELECT kind, entity_id, version FROM waiting_changes()")

COLUMNS = (
    LoggedEvent.pos,
    LoggedEvent.at,
    LoggedEvent.kind,
    LoggedEvent.entity_id,
    LoggedEvent.version,
    LoggedEvent.division_path,
    LoggedEvent.force_ids,
    LoggedEvent.body,
    LoggedEvent.kept_path,
    LoggedEvent.kept_force_ids,
)


async def head(session: AsyncSession) -> Cursor:
    """Return the feed's epoch and last position."""
    row = (await session.execute(select(FeedHead.epoch, FeedHead.pos))).one()
    return Cursor(epoch=str(row.epoch), pos=row.pos)


async def is_at(session: AsyncSession, cursor: Cursor) -> bool:
    """Return whether a reader at `cursor` has nothing to wait for: no later position, and no change without one.

    Needs the reach of the root.
    """
    waiting = exists().select_from(OutboxEvent).label("waiting")
    found = (await session.execute(select(FeedHead.epoch, FeedHead.pos, waiting))).one()
    return not found.waiting and Cursor(epoch=str(found.epoch), pos=found.pos) == cursor


async def floor(session: AsyncSession) -> int | None:
    """Return the first position still kept, or None for an empty log. Needs the reach of the root."""
    return await session.scalar(select(func.min(LoggedEvent.pos)))


async def events_between(session: AsyncSession, after: int, upto: int, *, limit: int) -> list[Event]:
    """Return at most `limit` events with `after` < pos ≤ `upto`, in order."""
    rows = await session.execute(
        select(*COLUMNS).where(LoggedEvent.pos > after, LoggedEvent.pos <= upto).order_by(LoggedEvent.pos).limit(limit)
    )
    return [_event_of(*row) for row in rows]


async def position_at(session: AsyncSession, moment: datetime) -> int | None:
    """Return the last position logged at or before `moment`, or None if none that old is kept.

    Needs the reach of the root: one town's last event is not the feed's.
    """
    return await session.scalar(select(func.max(LoggedEvent.pos)).where(LoggedEvent.at <= moment))


async def oldest_at(session: AsyncSession) -> datetime | None:
    """Return the time of the first position still kept, or None for an empty log. Needs the reach of the root."""
    return await session.scalar(select(LoggedEvent.at).order_by(LoggedEvent.pos).limit(1))


async def unnumbered(session: AsyncSession) -> dict[str, dict[int, int]]:
    """Return, by kind and id, the first version of each entity that is committed and has no position yet.

    Also of those beyond the reach: what has left it is shown until that has a position.
    """
    found: dict[str, dict[int, int]] = {}
    for kind, entity_id, version in await session.execute(WAITING_CHANGES):
        found.setdefault(kind, {})[entity_id] = version
    return found


async def newest_at(session: AsyncSession) -> datetime | None:
    """Return the time of the last position, or None for an empty log. Needs the reach of the root."""
    return await session.scalar(select(LoggedEvent.at).order_by(LoggedEvent.pos.desc()).limit(1))


async def backlog(session: AsyncSession) -> Backlog:
    """Count the committed events without a position. Needs the reach of the root."""
    row = (await session.execute(select(func.count(), func.min(OutboxEvent.at)))).one()
    return Backlog(events=row[0], since=row[1])


def _event_of(
    pos: int,
    at: datetime,
    kind: str,
    entity_id: int,
    version: int,
    path: str,
    force_ids: list[int],
    body: dict[str, Any] | None,
    kept_path: str | None,
    kept_force_ids: list[int] | None,
) -> Event:
    kept = None if kept_path is None else Visibility(kept_path, frozenset(kept_force_ids or ()))
    return Event(pos, at, kind, entity_id, version, Visibility(path, frozenset(force_ids)), body, kept)
