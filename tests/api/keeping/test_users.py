"""Management of users from the command line."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from typer.testing import CliRunner, Result

from api.keeping.commands import command_line
from api.keeping.commands.refusals import message_of
from api.keeping.commands.users import UnknownDivision, UnknownForce, UnknownSource
from api.keeping.postgres.roles import Urls
from console.access.actions import open_session
from console.access.passwords import WeakPassword, password_matches
from console.access.queries import find_session, get_user
from console.access.rules import (
    BadDisplayName,
    BadLabel,
    BadUsername,
    ForceMissing,
    ForceUnwanted,
    SourcesUnwanted,
    UnknownRole,
    UnknownUser,
    UsernameTaken,
)
from console.access.tables import Session
from geo.store import NO_REACH, Store
from tests.reporting import report
from tests.worlds import WEST, ClientAs, World, settle

Call = Callable[..., Result]
Answer = TypeVar("Answer")
PASSWORD = "Stone-lantern-7"


@pytest.fixture
def call(database: Urls, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run `maplebridge users …` with `typed` on its standard input."""
    monkeypatch.setenv("MAPLEBRIDGE_DATABASE_URL", database.app)

    def call(*words: str, typed: str = f"{PASSWORD}\n") -> Result:
        return CliRunner().invoke(command_line("users"), ["users", *words], input=typed, catch_exceptions=False)

    return call


def inside(database: Urls, query: Callable[[AsyncSession], Awaitable[Answer]]) -> Answer:
    """Run `query` on the database, in an event loop of its own, since the commands run theirs."""

    async def run() -> Answer:
        store = Store(database.app, pool_size=1)
        try:
            async with store.transaction(NO_REACH) as session:
                return await query(session)
        finally:
            await store.close()

    return asyncio.run(run())


def test_an_added_user_is_listed(call: Call) -> None:
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
        (("anna", "--role", "patrol"), ForceMissing),
        (("anna", "--role", "patrol", "--force", "nobody"), UnknownForce),
    ],
)
def test_an_invalid_user_is_refused(call: Call, words: tuple[str, ...], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        call("add", *words)
    assert call("list").output == "\n"


def test_a_username_cannot_be_reused(call: Call) -> None:
    call("add", "anna", "--role", "operator")
    call("disable", "anna")
    with pytest.raises(UsernameTaken):
        call("add", "anna", "--role", "clerk")


def test_a_weak_password_is_refused(call: Call) -> None:
    with pytest.raises(WeakPassword):
        call("add", "anna", "--role", "operator", typed="short\n")


def test_an_unknown_user_gets_no_password(call: Call) -> None:
    with pytest.raises(UnknownUser):
        call("passwd", "anna")


def test_a_new_password_replaces_the_old_one(call: Call, database: Urls) -> None:
    call("add", "anna", "--role", "operator")
    call("passwd", "anna", typed="Willow-ferry-8\n")
    kept = inside(database, lambda session: get_user(session, "anna")).password_hash
    assert password_matches("Willow-ferry-8", kept)
    assert not password_matches(PASSWORD, kept)


def test_sources_belong_to_accounts(call: Call, database: Urls) -> None:
    def sources() -> list[str]:
        return inside(database, lambda session: get_user(session, "bureau")).sources

    call("add", "bureau", "--role", "source", "--no-password", "--source", "police", "--source", "hotline")
    assert sources() == ["hotline", "police"]
    assert call("list").output.splitlines()[-1].endswith("\thotline,police")
    call("sources", "bureau", "window")
    assert sources() == ["window"]
    with pytest.raises(UnknownSource, match=r"no source fax .*hotline"):
        call("sources", "bureau", "fax")
    call("sources", "bureau")
    assert sources() == []
    with pytest.raises(SourcesUnwanted):
        call("add", "screen", "--role", "wall", "--source", "police")


@pytest.mark.parametrize("name", ["Wang\u202egnaW", "Wang\u200b", " \u3000", "x" * 101])
def test_a_display_name_is_text_that_everybody_sees(call: Call, name: str) -> None:
    with pytest.raises(BadDisplayName):
        call("add", "anna", "--role", "operator", "--name", name)


@pytest.mark.parametrize("label", ["12345\u202e", "\x1b[2J", "x" * 101])
def test_a_tokens_label_is_text_that_everybody_sees(call: Call, label: str) -> None:
    call("add", "hotline", "--role", "source", "--no-password")
    with pytest.raises(BadLabel):
        call("token", "hotline", "--label", label)


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


def test_a_patrol_belongs_to_the_given_force_and_can_be_reassigned(call: Call, database: Urls) -> None:
    forces = asyncio.run(settled(database)).forces
    call("add", "crew", "--role", "patrol", "--force", "patrol_west")
    secret = call("token", "crew").output.strip()

    async def open_screen(session: AsyncSession) -> None:
        user, now = await get_user(session, "crew"), datetime.now(UTC)
        lasts = timedelta(hours=1)
        await open_session(session, user.id, secret="screen", kind="cookie", label="", now=now, lasts=lasts)

    def holder(of: str) -> Session | None:
        now = datetime.now(UTC)
        return inside(database, lambda session: find_session(session, of, now=now, idle=timedelta(hours=1)))

    inside(database, open_screen)
    assert holder("screen")
    assert "crew\tpatrol\t320509\t\tpatrol_west\n" in call("list").output
    call("force", "crew", "patrol_east")
    assert "crew\tpatrol\t320509\t\tpatrol_east\n" in call("list").output
    kept = holder(secret)
    assert kept and kept.user.force_id == forces["patrol_east"]
    assert holder("screen") is None, "it shows the tasks of the force they had"


def test_only_patrols_can_have_a_force(call: Call, database: Urls) -> None:
    asyncio.run(settled(database))
    for words in (("add", "anna", "--role", "operator", "--force", "grid_1"), ("force", "clerk_west", "grid_1")):
        with pytest.raises(ForceUnwanted):
            call(*words)
    with pytest.raises(UnknownForce):
        call("force", "patrol_west", "nobody")
    with pytest.raises(UnknownUser):
        call("force", "nobody", "grid_1")
    assert "patrol_west\tpatrol\t320509.320509100\t\tpatrol_west\n" in call("list").output


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (ForceMissing(username="anna", role="patrol"), ("anna", "--force CODE", "import forces")),
        (ForceUnwanted(username="anna", role="clerk"), ("anna", "clerk")),
        (UnknownForce(code="E99"), ("E99", "import forces")),
    ],
)
def test_a_patrol_without_a_force_gets_a_message_with_the_remedy(refusal: Exception, words: tuple[str, ...]) -> None:
    said = message_of(refusal)
    assert said and all(word in said for word in words)


async def test_a_patrol_added_by_command_can_finish_a_task(
    call: Call, client_as: ClientAs, client: httpx.AsyncClient, store: Store, world: World
) -> None:
    """In threads: the commands run event loops of their own."""
    await asyncio.to_thread(call, "add", "crew", "--role", "patrol", "--force", "grid_1")
    secret = (await asyncio.to_thread(call, "token", "crew")).output.strip()
    client.headers["Authorization"] = f"Bearer {secret}"
    incident = await report(store, world, world.micro_grids()[0])
    body = {"force": world.forces["grid_1"]}
    sent = await client_as("operator").post(f"/api/incidents/{incident}/tasks", json=body)
    mine = (await client.get("/api/tasks", params={"mine": True})).json()["items"]
    assert [task["id"] for task in mine] == [sent.json()["id"]]
    for step in ("accept", "depart", "arrive", "finish"):
        answer = await client.post(f"/api/tasks/{sent.json()['id']}/{step}")
        assert answer.status_code == 200, answer.text
    assert (await client_as("operator").get(f"/api/incidents/{incident}")).json()["status"] == "closed"
    assert (await client.get("/api/snapshot")).status_code == 200


async def settled(database: Urls) -> World:
    store = Store(database.app, pool_size=1)
    world = await settle(store)
    await store.close()
    return world
