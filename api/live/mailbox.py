"""Bounded queue of frames for one socket, with droppable messages by topic."""

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
"""Writes a frame to the network at once, or returns False if it would have to wait for the client."""


class Latest(Protocol):
    """A message superseded by newer ones, such as positions of forces."""

    def text(self) -> bytes:
        """Encode the frame, when it is sent."""

    def merged(self, newer: Self) -> Self:
        """Merge this unsent message with a newer one."""


@dataclass(frozen=True, slots=True)
class Closing:
    """Close code of a socket, one of this module's, and reason."""

    code: int
    reason: str


class Mailbox:
    """Frames for one socket, in order. `put` never waits, since the hub must not wait for one socket.

    With an empty queue and an idle reader, a frame is written directly to the `outlet`, if there is one: waking a task
    for each of a thousand sockets costs more than writing the frames. All other frames wait for the reader.
    Required frames count against the bounds; beyond them the mailbox closes, and its client resumes.
    There is at most one droppable message for each topic: a newer one is merged with it.
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
        """Add a required frame. On overflow the mailbox closes as `SLOW`."""
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
        """Add a droppable message, or merge it with the waiting one of its topic."""
        if self.closing or (self._reader_idle and self.outlet and self._write_directly(message.text())):
            return
        waiting = self._latest.get(topic)
        self._latest[topic] = waiting.merged(message) if waiting else message
        self._wake_reader()

    def close(self, code: int, reason: str) -> None:
        """Accept no more frames. A second reason does not replace the first."""
        if self.closing is None:
            self.closing = Closing(code, reason)
            self._closed.set()
            self._empty.set()

    async def get(self) -> bytes:
        """Wait for the next frame, required ones first. The caller must have sent the previous one."""
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
        """Take all required frames that are left, to send them before closing."""
        return [self._take() for _ in range(len(self._frames))]

    async def drained(self) -> None:
        """Wait until all required frames were taken, or the mailbox is closed."""
        await self._empty.wait()

    async def closed(self) -> Closing:
        """Wait until the mailbox is closed, and return the reason."""
        await self._closed.wait()
        assert self.closing is not None
        return self.closing

    def _write_directly(self, frame: bytes) -> bool:
        """Write a frame to the outlet if the reader is idle: it has sent all its frames, so none is overtaken."""
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
