"""Finding out who is asking."""

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.access.tables import Session


def digest_of(secret: str) -> bytes:
    """What is stored of a session's secret: 256 random bits need no salt."""
    return sha256(secret.encode()).digest()


async def find_session(session: AsyncSession, secret: str, *, now: datetime) -> Session | None:
    """The live session behind a secret, or None when it is unknown, over, revoked, or its user disabled."""
    found = await session.scalar(select(Session).where(Session.digest == digest_of(secret)))
    return found if found and _holds(found, now) else None


async def actors_of(session: AsyncSession, session_ids: Collection[int], *, now: datetime) -> dict[int, Actor]:
    """The actors behind those of `session_ids` that are still live."""
    rows = await session.scalars(select(Session).where(Session.id.in_(session_ids)))
    return {found.id: actor_of(found) for found in rows if _holds(found, now)}


def _holds(found: Session, now: datetime) -> bool:
    return not (found.revoked_at or found.expires_at <= now or found.user.disabled_at)


def actor_of(found: Session) -> Actor:
    user = found.user
    return Actor(user_id=user.id, username=user.username, role=user.role, scope=user.scope_path, force_id=user.force_id)
