"""HTTP Basic for the layers: same users and passwords, same budgets, read-only."""

import asyncio
import sys
from typing import Any

import httpx
import pyogrio
import pytest
from fastapi import FastAPI

from api.http.sign_in.budgets import FREE_ATTEMPTS
from api.http.sign_in.passwords import PasswordSignIn
from console.access.actions import disable_user, set_password
from console.access.passwords import hash_password
from geo.store import NO_REACH, Store
from tests.api.http.test_ogc import served
from tests.worlds import NOW, PASSWORD, ClientAs, Clock, World

GRIDS = "/ogc/collections/grids/items?limit=1000"
WRONG = "Not-the-password-1"


async def read(client: httpx.AsyncClient, username: str, password: str = PASSWORD, path: str = GRIDS) -> httpx.Response:
    return await client.get(path, auth=(username, password))


async def test_basic_sign_in_reads_what_the_account_may_read(client: httpx.AsyncClient, world: World) -> None:
    answer = await read(client, "operator_west")
    assert answer.status_code == 200
    assert answer.json()["numberMatched"] == 4, "their town's grids"
    assert (await read(client, "Operator_West")).status_code == 200, "names know no case"
    assert (await read(client, "source", path="/ogc/collections")).status_code in (401, 403)


async def test_basic_sign_in_works_under_ogc_only(client: httpx.AsyncClient, world: World) -> None:
    for path in ("/api/incidents", "/api/me", "/api/snapshot", "/api/forces"):
        assert (await read(client, "operator", path=path)).status_code == 401, path


@pytest.mark.parametrize("said", ["operator", "nobody"])
async def test_a_wrong_password_and_an_unknown_user_get_the_same_response(
    client: httpx.AsyncClient, world: World, said: str
) -> None:
    answer = await read(client, said, WRONG)
    assert (answer.status_code, answer.json()["code"]) == (401, "session.missing")


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic b3BlcmF0b3I=", "Basic gICA", "Basic YQBiOmM=", b"Basic \xff"]
)
async def test_unreadable_credentials_are_refused(client: httpx.AsyncClient, world: World, header: str | bytes) -> None:
    assert (await client.get(GRIDS, headers={"Authorization": header})).status_code == 401


async def test_failures_delay_the_next_attempt_as_at_sign_in(
    client: httpx.AsyncClient, world: World, clock: Clock
) -> None:
    for i in range(FREE_ATTEMPTS):
        assert (await read(client, "operator", f"{WRONG}{i}")).status_code == 401
    delayed = await read(client, "operator")
    assert (delayed.status_code, delayed.json()["code"], delayed.headers["retry-after"]) == (
        429,
        "session.too_many",
        "30",
    )
    by_page = await client.post("/api/session", json={"username": "operator", "password": PASSWORD})
    assert by_page.status_code == 429, "there too"
    clock.turn(minutes=1)
    assert (await read(client, "operator")).status_code == 200


async def test_simultaneous_requests_of_a_map_are_one_attempt(
    app: FastAPI, client: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    checks = PasswordSignIn.user

    async def counted(self: PasswordSignIn, *given: Any, **more: Any) -> Any:
        checked.append("")
        return await checks(self, *given, **more)

    monkeypatch.setattr(PasswordSignIn, "user", counted)
    answers = await asyncio.gather(*(read(client, "operator") for _ in range(3 * FREE_ATTEMPTS)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(checked) == 1


async def test_disabling_or_a_new_password_takes_effect_at_once(
    client: httpx.AsyncClient, world: World, store: Store
) -> None:
    assert (await read(client, "operator")).status_code == 200
    assert (await read(client, "planner")).status_code == 200
    other = hash_password("Another-password-1")
    async with store.transaction(NO_REACH) as session:
        await set_password(session, "operator", password_hash=other, now=NOW)
        await disable_user(session, "planner", now=NOW)
    assert (await read(client, "operator")).status_code == 401
    assert (await read(client, "operator", "Another-password-1")).status_code == 200
    assert (await read(client, "planner")).status_code == 401


async def test_a_token_still_works(client_as: ClientAs) -> None:
    assert (await client_as("operator").get(GRIDS)).json()["numberMatched"] == 8


GDAL = """
import sys, pyogrio
url, words = sys.argv[1:]
pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": "BASIC", "GDAL_HTTP_USERPWD": words, "GDAL_HTTP_TIMEOUT": "60"})
frame = pyogrio.read_dataframe(f"OAPIF:{url}/ogc", layer="grids")
print(len(frame), *sorted(set(frame.geom_type)))
"""


@pytest.mark.skipif("OAPIF" not in pyogrio.list_drivers(), reason="this GDAL has no OGC API Features driver")
async def test_gdal_reads_with_username_and_password(app: FastAPI, world: World) -> None:
    async with served(app) as url:
        words = (sys.executable, "-c", GDAL, url, f"operator:{PASSWORD}")
        reader = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
        async with asyncio.timeout(120):
            output, _ = await reader.communicate()
    assert output.decode().split() == ["8", "MultiPolygon"]
