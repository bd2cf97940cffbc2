"""Where databases lie that need not outlive their tests: in memory, if the machine has room for them.

A test's database is 400 files, made and removed again. Ext4 does not reuse a removed file's number for five seconds and
looks for another one by one: on a disk the copies of a long run cost up to ten times as much of a processor.
"""

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM_BYTES = 2**31
"""What must be free. A worker's cluster holds a quarter of it at most; a container often has but 64 MB here."""


def folder_in_memory() -> Path | None:
    """A folder in memory with room for a cluster; None where there is none, which leaves the usual one for files."""
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < ROOM_BYTES:
        return None
    return MEMORY


PREFIX = "maplebridge-test-"


def own_prefix() -> str:
    """How the names of this process's folders begin."""
    return f"{PREFIX}{os.getpid()}-"


def remove_left(place: Path) -> None:
    """Remove what killed runs have left: memory that nobody gives back."""
    for folder in place.glob(f"{PREFIX}*-*"):
        process = folder.name.removeprefix(PREFIX).partition("-")[0]
        if process.isdigit() and not Path("/proc", process).exists():
            shutil.rmtree(folder, ignore_errors=True)
