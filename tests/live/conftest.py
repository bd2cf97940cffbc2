"""A real server on a port of its own, for tests that need real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import orjson
import pytest
import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from api.app import create_app
from api.http.wire.frames import FRAME
from api.live.transport import UVICORN
from api.settings import Settings
from geo.store import Store
from tests.api.conftest import app, client, client_as, clock
from tests.api.conftest import settings as of_api
from tests.worlds import PACK, World

__all__ = ["app", "client", "client_as", "clock", "of_api"]

PATIENCE = 10.0


@pytest.fixture
def settings(of_api: Settings) -> Settings:
    return of_api.model_copy(update={"push_contact": "mailto:keeper@county.example"})


@pytest.fixture
def app_without_store(settings: Settings) -> FastAPI:
    """The server's routes alone: nothing behind them answers."""
    return create_app(settings, pack=PACK, store=Store("postgresql+psycopg://nobody@/nothing"))


@pytest.fixture
async def port(app: FastAPI) -> AsyncIterator[int]:
    """The port on which the app is served, lifespan already running."""
    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None, **UVICORN)
    server = uvicorn.Server(config)
    sockets = [config.bind_socket()]
    serving = asyncio.create_task(server.serve(sockets=sockets))
    yield sockets[0].getsockname()[1]
    server.should_exit = True
    server.force_exit = True
    await serving


class SocketClient:
    """A client's end of the live socket. Every frame must be what the OpenAPI document says."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def frame(self, wanted: str | None = None) -> dict[str, Any]:
        """The next frame, or the next of type `wanted`; fails when none comes."""
        async with asyncio.timeout(PATIENCE):
            while True:
                text = await self.connection.recv()
                FRAME.validate_json(text)
                found: dict[str, Any] = orjson.loads(text)
                if wanted in (None, found["t"]):
                    return found

    async def close_code(self) -> int | None:
        """The code the server closes with, after whatever it still says."""
        with suppress(ConnectionClosed):
            async with asyncio.timeout(PATIENCE):
                while True:
                    await self.connection.recv()
        return self.connection.close_code


class Dial:
    """Opens live sockets as users of the world, and closes them all at the end."""

    def __init__(self, port: int, world: World) -> None:
        self.port = port
        self.world = world
        self.lines: list[ClientConnection] = []

    async def __call__(self, username: str, query: str = "", **options: Any) -> SocketClient:
        headers = {"Authorization": f"Bearer {self.world.tokens[username]}"}
        url = f"ws://127.0.0.1:{self.port}/api/live?{query}"
        connection = await connect(url, **{"additional_headers": headers} | options)
        self.lines.append(connection)
        return SocketClient(connection)


@pytest.fixture
async def dial(port: int, world: World) -> AsyncIterator[Dial]:
    dial = Dial(port, world)
    yield dial
    for connection in dial.lines:
        await connection.close()
