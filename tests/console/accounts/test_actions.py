"""What administrators may do with accounts: within their own division, never locking the last of themselves out."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.actions import create_user, open_session
from console.access.queries import actor_of_user, digest_of, find_session, get_user
from console.access.rules import Actor, Forbidden, ForceUnwanted, NewUser, SourcesUnwanted, UnknownRole, UnknownUser
from console.access.tables import Session
from console.accounts.actions import (
    add_account,
    disable_account,
    edit_account,
    enable_account,
    make_token,
    renew_password,
    revoke_token,
    sign_out_account,
)
from console.accounts.queries import account_of, page_of_accounts, tokens_of
from console.accounts.rules import AccountEdit, LastAdministrator, ScopeTooWide, TokenUnknown, TokenUnwanted
from console.change_log.queries import page_of_changes
from tests.worlds import EAST, NOW, ROOT, WEST

WHY = {"reason": "调整分工", "now": NOW}


async def admin_of(session: AsyncSession, scope: str, name: str) -> Actor:
    await create_user(session, NewUser(name, name, "admin", scope), password_hash="hash", now=NOW)
    return actor_of_user(await get_user(session, name))


@pytest.fixture
async def root(session: AsyncSession) -> Actor:
    return await admin_of(session, ROOT, "root-admin")


@pytest.fixture
async def west(session: AsyncSession) -> Actor:
    return await admin_of(session, WEST, "west-admin")


async def test_nobody_gives_more_than_their_own_division(session: AsyncSession, root: Actor, west: Actor) -> None:
    clerk = NewUser("li", "李", "clerk", WEST)
    await add_account(session, west, clerk, password_hash="hash", **WHY)
    for scope in (ROOT, EAST):
        with pytest.raises(ScopeTooWide):
            await add_account(session, west, NewUser("wang", "王", "clerk", scope), password_hash=None, **WHY)
        with pytest.raises(ScopeTooWide):
            await edit_account(session, west, "li", AccountEdit(scope=scope), **WHY)
    await add_account(session, root, NewUser("zhao", "赵", "operator", EAST), password_hash=None, **WHY)
    for act in (
        edit_account(session, west, "zhao", AccountEdit(scope=WEST), **WHY),
        disable_account(session, west, "zhao", **WHY),
        renew_password(session, west, "root-admin", password_hash="hash", **WHY),
        make_token(session, west, "zhao", secret="s" * 32, label="", days=1, **WHY),
        tokens_of(session, west, "zhao", now=NOW),
    ):
        with pytest.raises(UnknownUser):
            await act
    page, _ = await page_of_accounts(session, west, limit=50, cursor=None, now=NOW)
    assert {one.username for one in page} == {"west-admin", "li"}
    with pytest.raises(Forbidden):
        await add_account(session, actor_of_user(await get_user(session, "li")), clerk, password_hash=None, **WHY)


async def test_the_last_administrator_of_a_division_stays(session: AsyncSession, root: Actor, west: Actor) -> None:
    for act in (
        disable_account(session, root, "root-admin", **WHY),
        edit_account(session, root, "root-admin", AccountEdit(role="auditor"), **WHY),
        edit_account(session, root, "root-admin", AccountEdit(scope=WEST), **WHY),
    ):
        with pytest.raises(LastAdministrator):
            await act
    await disable_account(session, root, "west-admin", **WHY)
    second = await admin_of(session, ROOT, "second")
    await disable_account(session, second, "root-admin", **WHY)
    with pytest.raises(LastAdministrator):
        await disable_account(session, second, "second", **WHY)
    await enable_account(session, second, "root-admin", **WHY)
    await edit_account(session, second, "second", AccountEdit(role="auditor"), **WHY)


async def test_another_role_loses_what_it_cannot_have_and_is_signed_out(session: AsyncSession, root: Actor) -> None:
    new = NewUser("sun", "孙", "clerk", ROOT, sources=("window",))
    await add_account(session, root, new, password_hash="hash", **WHY)
    user = await get_user(session, "sun")
    await open_session(session, user.id, secret="c", kind="cookie", label="", now=NOW, lasts=timedelta(hours=1))
    await edit_account(session, root, "sun", AccountEdit(display_name="孙明"), **WHY)
    assert await find_session(session, "c", now=NOW, idle=timedelta(hours=1)) is not None
    await edit_account(session, root, "sun", AccountEdit(role="planner", scope=WEST), **WHY)
    session.expire_all()
    assert await find_session(session, "c", now=NOW, idle=timedelta(hours=1)) is None
    told = await account_of(session, root, "sun", now=NOW)
    assert (told.role, told.scope, told.sources, told.display_name, told.sessions) == ("planner", WEST, (), "孙明", 0)
    for edit, error in (
        (AccountEdit(role="king"), UnknownRole),
        (AccountEdit(force_id=1), ForceUnwanted),
        (AccountEdit(sources=("window",)), SourcesUnwanted),
    ):
        with pytest.raises(error):
            await edit_account(session, root, "sun", edit, **WHY)
    entries, _ = await page_of_changes(session, root, subject="sun", limit=10, cursor=None)
    assert [entry.kind for entry in entries] == ["user.edited", "user.edited", "user.added"]
    assert entries[0].reason == "调整分工"
    assert entries[0].details == {
        "role": ["clerk", "planner"], "scope": [ROOT, WEST[-9:]], "sources": [["window"], []],
    }  # fmt: skip


async def test_tokens_are_for_programs_kept_as_digests_and_revoked(session: AsyncSession, root: Actor) -> None:
    await add_account(session, root, NewUser("feed", "来源", "source", ROOT), password_hash=None, **WHY)
    await add_account(session, root, NewUser("zhou", "周", "operator", ROOT), password_hash="hash", **WHY)
    with pytest.raises(TokenUnwanted):
        await make_token(session, root, "zhou", secret="t", label="", days=1, **WHY)
    await make_token(session, root, "feed", secret="the token", label="热线", days=30, **WHY)
    (token,) = await tokens_of(session, root, "feed", now=NOW)
    assert (token.label, token.expires_at - NOW) == ("热线", timedelta(days=30))
    assert await session.scalar(select(Session.digest).where(Session.id == token.id)) == digest_of("the token")
    await revoke_token(session, root, "feed", token.id, **WHY)
    assert await tokens_of(session, root, "feed", now=NOW) == []
    with pytest.raises(TokenUnknown):
        await revoke_token(session, root, "feed", token.id, **WHY)
    user = await get_user(session, "zhou")
    await open_session(session, user.id, secret="c", kind="cookie", label="", now=NOW, lasts=timedelta(hours=1))
    assert await sign_out_account(session, root, "zhou", **WHY) == 1
    await renew_password(session, root, "zhou", password_hash="another", **WHY)
    assert (await get_user(session, "zhou")).password_hash == "another"
    entries, _ = await page_of_changes(session, root, subject="feed", limit=10, cursor=None)
    assert "the token" not in str([entry.details for entry in entries])
