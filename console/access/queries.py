"""Look up sessions and users."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import FEED, Actor, UnknownUser, is_idle, typed_name
from console.access.tables import Session, User

_SIGNED_IN = select(Session).where(Session.digest == bindparam("digest"), Session.kind != FEED)
"""Made once, as every request executes it: SQLAlchemy takes as long to make a query as to run it."""


def digest_of(secret: str) -> bytes:
    """Return the stored form of a session's secret: 256 random bits need no salt."""
    return sha256(secret.encode()).digest()


async def find_session(session: AsyncSession, secret: str, *, now: datetime, idle: timedelta) -> Session | None:
    """Return the live session of a secret. None: unknown, over, unused for `idle`, revoked, or its user disabled; or of
    a calendar, which signs nobody in.
    """
    found: Session | None = await session.scalar(_SIGNED_IN, {"digest": digest_of(secret)})
    if found is None or not _holds(found, now):
        return None
    return None if is_idle(found.kind, last_seen_at=found.last_seen_at, now=now, idle=idle) else found


async def find_feed(session: AsyncSession, secret: str, *, now: datetime) -> Session | None:
    """Return the live link of a calendar by its secret, None if it is unknown, over, revoked, or its user disabled."""
    found = await session.scalar(select(Session).where(Session.digest == digest_of(secret), Session.kind == FEED))
    return found if found is not None and _holds(found, now) else None


async def feed_of(session: AsyncSession, user_id: int, *, now: datetime) -> Session | None:
    """Return the live link of a user's calendar."""
    live = Session.revoked_at.is_(None), Session.expires_at > now
    return await session.scalar(select(Session).where(Session.user_id == user_id, Session.kind == FEED, *live))


async def signed_in_at(session: AsyncSession, secret: str) -> datetime:
    """Return when the live session of a secret was opened."""
    return (await session.scalars(select(Session.created_at).where(Session.digest == digest_of(secret)))).one()


async def session_id_of(session: AsyncSession, secret: str) -> int:
    """Return the id of the session of a secret, which is there."""
    return (await session.scalars(select(Session.id).where(Session.digest == digest_of(secret)))).one()


async def left_at(session: AsyncSession, user_id: int, *, before: datetime) -> datetime | None:
    """Return when a user was last there in a browser before a moment: signed out, or last seen."""
    end = func.coalesce(Session.revoked_at, Session.last_seen_at)
    wanted = select(func.max(func.least(end, before))).where(
        Session.user_id == user_id, Session.kind == "cookie", Session.created_at < before
    )
    found: datetime | None = await session.scalar(wanted)
    return found


async def actors_of(session: AsyncSession, session_ids: Collection[int], *, now: datetime) -> dict[int, Actor]:
    """Return the actors of those of `session_ids` that are still live."""
    rows = await session.scalars(select(Session).where(Session.id.in_(session_ids)))
    return {found.id: actor_of(found) for found in rows if _holds(found, now)}


def _holds(found: Session, now: datetime) -> bool:
    return not (found.revoked_at or found.expires_at <= now or found.user.disabled_at)


def actor_of(found: Session) -> Actor:
    return actor_of_user(found.user)


def actor_of_user(user: User) -> Actor:
    return Actor(
        user_id=user.id,
        username=user.username,
        role=user.role,
        scope=user.scope_path,
        force_id=user.force_id,
        sources=frozenset(user.sources),
    )


async def find_user(session: AsyncSession, username: str) -> User | None:
    return (await session.scalars(select(User).where(User.username == typed_name(username)))).one_or_none()


async def display_name_of(session: AsyncSession, user_id: int) -> str:
    """Return a user's display name, empty for an unknown one."""
    return await session.scalar(select(User.display_name).where(User.id == user_id)) or ""


async def get_user(session: AsyncSession, username: str) -> User:
    """Return the user of that name. Raises `UnknownUser`."""
    found = await find_user(session, username)
    if found is None:
        raise UnknownUser(username=username)
    return found


async def list_users(session: AsyncSession) -> Sequence[User]:
    """List all users by name, disabled ones included."""
    return (await session.scalars(select(User).order_by(User.username))).all()
