"""Wait at the end for the checks that `./maplebridge test` runs beside the tests: a failed one fails the whole.

`.ci/steps` writes them into the folder that `PYTEST_STEPS` names: `failed` has a line for each that failed, and
`done` stands there once all have been tried.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

LONGEST_SECONDS = 900


def folder_of_steps() -> Path | None:
    """The folder of the checks that run beside this call; None where none do."""
    name = os.environ.get("PYTEST_STEPS")
    return Path(name) if name else None


def failed_steps(folder: Path) -> list[str]:
    """Wait until all checks are done and answer the names of those that failed."""
    until = time.monotonic() + LONGEST_SECONDS
    while not (folder / "done").exists():
        if time.monotonic() > until:
            return ["the checks did not end"]
        time.sleep(0.1)
    failed = folder / "failed"
    return failed.read_text(encoding="utf8").splitlines() if failed.exists() else []


def stop_steps(folder: Path) -> None:
    """End what still runs of them: the tests were interrupted."""
    with suppress(FileNotFoundError, ProcessLookupError):
        os.killpg(int((folder / "pid").read_text()), signal.SIGTERM)
