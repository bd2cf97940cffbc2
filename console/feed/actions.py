"""Writing to the feed, inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from console.feed.tables import OutboxEvent


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
        rows = [
            {
                "at": now,
                "kind": change.kind,
                "entity_id": change.entity_id,
                "version": change.version,
                "division_path": change.division_path,
                "force_id": change.force_id,
                "body": change.body,
            }
            for change in changes
        ]
        await session.execute(insert(OutboxEvent), rows)
