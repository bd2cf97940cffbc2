"""Read accounts within an administrator's own division."""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.queries import find_user
from console.access.rules import Actor, Permission, UnknownUser
from console.access.tables import Session, User
from console.accounts.rules import Account, Token
from console.cursors import id_of, page_of
from geo.store import lies_within

SCREENS = ("cookie", "wall")


async def page_of_accounts(
    session: AsyncSession,
    actor: Actor,
    *,
    words: str | None = None,
    role: str | None = None,
    username: str | None = None,
    limit: int,
    cursor: str | None,
    now: datetime,
) -> tuple[list[Account], str | None]:
    """Return a page of accounts of the actor's division and below, with how many sessions and tokens are live.

    Users have no row-level security, since they are read before a reach is known: this is what confines them. Raises
    `Forbidden`, `BadCursor`.
    """
    actor.require(Permission.READ_ACCOUNTS)
    live = Session.revoked_at.is_(None) & (Session.expires_at > now)
    wanted = (
        select(
            User,
            func.count(Session.id).filter(live, Session.kind.in_(SCREENS)),
            func.count(Session.id).filter(live, Session.kind == "token"),
            func.max(Session.last_seen_at),
        )
        .outerjoin(Session, Session.user_id == User.id)
        .where(User.scope_path.op("<@")(actor.scope))
        .group_by(User.id)
    )
    if words:
        wanted = wanted.where(
            or_(*(name.icontains(words, autoescape=True) for name in (User.username, User.display_name)))
        )
    if role is not None:
        wanted = wanted.where(User.role == role)
    if username is not None:
        wanted = wanted.where(User.username == username)
    if cursor is not None:
        wanted = wanted.where(User.id > id_of(cursor))
    rows = await session.execute(wanted.order_by(User.id).limit(limit + 1))
    page, following = page_of([_account(*row) for row in rows], limit=limit)
    return [*page], following


async def account_of(session: AsyncSession, actor: Actor, username: str, *, now: datetime) -> Account:
    """Return one account. Raises `Forbidden`, `UnknownUser`."""
    found, _ = await page_of_accounts(session, actor, username=username, limit=1, cursor=None, now=now)
    if not found:
        raise UnknownUser(username=username)
    return found[0]


async def user_within(session: AsyncSession, actor: Actor, username: str) -> User:
    """Return the row of a user of the actor's own division. One of another is unknown. Raises `UnknownUser`."""
    user = await find_user(session, username)
    if user is None or not lies_within(user.scope_path, actor.scope):
        raise UnknownUser(username=username)
    return user


async def tokens_of(session: AsyncSession, actor: Actor, username: str, *, now: datetime) -> list[Token]:
    """List the live tokens of an account, the latest first. Raises `Forbidden`, `UnknownUser`."""
    actor.require(Permission.READ_ACCOUNTS)
    user = await user_within(session, actor, username)
    wanted = select(Session.id, Session.label, Session.created_at, Session.last_seen_at, Session.expires_at).where(
        Session.user_id == user.id, Session.kind == "token", Session.revoked_at.is_(None), Session.expires_at > now
    )
    return [Token(*row) for row in await session.execute(wanted.order_by(Session.id.desc()))]


def _account(user: User, sessions: int, tokens: int, last_seen_at: datetime | None) -> Account:
    return Account(
        id=user.id,
        username=user.username,
        display_name=user.display_name,
        role=user.role,
        scope=user.scope_path,
        sources=tuple(user.sources),
        force_id=user.force_id,
        person_id=user.person_id,
        has_password=user.password_hash is not None,
        disabled_at=user.disabled_at,
        created_at=user.created_at,
        sessions=sessions,
        tokens=tokens,
        last_seen_at=last_seen_at,
    )
