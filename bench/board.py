"""Response time of the board over HTTP, in a county with five years of cases of which some thousands are open.

Usage: python -m bench.board [--cases 150000] [--open 4000] [--asks 100]. Needs PostgreSQL with PostGIS, and an
otherwise idle machine. Prints percentiles in milliseconds of the figures by unit, level, stage and division, and
of the lists behind them, with their ratio to the reach, and processor time.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from statistics import quantiles

import orjson
from sqlalchemy import text

from bench.ingest import bodies
from bench.stage import Meter, Stage, client_of, machine, plain_client, served, settle_county, staged, summary
from geo.store import Reach, Store

REACH_MS = 200
WARM = 8
ASKED = (
    "/api/board?by=unit",
    "/api/board?by=level",
    "/api/board?by=stage",
    "/api/board?by=division",
    "/api/board/late?limit=100",
    "/api/board/late?standing=near&limit=100",
)
FILL = (
    """
    CREATE TEMPORARY TABLE spots ON COMMIT DROP AS
    SELECT row_number() OVER (ORDER BY d.division_path) - 1 AS number, d.division_path AS path, u.code AS unit
    FROM divisions AS d
    JOIN units AS u ON u.is_centre AND u.division_path = subpath(d.division_path, 0, 3)
    WHERE d.level = 'micro_grid'
    """,
    """
    INSERT INTO incidents (case_code, source, category, risk, level, title, description, status, geom, raw_x, raw_y,
        datum, cell, grid_code, village_code, division_path, occurred_at, registered_at, first_due_at, closed_at,
        version)
    SELECT 'B' || n, source, category, risk, level, title, description, 'closed', geom, raw_x, raw_y, datum, cell,
        grid_code, village_code, spots.path, now() - n * step.one, now() - n * step.one, now(),
        CASE WHEN n > :open THEN now() - n * step.one + interval '9 days' END, version
    FROM (SELECT * FROM incidents ORDER BY id LIMIT 1) AS first
    CROSS JOIN generate_series(1, :cases) AS n
    CROSS JOIN (SELECT CAST(interval '5 years' / :cases AS interval) AS one) AS step
    JOIN spots ON spots.number = n % (SELECT count(*) FROM spots)
    """,
    """
    INSERT INTO cases (incident_id, pack_version, flow, stage, lane, level, unit, accepted, first_unit, paused, due_at,
        opened_at, ended_at, state, fold, division_path, version)
    SELECT i.id, c.pack_version, c.flow, (ARRAY['received', 'routed', 'handling', 'feedback'])[1 + i.id % 4], c.lane,
        (ARRAY['village', 'town', 'county'])[1 + i.id % 3], s.unit, true, s.unit, i.id % 11 = 0, now(),
        i.registered_at, i.closed_at, c.state, c.fold, i.division_path, 1
    FROM incidents AS i JOIN spots AS s ON s.path = i.division_path
    CROSS JOIN (SELECT * FROM cases ORDER BY incident_id LIMIT 1) AS c WHERE i.case_code LIKE 'B%'
    """,
    """
    INSERT INTO clocks (incident_id, code, limit_code, content, pack_version, started_at, started_day, amount, unit,
        extended, extensions, generation, due_at, due_day, warn_at, last_day, moments, unannounced, paused_at,
        stopped_at, outcome, division_path)
    SELECT i.id, k.code, k.limit_code, k.content, k.pack_version, i.registered_at, CAST(i.registered_at AS date),
        k.amount, k.unit, 0, 0, 0, w.due, CAST(w.due AS date), w.due - interval '1 day', CAST(w.due AS date), k.moments,
        k.unannounced, CASE WHEN i.id % 11 = 0 THEN now() END, i.closed_at, i.closed_at::text, i.division_path
    FROM incidents AS i
    CROSS JOIN (SELECT * FROM clocks ORDER BY id LIMIT 2) AS k
    CROSS JOIN LATERAL (SELECT now() + ((i.id + k.id) % 15 - 4) * interval '8 hours' AS due) AS w
    WHERE i.case_code LIKE 'B%'
    """,
)


async def fill(stage: Stage, root: str, *, cases: int, running: int) -> None:
    """Add five years of cases, the latest of which are open, with two clocks each."""
    store = Store(stage.urls.owner, pool_size=1)
    async with store.transaction(Reach(scope=root)) as session:
        for statement in FILL:
            wanted = text(statement)
            values = {"cases": cases, "open": running}
            await session.execute(wanted, {name: values[name] for name in wanted._bindparams})
    await store.close()
    stage.analyze()


def timed(get: Callable[[str], bytes], path: str, *, asks: int) -> tuple[list[float], int]:
    """Return the milliseconds of each response, and how many items the last one had."""
    took, items = [], 0
    for _ in range(asks):
        start = time.perf_counter()
        answer = get(path)
        took.append(1000 * (time.perf_counter() - start))
        items = len(orjson.loads(answer)["items"])
    return took, items


async def measure(stage: Stage, options: argparse.Namespace) -> None:
    county = await settle_county(stage)
    async with served(stage) as server:
        async with client_of(server, county.tokens["source"]) as source:
            for body in bodies(stage, county, reports=20, lines=20):
                (await source.post("/api/incidents/batch", content=body)).raise_for_status()
        await fill(stage, county.pack.root.code, cases=options.cases, running=options.open)
        lines = [f"{machine()}; {options.cases} cases, {options.open} of them open (reach: p95 {REACH_MS} ms)"]
        with plain_client(server.url, county.tokens["operator"]) as get, Meter(stage, server) as meter:
            for path in ASKED:
                timed(get, path, asks=WARM)
                took, items = timed(get, path, asks=options.asks)
                ratio = quantiles(took, n=20)[-1] / REACH_MS
                lines.append(f"{summary(path, took)}; {items} items, p95 {ratio:.2f} of its reach")
        lines.append(meter.summary(per=len(ASKED) * (WARM + options.asks), unit="responses"))
    sys.stdout.write("\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=150_000)
    parser.add_argument("--open", type=int, default=4_000)
    parser.add_argument("--asks", type=int, default=100)
    options = parser.parse_args()
    with staged() as stage:
        asyncio.run(measure(stage, options))


if __name__ == "__main__":
    main()
