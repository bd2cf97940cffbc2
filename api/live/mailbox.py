"""What waits to be sent on one socket: bounded, and patient only with what may be dropped."""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Protocol, Self

MOST_MESSAGES = 1_000
MOST_CHARACTERS = 1_048_576

SIGNED_OUT = 4001
RIGHTS_CHANGED = 4003
SLOW = 4008
RESYNC = 4009
BAD_MESSAGE = 4400
TRY_AGAIN = 1013


class Latest(Protocol):
    """A message of which only the newest matters, such as where forces are."""

    def text(self) -> str:
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

    Frames that must arrive are counted against the bounds; beyond them the mailbox closes, and its client resumes.
    Of the droppable ones there is at most one for each topic: a newer merges with the one that was not sent.
    """

    def __init__(self, *, most_messages: int = MOST_MESSAGES, most_characters: int = MOST_CHARACTERS) -> None:
        self.most_messages = most_messages
        self.most_characters = most_characters
        self.closing: Closing | None = None
        self._frames: deque[str] = deque()
        self._characters = 0
        self._latest: dict[str, Latest] = {}
        self._news = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._closed = asyncio.Event()

    def put(self, frame: str) -> None:
        """Add a frame that must arrive. On overflow the mailbox closes as `SLOW`."""
        if self.closing:
            return
        if self._frames and self._is_full(frame):
            self.close(SLOW, "slow")
            return
        self._frames.append(frame)
        self._characters += len(frame)
        self._empty.clear()
        self._news.set()

    def put_latest(self, topic: str, message: Latest) -> None:
        """Add a droppable message, or merge it with the one of its topic that still waits."""
        if self.closing:
            return
        waiting = self._latest.get(topic)
        self._latest[topic] = waiting.merged(message) if waiting else message
        self._news.set()

    def close(self, code: int, reason: str) -> None:
        """Take nothing more. A second reason does not replace the first."""
        if self.closing is None:
            self.closing = Closing(code, reason)
            self._closed.set()
            self._empty.set()

    async def get(self) -> str:
        """The next frame; those that must arrive go first."""
        while not (self._frames or self._latest):
            self._news.clear()
            await self._news.wait()
        if self._frames:
            return self._take()
        return self._latest.pop(next(iter(self._latest))).text()

    def leftovers(self) -> list[str]:
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

    def _is_full(self, frame: str) -> bool:
        return len(self._frames) >= self.most_messages or self._characters + len(frame) > self.most_characters

    def _take(self) -> str:
        frame = self._frames.popleft()
        self._characters -= len(frame)
        if not self._frames:
            self._empty.set()
        return frame
