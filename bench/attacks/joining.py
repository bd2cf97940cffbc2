"""How near the joining attacker places incidents that a role may not read, over a minute of demo traffic.

Usage: python -m bench.attacks.joining [--seconds 60] [--speed 60]. Needs PostgreSQL with PostGIS. Each role listens to
its socket and asks for everything again and again; an operator says where the incidents are. Prints for each role and
way of joining how many incidents it claims to place, how many of them nearer than the mask, and how likely guessing
does as well: below 0.001 is a leak. The last lines are a planted leak: masked incidents with open tasks and positions.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from typing import Any

import httpx
import orjson
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api.keeping.commands.simulate import traffic_of
from bench.stage import Staged, machine, served, settle_county, staged
from console.feed.bodies import masked_place
from ingest.simulator.running import Simulation, Tokens
from ingest.simulator.running import run as simulate
from tests.browser.server import Server
from tests.faults.joining import Loot, claims, verdicts

ATTACKERS = ("planner", "wall", "admin", "patrol")
OPEN = "operator"
PAUSE_SECONDS = 3.0
WATCH = orjson.dumps({"t": "watch", "res": 10, "window": "1h", "category": None}).decode()
ASKED = (
    "/api/snapshot",
    "/api/hotspots?res=10&window=1h",
    "/api/hotspots?res=10&window=1h&category=dispute",
    "/ogc/collections/hotspots/items?res=10&window=1h&limit=1000",
    "/api/tasks?mine=1",
    "/api/forces",
    "/api/incidents",
    "/api/search?q=1",
)


async def listen(server: Server, client: httpx.AsyncClient, loot: Loot) -> None:
    """Take in what the socket sends, if the role may have one."""
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    url = f"ws://127.0.0.1:{server.port}/api/live"
    with suppress(InvalidStatus, ConnectionClosed):
        async with connect(url, additional_headers={"Cookie": cookie}, origin=server.url, max_size=None) as socket:
            await socket.send(WATCH)
            async for text in socket:
                loot.take(orjson.loads(text))


async def ask(client: httpx.AsyncClient, loot: Loot, paths: Iterable[str]) -> None:
    while True:
        for path in paths:
            answer = await client.get(path)
            if answer.status_code == httpx.codes.OK:
                loot.take(answer.json())
        await asyncio.sleep(PAUSE_SECONDS)


async def signed_in(server: Server, username: str, password: str) -> httpx.AsyncClient:
    client = httpx.AsyncClient(base_url=server.url, headers={"Origin": server.url}, timeout=60)
    answer = await client.post("/api/session", json={"username": username, "password": password})
    answer.raise_for_status()
    return client


def traffic(server: Server, county: Staged, *, speed: float) -> Simulation:
    tokens, pack = county.tokens, county.pack
    return Simulation(
        url=server.url,
        tokens=Tokens(tokens["source"], tokens["gateway"], tokens["operator"]),
        traffic=traffic_of(pack),
        zone=pack.zone,
        kmh={mode.mode: mode.kmh for mode in pack.dispatch.travel},
        smallest_level=pack.root.levels[-1].level,
        speed=speed,
        seed=1,
        run=1,
        seats=6,
    )


async def looted(server: Server, county: Staged, *, seconds: float, speed: float) -> Mapping[str, Loot]:
    """Let the traffic run, and return what each account was sent."""
    found = {name: Loot() for name in (*ATTACKERS, OPEN)}
    async with AsyncExitStack() as stack:
        tasks = [asyncio.create_task(simulate(traffic(server, county, speed=speed)))]
        for name, loot in found.items():
            client = await signed_in(server, name, county.passwords[name])
            stack.push_async_callback(client.aclose)
            tasks.append(asyncio.create_task(listen(server, client, loot)))
            tasks.append(asyncio.create_task(ask(client, loot, ASKED[:1] if name == OPEN else ASKED)))
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return found


def unread(loot: Loot, truth: Mapping[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
    """The incidents whose texts the account was never sent."""
    own = {incident for incident, body in loot.incidents.items() if body["case_code"]}
    return {incident: body for incident, body in truth.items() if incident not in own}


def report(name: str, loot: Loot, truth: Mapping[int, dict[str, Any]]) -> None:
    found = verdicts(claims(loot), truth)
    if not found:
        sys.stdout.write(f"{name:>10}: nothing to join of {len(truth)} incidents\n")
    for way in found:
        verdict = "LEAKS" if way.leaks else "no leak"
        sys.stdout.write(
            f"{name:>10}: {way.way:>8} places {way.claims:4d} of {len(truth)}, {way.nearer:4d} nearer than the mask, "
            f"median {way.median_m:5.0f} m, by chance {way.chance:.3f}: {verdict}\n"
        )


async def run(*, seconds: float, speed: float) -> None:
    with staged(durable=False) as stage:
        county = await settle_county(stage)
        async with served(stage) as server:
            found = await looted(server, county, seconds=seconds, speed=speed)
    truth = found[OPEN].incidents
    sys.stdout.write(f"{machine()}; {len(truth)} incidents, {len(found[OPEN].arrivals)} of them reached\n")
    for name in ATTACKERS:
        report(name, found[name], unread(found[name], truth))
    planted = {key: body | masked_place(body["lon"], body["lat"]) for key, body in truth.items()}
    loot = found[OPEN]
    report("planted", Loot(planted, loot.arrivals, loot.tasks, loot.tracks), truth)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--speed", type=float, default=60.0)
    given = parser.parse_args()
    asyncio.run(run(seconds=given.seconds, speed=given.speed))


if __name__ == "__main__":
    main()
