"""Send a recording through the HTTP interface, at its own pace times a speed."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson

from ingest.replay.recording import Body, Record, Times, paced, sorted_by_time, with_time
from ingest.simulator.server_client import OnTrouble, ServerClient

EVERY_S = 1.0
MOST_AT_ONCE = 1000
TIMEOUT_S = 60.0
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Target:
    """A server and a bearer token for it. After `patience_s` without an answer the replay gives up."""

    url: str
    token: str
    patience_s: float
    on_trouble: OnTrouble


async def send_reports(
    records: Sequence[Record], to: Target, *, speed: float, times: Times, progress: Progress
) -> Counter[str]:
    """Send incidents; count the outcomes: `created`, `existing`, or the error. Raises RequestRefused, NoAnswer."""

    async def post(server: ServerClient, bodies: list[Body]) -> list[str]:
        content = b"".join(orjson.dumps(body) + b"\n" for body in bodies)
        headers = {"Content-Type": "application/x-ndjson"}
        answer = await server.ask("POST", "/api/incidents/batch", content=content, headers=headers)
        return [_outcome(item) for item in answer.json()["items"]]

    return await _send(records, to, post, "occurred_at", speed=speed, times=times, progress=progress)


async def send_fixes(
    records: Sequence[Record], to: Target, *, speed: float, times: Times, progress: Progress
) -> Counter[str]:
    """Send positions; count the outcomes by flag (`ok`, `teleport`, …) or error code. Raises like send_reports."""

    async def post(server: ServerClient, bodies: list[Body]) -> list[str]:
        answer = await server.ask("POST", "/api/positions", json={"fixes": bodies})
        return [item["flag"] or item["code"] for item in answer.json()["items"]]

    return await _send(records, to, post, "at", speed=speed, times=times, progress=progress)


async def _send(
    records: Sequence[Record],
    to: Target,
    post: Callable[[ServerClient, list[Body]], Any],
    name: str,
    *,
    speed: float,
    times: Times,
    progress: Progress,
) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    clock = asyncio.get_running_loop().time
    async with httpx.AsyncClient(base_url=to.url, timeout=TIMEOUT_S, trust_env=False) as client:
        server, began = ServerClient(client, to.token, on_trouble=to.on_trouble, patience_s=to.patience_s), clock()
        for due, group in paced(sorted_by_time(records), speed=speed, every_s=EVERY_S):
            await asyncio.sleep(max(began + due - clock(), 0))
            for start in range(0, len(group), MOST_AT_ONCE):
                now = datetime.now(UTC)
                bodies = [with_time(r, name, times=times, now=now) for r in group[start : start + MOST_AT_ONCE]]
                outcomes.update(await post(server, bodies))
                progress(outcomes.total())
    return outcomes


def _outcome(item: Body) -> str:
    """Return `created`, `existing`, or the first error of the line."""
    if item["status"] != "refused":
        return str(item["status"])
    error = item["errors"][0]
    return f"{error['field']} {error['code']}"
