"""Keep accounts, inside the caller's transaction: what the command line does, within an administrator's own division
and with a reason, which is logged.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from console.access import actions as access
from console.access.rules import (
    ROLES,
    Actor,
    NewUser,
    Permission,
    UnknownRole,
    check_display_name,
    check_force,
    check_label,
    check_sources,
)
from console.access.tables import Session, User
from console.accounts.queries import SCREENS, user_within
from console.accounts.rules import (
    ADMINISTRATORS,
    AccountEdit,
    LastAdministrator,
    StaffAbove,
    StaffHasAccount,
    StaffUnknown,
    TokenUnknown,
    TokenUnwanted,
    is_administrator,
    kept_sources,
    require_scope,
    takes_tokens,
)
from console.change_log.actions import log_change
from console.change_log.rules import Change, Changed, differences
from console.register.queries import people_of, person_of, post_beyond, users_of
from geo.store import lies_within

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('maplebridge.administrators', 0))")
"""Two administrators could disable each other at the same moment."""


async def add_account(
    session: AsyncSession, actor: Actor, new: NewUser, *, password_hash: str | None, reason: str, now: datetime
) -> None:
    """Add an account within the actor's division. Raises `ScopeTooWide`, and what `create_user` does."""
    actor.require(Permission.EDIT_ACCOUNTS)
    require_scope(actor, new.scope, username=new.username)
    await access.create_user(session, new, password_hash=password_hash, now=now)
    said = {"role": [None, new.role], "scope": [None, _leaf(new.scope)]}
    await _log(session, actor, Changed.USER_ADDED, new.username, new.scope, reason=reason, details=said, now=now)


async def edit_account(
    session: AsyncSession, actor: Actor, username: str, edit: AccountEdit, *, reason: str, now: datetime
) -> None:
    """Change name, role, division, force or sources. With another role, division or force its screens are signed out.

    Raises `UnknownUser`, `ScopeTooWide`, `LastAdministrator`, `UnknownRole`, `BadDisplayName`, `ForceMissing`,
    `ForceUnwanted`, `SourcesUnwanted`.
    """
    user = await _held(session, actor, username)
    before = _told(user)
    role, scope = edit.role or user.role, edit.scope or user.scope_path
    if role not in ROLES:
        raise UnknownRole(role=role, roles=sorted(ROLES))
    require_scope(actor, scope, username=username)
    if not is_administrator(role) or scope != user.scope_path:
        await _require_another(session, user)
    name = user.display_name if edit.display_name is None else edit.display_name
    check_display_name(username, name)
    force = edit.force_id if edit.force_id is not None else user.force_id
    force = force if Permission.ANSWER_OWN_TASKS in ROLES[role] or edit.force_id is not None else None
    check_force(username, role=role, force_id=force)
    if edit.sources:
        check_sources(username, role=role, sources=edit.sources)
    user.display_name, user.role, user.scope_path, user.force_id = name, role, scope, force
    user.sources = kept_sources(role, user.sources if edit.sources is None else edit.sources)
    changed = differences(before, _told(user))
    if not changed:
        return
    if changed.keys() & {"role", "scope", "force"}:
        await _sign_out(session, user.id, now=now)
    path = scope if len(scope) < len(before["path"]) else before["path"]
    await _log(session, actor, Changed.USER_EDITED, username, path, reason=reason, details=_plain(changed), now=now)


async def link_person(
    session: AsyncSession, actor: Actor, username: str, person: str | None, *, reason: str, now: datetime, day: date
) -> None:
    """Say who in the register an account is, by a code; None: nobody. The account has the posts of that person at once.

    `day` is the county's. Raises `UnknownUser`, `StaffUnknown`, `StaffHasAccount`, `StaffAbove`.
    """
    user = await _held(session, actor, username)
    before = (await people_of(session, [user.person_id] if user.person_id else [])).get(user.person_id or 0)
    found = None
    if person is not None:
        found = await person_of(session, person)
        if found is None or not lies_within(found.division_path, actor.scope):
            raise StaffUnknown(person=person)
        others = await users_of(session, [found.id])
        if others.get(found.id, user.id) != user.id:
            raise StaffHasAccount(person=person)
        if beyond := await post_beyond(session, found.id, actor.scope, day=day):
            raise StaffAbove(person=person, unit=beyond)
    if found is before:
        return
    user.person_id = found.id if found else None
    said = {"person": [before.code if before else None, person]}
    await _log(session, actor, Changed.USER_EDITED, username, user.scope_path, reason=reason, details=said, now=now)


async def disable_account(session: AsyncSession, actor: Actor, username: str, *, reason: str, now: datetime) -> None:
    """Lock an account at once, with all its sessions and tokens. Raises `UnknownUser`, `LastAdministrator`."""
    user = await _held(session, actor, username)
    await _require_another(session, user)
    await access.disable_user(session, username, now=now)
    await _log(session, actor, Changed.USER_DISABLED, username, user.scope_path, reason=reason, now=now)


async def enable_account(session: AsyncSession, actor: Actor, username: str, *, reason: str, now: datetime) -> None:
    """Unlock an account. Raises `UnknownUser`; `StaffHasAccount` if its person has been given another one meanwhile."""
    user = await _held(session, actor, username)
    if user.person_id is not None and user.disabled_at is not None and await users_of(session, [user.person_id]):
        person = (await people_of(session, [user.person_id])).get(user.person_id)
        raise StaffHasAccount(person=person.code if person else "")
    await access.enable_user(session, username)
    await _log(session, actor, Changed.USER_ENABLED, username, user.scope_path, reason=reason, now=now)


async def renew_password(
    session: AsyncSession, actor: Actor, username: str, *, password_hash: str, reason: str, now: datetime
) -> None:
    """Give an account a new password; all its sessions and tokens end. Raises `UnknownUser`."""
    user = await _held(session, actor, username)
    await access.set_password(session, username, password_hash=password_hash, now=now)
    await _log(session, actor, Changed.USER_PASSWORD, username, user.scope_path, reason=reason, now=now)


async def sign_out_account(session: AsyncSession, actor: Actor, username: str, *, reason: str, now: datetime) -> int:
    """End the sessions of an account's screens, and return how many; tokens stay. Raises `UnknownUser`."""
    user = await _held(session, actor, username)
    ended = await _sign_out(session, user.id, now=now)
    said = {"sessions": [ended, 0]}
    path = user.scope_path
    await _log(session, actor, Changed.USER_SIGNED_OUT, username, path, reason=reason, details=said, now=now)
    return ended


async def make_token(
    session: AsyncSession,
    actor: Actor,
    username: str,
    *,
    secret: str,
    label: str,
    days: int,
    reason: str,
    now: datetime,
) -> None:
    """Keep the digest of a new token. Raises `UnknownUser`, `BadLabel`, `TokenUnwanted`."""
    user = await _held(session, actor, username)
    check_label(username, label)
    if not takes_tokens(user.role, has_password=user.password_hash is not None):
        raise TokenUnwanted(username=username)
    lasts = timedelta(days=days)
    await access.open_session(session, user.id, secret=secret, kind="token", label=label, now=now, lasts=lasts)
    said = {"label": [None, label], "days": [None, days]}
    await _log(session, actor, Changed.TOKEN_MADE, username, user.scope_path, reason=reason, details=said, now=now)


async def revoke_token(
    session: AsyncSession, actor: Actor, username: str, token_id: int, *, reason: str, now: datetime
) -> None:
    """End a token at once. Raises `UnknownUser`, `TokenUnknown`."""
    user = await _held(session, actor, username)
    live = Session.id == token_id, Session.user_id == user.id, Session.kind == "token", Session.revoked_at.is_(None)
    label = await session.scalar(update(Session).where(*live).values(revoked_at=now).returning(Session.label))
    if label is None:
        raise TokenUnknown(username=username)
    said = {"label": [label, None]}
    await _log(session, actor, Changed.TOKEN_REVOKED, username, user.scope_path, reason=reason, details=said, now=now)


async def _held(session: AsyncSession, actor: Actor, username: str) -> User:
    """Return a user of the actor's division. Raises `Forbidden`, `UnknownUser`."""
    actor.require(Permission.EDIT_ACCOUNTS)
    await session.execute(ONE_AT_A_TIME)
    return await user_within(session, actor, username)


async def _require_another(session: AsyncSession, user: User) -> None:
    """Raise `LastAdministrator` if no other enabled administrator with a password has the user's division."""
    if not is_administrator(user.role) or user.disabled_at is not None:
        return
    others = select(func.count(User.id)).where(
        User.role.in_(ADMINISTRATORS),
        User.id != user.id,
        User.disabled_at.is_(None),
        User.password_hash.is_not(None),
        User.scope_path.op("@>")(user.scope_path),
    )
    if not await session.scalar(others):
        raise LastAdministrator(username=user.username)


async def _sign_out(session: AsyncSession, user_id: int, *, now: datetime) -> int:
    live = Session.user_id == user_id, Session.kind.in_(SCREENS), Session.revoked_at.is_(None), Session.expires_at > now
    ended = await session.scalars(update(Session).where(*live).values(revoked_at=now).returning(Session.id))
    return len(ended.all())


def _told(user: User) -> dict[str, Any]:
    return {
        "display_name": user.display_name,
        "role": user.role,
        "path": user.scope_path,
        "scope": _leaf(user.scope_path),
        "force": user.force_id,
        "sources": list(user.sources),
    }


def _plain(changed: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values for name, values in changed.items() if name != "path"}


def _leaf(path: str) -> str:
    return path.rpartition(".")[2]


async def _log(
    session: AsyncSession,
    actor: Actor,
    kind: Changed,
    username: str,
    path: str,
    *,
    reason: str,
    now: datetime,
    details: Mapping[str, Any] | None = None,
) -> None:
    await log_change(session, actor, Change(kind, username, path, reason, details or {}), now=now)
