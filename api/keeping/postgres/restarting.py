"""Restart the private cluster's server after it was killed; no service manager does."""

import os
import select
from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType
from typing import Self

import psycopg
import structlog

from api.keeping.postgres.programs import PostgresError

log = structlog.get_logger()

PAUSE_SECONDS = 0.2
"""Between a start and the next look at the server."""

PAUSE_AFTER_FAILURE_SECONDS = 2.0


class Restarter:
    """Thread that waits until the server's first process ends, and then starts the server again.

    `find` returns that process's id, None without one; `start` starts a server unless one still runs. Exceptions of
    both are logged, and it is retried.
    """

    def __init__(self, find: Callable[[], int | None], start: Callable[[], None]) -> None:
        self._find = find
        self._start = start
        self._ending = Event()
        self._thread = Thread(target=self._run, name="restarter", daemon=True)

    def __enter__(self) -> Self:
        self._wakeup = os.eventfd(0)
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._ending.set()
        os.eventfd_write(self._wakeup, 1)
        self._thread.join()
        os.close(self._wakeup)

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                self._keep_running()
            except (PostgresError, psycopg.Error, OSError) as error:
                # With a full disk, this repeats until there is room.
                log.error("database_not_started", problem=str(error))
                self._ending.wait(PAUSE_AFTER_FAILURE_SECONDS)

    def _keep_running(self) -> None:
        handle = self._handle()
        if handle is None:
            self._start()
            self._ending.wait(PAUSE_SECONDS)
            return
        ends = select.poll()
        for end in (handle, self._wakeup):
            ends.register(end, select.POLLIN)
        ends.poll()
        os.close(handle)
        if not self._ending.is_set():
            log.warning("database_gone")

    def _handle(self) -> int | None:
        """Open a pidfd of the first process; None if it has ended."""
        try:
            number = self._find()
            handle = None if number is None else os.pidfd_open(number)
        except ProcessLookupError:
            return None
        if handle is not None and self._find() != number:
            os.close(handle)  # It ended in between, and its id may be another process's by now.
            return None
        return handle
