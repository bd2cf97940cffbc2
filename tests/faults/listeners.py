"""Many light consoles in a process of their own: they follow the live socket, come back when cut off, and take notes.

Usage: python -m tests.faults.listeners PLAN. PLAN is the JSON of a `ConsolePlan`. It prints `open` once every console
has received hello. Then it reads one command a line: `state` prints each console's count of hellos, 0 without a present
connection, and the smallest count of items received; `resume` lets the stuck consoles read again; `stop` writes the
records and ends.

A frame costs a console a few microseconds: what is measured is the server, on the same machine. So the notes are made
from the first bytes of each frame, and an item is counted by the word that begins it.
"""

import asyncio
import base64
import json
import os
import random
import re
import socket
import sys
import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

EVENTS = re.compile(rb'\{"t":"events","from":(\d+),"to":(\d+)')
ITEM = b'{"pos":'
OPENING_AT_ONCE = 50
FIRST_DELAY, LONGEST_DELAY = 0.4, 10.0
SMALL_BUFFER = 16_384
"""Small receive buffer of a client that does not read, as over a stalled link."""

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


@dataclass(frozen=True, slots=True)
class ConsolePlan:
    """Consoles to run, one for each token of `tokens`. The last `stuck` of them do not read before `resume`.

    With several `ports` the consoles are spread evenly, and each attempt to connect goes to the next, as by a proxy.
    """

    ports: list[int]
    tokens: list[str]
    notes: str
    stuck: int = 0
    queries: list[str] = field(default_factory=list)


def frames_in(buffer: bytearray) -> Iterator[tuple[int, bytes]]:
    """Take the whole frames out of what has come: opcode and payload. The server's frames are unmasked and final."""
    start = 0
    while len(buffer) >= start + 2:
        size, begin = buffer[start + 1], start + 2
        if size == 126:
            size, begin = int.from_bytes(buffer[begin : begin + 2]), begin + 2
        elif size == 127:
            size, begin = int.from_bytes(buffer[begin : begin + 8]), begin + 8
        if len(buffer) < begin + size:
            break
        yield buffer[start] & 15, bytes(buffer[begin : begin + size])
        start = begin + size
    del buffer[:start]


class Console:
    """One console over all its connections: the position it holds, and its notes."""

    def __init__(self, plan: ConsolePlan, number: int) -> None:
        self.plan = plan
        self.number = number
        self.token = plan.tokens[number]
        self.query = plan.queries[number] if plan.queries else ""
        self.is_stuck = number >= len(plan.tokens) - plan.stuck
        self.port = self.attempts = 0
        self.epoch, self.since, self.pos = "", 0, 0
        self.greeted = False
        self.greetings = self.gaps = self.items = self.fixes = self.resyncs = 0
        self.ends: list[str] = []
        self.upto, self.at = array("q"), array("d")
        self.transport: asyncio.Transport | None = None

    async def follow(self, opening: asyncio.Semaphore) -> None:
        """Connect, stay as long as it lasts, and come back, later with each attempt that led to nothing."""
        attempt = 0
        while True:
            before = self.greetings
            async with opening:
                connection = await self._connect()
            if connection:
                await connection.lost
            self.greeted = False
            attempt = 0 if self.greetings > before else attempt + 1
            ceiling = min(LONGEST_DELAY, FIRST_DELAY * 2**attempt)
            await asyncio.sleep(ceiling * (1 + random.random()) / 2)

    async def _connect(self) -> "ConsoleConnection | None":
        try:
            opened = socket.socket()
            if self.is_stuck:
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
            opened.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(opened, ("127.0.0.1", self._next_port()))
            self.transport, connection = await loop.create_connection(lambda: ConsoleConnection(self), sock=opened)
            await connection.answered
        except OSError as error:
            self.ends.append(type(error).__name__)
            return None
        return connection

    def _next_port(self) -> int:
        self.port = self.plan.ports[(self.number + self.attempts) % len(self.plan.ports)]
        self.attempts += 1
        return self.port

    def receive(self, payload: bytes, at: float) -> None:
        """Note an events frame: where it leads, when, and whether it continues the one before."""
        if found := EVENTS.match(payload):
            first, upto = int(found[1]), int(found[2])
            self.gaps += first != self.pos
            self.pos = upto
            self.items += payload.count(ITEM)
            self.upto.append(upto)
            self.at.append(at)
        elif payload.startswith(b'{"t":"fixes"'):
            self.fixes += 1
        elif payload.startswith(b'{"t":"hello"'):
            self._greet(json.loads(payload))
        elif payload.startswith(b'{"t":"resync"'):
            self.resyncs += 1
            self.epoch = ""

    def _greet(self, hello: dict[str, Any]) -> None:
        if not self.epoch:
            self.epoch, self.since, self.pos = hello["epoch"], hello["pos"], hello["pos"]
        self.gaps += hello["pos"] != self.pos
        self.greeted = True
        self.greetings += 1
        if self.is_stuck and self.greetings == 1 and self.transport:
            self.transport.pause_reading()

    @property
    def address(self) -> str:
        since = f"since={self.epoch}:{self.pos}" if self.epoch else ""
        return "/api/live?" + "&".join(part for part in (self.query, since) if part)

    def account(self) -> dict[str, Any]:
        names = ("number", "since", "pos", "greetings", "gaps", "items", "fixes", "resyncs", "ends", "is_stuck")
        return {name: getattr(self, name) for name in names}


class ConsoleConnection(asyncio.Protocol):
    """One connection of a console."""

    def __init__(self, console: Console) -> None:
        loop = asyncio.get_running_loop()
        self.console = console
        self.answered: asyncio.Future[None] = loop.create_future()
        self.lost: asyncio.Future[None] = loop.create_future()
        self.upgraded = False
        self.buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.console.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {self.console.address} HTTP/1.1",
            f"Host: 127.0.0.1:{self.console.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            f"Authorization: Bearer {self.console.token}",
        ]
        transport.write("\r\n".join([*lines, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        at = time.monotonic()
        self.buffer += data
        if not self.upgraded and not self._upgrade():
            return
        for opcode, payload in frames_in(self.buffer):
            if opcode == TEXT:
                self.console.receive(payload, at)
            elif opcode == PING:
                self._send_frame(PONG, payload)
            elif opcode == CLOSE:
                self.console.ends.append(str(int.from_bytes(payload[:2])))
                self._send_frame(CLOSE, payload)
                self.transport.close()

    def _upgrade(self) -> bool:
        """Read the answer to the handshake, once it is there."""
        head, mark, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        if not mark:
            return False
        status = head.split(b" ", 2)[1].decode()
        self.buffer = bytearray(rest)
        self.upgraded = status == "101"
        if not self.upgraded:
            self.console.ends.append(status)
            self.transport.close()
        if not self.answered.done():
            self.answered.set_result(None)
        return self.upgraded

    def _send_frame(self, opcode: int, payload: bytes) -> None:
        """Send a short control frame. Its mask is zero, which the protocol allows."""
        self.transport.write(bytes([128 | opcode, 128 | len(payload)]) + bytes(4) + payload)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.answered.done():
            self.answered.set_exception(ConnectionResetError())
        if not self.lost.done():
            self.lost.set_result(None)
        self.console.ends.append("lost" if exc is None else type(exc).__name__)


def write_line(line: str) -> None:
    print(line, flush=True)  # noqa: T201


async def serve_commands(plan: ConsolePlan, consoles: list[Console]) -> None:
    """Answer the commands on standard input until `stop`."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while (command := (await reader.readline()).decode().strip()) not in ("stop", ""):
        if command == "resume":
            for console in consoles:
                if console.is_stuck and console.transport:
                    console.transport.resume_reading()
        greeted = [console.greetings if console.greeted else 0 for console in consoles]
        write_line(json.dumps({"greeted": greeted, "received": min(console.items for console in consoles)}))
    write_notes(Path(plan.notes), consoles)


def write_notes(path: Path, consoles: list[Console]) -> None:
    """Write the records of all consoles: an `.npz` of columns, one row a frame, and the JSON of the rest within it."""
    rest = {"consoles": [console.account() for console in consoles], "cpu_seconds": time.process_time()}
    np.savez(
        path,
        console=np.concatenate([np.full(len(c.upto), c.number) for c in consoles]),
        upto=np.concatenate([np.frombuffer(c.upto, dtype=np.int64) for c in consoles]),
        at=np.concatenate([np.frombuffer(c.at, dtype=np.float64) for c in consoles]),
        rest=np.array(json.dumps(rest)),
    )
    write_line("written")


async def main(plan: ConsolePlan) -> None:
    consoles = [Console(plan, number) for number in range(len(plan.tokens))]
    opening = asyncio.Semaphore(OPENING_AT_ONCE)
    following = [asyncio.create_task(console.follow(opening)) for console in consoles]
    while not all(console.greetings for console in consoles):  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    write_line("open")
    await serve_commands(plan, consoles)
    for task in following:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main(ConsolePlan(**json.loads(sys.argv[1]))))
