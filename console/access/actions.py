"""Sign-in and sign-out, tokens for programs, and user accounts. Each action works inside the caller's transaction.

Hashing a password takes tens of milliseconds of a processor, so no action does it: callers hash in a thread, between
two short transactions, and pass the result.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.queries import digest_of, get_user
from console.access.rules import (
    FEED,
    SEEN_EVERY,
    NewUser,
    UsernameTaken,
    check_force,
    check_new_user,
    check_sources,
)
from console.access.tables import IdempotencyKey, Session, User


async def open_session(
    session: AsyncSession, user_id: int, *, secret: str, kind: str, label: str, now: datetime, lasts: timedelta
) -> None:
    """Create a session for the holder of `secret`: `kind` is cookie, wall, token or feed. Only the secret's digest is
    stored.
    """
    await session.execute(
        insert(Session).values(
            digest=digest_of(secret),
            kind=kind,
            user_id=user_id,
            label=label,
            created_at=now,
            last_seen_at=now,
            expires_at=now + lasts,
        )
    )


async def end_session(session: AsyncSession, secret: str, *, now: datetime) -> None:
    """Sign out. An unknown secret is no error."""
    ended = update(Session).where(Session.digest == digest_of(secret), Session.revoked_at.is_(None))
    await session.execute(ended.values(revoked_at=now))


async def end_feed(session: AsyncSession, user_id: int, *, now: datetime) -> None:
    """End the link of a user's calendar. Without one, nothing happens."""
    live = update(Session).where(Session.user_id == user_id, Session.kind == FEED, Session.revoked_at.is_(None))
    await session.execute(live.values(revoked_at=now))


async def touch_session(session: AsyncSession, found: Session, *, now: datetime) -> None:
    """Update when a session was last used, at most once a minute, to save a write on most requests."""
    if now - found.last_seen_at >= SEEN_EVERY:
        await session.execute(update(Session).where(Session.id == found.id, _unseen(now)).values(last_seen_at=now))


async def touch_sessions(session: AsyncSession, session_ids: Collection[int], *, now: datetime) -> None:
    """Update when sessions were last used: an open live screen counts as use, even without requests."""
    mine = Session.id.in_(session_ids)
    await session.execute(update(Session).where(mine, _unseen(now)).values(last_seen_at=now))


def _unseen(now: datetime) -> ColumnElement[bool]:
    """Clause: not used for a minute."""
    return Session.last_seen_at <= now - SEEN_EVERY


async def create_user(session: AsyncSession, new: NewUser, *, password_hash: str | None, now: datetime) -> int:
    """Add a user and return the id. Without a password the user can only act by token.

    Raises `UsernameTaken`, `UnknownRole`, `BadUsername`, `ForceMissing`, `ForceUnwanted`.
    """
    check_new_user(new)
    added = insert(User).values(
        username=new.username,
        display_name=new.display_name,
        role=new.role,
        scope_path=new.scope,
        force_id=new.force_id,
        sources=list(new.sources),
        password_hash=password_hash,
        created_at=now,
    )
    user_id: int | None = await session.scalar(added.on_conflict_do_nothing().returning(User.id))
    if user_id is None:
        raise UsernameTaken(username=new.username)
    return user_id


async def set_password(session: AsyncSession, username: str, *, password_hash: str, now: datetime) -> None:
    """Change a user's password and end all their sessions and tokens. Raises `UnknownUser`."""
    user = await get_user(session, username)
    user.password_hash = password_hash
    await _end_all(session, user.id, now=now)


async def set_force(session: AsyncSession, username: str, *, force_id: int, now: datetime) -> None:
    """Assign a user to another force, at once. Raises `UnknownUser`, `ForceUnwanted`.

    Their screens show the tasks of the former force, so they are signed out. Tokens stay valid: a phone's positions are
    recorded for the new force from now on.
    """
    user = await get_user(session, username)
    check_force(user.username, role=user.role, force_id=force_id)
    user.force_id = force_id
    await _end_all(session, user.id, now=now, but="token")


async def set_sources(session: AsyncSession, username: str, *, sources: Collection[str]) -> None:
    """Set the sources that a user may report under, at once. Raises `UnknownUser`, `SourcesUnwanted`."""
    user = await get_user(session, username)
    check_sources(user.username, role=user.role, sources=sources)
    user.sources = sorted(sources)


async def disable_user(session: AsyncSession, username: str, *, now: datetime) -> None:
    """Disable a user and end their sessions, at once. The account stays, since records refer to it. Raises
    `UnknownUser`.
    """
    user = await get_user(session, username)
    user.disabled_at = user.disabled_at or now
    await _end_all(session, user.id, now=now)


async def enable_user(session: AsyncSession, username: str) -> None:
    """Enable a disabled user. Raises `UnknownUser`."""
    user = await get_user(session, username)
    user.disabled_at = None


async def delete_ended_sessions(session: AsyncSession, *, before: datetime) -> int:
    """Delete sessions that ended before that moment, and return how many."""
    over = func.least(Session.expires_at, Session.revoked_at) < before
    gone = await session.execute(delete(Session).where(over).returning(Session.id))
    return len(gone.all())


async def _end_all(session: AsyncSession, user_id: int, *, now: datetime, but: str = "") -> None:
    """End the user's sessions of every kind except `but`."""
    live = update(Session).where(Session.user_id == user_id, Session.revoked_at.is_(None), Session.kind != but)
    await session.execute(live.values(revoked_at=now))


async def delete_old_keys(session: AsyncSession, *, before: datetime) -> int:
    """Delete idempotency records made before that moment, and return how many: their responses may hold personal
    data.
    """
    gone = await session.execute(
        delete(IdempotencyKey).where(IdempotencyKey.created_at < before).returning(IdempotencyKey.key)
    )
    return len(gone.all())
