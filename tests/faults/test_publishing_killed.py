"""The server or a process of PostgreSQL is killed while lines are published or undone: they are old or new for all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import text

from layers.tiles import Scheme, tile_at
from tests.faults.conftest import Site
from tests.faults.feed_checking import EVERYTHING, compare, complaints, running, sequenced, settled
from tests.faults.feed_clients import Client, Desk, View
from tests.faults.held_writes import HeldWrites
from tests.mvt import decode
from tests.worlds import LAT, LON, ROOT, SIDE

PATIENCE_SECONDS = 60
ZONE = ZoneInfo("Asia/Shanghai")
VILLAGE = f"{ROOT}100200"
GRID_1, GRID_2 = f"{VILLAGE}001", f"{VILLAGE}002"
MICRO = f"{GRID_1}01"
OPERATIONS: list[dict[str, Any]] = [
    {"op": "reassign", "codes": [MICRO], "to": GRID_2},
    {"op": "move", "vertex": [LON + SIDE, LAT + SIDE], "to": [LON + 1.2 * SIDE, LAT + 1.1 * SIDE]},
    {"op": "rename", "code": GRID_1, "name": "一号网格"},
]
PLACED = text("""
SELECT table_name, column_name FROM information_schema.columns JOIN pg_class ON relname = table_name
WHERE table_schema = 'public' AND column_name IN ('division_path', 'scope_path') AND NOT relispartition
    AND relkind IN ('r', 'p') AND table_name !~ '^(plan|feed|divisions|timeline|party_branches|service_lists)'
    AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'id')
""")
"""Tables of what has a division, but for records that only grow."""
LINES = text("""
SELECT code, division_path::text, name, md5(ST_AsBinary(geom)), households, enterprises, valid_from::text FROM divisions
WHERE valid_to IS NULL ORDER BY code
""")
GRIDS = text("SELECT id, grid_code, village_code FROM incidents ORDER BY id")
CLOCKS = text("""
SELECT subject, subject_id, kind, division_path::text FROM deadlines
WHERE subject <> 'plan' ORDER BY subject, subject_id, kind
""")
HANDED_OVER = text("""
SELECT plan_publications.applied_at IS NOT NULL, (SELECT count(*) FROM plan_transfers
    WHERE publication_id = plan_publications.id)
FROM plan_publications WHERE ended_at IS NULL AND applied_at IS NOT NULL
""")
OTHERS = {"lines": LINES, "grids": GRIDS, "clocks": CLOCKS, "handed over": HANDED_OVER}
CHANGED = [
    (0, "incidents"),
    (0, "tasks"),
    (0, "cameras"),
    (0, "lines"),
    (0, "grids"),
    (0, "clocks"),
    (0, "handed over"),
]
CHANGED += [(1, name) for name in ("divisions", "features", "tile", "statistics", "incidents")]
"""What the plan changes, for the test to be one: in the store, and for those who ask."""
VICTIMS = ("server", "backend")
State = dict[str, Any]


@dataclass(slots=True)
class Publishing:
    """A plan that is approved, over a county with open incidents, one of which somebody goes to."""

    site: Site
    held: HeldWrites
    http: httpx.AsyncClient
    plan: int = 0

    async def report(self, x: float, y: float) -> int:
        """Report an incident so many steps from the south-western corner."""
        body = {"source": "window", "category": "dispute.neighbour", "title": "噪音"}
        place = {"lon": LON + x * SIDE, "lat": LAT + y * SIDE}
        return int((await self.done("operator", "/api/incidents", body | place))["id"])

    async def done(self, user: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self.call(user, "POST", path, json=body)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def call(self, user: str, method: str, path: str, **fields: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.site.world.tokens[user]}"}
        return await self.http.request(method, path, headers=headers, **fields)

    async def publish(self) -> None:
        day = datetime.now(ZONE).date().isoformat()
        await self.call("supervisor", "POST", f"/api/plans/{self.plan}/publish", json={"day": day})

    async def unpublish(self) -> None:
        await self.call("supervisor", "POST", f"/api/plans/{self.plan}/unpublish")

    async def until(self, act: Callable[[], Awaitable[None]], *, state: str) -> None:
        """Ask again, as a person would, until the plan is in a state."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (now := await self.state()) != state:
                if now in ("approved", "published"):
                    await answered(act())
                await asyncio.sleep(0.05)

    async def state(self) -> str:
        try:
            answer = await self.call("supervisor", "GET", f"/api/plans/{self.plan}")
        except httpx.TransportError:
            return ""
        return str(answer.json().get("state", ""))

    async def stored(self) -> State:
        """All that has a division, and what hands it over."""
        async with self.site.store.transaction(EVERYTHING) as session:
            found: State = {}
            for table, column in sorted((await session.execute(PLACED)).all()):
                rows = text(f"SELECT id, {column}::text FROM {table} ORDER BY id")
                found[table] = (await session.execute(rows)).all()
            for name, statement in OTHERS.items():
                found[name] = (await session.execute(statement)).all()
            return found

    async def shown(self) -> State:
        """What screens, clients of `/ogc`, tiles and statistics have, apart from the numbers of rows."""
        here = tile_at(LON + SIDE / 2, LAT + SIDE, z=14, scheme=Scheme.WEB_MERCATOR)
        divisions = await self.read("/api/divisions")
        features = (await self.read("/ogc/collections/divisions/items?limit=1000")).json()["features"]
        tile = await self.read(f"/ogc/tiles/WebMercatorQuad/14/{here.y}/{here.x}?collections=divisions")
        drawn = [(one.properties, one.vertices) for layer in decode(tile.content).values() for one in layer]
        snapshot = (await self.read("/api/snapshot")).json()
        return {
            "divisions": divisions.json(),
            "features": sorted(str((one["properties"], one["geometry"])) for one in features),
            "tile": sorted(map(str, drawn)),
            "statistics": (await self.read("/api/statistics?by=grid")).json()["items"],
            "incidents": {one["id"]: one["division_path"] for one in snapshot["incidents"]},
        }

    async def read(self, path: str) -> httpx.Response:
        answer = await self.call("operator", "GET", path)
        assert answer.status_code == 200, answer.text
        return answer

    async def killed(self, act: Callable[[], Awaitable[None]], step: int, *, victim: str) -> State:
        """Kill at a write; what is stored before anything else is done."""
        await self.held.arm(step)
        asked = asyncio.create_task(answered(act()))
        pid = await self.held.held()
        if victim == "server":
            await self.site.server.kill()
            await self.held.release()
        else:
            await self.held.kill(pid)
        await asked
        found = await self.stored()
        if victim == "server":
            await self.site.server.start()
        return found


async def answered(asked: Awaitable[None]) -> None:
    """What was asked of a server that is killed meanwhile."""
    with suppress(httpx.TransportError):
        await asked


@pytest.fixture
async def publishing(site: Site) -> AsyncIterator[Publishing]:
    held = HeldWrites(site.cluster)
    await held.prepare()
    async with httpx.AsyncClient(base_url=site.server.url, timeout=60, trust_env=False) as http:
        made = Publishing(site, held, http)
        incidents = [await made.report(x, y) for x, y in ((0.5, 0.5), (1.1, 1.05), (1.5, 0.5))]
        task = {"force": site.world.forces["patrol_west"]}
        await made.done("operator", f"/api/incidents/{incidents[0]}/tasks", task)
        made.plan = (await made.done("planner", "/api/plans", {"title": "夜间", "division": ROOT}))["id"]
        plan = f"/api/plans/{made.plan}"
        for operation in OPERATIONS:
            await made.done("planner", f"{plan}/operations", operation)
        await made.done("planner", f"{plan}/submit", {})
        await made.done("supervisor", f"{plan}/review", {"verdict": "approve"})
        yield made


@pytest.mark.timeout(3600)
async def test_lines_are_old_or_new_for_everything_wherever_publishing_and_undoing_are_killed(
    publishing: Publishing, full: bool, rng: Random, record_property: Callable[[str, object], None]
) -> None:
    site, held = publishing.site, publishing.held
    desk = Desk([site.server.url], dict(site.world.tokens), steady=True)
    clients = [Client(View("operator"), desk, Random(rng.random()), lingers=1.0)]
    acts = {"published": publishing.publish, "approved": publishing.unpublish}
    async with running(client.run(publishing.http) for client in clients):
        whole = {"approved": (await publishing.stored(), await publishing.shown())}
        steps: dict[str, int] = {}
        for state, act in acts.items():
            await held.arm()
            await publishing.until(act, state=state)
            steps[state] = await held.steps()
            found = await publishing.stored(), await publishing.shown()
            assert whole.setdefault(state, found) == found
        assert all(whole["approved"][i][name] != whole["published"][i][name] for i, name in CHANGED)
        for kills in rounds(steps, rng, full=full):
            for (state, act), (step, victim) in zip(acts.items(), kills, strict=True):
                stored = await publishing.killed(act, step, victim=victim)
                assert stored in [known for known, _ in whole.values()], (state, step, victim)
                await held.arm()
                await publishing.until(act, state=state)
                assert (await publishing.stored(), await publishing.shown()) == whole[state], (state, step, victim)
        await settled(clients, await sequenced(site.store))
        assert desk.wrongs == []
        await compare(clients, desk, publishing.http)
    record_property("writes of publishing and of undoing", [*steps.values()])
    assert complaints(site.server.log) == []


def rounds(steps: dict[str, int], rng: Random, *, full: bool) -> list[list[tuple[int, str]]]:
    """At which write of publishing and of undoing what is killed: all of them, or each victim once."""
    if not full:
        return [[(rng.randint(1, most), victim) for most in steps.values()] for victim in VICTIMS]
    numbers = range(1, max(steps.values()) + 1)
    return [[(min(number, most), victim) for most in steps.values()] for number in numbers for victim in VICTIMS]
