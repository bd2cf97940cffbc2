"""Let one worker compile for all: on a fresh clone each would compile the same 2,000 modules and tests."""

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def folder_of_bytecode() -> Path | None:
    """Where Python keeps what it compiles, if `./maplebridge` has named a folder for it."""
    return Path(sys.pycache_prefix) if sys.pycache_prefix and not sys.dont_write_bytecode else None


@contextmanager
def compiled_once(folder: Path | None) -> Iterator[None]:
    """Import the tests in the block: alone where nothing is compiled yet, while the other workers wait."""
    if folder is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    compiled = folder / "compiled"
    with (folder / "compiling").open("a") as turn:
        if not compiled.exists():
            fcntl.flock(turn, fcntl.LOCK_EX)
        if not compiled.exists():
            yield
            compiled.touch()
            return
    yield
