"""Child processes of a command, which end with it."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from api.keeping.words import said
from api.settings import ROOT
from geo.errors import MaplebridgeError

GRACE_SECONDS = 15
LAST_LINES = 15
KILLED = -signal.SIGKILL
"""Return code of a process that was killed, by the kernel for lack of memory or by a person."""


class ChildEnded(MaplebridgeError):
    """A child process ended too early, or failed. `params`: `name`, `status`, `log`, and its `last` lines."""

    code: ClassVar[str] = "command.child_ended"

    def __str__(self) -> str:
        return said("{name} ended with status {status}; from {log}:\n{last}", **self.params)


class ChildSilent(MaplebridgeError):
    """A child process runs but does not respond. `params`: `name`, `seconds`, `url`, `log`, and its `last` lines."""

    code: ClassVar[str] = "command.child_silent"

    def __str__(self) -> str:
        return said("{name} runs, but did not respond at {url} within {seconds} s; from {log}:\n{last}", **self.params)


class Child:
    """`maplebridge NAME …` in a child process whose output goes to `NAME.log` in the folder `logs`.

    It has a session of its own, so that Ctrl-C reaches only the parent, which ends its children in order. The kernel
    sends it SIGTERM when the parent dies, since a killed parent cannot.
    """

    def __init__(self, *arguments: str, logs: Path, env: Mapping[str, str]) -> None:
        self.name = arguments[0]
        self.log = logs / f"{self.name}.log"
        self.env = {**os.environ, "PYTHONPATH": str(ROOT), **env}
        python = [sys.executable, "-P", "-m", "api.keeping.commands"]
        self.command = ["setpriv", "--pdeathsig", "TERM", *python, *arguments]

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
                self.command,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=logs,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def check(self) -> None:
        """Raise `ChildEnded` unless the process is running."""
        if self.process.poll() is not None:
            raise self.ended()

    def restart_if_killed(self) -> bool:
        """Restart the process if it was killed, and return whether it was. Raises `ChildEnded` if it ended by
        itself.
        """
        if self.process.poll() != KILLED:
            self.check()
            return False
        self._start()
        return True

    def wait(self) -> None:
        """Wait for the process to end. Raises `ChildEnded` if it failed."""
        if self.process.wait():
            raise self.ended()

    def ended(self) -> ChildEnded:
        return ChildEnded(name=self.name, status=self.process.returncode, log=str(self.log), last=self._last())

    def silent(self, url: str, *, seconds: float) -> ChildSilent:
        return ChildSilent(name=self.name, url=url, seconds=seconds, log=str(self.log), last=self._last())

    def _last(self) -> str:
        return "\n".join(self.log.read_text(encoding="utf8", errors="replace").splitlines()[-LAST_LINES:])
