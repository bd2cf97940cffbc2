"""Delay of a change until it reaches every console over several servers, their cost, and what chaos does.

Usage: python -m bench.servers [--events 100000] [--rate 200] [--consoles 400] [--servers 2] [--without-nats]
[--chaos SECONDS]. Needs PostgreSQL with PostGIS, nats-server, and an otherwise idle machine. Changes are committed one
by one; consoles of the county follow the live sockets of all servers on one database, spread evenly, and go to the next
when theirs is gone. The delay runs from just before the commit until the console has the bytes. With --chaos, so often
one of the servers is killed, and NATS is killed with its store and stays away for a minute, in turn. The peer is
`websockets.broadcast` with the same frames, in one process, at the same pace.

A console equals the store if it stands at the store's head, was sent every position once, and none over a gap.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

import httpx
import numpy as np

from bench.fanout import BODY, QUIET_SECONDS, Recorder, Run, bare, print_run, run_of
from bench.stage import Stage, machine, staged, tree_seconds
from geo.store import Store
from tests.browser.server import Server
from tests.faults.hall import Hall, Notes, Publisher, seats
from tests.faults.nats_server import Nats
from tests.worlds import settle

P99_MS, TIMES_BARE = 300, 3.0
AWAY_SECONDS = 60.0
COUNTY_WIDE = ("operator", "supervisor", "auditor")
"""One account may have 200 sockets on a server."""


@asynccontextmanager
async def serving(stage: Stage, nats: Nats, options: argparse.Namespace) -> AsyncIterator[list[Server]]:
    """Run that many servers on the stage's database, and NATS unless without."""
    async with AsyncExitStack() as stack:
        if not options.without_nats:
            await nats.start()
            stack.push_async_callback(nats.kill)
        servers = []
        for n in range(options.servers):
            folder = stage.folder / f"server-{n}"
            folder.mkdir()
            servers.append(Server(stage.urls, folder, nats_url="" if options.without_nats else nats.url))
            await servers[-1].start()
            stack.push_async_callback(servers[-1].stop)
        yield servers


async def break_in_turn(servers: Sequence[Server], nats: Nats, options: argparse.Namespace) -> None:
    """Kill each server and start it again, and take NATS away, for ever."""
    targets: list[Server | Nats] = [*servers, *([] if options.without_nats else [nats])]
    for target in cycle(targets):
        await asyncio.sleep(options.chaos)
        sys.stdout.write(f"  {type(target).__name__} is killed\n")
        if isinstance(target, Nats):
            await target.kill(forget=True)
            await asyncio.sleep(AWAY_SECONDS)
        else:
            await target.kill()
        await target.start()


async def ours(stage: Stage, frames: Path, options: argparse.Namespace) -> Run:
    store = Store(stage.urls.app, pool_size=2)
    world = await settle(store, now=datetime.now(UTC))
    tokens = await seats(store, world, [COUNTY_WIDE[n % 3] for n in range(options.consoles)])
    await store.close()
    stage.analyze()
    nats = Nats(stage.folder)
    async with (
        serving(stage, nats, options) as servers,
        Publisher(stage.urls, world.micro_grids(), BODY) as publisher,
    ):
        hall = Hall(*(server.port for server in servers), tokens=tokens, notes=stage.folder / "notes.npz")
        await hall.open()
        recorder = Recorder(servers[0], world.tokens["operator"])
        recording = asyncio.create_task(recorder.listen())
        breaking = asyncio.create_task(break_in_turn(servers, nats, options)) if options.chaos else None
        spent, began = -seconds_of(servers), time.monotonic()
        await publisher.publish(rate=options.rate, seconds=options.events / options.rate)
        if breaking:
            breaking.cancel()
            await asyncio.gather(breaking, return_exceptions=True)
        spent, clock = spent + seconds_of(servers), time.monotonic() - began
        logged = await publisher.positions()
        await asyncio.sleep(QUIET_SECONDS)
        notes = await hall.stop()
        recording.cancel()
        carried = ["; ".join(await batches_of(server)) for server in servers]
        loads = ", ".join(f"{tree_seconds(server.pid):.1f}" for server in servers)
    recorder.save(frames)
    sys.stdout.write(
        f"{len(logged)} events in {clock:.0f} s; processor seconds of the servers since their start: {loads}\n"
    )
    sys.stdout.writelines(f"  batches by NATS: {each}\n" for each in carried if each)
    sys.stdout.write(f"{compared(notes, logged)}\n")
    delays = np.concatenate([notes.delays(console["number"], logged) for console in notes.consoles])
    return run_of([notes], delays, cpu_seconds=spent, peak=0.0)


async def batches_of(server: Server) -> list[str]:
    """Return how many of the others' batches a server has published, had already, or left to the store."""
    async with httpx.AsyncClient(base_url=server.url) as client:
        lines = (await client.get("/metrics")).text.splitlines()
    return [line.partition("_total")[2] for line in lines if line.startswith("maplebridge_broker_batches_total")]


def seconds_of(servers: Sequence[Server]) -> float:
    return sum(tree_seconds(server.pid) for server in servers)


def compared(notes: Notes, logged: dict[int, float]) -> str:
    """Say how many consoles equal the store."""
    head = max(logged)
    equal = [
        (console["pos"], console["gaps"], console["resyncs"], console["items"]) == (head, 0, 0, head - console["since"])
        for console in notes.consoles
    ]
    greetings = sum(console["greetings"] for console in notes.consoles)
    return f"{sum(equal)} of {len(equal)} consoles equal the store at {head}, over {greetings} connections"


async def measure(stage: Stage, options: argparse.Namespace) -> None:
    frames = stage.folder / "frames.json"
    name = f"{options.servers} servers" + (" without NATS" if options.without_nats else " with NATS")
    before = machine()
    live = await ours(stage, frames, options)
    if options.chaos:  # The processor time of the killed is lost.
        p50, p95, p99 = np.percentile(live.delays, [50, 95, 99])
        sys.stdout.write(f"{name}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms; {before} before\n")
        return
    print_run(name, live)
    peer = await bare(stage, frames, options)
    print_run("websockets.broadcast", peer)
    each = [run.cpu_seconds / run.sends for run in (live, peer)]
    times = each[0] / each[1]
    p99 = float(np.percentile(live.delays, 99))
    sys.stdout.write(
        f"{options.consoles} consoles, {options.rate:.0f} events/s: p99 is {p99 / P99_MS:.2f} of {P99_MS} ms; "
        f"processor a frame {times:.1f} of the peer's, {times / TIMES_BARE:.2f} of {TIMES_BARE:.0f}; "
        f"{before} before, {os.getloadavg()[0]:.1f} after\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--consoles", type=int, default=400)
    parser.add_argument("--servers", type=int, default=2)
    parser.add_argument("--without-nats", action="store_true")
    parser.add_argument("--chaos", type=float, default=0.0, help="seconds between one fault and the next")
    parser.add_argument("--processes", type=int, default=1, help="processes that the peer's consoles are spread over")
    options = parser.parse_args()
    with staged() as stage:
        asyncio.run(measure(stage, options))


if __name__ == "__main__":
    main()
