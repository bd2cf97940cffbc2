"""Lock of a demo's folder: two demos would overwrite each other's logs and move the same forces."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from api.keeping.words import said
from geo.errors import MaplebridgeError


class DemoRunning(MaplebridgeError):
    """Another demo uses the folder. `params`: `folder`."""

    code: ClassVar[str] = "demo.running"

    def __str__(self) -> str:
        return said(
            "another demo is running in {folder}: end it with Ctrl-C, or give this one its own folder and port with "
            "MAPLEBRIDGE_DATA_DIR and --port",
            **self.params,
        )


@contextmanager
def lock_demo(folder: Path) -> Iterator[None]:
    """Lock the folder for one demo; the kernel releases it however the demo ends. Raises `DemoRunning`."""
    with (folder / "demo.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DemoRunning(folder=str(folder)) from error
        yield
