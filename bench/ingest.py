"""Reports a second of one server over HTTP, and the cost of the same rows for PostgreSQL as a bare COPY.

Usage: python -m bench.ingest [--reports 30000] [--lines 1000] [--senders 2]. Needs PostgreSQL with PostGIS, and an
otherwise idle machine. Each report is validated, compared with existing ones, assigned grid, village, cell, level and
code, counted, and written to its timeline and to the feed; and the feed is read to its end. The peer is the finished
rows, through COPY, into a table with the same columns and indexes and without policies.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from time import perf_counter

import httpx
import numpy as np
import orjson
import psycopg
from psycopg import sql

from api.keeping.postgres.roles import connect
from bench.stage import Meter, Stage, Staged, client_of, machine, served, settle_county, staged
from console.incidents.tables import Incident

REACH = 3_000
PAST = timedelta(days=1)


def bodies(stage: Stage, staged_: Staged, *, reports: int, lines: int, seed: int = 1) -> list[bytes]:
    """Build NDJSON of a day's reports, distributed over the micro-grids like households."""
    rng = np.random.default_rng(seed)
    spots = drawn_points(stage, reports=reports, seed=seed)
    assert staged_.pack.demo.traffic is not None
    categories, yearly = zip(*staged_.pack.demo.traffic.yearly.items(), strict=True)
    shares = np.array(yearly, dtype=float)
    kinds = rng.choice(len(categories), size=reports, p=shares / shares.sum())
    ages = rng.uniform(0, PAST.total_seconds(), size=reports)
    now = datetime.now(UTC)
    reports_sent = [
        {
            "source": "hotline",
            "external_no": f"{seed}-{i}",
            "category": categories[kind],
            "title": "楼上漏水双方互不相让",
            "description": "来电人反映楼上长期漏水, 多次协商未果, 要求派人到场调解。",
            "lon": lon,
            "lat": lat,
            "occurred_at": (now - timedelta(seconds=float(age))).isoformat(),
        }
        for i, (kind, age, (lon, lat)) in enumerate(zip(kinds, ages, spots, strict=True))
    ]
    return [b"\n".join(map(orjson.dumps, reports_sent[i : i + lines])) for i in range(0, reports, lines)]


def drawn_points(stage: Stage, *, reports: int, seed: int) -> list[tuple[float, float]]:
    """Draw points inside the micro-grids, in proportion to households."""
    drawn = """
        SELECT ST_X(p.geom), ST_Y(p.geom) FROM divisions d CROSS JOIN LATERAL
            ST_Dump(ST_GeneratePoints(d.geom, greatest(1, (d.households * %(each)s)::int), %(seed)s)) AS p
        WHERE d.level = 'micro_grid'"""
    with connect(stage.cluster.socket, stage.database) as superuser:
        homes = superuser.execute("SELECT sum(households) FROM divisions WHERE level = 'micro_grid'").fetchone()
        assert homes is not None
        rows = superuser.execute(drawn, {"each": 1.2 * reports / homes[0], "seed": seed}).fetchall()
    order = np.random.default_rng(seed).permutation(len(rows))[:reports]
    return [(float(rows[i][0]), float(rows[i][1])) for i in order]


async def send(client: httpx.AsyncClient, waiting: Iterator[bytes]) -> int:
    """Post bodies until none is left; return how many reports were created."""
    created = 0
    for body in waiting:
        answer = await client.post("/api/incidents/batch", content=body)
        created += answer.raise_for_status().json()["created"]
    return created


async def over_http(stage: Stage, county: Staged, bodies: Sequence[bytes], *, senders: int) -> tuple[int, Meter, float]:
    """Return how many were created, the cost until the feed has sequenced all, and the seconds until the last
    response.
    """
    async with served(stage) as server, client_of(server, county.tokens["source"]) as client:
        meter, waiting = Meter(stage, server), iter(bodies)
        with meter:
            created = sum(await asyncio.gather(*(send(client, waiting) for _ in range(senders))))
            answered = perf_counter() - meter.began
            await outbox_empty(stage)
    return created, meter, answered


async def outbox_empty(stage: Stage) -> None:
    """Wait until the feed's outbox is empty."""
    with connect(stage.cluster.socket, stage.database) as superuser:
        while superuser.execute("SELECT EXISTS (SELECT FROM feed_outbox)").fetchone() == (True,):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def bare_copy(stage: Stage) -> float:
    """Return the seconds that COPY takes for the same rows, with all indexes."""
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in Incident.__table__.columns)
    with connect(stage.cluster.socket, stage.database) as superuser:
        superuser.execute("CREATE TABLE bare (LIKE incidents INCLUDING INDEXES)")
        with superuser.cursor().copy(sql.SQL("COPY incidents ({}) TO STDOUT").format(names)) as copy:
            rows = b"".join(bytes(part) for part in copy)
        began = perf_counter()
        _copy_in(superuser, names, rows)
        return perf_counter() - began


def _copy_in(superuser: psycopg.Connection, names: sql.Composed, rows: bytes) -> None:
    with superuser.cursor().copy(sql.SQL("COPY bare ({}) FROM STDIN").format(names)) as copy:
        copy.write(rows)


async def measure(stage: Stage, options: argparse.Namespace) -> None:
    county = await settle_county(stage)
    sent = bodies(stage, county, reports=options.reports, lines=options.lines)
    created, meter, answered = await over_http(stage, county, sent, senders=options.senders)
    rate, bare = created / answered, created / bare_copy(stage)
    summary = (
        f"{machine()}; {created} of {options.reports} created, {options.lines} a body, {options.senders} senders",
        f"over HTTP {rate:,.0f} incidents/s (reach {REACH:,}), {created / meter.clock:,.0f}/s to an empty outbox",
        f"bare COPY into the indexed table {bare:,.0f} rows/s: one of ours costs {bare / rate:.1f} of those",
        meter.summary(per=created, unit="incidents"),
    )
    sys.stdout.write("\n".join(summary) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=30_000)
    parser.add_argument("--lines", type=int, default=1_000)
    parser.add_argument("--senders", type=int, default=2)
    options = parser.parse_args()
    with staged() as stage:
        asyncio.run(measure(stage, options))


if __name__ == "__main__":
    main()
