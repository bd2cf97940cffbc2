"""What waits to be sent on one socket: bounded, and patient only with what may be dropped."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

MOST_MESSAGES = 1_000
MOST_BYTES = 1_048_576

SIGNED_OUT = 4001
RIGHTS_CHANGED = 4003
SLOW = 4008
RESYNC = 4009
BAD_MESSAGE = 4400
TRY_AGAIN = 1013

Outlet = Callable[[bytes], bool]
"""Hands a frame to the network at once, or answers False where the network would have to wait for the client."""


class Latest(Protocol):
    """A message of which only the newest matters, such as where forces are."""

    def text(self) -> bytes:
        """The frame, encoded when it is really sent."""

    def merged(self, newer: Self) -> Self:
        """One message that says what both say, where this one was never sent."""


@dataclass(frozen=True, slots=True)
class Closing:
    """Why a socket is to be closed: one of this module's codes."""

    code: int
    reason: str


class Mailbox:
    """Frames for one socket, in order. Putting never waits: the sender of all must not wait for one.

    Where nothing waits and the taker is idle, a frame goes straight to the `outlet`, if there is one: waking a task for
    each of a thousand sockets costs more than all that is said to them. Everything else waits for the taker.
    Frames that must arrive are counted against the bounds; beyond them the mailbox closes, and its client resumes.
    Of the droppable ones there is at most one for each topic: a newer merges with the one that was not sent.
    """

    def __init__(self, *, most_messages: int = MOST_MESSAGES, most_bytes: int = MOST_BYTES) -> None:
        self.most_messages = most_messages
        self.most_bytes = most_bytes
        self.closing: Closing | None = None
        self.outlet: Outlet | None = None
        self._reader_idle = False
        self._frames: deque[bytes] = deque()
        self._bytes = 0
        self._latest: dict[str, Latest] = {}
        self._frame_added = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._closed = asyncio.Event()

    def put(self, frame: bytes) -> None:
        """Add a frame that must arrive. On overflow the mailbox closes as `SLOW`."""
        if self.closing or self._write_directly(frame):
            return
        if self._frames and self._is_full(frame):
            self.close(SLOW, "slow")
            return
        self._frames.append(frame)
        self._bytes += len(frame)
        self._empty.clear()
        self._wake_reader()

    def put_latest(self, topic: str, message: Latest) -> None:
        """Add a droppable message, or merge it with the one of its topic that still waits."""
        if self.closing or (self._reader_idle and self.outlet and self._write_directly(message.text())):
            return
        waiting = self._latest.get(topic)
        self._latest[topic] = waiting.merged(message) if waiting else message
        self._wake_reader()

    def close(self, code: int, reason: str) -> None:
        """Take nothing more. A second reason does not replace the first."""
        if self.closing is None:
            self.closing = Closing(code, reason)
            self._closed.set()
            self._empty.set()

    async def get(self) -> bytes:
        """The next frame; those that must arrive go first. Asking for it says that the last one has been sent."""
        while not (self._frames or self._latest):
            self._frame_added.clear()
            self._reader_idle = True
            try:
                await self._frame_added.wait()
            finally:
                self._reader_idle = False
        if self._frames:
            return self._take()
        return self._latest.pop(next(iter(self._latest))).text()

    def remaining_frames(self) -> list[bytes]:
        """Take all frames that must arrive and were not taken, for a farewell."""
        return [self._take() for _ in range(len(self._frames))]

    async def drained(self) -> None:
        """Wait until all frames that must arrive were taken, or the mailbox is closed."""
        await self._empty.wait()

    async def closed(self) -> Closing:
        """Wait until the mailbox is closed, and say why."""
        await self._closed.wait()
        assert self.closing is not None
        return self.closing

    def _write_directly(self, frame: bytes) -> bool:
        """An idle taker has sent all it took, so nothing can be overtaken."""
        return self._reader_idle and self.outlet is not None and self.outlet(frame)

    def _wake_reader(self) -> None:
        self._reader_idle = False
        self._frame_added.set()

    def _is_full(self, frame: bytes) -> bool:
        return len(self._frames) >= self.most_messages or self._bytes + len(frame) > self.most_bytes

    def _take(self) -> bytes:
        frame = self._frames.popleft()
        self._bytes -= len(frame)
        if not self._frames:
            self._empty.set()
        return frame
