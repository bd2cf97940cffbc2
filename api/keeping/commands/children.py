"""Programs that a command starts beside itself, and that end with it, whatever becomes of it."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from api.settings import ROOT
from geo.errors import MaplebridgeError

GRACE_SECONDS = 15
LAST_LINES = 15
KILLED = -signal.SIGKILL
"""How a program ends that the kernel took for want of memory, or that somebody killed: it had no say in it."""


class ChildEnded(MaplebridgeError):
    """A program ended that should have gone on, or failed. `params`: `name`, `status`, `log`, and its `last` lines."""

    code: ClassVar[str] = "command.child_ended"

    def __str__(self) -> str:
        return "{name} ended with status {status}; from {log}:\n{last}".format(**self.params)


class ChildSilent(MaplebridgeError):
    """A program runs and does not answer. `params`: `name`, `seconds`, `url`, `log`, and its `last` lines."""

    code: ClassVar[str] = "command.child_silent"

    def __str__(self) -> str:
        return "{name} runs, and did not answer at {url} in {seconds} s; from {log}:\n{last}".format(**self.params)


class Child:
    """`maplebridge NAME …` in a process of its own, whose output goes to `NAME.log` in the folder `logs`.

    It is in a session of its own, so that Ctrl-C reaches the parent alone, which ends its children in order. The
    kernel tells it to end when the parent is gone: a parent that was killed could not tell it.
    """

    def __init__(self, *words: str, logs: Path, env: Mapping[str, str]) -> None:
        self.name = words[0]
        self.log = logs / f"{self.name}.log"
        self.env = {**os.environ, "PYTHONPATH": str(ROOT), **env}
        self.words = ["setpriv", "--pdeathsig", "TERM", sys.executable, "-P", "-m", "api.keeping.commands", *words]

    def __enter__(self) -> Self:
        self.log.write_bytes(b"")
        self._start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.process.terminate()
        try:
            self.process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _start(self) -> None:
        with self.log.open("ab") as logs:
            self.process = subprocess.Popen(
                self.words,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=logs,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def check(self) -> None:
        """Raise ChildEnded unless it is running."""
        if self.process.poll() is not None:
            raise self.ended()

    def keep(self) -> bool:
        """Start it again if it was killed, and tell whether it was. Raises ChildEnded if it ended of its own accord."""
        if self.process.poll() != KILLED:
            self.check()
            return False
        self._start()
        return True

    def finish(self) -> None:
        """Wait for its end. Raises ChildEnded unless that was a good one."""
        if self.process.wait():
            raise self.ended()

    def ended(self) -> ChildEnded:
        return ChildEnded(name=self.name, status=self.process.returncode, log=str(self.log), last=self._last())

    def silent(self, url: str, *, seconds: float) -> ChildSilent:
        return ChildSilent(name=self.name, url=url, seconds=seconds, log=str(self.log), last=self._last())

    def _last(self) -> str:
        return "\n".join(self.log.read_text(encoding="utf8", errors="replace").splitlines()[-LAST_LINES:])
