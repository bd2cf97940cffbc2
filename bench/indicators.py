"""Response time of indicators over HTTP, in a county with five years of cases.

Usage: python -m bench.indicators [--cases 153075] [--open 4000] [--asks 60]. Needs PostgreSQL with PostGIS, and an
otherwise idle machine. Prints percentiles in milliseconds of each indicator of this year, of all in one answer, of
parts, on past lines, of all five years, and of the lists behind them, with their ratio to the reach.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import quantiles

from sqlalchemy import text

from bench.board import fill
from bench.ingest import bodies
from bench.stage import Meter, Stage, client_of, machine, plain_client, served, settle_county, staged, summary
from geo.store import Reach, Store

REACH_MS = 200
WARM = 5
LOOKED_AT = """
UPDATE case_facts SET outcome = (ARRAY['agreed', 'settled', 'failed', 'done'])[1 + incident_id % 4],
    category = (ARRAY['dispute.family', 'dispute.neighbour', 'dispute.labour', 'hazard.fire'])[1 + incident_id % 4],
    source = (ARRAY['police', 'grid_app', 'window'])[1 + incident_id % 3], hand_overs = incident_id % 2,
    satisfied = (ARRAY['yes', 'partly', NULL])[1 + incident_id % 3], asked = 'satisfied', reopened = incident_id % 50
"""
"""So that every indicator has cases of all sorts to tell apart."""


async def spread(stage: Stage, root: str) -> None:
    """Make the cases differ, and the first lines old enough for five years."""
    store = Store(stage.urls.owner, pool_size=1)
    async with store.transaction(Reach(scope=root)) as session:
        await session.execute(text(LOOKED_AT))
        await session.execute(text("UPDATE divisions SET valid_from = CAST(now() AS date) - 3000"))
    await store.close()
    stage.analyze()


def timed(get: Callable[[str], bytes], path: str, *, asks: int) -> list[float]:
    """Return the milliseconds of each response."""
    took = []
    for _ in range(asks):
        start = time.perf_counter()
        get(path)
        took.append(1000 * (time.perf_counter() - start))
    return took


async def measure(stage: Stage, options: argparse.Namespace) -> None:
    county = await settle_county(stage)
    async with served(stage) as server:
        async with client_of(server, county.tokens["source"]) as source:
            for body in bodies(stage, county, reports=20, lines=20):
                (await source.post("/api/incidents/batch", content=body)).raise_for_status()
        await fill(stage, county.pack.root.code, cases=options.cases, running=options.open)
        await spread(stage, county.pack.root.code)
        today = datetime.now(UTC).date()
        year, five = f"from={today - timedelta(days=365)}", f"from={today - timedelta(days=5 * 365)}"
        codes = [one.code for one in county.pack.indicators.indicators]
        paths = [f"/api/indicators/{code}?{year}" for code in codes]
        paths += [f"/api/indicators/{code}?{year}&by=division" for code in ("closed", "duration", "running")]
        paths += [f"/api/indicators/closed?{year}&by={by}" for by in ("level", "unit", "category", "source")]
        paths += [
            f"/api/indicators/closed?{year}&by=division&lines={today - timedelta(days=30)}",
            f"/api/indicators?{year}",
            f"/api/indicators/closed?{five}&by=division",
            f"/api/indicators/duration?{five}&by=division",
            f"/api/indicators/closed/cases?{year}&limit=100",
        ]
        lines = [f"{machine()}; {options.cases} cases in five years (reach: p95 {REACH_MS} ms)"]
        worst = 0.0
        with plain_client(server.url, county.tokens["operator"]) as get, Meter(stage, server) as meter:
            for path in paths:
                timed(get, path, asks=WARM)
                took = timed(get, path, asks=options.asks)
                ratio = quantiles(took, n=20)[-1] / REACH_MS
                worst = max(worst, ratio)
                lines.append(f"{summary(path, took)}; p95 {ratio:.2f} of its reach")
        lines.append(f"slowest p95 {worst:.2f} of its reach")
        lines.append(meter.summary(per=len(paths) * (WARM + options.asks), unit="responses"))
    sys.stdout.write("\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=153_075)
    parser.add_argument("--open", type=int, default=4_000)
    parser.add_argument("--asks", type=int, default=60)
    options = parser.parse_args()
    with staged() as stage:
        asyncio.run(measure(stage, options))


if __name__ == "__main__":
    main()
