"""Keeping users from the command line."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from typer.testing import CliRunner, Result

from api.commands import command_line
from api.commands.users import UnknownDivision
from api.postgres.roles import Urls
from console.access.passwords import WeakPassword, password_matches
from console.access.queries import find_session, get_user
from console.access.rules import BadUsername, UnknownRole, UnknownUser, UsernameTaken
from console.access.tables import Session
from geo.store import NOWHERE, Store
from tests.worlds import WEST, settle

Call = Callable[..., Result]
Answer = TypeVar("Answer")
PASSWORD = "Stone-lantern-7"


@pytest.fixture
def call(database: Urls, monkeypatch: pytest.MonkeyPatch) -> Call:
    """`maplebridge users …` with `typed` on its standard input."""
    monkeypatch.setenv("MAPLEBRIDGE_DATABASE_URL", database.app)

    def call(*words: str, typed: str = f"{PASSWORD}\n") -> Result:
        return CliRunner().invoke(command_line("users"), ["users", *words], input=typed, catch_exceptions=False)

    return call


def inside(database: Urls, look: Callable[[AsyncSession], Awaitable[Answer]]) -> Answer:
    """What `look` finds in the database. In a loop of its own: the commands run theirs."""

    async def run() -> Answer:
        store = Store(database.app, pool_size=1)
        try:
            async with store.transaction(NOWHERE) as session:
                return await look(session)
        finally:
            await store.close()

    return asyncio.run(run())


def test_a_user_who_is_added_is_listed(call: Call) -> None:
    assert call("add", "anna", "--role", "operator").exit_code == 0
    assert call("list").output == "anna\toperator\t320509\n"
    call("disable", "anna")
    assert call("list").output == "anna\toperator\t320509\tdisabled\n"
    call("enable", "anna")
    assert call("list").output == "anna\toperator\t320509\n"


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (("Anna B", "--role", "operator"), BadUsername),
        (("anna", "--role", "queen"), UnknownRole),
        (("anna", "--role", "operator", "--scope", "999"), UnknownDivision),
    ],
)
def test_what_makes_no_user_is_refused(call: Call, words: tuple[str, ...], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        call("add", *words)
    assert call("list").output == "\n"


def test_a_name_is_one_persons_for_ever(call: Call) -> None:
    call("add", "anna", "--role", "operator")
    call("disable", "anna")
    with pytest.raises(UsernameTaken):
        call("add", "anna", "--role", "clerk")


def test_a_weak_password_is_refused(call: Call) -> None:
    with pytest.raises(WeakPassword):
        call("add", "anna", "--role", "operator", typed="short\n")


def test_nobody_who_does_not_exist_gets_a_password(call: Call) -> None:
    with pytest.raises(UnknownUser):
        call("passwd", "anna")


def test_another_password_holds_instead_of_the_first(call: Call, database: Urls) -> None:
    call("add", "anna", "--role", "operator")
    call("passwd", "anna", typed="Willow-ferry-8\n")
    kept = inside(database, lambda session: get_user(session, "anna")).password_hash
    assert password_matches("Willow-ferry-8", kept)
    assert not password_matches(PASSWORD, kept)


def test_a_program_has_a_token_and_no_password(call: Call, database: Urls) -> None:
    call("add", "hotline", "--role", "source", "--no-password")
    secret = call("token", "hotline", "--days", "1", "--label", "12345").output.strip()
    now = datetime.now(UTC)

    def holder(moment: datetime) -> Session | None:
        return inside(database, lambda session: find_session(session, secret, now=moment, idle=timedelta(hours=1)))

    found = holder(now)
    assert found
    assert (found.user.username, found.kind, found.label, found.user.password_hash) == (
        "hotline",
        "token",
        "12345",
        None,
    )
    assert holder(now + timedelta(days=1, minutes=1)) is None


def test_a_user_works_in_the_division_of_the_code_given(call: Call, database: Urls) -> None:
    asyncio.run(settled(database))
    call("add", "anna", "--role", "operator", "--scope", WEST.rsplit(".", 1)[-1])
    assert inside(database, lambda session: get_user(session, "anna")).scope_path == WEST


async def settled(database: Urls) -> None:
    store = Store(database.app, pool_size=1)
    await settle(store)
    await store.close()
