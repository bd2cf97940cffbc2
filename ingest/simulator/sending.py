"""Send reports: closed incidents of past weeks in batches, then the day's at their time."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import orjson
import structlog

from ingest.simulator.rates import Arrival, arrivals_from
from ingest.simulator.reports import Body, Reporter
from ingest.simulator.server_client import ServerClient
from ingest.simulator.terms import TrafficTerms

BATCH = 1000
log = structlog.get_logger()


def records(
    reporter: Reporter, traffic: TrafficTerms, *, zone: ZoneInfo, days: int, now: datetime, seed: int
) -> Iterator[Body]:
    """Yield closed incidents of the last days, up to 15 minutes ago."""
    start = _midnight(now - timedelta(days=days), zone)
    for arrival in arrivals_from(traffic, start, zone=zone, seed=seed):
        if arrival.at > now - timedelta(minutes=15):
            return
        yield reporter.record(arrival, now=now)


def _midnight(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the local midnight before a time, so that a second run on the same day makes the same records."""
    local = moment.astimezone(zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def batches(bodies: Iterable[Body], size: int) -> Iterator[bytes]:
    """Yield NDJSON of at most `size` bodies each."""
    rest = iter(bodies)
    while chunk := list(islice(rest, size)):
        yield b"\n".join(orjson.dumps(body) for body in chunk) + b"\n"


async def send_history(server: ServerClient, bodies: Iterable[Body]) -> int:
    """Send closed incidents and return their number; the server leaves known ones unchanged. Raises RequestRefused."""
    sent = 0
    for batch in batches(bodies, BATCH):
        await server.ask(
            "POST", "/api/incidents/batch", content=batch, headers={"Content-Type": "application/x-ndjson"}
        )
        sent += batch.count(b"\n")
    return sent


async def send_live(
    server: ServerClient, reporter: Reporter, arrivals: Iterable[Arrival], *, start: datetime, speed: float
) -> None:
    """Send each report at its time, on a simulated day that begins at `start` and runs at `speed` times real time."""
    clock = asyncio.get_running_loop().time
    began = clock()
    for arrival in arrivals:
        await asyncio.sleep(max((arrival.at - start).total_seconds() / speed - (clock() - began), 0))
        for body in reporter.report(arrival, occurred_at=datetime.now(UTC)):
            answer = await server.send("POST", "/api/incidents", json=body)
            if answer.is_error:
                # Points drawn near the county's boundary may lie outside it.
                log.info("simulator.report_refused", status=answer.status_code, category=body["category"])
