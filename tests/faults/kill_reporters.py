"""Reporters who repeat each report until the server accepts it, through kills, and record the results."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

import httpx
import orjson

from tests.worlds import World

RETRY_SECONDS = 0.5
PATIENCE_SECONDS = 120.0
BATCH = 20


@dataclass(slots=True)
class Receipts:
    """Acknowledged reports: the incident's id by the title of the report; counts of calls by response."""

    ids: dict[str, int] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    wrongs: list[str] = field(default_factory=list)

    async def grown(self, count: int) -> None:
        """Wait until as many more have been acknowledged."""
        wanted = len(self.ids) + count
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.ids) < wanted:  # noqa: ASYNC110
                await asyncio.sleep(0.05)


class Reporter:
    """Reports one incident after another, in every way: by number, by key, single and as a batch."""

    def __init__(self, number: int, *, http: httpx.AsyncClient, world: World, receipts: Receipts, seed: float) -> None:
        self.number, self.http, self.world, self.receipts = number, http, world, receipts
        self.rng = Random(seed)
        self.reported = 0
        self.headers = {"Authorization": f"Bearer {world.tokens['source']}"}

    async def run(self, enough: asyncio.Event) -> None:
        """Until it is enough; what has been begun is brought to its end."""
        ways: list[Callable[[], Awaitable[None]]] = [
            self._numbered,
            self._keyed,
            self._many_numbered,
            self._many_keyed,
        ]
        while not enough.is_set():
            await self.rng.choice(ways)()

    async def _numbered(self) -> None:
        report = self._matter(numbered=True)
        await self._one(report, {})

    async def _keyed(self) -> None:
        await self._one(self._matter(numbered=False), self._key())

    async def _one(self, report: dict[str, Any], headers: dict[str, str]) -> None:
        found = await self._send("/api/incidents", orjson.dumps(report), headers)
        self.receipts.ids[report["title"]] = found["id"]

    async def _many_numbered(self) -> None:
        await self._many([self._matter(numbered=True) for _ in range(BATCH)], {})

    async def _many_keyed(self) -> None:
        await self._many([self._matter(numbered=False) for _ in range(BATCH)], self._key())

    async def _many(self, reports: list[dict[str, Any]], headers: dict[str, str]) -> None:
        lines = b"\n".join(map(orjson.dumps, reports))
        found = await self._send("/api/incidents/batch", lines, headers | {"Content-Type": "application/x-ndjson"})
        self.receipts.ids |= {reports[item["line"] - 1]["title"]: item["id"] for item in found["items"]}

    async def _send(self, path: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
        """Send the same until it is taken. Whatever else than `try again` it is answered is noted as wrong."""
        headers = {"Content-Type": "application/json"} | self.headers | headers
        while True:
            try:
                answer = await self.http.post(path, content=body, headers=headers)
            except httpx.TransportError as error:
                self.receipts.answers[type(error).__name__] += 1
            else:
                self.receipts.answers[str(answer.status_code)] += 1
                if answer.is_success:
                    found: dict[str, Any] = answer.json()
                    return found
                if answer.status_code != 503:
                    self.receipts.wrongs.append(f"{path}: {answer.status_code} {answer.text}")
            await asyncio.sleep(self.rng.uniform(RETRY_SECONDS / 2, RETRY_SECONDS))

    def _key(self) -> dict[str, str]:
        return {"Idempotency-Key": str(UUID(int=self.rng.getrandbits(128)))}

    def _matter(self, *, numbered: bool) -> dict[str, Any]:
        self.reported += 1
        name = f"{self.number}-{self.reported}"
        lon, lat = self.world.middle_of(self.rng.choice(self.world.micro_grids()))
        return {
            "source": "hotline",
            "category": "dispute.family",
            "title": name,
            "lon": lon,
            "lat": lat,
            **({"external_no": name} if numbered else {}),
        }
