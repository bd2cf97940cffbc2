"""A connection to the database that waits for no answer without end.

A server that is stopped, swapped out or behind a cable that was cut closes nothing: whoever waits for its answer waits
for ever, and so does everybody who waits for them. So a line that has waited for as long as its patience lasts is cut
at its own end, and whoever waited hears what they would hear of a server that had gone.
"""

import asyncio
import os
import select
import socket
from contextlib import suppress
from typing import Any, TypeVar

from psycopg import AsyncConnection
from psycopg.abc import PQGen
from psycopg.rows import TupleRow

Answer = TypeVar("Answer")

PATIENCE_SECONDS = 60.0
"""For a server that serves: longer than any of its statements takes, and than any lock is held."""

GRACE_SECONDS = 0.25
INTERVAL_SECONDS = 0.1


class PatientConnection(AsyncConnection[TupleRow]):
    """A connection of psycopg's own with a bound to each wait: `patience`, in seconds. None waits without end."""

    patience: float | None = None
    _ending: asyncio.TimerHandle | None = None

    async def wait(
        self,
        gen: PQGen[Answer],
        interval: float = INTERVAL_SECONDS,
        timeout: float | None = None,  # noqa: ASYNC109 - psycopg's own.
    ) -> Answer:
        """As psycopg's. Raises `OperationalError` when the line was cut meanwhile."""
        if self.patience is None:
            return await super().wait(gen, interval=interval, timeout=timeout)
        self._ending = asyncio.get_running_loop().call_later(self.patience, self._grace)
        try:
            return await super().wait(gen, interval=interval, timeout=timeout)
        finally:
            self._ending.cancel()

    async def cancel_safe(self, **_: Any) -> None:
        """Whoever gives up waiting leaves the line: asking the server to stop would be to wait for it again."""
        self.abort()

    def closed_by_server(self) -> bool:
        """Whether the line is closed, or the server has said what nobody asked: mostly, that it has ended the line."""
        if self.closed:
            return True
        watched = select.poll()
        watched.register(self.fileno(), select.POLLIN)
        return bool(watched.poll(0))

    def abort(self) -> None:
        """End the line here and now. Whoever waits for an answer is told that the connection is gone."""
        with suppress(OSError), socket.socket(fileno=os.dup(self.fileno())) as end:
            end.shutdown(socket.SHUT_RDWR)

    def _grace(self) -> None:
        """Where it was we who did not look for a while, the answer may lie there unread."""
        self._ending = asyncio.get_running_loop().call_later(GRACE_SECONDS, self.abort)
