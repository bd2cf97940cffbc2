"""Clients of the live feed that drop and return as they please, and record all events received."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from random import Random, choice
from typing import Any

import httpx
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from tests.live.reducer import State

RESYNC, RIGHTS_CHANGED, SLOW = 4009, 4003, 4008
HARMLESS = {None, 1000, 1005, 1006, 1012, 1013, SLOW, RESYNC}
"""How a connection may end while the server and its database are being killed."""

RETRY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class View:
    """A client's user, division code and mask. `whole`: it sees every new state."""

    username: str
    scope: str = ""
    wall: bool = False
    whole: bool = False
    force: int | None = None

    @property
    def query(self) -> dict[str, str]:
        return {name: value for name, value in (("scope", self.scope), ("wall", "true" if self.wall else "")) if value}


@dataclass(slots=True)
class Desk:
    """Shared by all clients: the servers' addresses, tokens, and the record of events.

    Where there are several servers, each connection and each request goes to any, as through a proxy.
    """

    urls: Sequence[str]
    tokens: dict[str, str]
    steady: bool = False
    events: int = 0
    connections: int = 0
    snapshots: int = 0
    closes: Counter[int | None] = field(default_factory=Counter)
    resyncs: Counter[str] = field(default_factory=Counter)
    wrongs: list[str] = field(default_factory=list)
    left_out: set[int] = field(default_factory=set)
    """Positions without an event for those who see every new state: there, something left others' sight."""

    @property
    def url(self) -> str:
        return choice(self.urls)

    def headers(self, view: View) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[view.username]}"}

    async def snapshot(self, http: httpx.AsyncClient, view: View) -> dict[str, Any]:
        """A snapshot, asked for until the server and its database are there."""
        while True:
            with suppress(httpx.TransportError):
                answer = await http.get(f"{self.url}/api/snapshot", params=view.query, headers=self.headers(view))
                if answer.status_code == 200:
                    self.snapshots += 1
                    found: dict[str, Any] = orjson.loads(answer.content)
                    return found
                if answer.status_code != 503:
                    self.wrongs.append(f"snapshot for {view.username}: {answer.status_code} {answer.text}")
            await asyncio.sleep(RETRY_SECONDS)


@dataclass(frozen=True, slots=True)
class ReceivedFrame:
    """A frame, decoded once for all who got the same: whether its positions ascend, and those that it leaves out."""

    frame: dict[str, Any]
    ascends: bool
    left_out: frozenset[int] = frozenset()


@lru_cache(maxsize=512)
def received(text: bytes) -> ReceivedFrame:
    frame = orjson.loads(text)
    if frame["t"] != "events":
        return ReceivedFrame(frame, ascends=True)
    positions = [frame["from"], *(item["pos"] for item in frame["items"])]
    ascends = all(a < b for a, b in pairwise([*positions, frame["to"] + 1]))
    return ReceivedFrame(
        frame, ascends=ascends, left_out=frozenset(range(frame["from"], frame["to"] + 1)).difference(positions)
    )


class Client:
    """One console. `lingers`: mean seconds until it drops; `pause`: longest rest after a frame, seconds."""

    def __init__(self, view: View, desk: Desk, rng: Random, *, lingers: float, pause: float = 0.0) -> None:
        self.view, self.desk, self.rng = view, desk, rng
        self.lingers, self.pause = lingers, pause
        self.state: State | None = None
        self.epoch = ""

    async def run(self, http: httpx.AsyncClient) -> None:
        """Without end: a snapshot where there is none of use, then the socket from there, until one side drops it."""
        await asyncio.sleep(self.rng.uniform(0, 3))
        while True:
            if self.state is None:
                snapshot = await self.desk.snapshot(http, self.view)
                self.state, self.epoch = State(snapshot), snapshot["epoch"]
            try:
                await self._stay()
            except InvalidStatus as refused:
                if refused.response.status_code != 503:
                    self._wrong(f"handshake answered {refused.response.status_code}: {refused.response.body!r}")
            except (OSError, EOFError, InvalidHandshake, TimeoutError):
                pass
            await asyncio.sleep(self.rng.uniform(0.05, 2 * RETRY_SECONDS))

    async def _stay(self) -> None:
        assert self.state is not None
        query = httpx.QueryParams(self.view.query | {"since": f"{self.epoch}:{self.state.pos}"})
        socket = await connect(
            f"ws{self.desk.url.removeprefix('http')}/api/live?{query}",
            additional_headers=self.desk.headers(self.view),
            max_size=None,
            ping_interval=None,
            open_timeout=60,
            close_timeout=2,
        )
        self.desk.connections += 1
        patience = None if self.desk.steady else self.rng.expovariate(1 / self.lingers)
        try:
            with suppress(ConnectionClosed, TimeoutError):
                async with asyncio.timeout(patience):
                    await self._listen(socket)
        finally:
            await self._leave(socket)

    async def _listen(self, socket: ClientConnection) -> None:
        while True:
            self._take(received(await socket.recv(decode=False)))
            if self.pause and not self.desk.steady:
                await asyncio.sleep(self.rng.uniform(0, self.pause))

    async def _leave(self, socket: ClientConnection) -> None:
        """By saying so or, as often, as a cable that is pulled."""
        code = socket.close_code
        self.desk.closes[code] += 1
        if code not in HARMLESS:
            self._wrong(f"closed with {code} {socket.close_reason}")
        if code is None and self.rng.random() < 0.5:
            socket.transport.abort()
        await socket.close()

    def _take(self, received: ReceivedFrame) -> None:
        frame = received.frame
        match frame["t"]:
            case "hello" | "beat" if self._position() != frame["pos"]:
                self._wrong(f"{frame['t']} names {frame['pos']} at {self._position()}")
            case "events":
                self._take_events(received)
            case "resync":
                self.desk.resyncs[frame["reason"]] += 1
                self.state = None

    def _take_events(self, received: ReceivedFrame) -> None:
        frame = received.frame
        if frame["from"] != self._position():
            self._wrong(f"events from {frame['from']} at {self._position()}")
        if self.view.whole:
            self.desk.left_out |= received.left_out
        if not received.ascends:
            self._wrong(f"positions {[item['pos'] for item in frame['items']]} in {frame['from']}–{frame['to']}")
        assert self.state is not None
        self.state.apply(frame)
        self.desk.events += len(frame["items"])

    def _position(self) -> int | None:
        return self.state.pos if self.state else None

    def _wrong(self, words: str) -> None:
        self.desk.wrongs.append(f"{self.view.username} {self.view.scope}: {words}")


def crowd(views: Sequence[View], desk: Desk, rng: Random, *, size: int, lingers: float) -> list[Client]:
    """Clients spread over the views; one in ten reads so slowly that it is cut off now and then."""
    return [
        Client(
            views[number % len(views)],
            desk,
            Random(rng.random()),
            lingers=lingers,
            pause=0.5 if number % 10 == 9 else 0.0,
        )
        for number in range(size)
    ]
