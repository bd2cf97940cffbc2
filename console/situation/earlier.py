"""Keep the state of entities that the feed's log has never had, for replays of the time before their next change."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.feed.kinds import Kind, Kinds
from console.feed.tables import EarlierState, LoggedEvent, OutboxEvent
from geo.store import BulkInsert

INSERT = BulkInsert(EarlierState, then="ON CONFLICT (kind, entity_id) DO NOTHING")


async def keep_earlier_states(session: AsyncSession, kinds: Kinds) -> int:
    """Keep the present state of each living entity without an event or a kept state, and return their number.

    Needs the reach of the root. They came into the database without an event, or their last one was dropped by a
    version that did not keep its state.
    """
    rows = [
        {"kind": name, "entity_id": row.id, "version": row.version, "division_path": row.division_path, "body": body}
        for name, kind in kinds.items()
        for row, body in await _unknown(session, kind)
    ]
    if rows:
        await INSERT.run(session, rows)
    return len(rows)


async def _unknown(session: AsyncSession, kind: Kind[Any]) -> list[tuple[Any, dict[str, Any]]]:
    key = kind.table.__mapper__.primary_key[0]
    in_log = select(LoggedEvent.pos).where(LoggedEvent.kind == kind.name, LoggedEvent.entity_id == key)
    waiting = select(OutboxEvent.id).where(OutboxEvent.kind == kind.name, OutboxEvent.entity_id == key)
    kept = select(EarlierState.kind).where(EarlierState.kind == kind.name, EarlierState.entity_id == key)
    wanted = select(kind.table).where(~in_log.exists(), ~waiting.exists(), ~kept.exists())
    if kind.retention is not None:
        wanted = wanted.where(kind.retention.after.is_(None))
    return [(row, kind.body(row)) for row in await session.scalars(wanted)]
