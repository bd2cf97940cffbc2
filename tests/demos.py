"""A demo in a process of its own, as somebody at a terminal has it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.shared import CHECKOUT

COMMAND = (sys.executable, "-P", "-m", "api.keeping.commands")
READY_SECONDS = 240
GONE_SECONDS = 20


@dataclass(frozen=True, slots=True)
class RunningDemo:
    """A demo that has said READY: its process, what it said, how long that took, and what it was doing until then."""

    process: subprocess.Popen[str]
    folder: Path
    said: dict[str, Any]
    seconds: float
    progress: str

    @property
    def url(self) -> str:
        return str(self.said["url"])

    def end(self, number: signal.Signals) -> int:
        """Send it a signal and answer its exit status."""
        self.process.send_signal(number)
        return self.process.wait(GONE_SECONDS)


def environment(folder: Path) -> dict[str, str]:
    """What a fresh terminal would have: nothing of a server that the tests themselves may have been pointed to."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAPLEBRIDGE_")}
    return {**kept, "PYTHONPATH": str(CHECKOUT), "MAPLEBRIDGE_DATA_DIR": str(folder)}


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextmanager
def demo_in(folder: Path, *words: str) -> Iterator[RunningDemo]:
    """Start a demo that keeps its things in `folder`, wait for READY, and end it if the block has not."""
    began = time.monotonic()
    command = [*COMMAND, "demo", "--port", str(free_port()), *words]
    errors = folder.parent / "demo.err"
    with errors.open("w") as stderr:
        process = subprocess.Popen(
            command, env=environment(folder), stdout=subprocess.PIPE, stderr=stderr, stdin=subprocess.DEVNULL, text=True
        )
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("READY "), errors.read_text()
        said, seconds = json.loads(line.removeprefix("READY ")), time.monotonic() - began
        yield RunningDemo(process, folder, said, seconds, errors.read_text())
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=GONE_SECONDS)


def left_running(folder: Path) -> list[str]:
    """The command lines of processes that still have to do with the folder, once they had time to end."""
    deadline = time.monotonic() + GONE_SECONDS
    while (found := _concerned_with(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def _concerned_with(folder: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "cmdline").read_bytes() + b" " + (process / "environ").read_bytes()
        except OSError:
            continue
        if process.name != str(os.getpid()) and os.fsencode(folder) in told:
            found.append(told.split(b"\0\0")[0].decode(errors="replace")[:200])
    return found
