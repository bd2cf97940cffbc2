"""Those who are there while something goes wrong: a source that reports, a monitor that asks, a desk that listens."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
from sqlalchemy import text
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.browser.server import Server
from tests.worlds import World

PATIENCE_SECONDS = 120.0
ASKING_SECONDS = 0.25
REPORTING_SECONDS = 0.1
MOST_UNANSWERED = 50
"""A machine that is busy with other things is not to be drowned by the onlookers alone."""

NUMBERS = text("SELECT external_no, count(*) AS times FROM incidents WHERE source = :source GROUP BY external_no")


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: when it came, how long it took, and what it was."""

    at: float
    seconds: float
    status: int
    body: dict[str, Any]
    retry_after: str | None


OF_THE_DAY = "calendar.missing"
"""Told from October until next year's calendar is there: no fault of the machine's."""


def codes(troubles: list[dict[str, Any]]) -> list[str]:
    """The codes of troubles that a fault of the machine makes."""
    return [trouble["code"] for trouble in troubles if trouble["code"] != OF_THE_DAY]


@dataclass(slots=True)
class Onlookers:
    """Everything that was seen from outside."""

    server: Server
    world: World
    source: str = "police"
    user: str = "source"
    length: int = 20
    acknowledged: set[str] = field(default_factory=set)
    refused: list[Said] = field(default_factory=list)
    health: list[Said] = field(default_factory=list)
    frames: list[dict[str, Any]] = field(default_factory=list)
    closed: list[int | None] = field(default_factory=list)
    _over: bool = False
    _unanswered: int = 0
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @asynccontextmanager
    async def present(self) -> AsyncIterator[None]:
        """They look on as long as the block lasts. What goes wrong with them goes wrong with the test."""
        asking = httpx.AsyncClient(base_url=self.server.url, timeout=PATIENCE_SECONDS)
        async with asking as http, asyncio.TaskGroup() as group:
            listening = group.create_task(self._listen())
            group.create_task(self._ask(http))
            group.create_task(self._report(http))
            try:
                yield
            finally:
                self._over = True
                listening.cancel()

    async def until(self, what: Callable[[], Any]) -> None:
        """Wait until `what` answers something true."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not what():  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    def troubles(self) -> list[str]:
        """The codes in the monitor's last answer."""
        return codes(self.health[-1].body["troubles"]) if self.health else []

    def frames_of(self, kind: str) -> list[dict[str, Any]]:
        """The frames of a kind that the desk has got."""
        return [frame for frame in self.frames if frame["t"] == kind]

    async def report(self, http: httpx.AsyncClient, number: str) -> Said:
        """One report by its number; sent again it is the same incident."""
        lon, lat = self.world.middle_of(self.world.micro_grids()[0])
        body = {
            "source": self.source,
            "external_no": number,
            "category": "hazard.fire",
            "title": "Reported while something goes wrong",
            "description": "x" * self.length,
            "lon": lon,
            "lat": lat,
        }
        token = {"Authorization": f"Bearer {self.world.tokens[self.user]}"}
        said = await _timed(http.post("/api/incidents", json=body, headers=token))
        if said.status == 201:
            self.acknowledged.add(number)
        else:
            self.refused.append(said)
        return said

    async def _report(self, http: httpx.AsyncClient) -> None:
        """A new report ten times a second, whether or not the last was answered; a refused one is sent again."""
        async with asyncio.TaskGroup() as group:
            while not self._over:
                if self._unanswered < MOST_UNANSWERED:
                    group.create_task(self._insist(http, f"N{next(self._numbers)}"))
                await asyncio.sleep(REPORTING_SECONDS)

    async def _insist(self, http: httpx.AsyncClient, number: str) -> None:
        """A connection that ends before the answer is no answer: the report is sent again."""
        self._unanswered += 1
        while number not in self.acknowledged and not self._over:
            pause = 0.1
            with suppress(httpx.TransportError):
                said = await self.report(http, number)
                pause = 0.0 if said.status == 201 else float(said.retry_after or 1)
            await asyncio.sleep(pause)
        self._unanswered -= 1

    async def _ask(self, http: httpx.AsyncClient) -> None:
        while not self._over:
            with suppress(httpx.TransportError):
                self.health.append(await _timed(http.get("/api/health")))
            await asyncio.sleep(ASKING_SECONDS)

    async def _listen(self) -> None:
        """A desk at the socket. It comes back when it is cut off, as a screen does."""
        while True:
            with suppress(ConnectionClosed):
                async with self._dialled() as socket:
                    async for message in socket:
                        self.frames.append(orjson.loads(message))
                    self.closed.append(socket.close_code)

    def _dialled(self) -> connect:
        token = {"Authorization": f"Bearer {self.world.tokens['operator']}"}
        return connect(f"ws://127.0.0.1:{self.server.port}/api/live", additional_headers=token)


async def _timed(asking: Awaitable[httpx.Response]) -> Said:
    began = time.monotonic()
    answer = await asking
    body = answer.json()
    return Said(began, time.monotonic() - began, answer.status_code, body, answer.headers.get("retry-after"))
