"""Writing to the feed, inside the caller's transaction; and giving what was written its positions."""

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
"""PostgreSQL's notification channel. It only wakes: whoever listens polls as well."""

APPEND = BulkInsert(OutboxEvent, fixed=("at",))
COLUMN_VALUES = attrgetter(*APPEND.names)

NOTIFY = text("SELECT pg_notify(:channel, '')").bindparams(channel=CHANNEL)

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
"""A change takes a second position, for a row without a body, where somebody who saw the old state may not see the new
one: not where the thing stayed, or moved further down, with all its forces."""

NEW_EPOCH = "UPDATE feed_head SET epoch = gen_random_uuid()"
"""Makes all positions given so far useless, so that every client fetches a snapshot. For restores alone."""

RENEW = text("UPDATE feed_head SET epoch = gen_random_uuid(), origin = :origin")

ORIGIN = text("""
SELECT system_identifier || ':' || (SELECT oid FROM pg_database WHERE datname = current_database())
FROM pg_control_system()
""")


@dataclass(frozen=True, slots=True)
class Change:
    """The new state of one entity: `body` is what a snapshot would say of it now.

    `division_path` and `force_ids` say who sees it: those whose division holds the path, and these forces wherever it
    lies. `left_path` and `left_force_ids` say who saw the state before, as far as that is another; those of them who
    do not see the new state are sent `gone`. Naming some who see the new state does no harm. A change of visibility needs
    a new `version`, as any other.

    Lock the entity's row before building a `Change`: that keeps the order of one entity's changes the order of their
    versions.
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
    """Announce changes. They reach readers after the commit, once the sequencer has given them positions."""
    if changes:
        await APPEND.run_listed(session, map(COLUMN_VALUES, changes), at=now)
        await session.execute(NOTIFY)


async def sequence(session: AsyncSession, *, limit: int, now: datetime) -> int:
    """Give up to `limit` committed changes their positions; answer how many positions. Needs the reach of the root.

    Whoever else is at it keeps the turn, and 0 is answered. The turn is asked for in a statement of its own: the next
    one, under READ COMMITTED, then sees everything the last holder committed. Run it in a transaction of its own.
    """
    if not await session.scalar(TRY_LOCK):
        return 0
    stamped = await session.scalar(STAMP, {"limit": limit, "now": now})
    if stamped:
        await session.execute(NOTIFY)
    return stamped or 0


async def renew_epoch_if_restored(session: AsyncSession) -> bool:
    """Begin a new epoch if this database is not the one in which the positions were given: it was restored here."""
    origin = await session.scalar(ORIGIN)
    known = await session.scalar(text("SELECT origin FROM feed_head FOR UPDATE"))
    if known == origin:
        return False
    await session.execute(RENEW, {"origin": origin})
    return True
