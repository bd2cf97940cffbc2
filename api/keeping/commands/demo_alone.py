"""One demo a folder: two would write over each other's logs, and move the same forces."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from geo.errors import MaplebridgeError


class DemoRunning(MaplebridgeError):
    """Another demo uses the folder. `params`: `folder`."""

    code: ClassVar[str] = "demo.running"

    def __str__(self) -> str:
        return (
            f"another demo is running in {self.params['folder']}: end it with Ctrl-C, or give this one a folder and a "
            "port of its own with MAPLEBRIDGE_DATA_DIR and --port"
        )


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder for one demo; however that ends, the kernel lets go of it. Raises DemoRunning."""
    with (folder / "demo.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DemoRunning(folder=str(folder)) from error
        yield
