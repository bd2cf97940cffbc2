"""Bringing the private cluster's server back when it was killed: no service manager does it for a private one."""

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
"""Between looks at a server that has orphans left: a new one cannot start before the last of them has ended."""

PAUSE_AFTER_FAILURE_SECONDS = 2.0


class Reviver:
    """A thread that sleeps until the server's first process is gone, and then starts the server again.

    `find` answers that process' number, None where there is none; `start` starts a server unless one still lives.
    What `start` raises is logged, and it is tried again.
    """

    def __init__(self, find: Callable[[], int | None], start: Callable[[], None]) -> None:
        self._find = find
        self._start = start
        self._ending = Event()
        self._thread = Thread(target=self._run, name="reviver", daemon=True)

    def __enter__(self) -> Self:
        self._bell = os.eventfd(0)
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._ending.set()
        os.eventfd_write(self._bell, 1)
        self._thread.join()
        os.close(self._bell)

    def _run(self) -> None:
        while not self._ending.is_set():
            handle = self._handle()
            if handle is None:
                self._revive()
                self._ending.wait(PAUSE_SECONDS)
                continue
            ends = select.poll()
            for end in (handle, self._bell):
                ends.register(end, select.POLLIN)
            ends.poll()
            os.close(handle)
            if not self._ending.is_set():
                log.warning("database_gone")

    def _handle(self) -> int | None:
        """What tells of the first process' end; None where it has ended already."""
        try:
            number = self._find()
            handle = None if number is None else os.pidfd_open(number)
        except ProcessLookupError:
            return None
        if handle is not None and self._find() != number:
            os.close(handle)  # It ended in between, and its number may be a stranger's by now.
            return None
        return handle

    def _revive(self) -> None:
        try:
            self._start()
        except (PostgresError, psycopg.Error, OSError) as error:
            # Where the disk is full it takes until somebody has made room.
            log.error("database_not_started", problem=str(error))
            self._ending.wait(PAUSE_AFTER_FAILURE_SECONDS)
