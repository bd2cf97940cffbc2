"""How long a sweep takes with many open deadlines: of none that is due, of some that are, and of their warnings.

Usage: python -m bench.deadlines [--open 100000] [--due 1000]. Needs PostgreSQL with PostGIS, and nothing else running.
Each deadline is an incident's first response; one that is due writes a timeline entry and a feed event. Prints seconds
and their ratio to the reach. As many deadlines again have fired long ago and stay in the table.
"""

import argparse
import asyncio
import sys
import time
from datetime import datetime, timedelta

from sqlalchemy import text

from api.watch.deadlines import KINDS
from bench.stage import Stage, machine, staged
from console.deadlines.actions import sweep
from geo.store import Reach, Store
from tests.reporting import add_incident
from tests.worlds import NOW, ROOT, settle

REACH_SECONDS = 2.0
SPAN = timedelta(days=365)
COPIES = text("""
INSERT INTO incidents (case_code, source, category, risk, level, title, description, status, geom, raw_x, raw_y, datum,
    cell, grid_code, village_code, division_path, occurred_at, registered_at, first_due_at, version)
SELECT 'B' || number, source, category, risk, level, title, description, status, geom, raw_x, raw_y, datum, cell,
    grid_code, village_code, division_path, occurred_at, registered_at,
    registered_at + number * CAST(:step AS interval), version
FROM incidents, generate_series(1, :count) AS number
""")
OPEN = text("""
INSERT INTO deadlines (subject, subject_id, kind, started_at, amount, unit, warn_share, due_at, warn_at, division_path)
SELECT 'incident', id, 'incident.first_response', registered_at, extract(epoch FROM first_due_at - registered_at),
    'second', 0.66, first_due_at, registered_at + 0.66 * (first_due_at - registered_at), division_path
FROM incidents
""")
FIRED = text("""
INSERT INTO deadlines (subject, subject_id, kind, started_at, amount, unit, due_at, fired_at, division_path)
SELECT 'incident', id, 'incident.past', registered_at, 60, 'second', registered_at, registered_at, division_path
FROM incidents
""")


async def fill(store: Store, *, count: int) -> None:
    """Incidents whose first responses are due one after the other over a year."""
    world = await settle(store)
    async with store.transaction(Reach(scope=ROOT)) as session:
        await add_incident(session, world, world.micro_grids()[0])
        await session.execute(COPIES, {"count": count - 1, "step": SPAN / count})
        await session.execute(OPEN)
        await session.execute(FIRED)


async def swept(store: Store, now: datetime) -> tuple[int, float]:
    """How many took effect, and the seconds until nothing was left, as the server's loop goes about it."""
    began, taken = time.perf_counter(), 0
    while True:
        async with store.transaction(Reach(scope=ROOT)) as session:
            found = await sweep(session, KINDS, now=now)
        taken += found
        if not found:
            return taken, time.perf_counter() - began


async def measure(stage: Stage, options: argparse.Namespace) -> None:
    store = Store(stage.urls.app, pool_size=1)
    await fill(store, count=options.open)
    stage.analyze()
    step = SPAN / options.open
    lines = [f"{machine()}; {options.open} open deadlines, as many that have fired (reach: {REACH_SECONDS:.0f} s)"]
    for name, now in (
        ("connecting, none due", NOW),
        ("none due", NOW),
        ("some due, some warned of", NOW + options.due * step),
        ("none due any more", NOW + options.due * step),
    ):
        taken, seconds = await swept(store, now)
        lines.append(f"{name:>26}: {taken:6d} in {seconds:6.3f} s, {seconds / REACH_SECONDS:.3f} of its reach")
    await store.close()
    sys.stdout.write("\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=1_000)
    options = parser.parse_args()
    with staged() as stage:
        asyncio.run(measure(stage, options))


if __name__ == "__main__":
    main()
