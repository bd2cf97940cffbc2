"""Database connection that aborts when the server does not respond in time.

A server that is stopped, swapped out or behind a cut cable closes nothing: a client would wait for its response for
ever, and so would every task waiting for that client. After `patience` seconds the connection is shut down from this
side, and psycopg reports a lost connection.
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
"""For the server: longer than any of its statements runs, and than any lock is held."""

GRACE_SECONDS = 0.25
INTERVAL_SECONDS = 0.1


class PatientConnection(AsyncConnection[TupleRow]):
    """psycopg connection that waits at most `patience` seconds for each response. None waits without limit."""

    patience: float | None = None
    _ending: asyncio.TimerHandle | None = None

    async def wait(
        self,
        gen: PQGen[Answer],
        interval: float = INTERVAL_SECONDS,
        timeout: float | None = None,  # noqa: ASYNC109 - psycopg's own.
    ) -> Answer:
        """Wait as psycopg does. Raises `OperationalError` when the connection was aborted meanwhile.

        A wait that is cancelled closes the connection: whoever gave up may not come back to close it.
        """
        if self.patience is not None:
            self._ending = asyncio.get_running_loop().call_later(self.patience, self._grace)
        try:
            return await super().wait(gen, interval=interval, timeout=timeout)
        except asyncio.CancelledError:
            self.pgconn.finish()
            raise
        finally:
            if self._ending is not None:
                self._ending.cancel()

    async def cancel_safe(self, **_: Any) -> None:
        """Abort the connection instead of asking the server to cancel, which could wait as long again."""
        self.abort()

    def closed_by_server(self) -> bool:
        """Return whether the connection is closed or has unrequested input, which mostly means that the server closed
        it.
        """
        if self.closed:
            return True
        watched = select.poll()
        watched.register(self.fileno(), select.POLLIN)
        return bool(watched.poll(0))

    def abort(self) -> None:
        """Shut the socket down. A pending wait fails with a lost connection; a closed one has none."""
        if self.closed:
            return
        with suppress(OSError), socket.socket(fileno=os.dup(self.fileno())) as end:
            end.shutdown(socket.SHUT_RDWR)

    def _grace(self) -> None:
        """Allow the event loop a moment to read: after a stall of this process the response may be there, unread."""
        self._ending = asyncio.get_running_loop().call_later(GRACE_SECONDS, self.abort)
