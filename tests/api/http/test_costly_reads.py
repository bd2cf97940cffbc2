"""Costly reads over HTTP: shared when equal, few at a time for an account, no connection held while drawing."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from api.http.routers import view_export
from api.keeping.postgres.roles import Urls
from api.live.single_flight import SingleFlight
from api.services import COSTLY_WAITING
from geo.store import Reach, Store, is_cancelled
from layers.hotspots import queries
from tests.api.http.test_view_export import settings
from tests.worlds import ROOT, ClientAs, Clock

__all__ = ["settings"]


def replays(clock: Clock, count: int) -> list[dict[str, Any]]:
    return [{"at": (clock() - timedelta(seconds=i)).isoformat()} for i in range(count)]


async def ask_all(client: httpx.AsyncClient, path: str, asked: list[dict[str, Any]]) -> list[httpx.Response]:
    return await asyncio.gather(*(client.get(path, params=params) for params in asked))


async def test_a_flood_of_replays_is_refused_beyond_a_bound_and_another_account_is_answered(
    app: FastAPI, client_as: ClientAs, clock: Clock
) -> None:
    flood = asyncio.create_task(ask_all(client_as("operator"), "/api/replay", replays(clock, 24)))
    await asyncio.sleep(0)
    others = await ask_all(client_as("auditor"), "/api/replay", replays(clock, 3))
    assert {answer.status_code for answer in others} == {200}
    answers = await flood
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 24 - 1 - COSTLY_WAITING and len(answers) - len(refused) == 1 + COSTLY_WAITING
    assert {answer.json()["code"] for answer in refused} == {"reads.too_many"}
    assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)


async def test_equal_requests_share_one_answer(
    app: FastAPI, client_as: ClientAs, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    make = SingleFlight._make

    async def counted(self: SingleFlight[Any], key: Any, *rest: Any) -> Any:
        made.append(key)
        return await make(self, key, *rest)

    monkeypatch.setattr(SingleFlight, "_make", counted)
    replayed = await ask_all(client_as("operator"), "/api/replay", replays(clock, 1) * 24)
    exported = await ask_all(client_as("operator"), "/api/view-export.html", [{"layers": "cameras"}] * 24)
    assert {answer.status_code for answer in (*replayed, *exported)} == {200}
    assert len(made) <= 6, "24 equal replays and 24 equal exports are a few readings"


async def test_no_connection_is_held_while_a_view_is_drawn_or_rated(
    app: FastAPI, client_as: ClientAs, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = app.state.services.store.engine.pool
    assert isinstance(pool, QueuePool)
    held: list[int] = []

    def watched(module: Any, name: str) -> None:
        real = getattr(module, name)

        def watching(*args: Any, **named: Any) -> Any:
            held.append(pool.checkedout())
            return real(*args, **named)

        monkeypatch.setattr(module, name, watching)

    watched(view_export, "run_apart")
    watched(queries, "rate")
    for path, params in (
        ("/api/view-export.html", {}),
        ("/api/hotspots", {}),
        ("/api/replay", replays(clock, 1)[0]),
        ("/api/snapshot", {}),
        ("/ogc/collections/hotspots/items", {}),
    ):
        answer = await client_as("operator").get(path, params=params)
        assert answer.status_code == 200, path
    assert len(held) == 6 and set(held) == {0}


async def test_a_statement_that_takes_too_long_is_cancelled_and_answered_as_such(
    app: FastAPI, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:

    async def slow(session: Any, **_: Any) -> Any:
        return (await session.execute(text("SELECT pg_sleep(30)"))).all()

    monkeypatch.setattr("api.http.routers.cameras.list_cameras", slow)
    with monkeypatch.context() as impatient:
        impatient.setattr("api.http.transactions.READ_SECONDS", 0.05)
        answer = await client_as("operator").get("/api/cameras")
    assert (answer.status_code, answer.json()["code"]) == (503, "database.too_slow")
    assert int(answer.headers["retry-after"]) > 0
    assert (await client_as("operator").get("/api/me")).status_code == 200


async def test_each_connection_of_a_server_has_a_longest_statement(database: Urls) -> None:
    """Shorter than its patience, so that a cancelled statement does not cost the connection."""
    for patience, expected in ((60.0, "55s"), (None, "0")):
        store = Store(database.app, pool_size=1, patience=patience)
        async with store.transaction(Reach(scope=ROOT)) as session:
            assert await session.scalar(text("SHOW statement_timeout")) == expected
        with pytest.raises(OperationalError) as caught:
            async with store.transaction(Reach(scope=ROOT), statement_seconds=0.01) as session:
                await session.execute(text("SELECT pg_sleep(30)"))
        assert is_cancelled(caught.value)
        async with store.transaction(Reach(scope=ROOT)) as session:
            assert await session.scalar(text("SHOW statement_timeout")) == expected
        await store.close()
