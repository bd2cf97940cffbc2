"""Fixes a second of one server over HTTP, and the cost of the same rows for PostgreSQL as a bare COPY.

Usage: python -m bench.positions [--fixes 100000] [--batch 1000] [--gateways 2]. Needs PostgreSQL with PostGIS, and an
otherwise idle machine. Gateways post batches in the own format, each for its own part of the county's forces: a fifth
in GCJ-02, one in fifty sent twice, one in two hundred far away. Every fix is validated, converted to WGS-84, checked
against the last sound one of its force, stored with its flag and acknowledged; sound ones become the latest and are
sent to the consoles. The peer is the finished rows, through COPY, into a table with the same columns and indexes and
without policies.
"""

import argparse
import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter

import httpx
import numpy as np
import orjson
from psycopg import sql

from api.keeping.postgres.roles import connect
from bench.stage import Meter, Stage, client_of, machine, served, settle_county, staged, summary
from console.positions.tables import Fix
from geo.datum import Datum, from_wgs84

REACH = 5_000
STEP = timedelta(seconds=5)
COLUMNS = sql.SQL(", ").join(sql.Identifier(column.name) for column in Fix.__table__.columns)


@dataclass(frozen=True, slots=True)
class Unit:
    """A force on duty: its device and its start."""

    device: str
    lon: float
    lat: float


def units(stage: Stage) -> list[Unit]:
    """Return the county's forces, after putting all on duty with a device."""
    with connect(stage.cluster.socket, stage.database) as superuser:
        superuser.execute("UPDATE forces SET duty = 'on', device_id = coalesce(device_id, 'unit-' || id)")
        rows = superuser.execute("SELECT device_id, ST_X(home), ST_Y(home) FROM forces ORDER BY id").fetchall()
    return [Unit(*row) for row in rows]


def rounds(units: Sequence[Unit], *, fixes: int, batch: int, seed: int) -> Iterator[bytes]:
    """Build batches in the order of their times, as from a gateway that polls its devices in turn."""
    rng = np.random.default_rng(seed)
    began = datetime.now(UTC) - (1 + fixes // len(units)) * STEP
    waiting: list[dict[str, object]] = []
    for first in range(0, fixes, len(units)):
        asked = units[: fixes - first]
        fixes_now = _round(asked, began + first // len(units) * STEP, rng)
        for fix, twice in zip(fixes_now, rng.random(len(asked)) < 0.02, strict=True):
            waiting += [fix, fix] if twice else [fix]
        while len(waiting) >= batch:
            yield orjson.dumps({"fixes": waiting[:batch]})
            waiting = waiting[batch:]
    if waiting:
        yield orjson.dumps({"fixes": waiting})


def _round(units: Sequence[Unit], at: datetime, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    """Generate a fix of each unit near its home, and a few far away."""
    lon = np.array([unit.lon for unit in units]) + rng.uniform(0, 0.0005, len(units)) + (rng.random(len(units)) < 0.005)
    lat = np.array([unit.lat for unit in units]) + rng.uniform(0, 0.0005, len(units))
    shifted = rng.random(len(units)) < 0.2
    shifted_lon, shifted_lat = from_wgs84(lon, lat, Datum.GCJ02)
    lon, lat = np.where(shifted, shifted_lon, lon).round(7), np.where(shifted, shifted_lat, lat).round(7)
    for unit, x, y, is_shifted in zip(units, lon.tolist(), lat.tolist(), shifted.tolist(), strict=True):
        yield {
            "device": unit.device,
            "at": at,
            "lon": x,
            "lat": y,
            "datum": "gcj02" if is_shifted else "wgs84",
            "speed_mps": 1.4,
            "heading": 90,
            "accuracy_m": 8,
            "battery": 0.8,
        }


async def post(client: httpx.AsyncClient, batches: Sequence[bytes]) -> tuple[Counter[str], list[float]]:
    """Send the batches; return the number of fixes by flag, and the milliseconds of each response."""
    flags: Counter[str] = Counter()
    took = []
    for body in batches:
        began = perf_counter()
        answer = await client.post("/api/positions", content=body, headers={"Content-Type": "application/json"})
        took.append(1000 * (perf_counter() - began))
        flags.update(item["flag"] or item["code"] for item in orjson.loads(answer.raise_for_status().content)["items"])
    return flags, took


def bare_copy(stage: Stage) -> float:
    """Return the seconds that COPY takes for the same rows, with all indexes."""
    with connect(stage.cluster.socket, stage.database) as superuser:
        superuser.execute("CREATE TABLE bare (LIKE fixes INCLUDING INDEXES)")
        with superuser.cursor().copy(sql.SQL("COPY (SELECT {} FROM fixes) TO STDOUT").format(COLUMNS)) as copy:
            rows = b"".join(bytes(part) for part in copy)
        began = perf_counter()
        with superuser.cursor().copy(sql.SQL("COPY bare ({}) FROM STDIN").format(COLUMNS)) as copy:
            copy.write(rows)
        superuser.commit()
        return perf_counter() - began


async def measure(stage: Stage, options: argparse.Namespace) -> None:
    county = await settle_county(stage)
    found = units(stage)
    stage.analyze()
    parts = [found[n :: options.gateways] for n in range(options.gateways)]
    share = options.fixes // options.gateways
    batches = [[*rounds(part, fixes=share, batch=options.batch, seed=n)] for n, part in enumerate(parts)]
    async with served(stage) as server, client_of(server, county.tokens["gateway"]) as client:
        with Meter(stage, server) as meter:
            answers = await asyncio.gather(*(post(client, each) for each in batches))
    flags = sum((flags for flags, _ in answers), Counter[str]())
    sent = flags.total()
    bare = bare_copy(stage)
    rate = sent / meter.clock
    print(f"{len(found)} forces, {sent} fixes: " + ", ".join(f"{n} {flag}" for flag, n in flags.most_common()))  # noqa: T201
    print(summary(f"a batch of {options.batch}", [ms for _, took in answers for ms in took]))  # noqa: T201
    print(meter.summary(per=sent, unit="fixes"))  # noqa: T201
    print(  # noqa: T201
        f"{rate:.0f} fixes/s, {rate / REACH:.2f} of {REACH}; a bare COPY takes {sent / bare:.0f} rows/s, "
        f"{sent / bare / rate:.1f} times as many; {machine()}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fixes", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=1_000)
    parser.add_argument("--gateways", type=int, default=2)
    options = parser.parse_args()
    with staged() as stage:
        asyncio.run(measure(stage, options))


if __name__ == "__main__":
    main()
