"""Which of the builds in a folder is in use: `current.json` names it, and is replaced in one step."""

import os
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import orjson
import structlog

log = structlog.get_logger()

CURRENT = "current.json"
Seen = tuple[int, int]


def save_current(folder: Path, said: Mapping[str, Any]) -> None:
    """Make this the build in use."""
    beside = folder / f"{CURRENT}.new"
    with beside.open("wb") as file:
        file.write(orjson.dumps(said))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / CURRENT)


def load_current(folder: Path) -> dict[str, Any] | None:
    """Read what is said of the build in use, None if there is none."""
    try:
        said: dict[str, Any] = orjson.loads((folder / CURRENT).read_bytes())
    except FileNotFoundError:
        return None
    return said


def seen_of(folder: Path) -> Seen | None:
    """Return what differs from one build in use to the next, None if there is none."""
    try:
        stat = (folder / CURRENT).stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns


class Build(Protocol):
    """A build that is open."""

    def close(self) -> None: ...


Opened = TypeVar("Opened", bound=Build)


@dataclass(slots=True)
class InUse(Generic[Opened]):
    """The build of a folder that is in use, looked up anew each time: a new one is found as soon as it is there."""

    folder: Path
    _build: Opened | None = None
    _seen: Seen | None = None

    def now(self) -> Opened | None:
        """Return the build in use, None without one, or without one that can be read."""
        if self._seen != (seen := seen_of(self.folder)):
            self.close()
            self._build, self._seen = self._opened() if seen else None, seen
        return self._build

    def close(self) -> None:
        if self._build is not None:
            self._build.close()

    def open(self) -> Opened | None:
        """Open the build that `current.json` names."""
        raise NotImplementedError

    def _opened(self) -> Opened | None:
        try:
            return self.open()
        except (sqlite3.Error, OSError, ValueError, KeyError, TypeError) as error:
            log.warning("basemap_unreadable", fault=str(error))
            return None
