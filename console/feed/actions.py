"""Append events to the feed, inside the caller's transaction, and number the committed ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from console.feed.tables import OutboxEvent
from geo.store import BulkInsert

CHANNEL = "maplebridge_feed"
"""PostgreSQL's notification channel. It only wakes listeners, which poll as well."""

APPEND = BulkInsert(OutboxEvent, fixed=("at",), then=f"RETURNING pg_notify('{CHANNEL}', '')")
"""Equal notifications of a transaction are one."""
COLUMN_VALUES = attrgetter(*APPEND.names)
ROWS_AT_ONCE = 5_000
"""Rows of one statement: sending the bodies of 25,000 held the event loop for 80 ms."""

NOTIFY_NUMBERED = text("SELECT pg_notify(:channel, :payload)").bindparams(channel=CHANNEL)

COUNTS_CHANGED = "counts"
"""Payload of a notification that hotspots were counted without events, as after an import of history."""
NOTIFY_COUNTS = text("SELECT pg_notify(:channel, :payload)").bindparams(channel=CHANNEL, payload=COUNTS_CHANGED)

LINES_CHANGED = "lines"
"""Payload of a notification that other lines are in force."""
NOTIFY_LINES = text("SELECT pg_notify(:channel, :payload)").bindparams(channel=CHANNEL, payload=LINES_CHANGED)

TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended('maplebridge.feed.sequencer', 0))")

STAMP = text("""
WITH taken AS (
    DELETE FROM feed_outbox WHERE id IN (SELECT id FROM feed_outbox ORDER BY id LIMIT :limit) RETURNING *
), split AS (
    SELECT id, false AS gone, kind, entity_id, version, force_ids, division_path, body,
        NULL::ltree AS kept_path, NULL::bigint[] AS kept_force_ids
    FROM taken
    UNION ALL
    SELECT id, true, kind, entity_id, version, left_force_ids, coalesce(left_path, division_path), NULL,
        division_path, force_ids
    FROM taken
    WHERE NOT (division_path <@ coalesce(left_path, division_path) AND left_force_ids <@ force_ids)
), numbered AS (
    SELECT split.*, row_number() OVER (ORDER BY id, gone) AS n FROM split
), logged AS (
    INSERT INTO feed_log (
        pos, at, kind, entity_id, version, force_ids, division_path, body, kept_path, kept_force_ids
    )
    SELECT head.pos + n, :now, kind, entity_id, version, force_ids, division_path, body, kept_path, kept_force_ids
    FROM numbered CROSS JOIN feed_head AS head
)
UPDATE feed_head SET pos = pos + (SELECT count(*) FROM split) WHERE EXISTS (SELECT FROM taken)
RETURNING (SELECT count(*) FROM split)
""")
"""A change takes a second position, for a row without a body, if some who saw the old state may not see the new one:
not if the entity kept its division, or moved to one within it, with all its forces."""

NEW_EPOCH = "UPDATE feed_head SET epoch = gen_random_uuid()"
"""Invalidates all positions, so that every client fetches a snapshot. For restores only."""

RENEW = text("UPDATE feed_head SET epoch = gen_random_uuid(), origin = :origin")

ORIGIN = text("""
SELECT system_identifier || ':' || (SELECT oid FROM pg_database WHERE datname = current_database())
FROM pg_control_system()
""")


@dataclass(frozen=True, slots=True)
class Change:
    """The new state of one entity; `body` is its body in a snapshot.

    It is visible to audiences whose division contains `division_path`, and to `force_ids` in any division. `left_path`
    and `left_force_ids` give the earlier visibility where it differs; audiences of it that may not see the new state
    are sent `gone`. They may include audiences of the new state. A change of visibility needs a new `version`.

    Lock the entity's row before building a `Change`, so that events of one entity are in the order of their versions.
    """

    kind: str
    entity_id: int
    version: int
    division_path: str
    body: dict[str, Any]
    force_ids: frozenset[int] = frozenset()
    left_path: str | None = None
    left_force_ids: frozenset[int] = frozenset()


async def append(session: AsyncSession, changes: Sequence[Change], *, now: datetime) -> None:
    """Append changes. Readers receive them after the commit, once the sequencer has numbered them."""
    for start in range(0, len(changes), ROWS_AT_ONCE):
        await APPEND.run_listed(session, map(COLUMN_VALUES, changes[start : start + ROWS_AT_ONCE]), at=now)


async def announce_counts(session: AsyncSession) -> None:
    """Make screens fetch their hotspots anew after the commit; a lost notification is made up for within a quarter."""
    await session.execute(NOTIFY_COUNTS)


async def announce_lines(session: AsyncSession) -> None:
    """Make screens fetch their lines anew after the commit; a lost notification is made up for with the next beat."""
    await session.execute(NOTIFY_LINES)


async def sequence(session: AsyncSession, *, limit: int, now: datetime, by: str = "") -> int:
    """Number up to `limit` committed changes and return the count of positions. Needs the reach of the root.

    The notification carries `by`, by which whoever numbers knows its own: it has nothing more to read then.

    Returns 0 if another sequencer holds the lock. The lock is taken in a statement of its own, so that the next one,
    under READ COMMITTED, sees everything that the last holder committed. Run it in a transaction of its own.
    """
    if not await session.scalar(TRY_LOCK):
        return 0
    stamped = await session.scalar(STAMP, {"limit": limit, "now": now})
    if stamped:
        await session.execute(NOTIFY_NUMBERED, {"payload": by})
    return stamped or 0


async def renew_epoch_if_restored(session: AsyncSession) -> bool:
    """Begin a new epoch if this database was restored from another cluster, whose positions it has."""
    origin = await session.scalar(ORIGIN)
    known = await session.scalar(text("SELECT origin FROM feed_head FOR UPDATE"))
    if known == origin:
        return False
    await session.execute(RENEW, {"origin": origin})
    return True
