"""Accounts over HTTP, for administrators within their own division; each change with a reason, which is logged."""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.body_limits import STEP_BYTES
from api.http.errors import Invalid
from api.http.transactions import (
    CurrentActor,
    CurrentServices,
    CurrentSession,
    SignedInRoute,
    TransactionRoute,
    allowed,
)
from api.http.wire.accounts import (
    AccountEditIn,
    AccountIn,
    AccountOut,
    AccountPersonIn,
    AccountTokenIn,
    AccountTokenOut,
    AccountTokensOut,
    NewPasswordIn,
    NewTokenOut,
    SignedOutOut,
    WithReasonIn,
)
from api.http.wire.shapes import Id, Page
from api.services import Services
from console.access.passwords import hash_password
from console.access.rules import Actor, NewUser, Permission, typed_name
from console.accounts import actions
from console.accounts.queries import account_of, page_of_accounts, tokens_of
from console.accounts.rules import Account, AccountEdit, ForceUnknown, SourceUnknown
from console.forces.queries import codes_of, find_id
from console.register.queries import people_of
from layers.divisions.queries import find_by_code

MAY_EDIT = allowed(Permission.EDIT_ACCOUNTS)
router = APIRouter(route_class=TransactionRoute, prefix="/api/users", tags=["accounts"])
secret_router = APIRouter(route_class=SignedInRoute, prefix="/api/users", tags=["accounts"], dependencies=[MAY_EDIT])
"""Routes with a password or a token. They open their transactions themselves: a hash takes a tenth of a second, and
answers under an `Idempotency-Key` are kept.
"""

Username = Annotated[str, Path(max_length=64, description="Of an account within one's own division.")]
SECRET_BYTES = 32


@router.get("", dependencies=[allowed(Permission.READ_ACCOUNTS)])
async def list_accounts(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
    cursor: str | None = None,
    words: Annotated[str | None, Query(max_length=60, description="A part of a name.")] = None,
    role: Annotated[str | None, Query(max_length=32)] = None,
) -> Page[AccountOut]:
    """List the accounts of one's own division and all below, disabled ones too, in order of id."""
    page, following = await page_of_accounts(
        session, actor, words=words or None, role=role, limit=limit, cursor=cursor, now=services.now()
    )
    return Page[AccountOut](items=await _told(session, page), next=following)


@secret_router.post("", status_code=201, max_body_size=STEP_BYTES)
async def post_account(body: AccountIn, actor: CurrentActor, services: CurrentServices) -> AccountOut:
    """Add an account. 409 `user.exists`, 403 `user.scope_too_wide`, 422 `password.weak`."""
    hashed = None if body.password is None else await asyncio.to_thread(hash_password, body.password)
    async with services.store.transaction(actor.reach) as session:
        new = NewUser(
            username=body.username,
            display_name=body.display_name,
            role=body.role,
            scope=await _path_of(session, services, body.scope),
            force_id=await _force_of(session, body.force),
            sources=_known_sources(services, body.sources),
        )
        await actions.add_account(session, actor, new, password_hash=hashed, reason=body.reason, now=services.now())
        return await _answer(session, actor, services, body.username)


@router.patch("/{username}", max_body_size=STEP_BYTES, dependencies=[MAY_EDIT])
async def patch_account(
    username: Username, body: AccountEditIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> AccountOut:
    """Change name, role, division, force or sources. 409 `user.last_admin` where nobody could administer any more."""
    name = typed_name(username)
    edit = AccountEdit(
        display_name=body.display_name,
        role=body.role,
        scope=None if body.scope is None else await _path_of(session, services, body.scope),
        force_id=await _force_of(session, body.force),
        sources=None if body.sources is None else _known_sources(services, body.sources),
    )
    await actions.edit_account(session, actor, name, edit, reason=body.reason, now=services.now())
    return await _answer(session, actor, services, name)


@router.put("/{username}/person", max_body_size=STEP_BYTES, dependencies=[MAY_EDIT])
async def put_person(
    username: Username, body: AccountPersonIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> AccountOut:
    """Link an account to its person in the register, whose posts it has from then on.

    422 `staff.unknown`, 409 `staff.has_account`, 403 `staff.above`.
    """
    name, now, day = typed_name(username), services.now(), services.today()
    await actions.link_person(session, actor, name, body.person, reason=body.reason, now=now, day=day)
    return await _answer(session, actor, services, name)


@router.post("/{username}/disable", max_body_size=STEP_BYTES, dependencies=[MAY_EDIT])
async def disable(
    username: Username, body: WithReasonIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> AccountOut:
    """Lock an account at once, with its sessions and tokens. 409 `user.last_admin`."""
    name = typed_name(username)
    await actions.disable_account(session, actor, name, reason=body.reason, now=services.now())
    return await _answer(session, actor, services, name)


@router.post("/{username}/enable", max_body_size=STEP_BYTES, dependencies=[MAY_EDIT])
async def enable(
    username: Username, body: WithReasonIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> AccountOut:
    """Unlock an account. 409 `staff.has_account` if its person has been given another one meanwhile."""
    name = typed_name(username)
    await actions.enable_account(session, actor, name, reason=body.reason, now=services.now())
    return await _answer(session, actor, services, name)


@router.post("/{username}/sign-out", max_body_size=STEP_BYTES, dependencies=[MAY_EDIT])
async def sign_out(
    username: Username, body: WithReasonIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> SignedOutOut:
    """Sign out all screens of an account. Its tokens stay valid."""
    name = typed_name(username)
    ended = await actions.sign_out_account(session, actor, name, reason=body.reason, now=services.now())
    return SignedOutOut(sessions=ended)


@secret_router.post("/{username}/password", status_code=204, max_body_size=STEP_BYTES)
async def renew_password(
    username: Username, body: NewPasswordIn, actor: CurrentActor, services: CurrentServices
) -> None:
    """Give an account a new password, which no answer has. Its sessions and tokens end."""
    hashed = await asyncio.to_thread(hash_password, body.password)
    async with services.store.transaction(actor.reach) as session:
        await actions.renew_password(
            session, actor, typed_name(username), password_hash=hashed, reason=body.reason, now=services.now()
        )


@router.get("/{username}/tokens", dependencies=[allowed(Permission.READ_ACCOUNTS)])
async def list_tokens(
    username: Username, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> AccountTokensOut:
    """List the valid tokens of an account: what for and since when, never the token."""
    found = await tokens_of(session, actor, typed_name(username), now=services.now())
    return AccountTokensOut(items=[AccountTokenOut.of(token) for token in found])


@secret_router.post("/{username}/tokens", status_code=201, max_body_size=STEP_BYTES)
async def make_token(
    username: Username, body: AccountTokenIn, actor: CurrentActor, services: CurrentServices
) -> NewTokenOut:
    """Make a token of a program or a phone, told this once. 409 `token.person` for an account with a password."""
    secret, now = secrets.token_urlsafe(SECRET_BYTES), services.now()
    async with services.store.transaction(actor.reach) as session:
        await actions.make_token(
            session,
            actor,
            typed_name(username),
            secret=secret,
            label=body.label,
            days=body.days,
            reason=body.reason,
            now=now,
        )
    return NewTokenOut(token=secret, expires_at=now + timedelta(days=body.days))


@router.post("/{username}/tokens/{token_id}/revoke", status_code=204, max_body_size=STEP_BYTES, dependencies=[MAY_EDIT])
async def revoke(
    username: Username,
    token_id: Id,
    body: WithReasonIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
) -> None:
    """End a token at once. 404 `token.unknown` for one that is not valid."""
    name = typed_name(username)
    await actions.revoke_token(session, actor, name, token_id, reason=body.reason, now=services.now())


async def _answer(session: AsyncSession, actor: Actor, services: Services, username: str) -> AccountOut:
    await session.flush()
    [told] = await _told(session, [await account_of(session, actor, username, now=services.now())])
    return told


async def _told(session: AsyncSession, accounts: Sequence[Account]) -> list[AccountOut]:
    codes = await codes_of(session, [one.force_id for one in accounts if one.force_id is not None])
    people = await people_of(session, [one.person_id for one in accounts if one.person_id is not None])
    return [
        AccountOut.of(one, force=codes.get(one.force_id or 0), person=people.get(one.person_id or 0))
        for one in accounts
    ]


async def _path_of(session: AsyncSession, services: Services, code: str) -> str:
    if code == services.pack.root.code:
        return code
    found = await find_by_code(session, code, day=services.today())
    if found is None:
        raise Invalid(errors=[{"field": "scope", "code": "unknown"}])
    return found.division_path


async def _force_of(session: AsyncSession, code: str | None) -> int | None:
    if code is None:
        return None
    found = await find_id(session, code)
    if found is None:
        raise ForceUnknown(code=code)
    return found


def _known_sources(services: Services, codes: list[str]) -> tuple[str, ...]:
    known = services.pack.reports.codes
    for code in codes:
        if code not in known:
            raise SourceUnknown(source=code, sources=sorted(known))
    return tuple(sorted(set(codes)))
