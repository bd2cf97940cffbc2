"""A whole server in the test's own process, with a county in its store and a clock that the test turns."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.http.sign_in import passwords
from api.settings import Settings
from api.watch.clock import SteadyClock
from geo.store import Store
from tests.worlds import PACK, ClientAs, Clock, World

ORIGIN = "http://maplebridge.test"


@pytest.fixture(autouse=True)
def nobody_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse sign-ins at once, which a server holds for a moment."""
    monkeypatch.setattr(passwords, "HELD_SECONDS", 0.0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    video = {"video_key": "k" * 32, "video_link": "https://video.example.cn/play?id={id}&token={token}"}
    return Settings(data_dir=tmp_path, static_dir=tmp_path, max_body_bytes=200_000, **video)


@pytest.fixture
async def app(settings: Settings, store: Store, world: World, clock: Clock) -> AsyncIterator[FastAPI]:
    """The server, started: whatever it runs beside requests is running."""
    app = create_app(settings, pack=PACK, store=store, now=SteadyClock(clock, elapsed=clock.elapsed))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def client_as(app: FastAPI, world: World) -> AsyncIterator[ClientAs]:
    """Clients by username (a role's name is a user of the whole county), signed in with bearer tokens."""
    async with AsyncExitStack() as stack:
        clients: dict[str, httpx.AsyncClient] = {}

        def client(username: str) -> httpx.AsyncClient:
            if username not in clients:
                headers = {"Authorization": f"Bearer {world.tokens[username]}"}
                clients[username] = _client(app, headers)
                stack.push_async_callback(clients[username].aclose)
            return clients[username]

        yield client


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client that has not signed in."""
    async with _client(app, {}) as client:
        yield client


def _client(app: FastAPI, headers: dict[str, str]) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ORIGIN, headers=headers)
