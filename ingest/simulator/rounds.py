"""A simulated grid worker who goes round routes and records visits, by the same commands as a phone."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import orjson

from ingest.simulator.locations import shifted
from ingest.simulator.server_client import ServerClient
from layers.divisions.terms import GRID

Body = dict[str, Any]

GRIDS_PER_TOWN = 2
MOST_GRIDS = 40
MOST_POINTS, FEWEST_POINTS = 10, 2
WALK_S = 240.0
"""From point to point, at real speed."""
SHORTEST_S = 4.0
LEFT_OUT, BY_CODE, FAR = 0.12, 0.3, 0.08
"""Shares of points that are left out, of those reported by code, and of those from far away."""
UNSENT = 0.25
"""Share of reports that are kept until the next one: there was no network."""
NEAR_M, FAR_M = 12.0, 300.0
REASONS = ("大门上锁，无人应答", "道路施工，无法通行", "积水未退，绕行不便")
MATTERS = ("防汛宣传", "用电安全检查", "矛盾纠纷排查", "反诈宣传")


@dataclass(slots=True)
class Phone:
    """A phone's store of commands: numbers them, keeps them, and sends them in order."""

    server: ServerClient
    device: UUID = field(default_factory=uuid4)
    seq: int = 0
    kept: list[Body] = field(default_factory=list)

    def give(self, command: str, **said: Any) -> str:
        """Keep a command, and return its id."""
        self.seq += 1
        head = {"id": str(uuid4()), "device": str(self.device), "device_seq": self.seq}
        self.kept.append(head | {"device_at": datetime.now(UTC).isoformat(), "command": command} | said)
        return str(head["id"])

    async def send(self) -> None:
        """Send what is kept."""
        lines, self.kept = self.kept, []
        body = b"\n".join(orjson.dumps(line) for line in lines)
        headers, clock = {"Content-Type": "application/x-ndjson"}, {"sent_at": datetime.now(UTC).isoformat()}
        await self.server.send("POST", "/api/commands", content=body, headers=headers, params=clock)


@dataclass(frozen=True, slots=True)
class Walk:
    """A worker of `force` on the way: their phone, who sends their positions, and how fast they are."""

    phone: Phone
    gateway: ServerClient
    force: int
    speed: float
    rng: np.random.Generator

    async def go(self, routes: Sequence[Body]) -> None:
        """Go one round after another, without end."""
        while routes:
            await self.round(routes[int(self.rng.integers(len(routes)))])

    async def round(self, route: Body) -> None:
        """Go one round, and record a visit at its end. `route`: as those who plan routes get it."""
        going = self.phone.give("start_round", route=route["id"])
        for point in route["points"]:
            await asyncio.sleep(max(WALK_S / self.speed, SHORTEST_S) if self.speed < np.inf else 0)
            await self._report(going, point)
            if self.rng.random() > UNSENT:
                await self.phone.send()
        self.phone.give("end_round", round=going)
        count, matter = int(self.rng.integers(1, 9)), str(self.rng.choice(MATTERS))
        self.phone.give("visit", grid=route["grid"], kind="household", count=count, matter=matter)
        await self.phone.send()

    async def _report(self, going: str, point: Body) -> None:
        if self.rng.random() < LEFT_OUT:
            self.phone.give("leave_out", round=going, point=point["id"], reason=str(self.rng.choice(REASONS)))
            return
        away = FAR_M if self.rng.random() < FAR else abs(float(self.rng.normal(0, NEAR_M)))
        angle = float(self.rng.uniform(0, 2 * np.pi))
        east, north = away * np.cos(angle), away * np.sin(angle)
        lon, lat = (round(float(part), 7) for part in shifted(point["lon"], point["lat"], east=east, north=north))
        by_code = {"code": point["code"]} if away < FAR_M and self.rng.random() < BY_CODE else {}
        accuracy = round(float(self.rng.uniform(4, 15)), 1)
        place = {"lon": lon, "lat": lat, "accuracy_m": accuracy}
        self.phone.give("check_in", round=going, point=point["id"], age_s=1, **place, **by_code)
        fix = {"force": self.force, "at": datetime.now(UTC).isoformat(), **place}
        await self.gateway.send_once("POST", "/api/positions", json={"fixes": [fix]})


async def patrol_rounds(planner: ServerClient, walk: Walk, *, smallest_level: str) -> None:
    """Go round the routes without end; plan some before, unless there are any."""
    await walk.go(await planned_routes(planner, smallest_level=smallest_level))


async def planned_routes(planner: ServerClient, *, smallest_level: str) -> list[Body]:
    """Return the routes of the planner's division, with codes. Plans some if there are none."""
    if not (found := await _routes(planner)):
        grids = await planner.read("/api/divisions", {"levels": GRID})
        smallest = await planner.read("/api/divisions", {"levels": smallest_level})
        for body in routes_of(grids["items"], smallest["items"]):
            await planner.send("POST", "/api/patrol-routes", json=body)
        found = await _routes(planner)
    return found


async def _routes(planner: ServerClient) -> list[Body]:
    found: Mapping[str, list[Body]] = await planner.read("/api/patrol-routes", {"limit": 1000})
    return found["items"]


def routes_of(grids: Iterable[Body], smallest: Iterable[Body]) -> Iterator[Body]:
    """Make up a route for some grids of each town, past the middles of their smallest divisions."""
    within: dict[str, list[Body]] = {}
    for one in sorted(smallest, key=lambda one: one["code"]):
        within.setdefault(one["path"].rpartition(".")[0], []).append(one)
    made = 0
    by_path = sorted(grids, key=lambda one: one["path"])
    for _, of_town in groupby(by_path, key=lambda one: one["path"].split(".")[1]):
        long = (one for one in of_town if len(within.get(one["path"], ())) >= FEWEST_POINTS)
        for _, grid in zip(range(GRIDS_PER_TOWN), long, strict=False):
            if made == MOST_GRIDS:
                return
            made += 1
            points = within[grid["path"]][:MOST_POINTS]
            spots = [{"name": one["name"], "lon": one["lon"], "lat": one["lat"]} for one in points]
            yield {"grid": grid["code"], "name": f"{grid['name']}日常巡查", "points": spots}
