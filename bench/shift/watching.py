"""Watches a shift: what the page says that it must not, whether the queue holds what the server has, and memory."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession, ConsoleMessage, Page

from bench.shift.hands import Hands

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
TIMES = 6
"""How often rows and server are compared until they agree: both go on meanwhile."""


def children_of(parent: int) -> Iterator[tuple[int, str]]:
    """Process ids and command lines of a process's children."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            after = (folder / "stat").read_text().rpartition(")")[2].split()
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if int(after[1]) == parent:
            yield int(folder.name), words


def server_of(demo: int) -> int:
    """Process id of a demo's server."""
    return next(pid for pid, words in children_of(demo) if " serve" in words)


def resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES / 1e6


@dataclass
class Watch:
    """What was noticed. `memory`: minute, page's heap and server's resident memory in MB, after garbage collection."""

    hands: Hands
    devtools: CDPSession
    server: int
    faults: list[str] = field(default_factory=list)
    memory: list[tuple[float, float, float]] = field(default_factory=list)
    nodes: list[int] = field(default_factory=list)
    queues: list[tuple[int, int]] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def minute(self) -> float:
        return (time.monotonic() - self.began) / 60

    def hear(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.fault(f"page error: {error}"))
        page.on("crash", lambda _: self.fault("the page crashed"))
        page.on("framenavigated", lambda frame: self._moved(frame.parent_frame is None, frame.url))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.fault(f"console: {message.text} {message.location.get('url', '')}")

    def _moved(self, main: bool, url: str) -> None:
        """The queue's view stands in the address; another path is another page."""
        if main and url.split("?")[0].rstrip("/").count("/") > 2:
            self.fault(f"left the hall for {url}")

    def fault(self, words: str) -> None:
        self.faults.append(f"minute {self.minute:.1f}: {words}")

    async def weigh(self) -> None:
        await self.devtools.send("HeapProfiler.collectGarbage")
        heap = float((await self.devtools.send("Runtime.getHeapUsage"))["usedSize"]) / 1e6
        counters: Any = await self.devtools.send("Memory.getDOMCounters")
        self.memory.append((self.minute, heap, resident_mb(self.server)))
        self.nodes.append(int(counters["nodes"]))

    async def compare_queue(self) -> None:
        """The rows of the whole queue are the open incidents that the server lists."""
        await self.hands.page.locator("#queue .statuses button").nth(2).click()
        rows: set[int] = set()
        missing: set[int] = set()
        for _ in range(TIMES):
            before = await self._open()
            rows = await self.hands.rows()
            after = await self._open()
            missing, more = (before & after) - rows, rows - (before | after)
            if not missing and not more:
                break
            await self.hands.page.wait_for_timeout(1_000)
        else:
            self.fault(f"queue: {sorted(missing)} are missing, {sorted(more)} are open no more")
        self.queues.append((len(rows), len(after)))
        await self.hands.page.locator("#queue .statuses button").first.click()

    async def _open(self) -> set[int]:
        found: set[int] = set()
        params: dict[str, Any] = {"status": "open", "limit": 1000}
        while True:
            page = await self.hands.ask("/api/incidents", **params)
            found |= {int(one["id"]) for one in page["items"]}
            if not page["next"]:
                return found
            params["cursor"] = page["next"]
