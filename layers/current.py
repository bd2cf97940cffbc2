"""Which of the builds in a folder is in use: `current.json` names it, and is replaced in one step."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

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
