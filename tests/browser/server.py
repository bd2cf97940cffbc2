"""`maplebridge serve` in a process of its own, which a test may kill and start again."""

import asyncio
import os
import signal
import socket
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import httpx

from api.keeping.postgres.roles import Urls
from api.settings import Settings
from tests.browser.server_process import forked

START_SECONDS = 120
STOP_SECONDS = 30
PUSH_HOST = "push.invalid"
"""A push service that is nowhere."""


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """The server over one database, or without `urls` over a private one of its own in `folder`.

    It keeps its port from one start to the next, and lies below `prefix`. `place` is the pack that it serves.
    """

    def __init__(
        self,
        urls: Urls | None,
        folder: Path,
        *,
        port: int | None = None,
        prefix: str = "",
        place: str = "wujiang",
        nats_url: str = "",
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}{prefix}"
        self.log = folder / "server.log"
        self._settings = {
            **({"MAPLEBRIDGE_DATABASE_URL": urls.app} if urls else {}),
            "MAPLEBRIDGE_DATA_DIR": str(folder),
            "MAPLEBRIDGE_PORT": str(self.port),
            "MAPLEBRIDGE_COUNTY": place,
            "MAPLEBRIDGE_STATIC_DIR": str(Settings().static_dir),
            "MAPLEBRIDGE_VIDEO_KEY": "k" * 32,
            "MAPLEBRIDGE_VIDEO_LINK": f"{self.url}/api/health?id={{id}}&token={{token}}",
            "MAPLEBRIDGE_PUSH_CONTACT": "mailto:keeper@county.example",
            "MAPLEBRIDGE_PUSH_HOSTS": f'["{PUSH_HOST}"]',
            "MAPLEBRIDGE_NATS_URL": nats_url,
            **({"MAPLEBRIDGE_PUBLIC_URL": self.url} if prefix else {}),
        }
        self._process: ForkServerProcess | None = None

    async def start(self) -> None:
        """Start it and wait until it is well."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAPLEBRIDGE_")}
        self._process = forked(inherited | self._settings, self.log)
        async with asyncio.timeout(START_SECONDS), httpx.AsyncClient(base_url=self.url) as client:
            while not await self._is_well(client):
                assert self._process.exitcode is None, self.log.read_text(errors="replace")[-4000:]
                await asyncio.sleep(0.1)

    async def _is_well(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get("/api/health")).status_code == 200
        except httpx.TransportError:
            return False

    @property
    def pid(self) -> int:
        """The running process, for whoever measures it."""
        assert self._process is not None
        assert self._process.pid is not None
        return self._process.pid

    async def kill(self) -> None:
        """As a power cut would: it says goodbye to nobody."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Ask it to stop, as its keeper would."""
        await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.is_alive():
            os.kill(self.pid, how)
        await asyncio.to_thread(self._process.join, STOP_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            await asyncio.to_thread(self._process.join)
        self._process.close()
        self._process = None
