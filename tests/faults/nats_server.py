"""A NATS server of the tests' own, which they may kill, with its store or without."""

import asyncio
import shutil
import signal
from pathlib import Path

import pytest

from tests.browser.server import free_port

PROGRAM = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin:/usr/local/sbin")
needs_nats = pytest.mark.skipif(PROGRAM is None, reason="nats-server is not installed")


class Nats:
    """One server with JetStream. It keeps its port from one start to the next."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder / "nats", free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        assert PROGRAM
        self._process = await asyncio.create_subprocess_exec(
            *(PROGRAM, "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", str(self.folder), "-l", "/dev/null")
        )
        async with asyncio.timeout(20):
            while not await self._answers():  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True

    def stall(self) -> None:
        """Stop it without a word: connections stay open and bring nothing."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    async def kill(self, *, forget: bool = False) -> None:
        """Kill it as a power cut would, and with `forget` delete what it stored."""
        process, self._process = self._process, None
        if process:
            process.kill()
            await process.wait()
        if forget:
            shutil.rmtree(self.folder, ignore_errors=True)
