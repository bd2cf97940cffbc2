"""Rows a second of `maplebridge import incidents` with years of history, beside a live county.

Usage: python -m bench.backfill [--incidents 100000] [--a-second 5]. Needs PostgreSQL with PostGIS, and an otherwise
idle machine. The file is CSV; half of its incidents have no closing time and are history by their age. Meanwhile
reports come in over HTTP, and a hall follows them on its live socket: the lag of an event runs from just before its
report is sent until the hall has it.
"""

import argparse
import asyncio
import csv
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import numpy as np
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from bench.ingest import drawn_points, outbox_empty
from bench.stage import Meter, Stage, Staged, client_of, machine, served, settle_county, staged
from tests.browser.server import Server
from tests.shared import CHECKOUT

ROWS_A_SECOND, LAG_S = 5_000, 1.0
YEARS = 6
NEWEST = timedelta(days=60)
QUIET_S = 5.0
WORDS = "来电人反映楼上长期漏水, 要求派人到场调解。"
COLUMNS = ("source", "external_no", "category", "title", "description", "lon", "lat", "occurred_at", "closed_at")


def write_history(stage: Stage, county: Staged, file: Path, *, incidents: int) -> None:
    """Write closed and never closed incidents of the last years, distributed like households."""
    rng = np.random.default_rng(3)
    points = drawn_points(stage, reports=incidents, seed=3)
    assert county.pack.demo.traffic is not None
    categories = [*county.pack.demo.traffic.yearly]
    newest = datetime.now(UTC) - NEWEST
    with file.open("w", encoding="utf8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(COLUMNS)
        for i, (lon, lat) in enumerate(points):
            at = newest - timedelta(days=365 * YEARS * float(rng.random()))
            closed = (at + timedelta(hours=9)).isoformat() if i % 2 else ""
            category = categories[int(rng.integers(len(categories)))]
            rows.writerow(("police", f"H{i}", category, "楼上漏水", WORDS, lon, lat, at.isoformat(), closed))


@dataclass(slots=True)
class LiveCounty:
    """Reports that come in while the backfill runs, and the hall that follows them."""

    stage: Stage
    server: Server
    county: Staged
    sent: dict[str, float] = field(default_factory=dict)
    lags: list[float] = field(default_factory=list)
    health: set[str] = field(default_factory=set)

    async def run(self, *, a_second: float) -> None:
        """Report, listen and ask for the health until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._report(a_second))
            tasks.create_task(self._watch_health())

    async def _report(self, a_second: float) -> None:
        points = drawn_points(self.stage, reports=2_000, seed=9)
        async with client_of(self.server, self.county.tokens["source"]) as client:
            for i, (lon, lat) in enumerate(points):
                await asyncio.sleep(1 / a_second)
                number = f"L{i}"
                report = {"source": "hotline", "external_no": number, "category": "dispute.neighbour", "title": "x"}
                at = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
                self.sent[number] = monotonic()
                answer = await client.post("/api/incidents", json=report | {"lon": lon, "lat": lat, "occurred_at": at})
                answer.raise_for_status()

    async def _listen(self) -> None:
        token = {"Authorization": f"Bearer {self.county.tokens['operator']}"}
        address = f"{self.server.url.replace('http', 'ws')}/api/live"
        with suppress(ConnectionClosed):
            async with connect(address, additional_headers=token, max_size=None) as socket:
                async for frame in socket:
                    self._take(json.loads(frame))

    def _take(self, frame: dict[str, object]) -> None:
        for event in frame.get("items", ()) if frame["t"] == "events" else ():  # type: ignore[attr-defined]
            began = self.sent.pop((event.get("body") or {}).get("external_no", ""), None)
            if began is not None:
                self.lags.append(monotonic() - began)

    async def _watch_health(self) -> None:
        async with httpx.AsyncClient(base_url=self.server.url) as client:
            while True:
                self.health.update(_faults((await client.get("/api/health")).json()))
                await asyncio.sleep(0.5)

    @property
    def worst(self) -> float:
        """Longest lag so far, with that of reports still on their way."""
        return max([*self.lags, *(monotonic() - began for began in self.sent.values())], default=0.0)


async def backfill(stage: Stage, file: Path) -> str:
    """Run the import as its keeper would; return its report."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MAPLEBRIDGE_")},
        "MAPLEBRIDGE_DATABASE_URL": stage.urls.app,
        "MAPLEBRIDGE_DATA_DIR": str(stage.folder),
    }
    command = ("import", "incidents", str(file), "--datum", "wgs84")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "api.keeping.commands", *command),
        cwd=CHECKOUT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()
    return printed.decode().strip().splitlines()[-2]


def _faults(health: dict[str, Any]) -> list[str]:
    """Name what health says is wrong."""
    return [health["status"]] if health["status"] == "ok" else [json.dumps(health, ensure_ascii=False)]


async def snapshot_mb(server: Server, county: Staged) -> float:
    async with client_of(server, county.tokens["operator"]) as client:
        return len((await client.get("/api/snapshot")).content) / 1e6


async def measure(stage: Stage, options: argparse.Namespace) -> None:
    county = await settle_county(stage)
    file = stage.folder / "history.csv"
    write_history(stage, county, file, incidents=options.incidents)
    async with served(stage) as server:
        await outbox_empty(stage)  # A new county's forces are still on their way.
        live = LiveCounty(stage, server, county)
        running = asyncio.create_task(live.run(a_second=options.a_second))
        await asyncio.sleep(QUIET_S)
        quiet, before = live.worst, await snapshot_mb(server, county)
        live.lags.clear()
        live.health.clear()
        children = os.times().children_user + os.times().children_system
        with Meter(stage, server) as meter:
            printed = await backfill(stage, file)
        spent = os.times().children_user + os.times().children_system - children
        await asyncio.sleep(QUIET_S)
        worst, after = live.worst, await snapshot_mb(server, county)
        assert not running.done(), running.exception()
        running.cancel()
        await asyncio.wait([running])
    lines = (
        machine(),
        printed,
        f"{options.incidents / meter.clock:,.0f} rows/s in {meter.clock:.1f} s (reach {ROWS_A_SECOND:,} rows/s)",
        f"{meter.summary(per=options.incidents, unit='rows')}, import {1e6 * spent / options.incidents:.0f} ms",
        f"worst lag of a live event {worst:.2f} s (reach {LAG_S:.0f} s) of {len(live.lags)}; before it {quiet:.2f} s",
        f"health meanwhile: {', '.join(sorted(live.health))}; snapshot {before:.2f} MB before, {after:.2f} MB after",
    )
    sys.stdout.write("\n".join(lines) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=100_000)
    parser.add_argument("--a-second", type=float, default=5.0)
    options = parser.parse_args()
    with staged() as stage:
        asyncio.run(measure(stage, options))


if __name__ == "__main__":
    main()
