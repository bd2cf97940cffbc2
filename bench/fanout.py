"""Delay of a committed change until it reaches every console, and the server's cost.

Usage: python -m bench.fanout [--consoles 200] [--events 100] [--fixes 400] [--seconds 60] [--processes 1]. Needs
PostgreSQL with PostGIS, and an otherwise idle machine. Changes the size of an incident are committed one by one, fixes
are sent over HTTP in four batches a second, and consoles of the county, of a town and of the wall follow the live
socket. The delay runs from just before the commit until the console has the bytes. The peer is `websockets.broadcast`
with the same frames that the county's consoles received, at the same pace.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from bench.stage import Meter, Stage, client_of, machine, served, staged
from geo.store import Reach, Store
from tests.browser.server import Server
from tests.console.feed.test_rules import INCIDENT
from tests.crowds import FORCES
from tests.faults.hall import Hall, Notes, Publisher, seats
from tests.shared import CHECKOUT
from tests.worlds import LAT, LON, ROOT, SIDE, World, settle

P99_MS = 500
MEMORY_MB = 600
BATCHES_A_SECOND = 4
WARM_SECONDS = 3.0
QUIET_SECONDS = 15.0
"""Longer than a beat: by then every console has the last position."""

BODY = INCIDENT | {
    "title": "楼上漏水双方互不相让",
    "description": "来电人反映楼上长期漏水, 多次协商未果, 要求派人到场。" * 2,
}


@dataclass(frozen=True, slots=True)
class Run:
    """Result of a run: delays in milliseconds, lost events, and the server's processor time and memory."""

    delays: NDArray[np.float64]
    sends: int
    lost: int
    gaps: int
    fixes: int
    cpu_seconds: float
    peak_mb: float


def crew(consoles: int) -> list[str]:
    """Roles of the consoles: of ten, seven for the county, one for each town, and a wall."""
    ten = ["operator"] * 7 + ["operator_west", "operator_east", "wall"]
    return [ten[n % 10] for n in range(consoles)]


async def patrols(store: Store, world: World, *, forces: int) -> list[int]:
    """Put that many forces on duty; return their ids."""
    values = {"forces": forces * 10 // 9 + 1, "lon": LON, "lat": LAT, "side": SIDE, "paths": world.micro_grids()}
    async with store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(FORCES, values)
        found = await session.scalars(
            text("SELECT id FROM forces WHERE code LIKE 'crowd%' AND duty = 'on' ORDER BY id")
        )
        return [*found][:forces]


async def move(client: httpx.AsyncClient, forces: Sequence[int], *, seconds: float) -> None:
    """Send one fix a second for each force, a quarter of the forces at a time."""
    began = time.monotonic()
    for n in range(int(seconds * BATCHES_A_SECOND)):
        await asyncio.sleep(max(0.0, began + n / BATCHES_A_SECOND - time.monotonic()))
        at = datetime.now(UTC).isoformat()
        fixes = [
            {"force": force, "at": at, "lon": LON + SIDE + 1e-5 * n, "lat": LAT + 1e-5 * (force % 1000)}
            for force in forces[n % BATCHES_A_SECOND :: BATCHES_A_SECOND]
        ]
        (await client.post("/api/positions", json={"fixes": fixes})).raise_for_status()


class Recorder:
    """Records the events frames of a console of the county, for the peer to send."""

    def __init__(self, server: Server, token: str) -> None:
        self.url = f"{server.url.replace('http', 'ws')}/api/live"
        self.headers = {"Authorization": f"Bearer {token}"}
        self.frames: list[tuple[float, str]] = []

    async def listen(self) -> None:
        with suppress(ConnectionClosed):
            async with connect(self.url, additional_headers=self.headers, compression=None) as line:
                async for frame in line:
                    if isinstance(frame, str) and frame.startswith('{"t":"events"'):
                        self.frames.append((time.monotonic(), frame))

    def save(self, path: Path) -> None:
        first = self.frames[0][0]
        path.write_text(json.dumps([(at - first, frame) for at, frame in self.frames]))


def peak_mb(pid: int) -> float:
    """Peak memory of a process so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


async def ours(stage: Stage, frames: Path, options: argparse.Namespace) -> Run:
    store = Store(stage.urls.app, pool_size=2)
    world = await settle(store, now=datetime.now(UTC))
    forces = await patrols(store, world, forces=options.fixes)
    names = crew(options.consoles)
    tokens = await seats(store, world, names)
    await store.close()
    stage.analyze()
    async with (
        served(stage) as server,
        client_of(server, world.tokens["gateway"]) as gateway,
        Publisher(stage.urls, world.micro_grids(), BODY) as publisher,
    ):
        halls = [
            Hall(server.port, tokens=tokens[n :: options.processes], notes=stage.folder / f"notes-{n}.npz")
            for n in range(options.processes)
        ]
        await asyncio.gather(*(hall.open() for hall in halls))
        recorder = Recorder(server, world.tokens["operator"])
        recording = asyncio.create_task(recorder.listen())
        await move(gateway, forces, seconds=WARM_SECONDS)
        with Meter(stage, server) as meter:
            await asyncio.gather(
                publisher.publish(rate=options.events, seconds=options.seconds),
                move(gateway, forces, seconds=options.seconds),
            )
        expected = {name: await publisher.positions(path) for name, path in scopes_of(world).items()}
        await asyncio.sleep(QUIET_SECONDS)
        peak = peak_mb(server.pid)
        notes = [await hall.stop() for hall in halls]
        recording.cancel()
    recorder.save(frames)
    spent = ", ".join(f"{who} {seconds:.1f} s" for who, seconds in meter.spent.items())
    print(f"{'processor time':>24}: {spent} in {meter.clock:.1f} s")  # noqa: T201
    found = [
        each.delays(console["number"], expected.get(names[n :: options.processes][console["number"]], expected["all"]))
        for n, each in enumerate(notes)
        for console in each.consoles
    ]
    return run_of(notes, np.concatenate(found), cpu_seconds=meter.spent["server"], peak=peak)


def scopes_of(world: World) -> dict[str, str]:
    """Divisions of the consoles that see only a part; all others see the county."""
    return {"all": ROOT, "operator_west": world.west, "operator_east": world.east}


def run_of(notes: Sequence[Notes], delays: NDArray[np.float64], *, cpu_seconds: float, peak: float) -> Run:
    consoles = [console for each in notes for console in each.consoles]
    return Run(
        delays=1000 * delays[np.isfinite(delays)],
        sends=sum(len(each.at) for each in notes),
        lost=int(np.isinf(delays).sum()),
        gaps=sum(console["gaps"] for console in consoles),
        fixes=sum(console["fixes"] for console in consoles),
        cpu_seconds=cpu_seconds,
        peak_mb=peak,
    )


async def bare(stage: Stage, frames: Path, options: argparse.Namespace) -> Run:
    """Send the same frames, at the same pace, to as many consoles, with `websockets.broadcast`."""
    peer = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.broadcast", str(frames), str(options.consoles)),
        cwd=CHECKOUT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert peer.stdin and peer.stdout
    port = int(await peer.stdout.readline())
    halls = [
        Hall(
            port,
            tokens=[""] * len(range(n, options.consoles, options.processes)),
            notes=stage.folder / f"bare-{n}.npz",
        )
        for n in range(options.processes)
    ]
    await asyncio.gather(*(hall.open() for hall in halls))
    report = json.loads(await peer.stdout.readline())
    peak = peak_mb(peer.pid)
    notes = [await hall.stop() for hall in halls]
    peer.stdin.close()
    await peer.wait()
    upto = [json.loads(frame)["to"] for _, frame in json.loads(await asyncio.to_thread(frames.read_text))]
    sent = dict(zip(upto, report["sent"], strict=True))
    delays = np.concatenate([each.delays(console["number"], sent) for each in notes for console in each.consoles])
    return run_of(notes, delays, cpu_seconds=report["cpu_seconds"], peak=peak)


def print_run(name: str, run: Run) -> None:
    p50, p95, p99 = np.percentile(run.delays, [50, 95, 99])
    print(  # noqa: T201
        f"{name:>24}: p50 {p50:6.1f} ms, p95 {p95:6.1f} ms, p99 {p99:6.1f} ms, most {run.delays.max():.0f} ms; "
        f"{run.lost} lost, {run.gaps} gaps; {run.sends} frames of events and {run.fixes} of fixes sent, "
        f"{1e6 * run.cpu_seconds / run.sends:.0f} µs of processor a frame of events; "
        f"memory at most {run.peak_mb:.0f} MB"
    )


async def measure(stage: Stage, options: argparse.Namespace) -> None:
    frames = stage.folder / "frames.json"
    live = await ours(stage, frames, options)
    print_run("maplebridge", live)
    peer = await bare(stage, frames, options)
    print_run("websockets.broadcast", peer)
    p99 = [float(np.percentile(run.delays, 99)) for run in (live, peer)]
    print(  # noqa: T201
        f"{options.consoles} consoles, {options.events} events/s, {options.fixes} fixes/s, {options.seconds} s: "
        f"p99 is {p99[0] / P99_MS:.2f} of {P99_MS} ms and {p99[0] / p99[1]:.1f} of the peer's; "
        f"processor time {live.cpu_seconds / peer.cpu_seconds:.1f} of the peer's; "
        f"memory {live.peak_mb / MEMORY_MB:.2f} of {MEMORY_MB} MB; {machine()}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--consoles", type=int, default=200)
    parser.add_argument("--events", type=float, default=100)
    parser.add_argument("--fixes", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--processes", type=int, default=1, help="processes that the consoles are spread over")
    options = parser.parse_args()
    with staged() as stage:
        asyncio.run(measure(stage, options))


if __name__ == "__main__":
    main()
