"""Writing to the feed, inside the caller's transaction; and giving what was written its positions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

CHANNEL = "maplebridge_feed"
"""PostgreSQL's notification channel. It only wakes: whoever listens polls as well."""

APPEND = text("""
INSERT INTO feed_outbox (at, kind, entity_id, version, force_id, division_path, body)
SELECT :at, kind, entity_id, version, force_id, division_path::ltree, body
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS change (
    kind text, entity_id bigint, version integer, force_id bigint, division_path text, body jsonb)
""")
"""One statement for any number: a batch of reports appends a thousand changes."""

WAKE = text("SELECT pg_notify(:channel, '')").bindparams(channel=CHANNEL)

TURN = text("SELECT pg_try_advisory_xact_lock(hashtextextended('maplebridge.feed.sequencer', 0))")

STAMP = text("""
WITH taken AS (
    DELETE FROM feed_outbox WHERE id IN (SELECT id FROM feed_outbox ORDER BY id LIMIT :limit) RETURNING *
), numbered AS (
    SELECT taken.*, row_number() OVER (ORDER BY id) AS n FROM taken
), logged AS (
    INSERT INTO feed_log (pos, at, kind, entity_id, version, force_id, division_path, body)
    SELECT head.pos + n, :now, kind, entity_id, version, force_id, division_path, body
    FROM numbered CROSS JOIN feed_head AS head
)
UPDATE feed_head SET pos = pos + (SELECT count(*) FROM taken) WHERE EXISTS (SELECT FROM taken)
RETURNING (SELECT count(*) FROM taken)
""")

RENEW = text("UPDATE feed_head SET epoch = gen_random_uuid(), origin = :origin")

ORIGIN = text("""
SELECT system_identifier || ':' || (SELECT oid FROM pg_database WHERE datname = current_database())
FROM pg_control_system()
""")


@dataclass(frozen=True, slots=True)
class Change:
    """The new state of one entity: `body` is what a snapshot would say of it now.

    `force_id` is the force that may see it wherever it lies. Lock the entity's row before building a `Change`: that
    keeps the order of one entity's changes the order of their versions.
    """

    kind: str
    entity_id: int
    version: int
    division_path: str
    body: dict[str, Any]
    force_id: int | None = None


async def append(session: AsyncSession, changes: Sequence[Change], *, now: datetime) -> None:
    """Announce changes. They reach readers after the commit, once the sequencer has given them positions."""
    if changes:
        rows = orjson.dumps(list(changes)).decode()
        await session.execute(APPEND, {"at": now, "rows": rows})
        await session.execute(WAKE)


async def sequence(session: AsyncSession, *, limit: int, now: datetime) -> int:
    """Give up to `limit` committed events their positions; answer how many. Needs the reach of the root.

    Whoever else is at it keeps the turn, and 0 is answered. The turn is asked for in a statement of its own: the next
    one, under READ COMMITTED, then sees everything the last holder committed. Run it in a transaction of its own.
    """
    if not await session.scalar(TURN):
        return 0
    stamped = await session.scalar(STAMP, {"limit": limit, "now": now})
    if stamped:
        await session.execute(WAKE)
    return stamped or 0


async def settle_epoch(session: AsyncSession) -> bool:
    """Begin a new epoch if this database is not the one in which the positions were given: it was restored here."""
    origin = await session.scalar(ORIGIN)
    known = await session.scalar(text("SELECT origin FROM feed_head FOR UPDATE"))
    if known == origin:
        return False
    await session.execute(RENEW, {"origin": origin})
    return True


async def renew_epoch(session: AsyncSession) -> None:
    """Begin a new epoch: positions given so far mean nothing any more, and everybody fetches a snapshot.

    For whoever puts an older state in place, or takes something out of sight of those who would hear no event of it.
    """
    await session.execute(RENEW, {"origin": await session.scalar(ORIGIN)})
    await session.execute(WAKE)
