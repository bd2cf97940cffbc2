"""What an attack does to others: the time of a signed-in user's requests, and what health says meanwhile."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from time import perf_counter

import httpx

from tests.browser.server import Server

EVERY_SECONDS, HEALTH_EVERY_SECONDS = 0.05, 0.5
TIMEOUT = 120.0


@dataclass(slots=True)
class Bystander:
    """Milliseconds of `/api/me` and of `/api/health`, and the statuses and troubles that health told."""

    took: list[float] = field(default_factory=list)
    health: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    troubles: set[str] = field(default_factory=set)

    def add(self, seconds: float) -> None:
        """Add a request, and those that would have been sent while it was waited for."""
        while seconds > 0:
            self.took.append(1000 * seconds)
            seconds -= EVERY_SECONDS

    def line(self, name: str, *, reach_ms: float | None = None) -> str:
        """Format the figures as a line, with the part of the reach that p99 takes."""
        p50, p99 = percentiles(self.took)
        reach = f", {p99 / reach_ms:.2f} of the reach" if reach_ms else ""
        told = ", ".join(f"{status} {count}" for status, count in self.statuses.most_common())
        return (
            f"{name:>24}: others p50 {p50:.0f} ms, p99 {p99:.0f} ms{reach} ({len(self.took)} requests); "
            f"health {told}, slowest {max(self.health, default=0):.0f} ms, troubles {sorted(self.troubles)}"
        )


def percentiles(took: list[float]) -> tuple[float, float]:
    if len(took) < 2:
        return (took or [0.0])[0], (took or [0.0])[0]
    cuts = quantiles(took, n=100, method="inclusive")
    return cuts[49], cuts[98]


@asynccontextmanager
async def standing_by(server: Server, token: str) -> AsyncIterator[Bystander]:
    """Ask for `/api/me` and `/api/health` during the block, as another user at another address."""
    seen = Bystander()
    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": "10.8.8.8"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers, timeout=TIMEOUT, trust_env=False) as client:
        tasks = [asyncio.create_task(_ask_me(client, seen)), asyncio.create_task(_ask_health(client, seen))]
        try:
            yield seen
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _ask_me(client: httpx.AsyncClient, seen: Bystander) -> None:
    while True:
        began = perf_counter()
        answer = await client.get("/api/me")
        seen.add(perf_counter() - began)
        if answer.is_error:
            seen.statuses[f"(others {answer.status_code})"] += 1
        await asyncio.sleep(EVERY_SECONDS)


async def _ask_health(client: httpx.AsyncClient, seen: Bystander) -> None:
    while True:
        began = perf_counter()
        told = (await client.get("/api/health")).json()
        seen.health.append(1000 * (perf_counter() - began))
        seen.statuses[told["status"]] += 1
        seen.troubles |= {trouble["code"] for trouble in told["troubles"]}
        await asyncio.sleep(HEALTH_EVERY_SECONDS)
