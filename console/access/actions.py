"""Signing in and out, tokens for programs, and the keeping of users. Each action works inside the caller's transaction.

Hashing a password takes tens of milliseconds of a processor, so no action does it: callers hash in a thread, between
two short transactions, and hand the result in.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, delete, func, null, or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.queries import digest_of, get_user
from console.access.rules import (
    ATTEMPTS,
    LOCKED_FOR,
    SEEN_EVERY,
    NewUser,
    UsernameTaken,
    check_force,
    check_new_user,
)
from console.access.tables import IdempotencyKey, Session, User


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try to sign in that is counted already."""

    user_id: int
    role: str
    password_hash: str | None


async def begin_attempt(session: AsyncSession, username: str, *, now: datetime) -> Attempt | None:
    """Count a try to sign in before the password is looked at, and commit it. None: unknown, disabled or locked out.

    Counted first, a hundred tries at once are a hundred tries: only five get as far as the password. The fifth locks
    the user out for a quarter of an hour unless it succeeds; a lock-out that is over starts the count anew. One that
    has longer to last than any is of a clock that has been set back since.
    """
    over = or_(User.locked_until <= now, User.locked_until > now + LOCKED_FOR + SEEN_EVERY)
    count = case((over, 1), else_=User.failed_attempts + 1)
    counted = await session.execute(
        update(User)
        .where(User.username == username.lower(), User.disabled_at.is_(None))
        .where(User.locked_until.is_(None) | over)
        .values(failed_attempts=count, locked_until=case((count >= ATTEMPTS, now + LOCKED_FOR), else_=null()))
        .returning(User.id, User.role, User.password_hash)
        .execution_options(synchronize_session=False)
    )
    found = counted.one_or_none()
    return Attempt(*found) if found else None


async def forgive_attempts(session: AsyncSession, user_id: int) -> None:
    """After a success the count is 0 again."""
    await session.execute(update(User).where(User.id == user_id).values(failed_attempts=0, locked_until=None))


async def open_session(
    session: AsyncSession, user_id: int, *, secret: str, kind: str, label: str, now: datetime, lasts: timedelta
) -> None:
    """Let whoever holds `secret` act as the user: `kind` is cookie, wall or token. Only the secret's digest is kept."""
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
    """Sign out. An unknown secret is no error: the caller wanted it to be worthless, and it is."""
    ended = update(Session).where(Session.digest == digest_of(secret), Session.revoked_at.is_(None))
    await session.execute(ended.values(revoked_at=now))


async def touch_session(session: AsyncSession, found: Session, *, now: datetime) -> None:
    """Remember that a session is in use, at most once a minute: not every read is worth a write."""
    if abs(now - found.last_seen_at) >= SEEN_EVERY:
        await session.execute(update(Session).where(Session.id == found.id, _unseen(now)).values(last_seen_at=now))


async def touch_all(session: AsyncSession, session_ids: Collection[int], *, now: datetime) -> None:
    """Note that sessions are in use: whoever watches a live screen is there, though they ask for nothing."""
    mine = Session.id.in_(session_ids)
    await session.execute(update(Session).where(mine, _unseen(now)).values(last_seen_at=now))


def _unseen(now: datetime) -> ColumnElement[bool]:
    """Not seen for a while, or last by a clock that has been set back since."""
    return or_(Session.last_seen_at <= now - SEEN_EVERY, Session.last_seen_at >= now + SEEN_EVERY)


async def create_user(session: AsyncSession, new: NewUser, *, password_hash: str | None, now: datetime) -> int:
    """Add a user and answer their id. Without a password they can only act by token.

    Raises `UsernameTaken`, `UnknownRole`, `BadUsername`, `ForceMissing`, `ForceUnwanted`.
    """
    check_new_user(new)
    added = insert(User).values(
        username=new.username,
        display_name=new.display_name,
        role=new.role,
        scope_path=new.scope,
        force_id=new.force_id,
        password_hash=password_hash,
        failed_attempts=0,
        created_at=now,
    )
    user_id: int | None = await session.scalar(added.on_conflict_do_nothing().returning(User.id))
    if user_id is None:
        raise UsernameTaken(username=new.username)
    return user_id


async def set_password(session: AsyncSession, username: str, *, password_hash: str, now: datetime) -> None:
    """Give a user another password; whoever is signed in with the old one is signed out. Raises `UnknownUser`."""
    user = await get_user(session, username)
    user.password_hash, user.failed_attempts, user.locked_until = password_hash, 0, None
    await _end_all(session, user.id, now=now)


async def set_force(session: AsyncSession, username: str, *, force_id: int, now: datetime) -> None:
    """Make a user one of another force, at once. Raises `UnknownUser`, `ForceUnwanted`.

    Their screens show the tasks of the force they had, so they are signed out. Tokens hold: a phone that tells its
    position tells the new one's from now on.
    """
    user = await get_user(session, username)
    check_force(user.username, role=user.role, force_id=force_id)
    user.force_id = force_id
    await _end_all(session, user.id, now=now, but="token")


async def disable_user(session: AsyncSession, username: str, *, now: datetime) -> None:
    """Let a user in no more, at once. Their name stays, for what they did stays. Raises `UnknownUser`."""
    user = await get_user(session, username)
    user.disabled_at = user.disabled_at or now
    await _end_all(session, user.id, now=now)


async def enable_user(session: AsyncSession, username: str) -> None:
    """Let a disabled or locked-out user in again. Raises `UnknownUser`."""
    user = await get_user(session, username)
    user.disabled_at, user.failed_attempts, user.locked_until = None, 0, None


async def forget_sessions(session: AsyncSession, *, before: datetime) -> int:
    """Delete sessions that were over before that moment, and answer how many."""
    over = func.least(Session.expires_at, Session.revoked_at) < before
    gone = await session.execute(delete(Session).where(over).returning(Session.id))
    return len(gone.all())


async def _end_all(session: AsyncSession, user_id: int, *, now: datetime, but: str = "") -> None:
    """End the user's sessions of every kind `but` one."""
    live = update(Session).where(Session.user_id == user_id, Session.revoked_at.is_(None), Session.kind != but)
    await session.execute(live.values(revoked_at=now))


async def forget_keys(session: AsyncSession, *, before: datetime) -> int:
    """Delete records made before that moment, and answer how many: the answers in them may be personal."""
    gone = await session.execute(
        delete(IdempotencyKey).where(IdempotencyKey.created_at < before).returning(IdempotencyKey.key)
    )
    return len(gone.all())
