"""Management of users and sessions."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.actions import (
    create_user,
    delete_ended_sessions,
    disable_user,
    enable_user,
    end_session,
    open_session,
    touch_session,
)
from console.access.queries import actors_of, digest_of, find_session, get_user, list_users
from console.access.rules import NewUser, UnknownUser, UsernameTaken
from console.access.tables import Session
from tests.worlds import NOW

HOUR = timedelta(hours=1)
NEW = NewUser(username="zhang", display_name="Zhang", role="operator", scope="320509")


async def user_with_session(session: AsyncSession) -> int:
    user_id = await create_user(session, NEW, password_hash=None, now=NOW)
    await open_session(session, user_id, secret="secret", kind="cookie", label="", now=NOW, lasts=12 * HOUR)
    return user_id


async def found(session: AsyncSession, *, after: timedelta = timedelta()) -> Session | None:
    session.expire_all()
    return await find_session(session, "secret", now=NOW + after, idle=HOUR)


async def test_a_username_can_be_used_once_only(session: AsyncSession) -> None:
    user_id = await create_user(session, NEW, password_hash=None, now=NOW)
    with pytest.raises(UsernameTaken):
        await create_user(session, NEW, password_hash=None, now=NOW)
    assert (await get_user(session, "ZHANG")).id == user_id
    assert "zhang" in [user.username for user in await list_users(session)]


async def test_an_unknown_user_is_refused_by_name(session: AsyncSession) -> None:
    for action in (disable_user(session, "li", now=NOW), enable_user(session, "li"), get_user(session, "li")):
        with pytest.raises(UnknownUser) as caught:
            await action
        assert caught.value.params == {"username": "li"}


async def test_only_the_digest_of_a_secret_is_stored(session: AsyncSession) -> None:
    await user_with_session(session)
    kept = await session.scalar(select(Session.digest).where(Session.digest == digest_of("secret")))
    assert kept is not None and len(kept) == 32 and b"secret" not in kept


async def test_a_session_is_valid_until_it_expires_idles_or_is_ended(session: AsyncSession) -> None:
    await user_with_session(session)
    assert await found(session, after=HOUR - timedelta(seconds=1)) is not None
    assert await found(session, after=HOUR) is None
    assert await found(session, after=12 * HOUR) is None
    await end_session(session, "secret", now=NOW)
    assert await found(session) is None


async def test_session_use_is_recorded_at_most_once_a_minute(session: AsyncSession) -> None:
    await user_with_session(session)
    for after, seen in ((59, NOW), (60, NOW + timedelta(seconds=60)), (100, NOW + timedelta(seconds=60))):
        now = NOW + timedelta(seconds=after)
        live = await found(session, after=now - NOW)
        assert live is not None
        await touch_session(session, live, now=now)
        assert await session.scalar(select(Session.last_seen_at).where(Session.id == live.id)) == seen


async def test_disabling_a_user_ends_sessions_and_enabling_does_not_restore_them(session: AsyncSession) -> None:
    await user_with_session(session)
    live = await found(session)
    assert live is not None and list(await actors_of(session, [live.id], now=NOW)) == [live.id]
    await disable_user(session, "zhang", now=NOW)
    assert await found(session) is None and await actors_of(session, [live.id], now=NOW) == {}
    await enable_user(session, "zhang")
    assert (await get_user(session, "zhang")).disabled_at is None and await found(session) is None


async def test_sessions_that_ended_long_ago_are_deleted(session: AsyncSession) -> None:
    await user_with_session(session)
    assert await delete_ended_sessions(session, before=NOW + 12 * HOUR) == 0
    assert await delete_ended_sessions(session, before=NOW + 13 * HOUR) == 1
    assert await session.scalar(select(func.count()).select_from(Session)) == 0
