"""The server is killed while people move cases: what was acknowledged is there once, all else wholly or not at all."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from console.cases.moving import POST_LEFT
from console.cases.storing import entries_of
from console.cases.tables import Case
from console.clocks.tables import Clock
from console.flow.case_state import Holder, from_json
from console.flow.replay import replay
from console.incidents.queries import lock_incident
from console.incidents.tables import TimelineEntry
from console.register.tables import Post
from geo.store import Reach
from tests.console.cases.test_left_posts import post_of, unit_in
from tests.faults.conftest import Site
from tests.worlds import ROOT, WEST

EVERYTHING = Reach(scope=ROOT)
MOVED = "case.moved"


class Mover:
    """Somebody who makes any move that is offered, again and again, with a note that says which one it is."""

    def __init__(self, name: str, http: httpx.AsyncClient, cases: Sequence[int], *, seed: float) -> None:
        self.name, self.http, self.cases, self.rng = name, http, cases, Random(seed)
        self.acknowledged: list[tuple[int, int]] = []
        self.tried = 0

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self.step()
            except httpx.TransportError:
                await asyncio.sleep(0.05)

    async def step(self) -> None:
        """Make one move of a case; keep the version that the server said it has then."""
        incident = self.rng.choice(self.cases)
        found = await self.http.get(f"/api/incidents/{incident}/case")
        if found.status_code != 200:
            return
        case = found.json()
        moves = [one for one in case["moves"] if one["kind"] not in ("split", "extend")]
        if not moves:
            return
        move = self.rng.choice(moves)
        form = {one["code"]: self._filled(one) for one in move["form"] if one["required"]}
        self.tried += 1
        answer = await self.http.post(
            f"/api/incidents/{incident}/moves",
            json={"move": move["move"], **form},
            headers={"If-Match": f'"{case["version"]}"'},
        )
        if answer.status_code == 200:
            self.acknowledged.append((incident, answer.json()["version"]))

    def _filled(self, one: dict[str, Any]) -> Any:
        units = [f"centre.{path.rpartition('.')[2]}" for path in (ROOT, WEST)]
        values = {
            "choice": lambda: self.rng.choice(one["choices"])["code"],
            "unit": lambda: self.rng.choice(units),
            "units": lambda: [self.rng.choice(units)],
            "date": lambda: "2027-01-04",
            "yes_no": lambda: True,
        }
        return values.get(one["type"], lambda: f"{self.name} {self.tried}")()


@pytest.mark.timeout(600)
async def test_no_move_is_lost_or_half_made_when_the_server_is_killed(site: Site, full: bool, rng: Random) -> None:
    stop, movers = asyncio.Event(), []
    cases = await registered(site, 6)
    async with asyncio.TaskGroup() as group:
        for name in ("operator", "operator_west", "clerk_west", "supervisor"):
            movers.append(Mover(name, client(site, name), cases, seed=rng.random()))
            group.create_task(movers[-1].run(stop))
        for _ in range(10 if full else 2):
            await until_moved(movers, made(movers) + rng.randint(8, 16))
            await site.server.kill()
            await site.server.start()
        await until_moved(movers, made(movers) + 5)
        stop.set()
    for mover in movers:
        await mover.http.aclose()
    await check(site, cases, [one for mover in movers for one in mover.acknowledged])


def client(site: Site, name: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {site.world.tokens[name]}"}
    return httpx.AsyncClient(base_url=site.server.url, headers=headers, timeout=30, trust_env=False)


async def registered(site: Site, count: int) -> list[int]:
    """Register hard disputes in the west; their ids."""
    lon, lat = site.world.middle_of(site.world.micro_grids(WEST)[0])
    body = {"source": "window", "category": "dispute.neighbour", "risk": "high", "lon": lon, "lat": lat}
    async with client(site, "clerk_west") as http:
        made = [await http.post("/api/incidents", json=body | {"title": f"Quarrel {n}"}) for n in range(count)]
    return [answer.json()["id"] for answer in made]


def made(movers: Sequence[Mover]) -> int:
    return sum(len(one.acknowledged) for one in movers)


async def until_moved(movers: Sequence[Mover], count: int) -> None:
    async with asyncio.timeout(180):
        while made(movers) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def check(site: Site, cases: Sequence[int], acknowledged: Sequence[tuple[int, int]]) -> None:
    """Each acknowledged move has a version of its own; each case is what its record gives, with owner and clocks."""
    assert [one for one, count in Counter(acknowledged).items() if count > 1] == []
    async with site.store.transaction(EVERYTHING) as session:
        for incident in cases:
            case = await session.get_one(Case, incident)
            state = from_json(case.state)
            assert replay(await entries_of(session, incident)) == state
            assert case.unit and state.running == (case.ended_at is None)
            kinds = select(TimelineEntry.kind).where(TimelineEntry.incident_id == incident)
            moves = [kind for kind in await session.scalars(kinds) if kind == MOVED]
            mine = [version for of, version in acknowledged if of == incident]
            assert len(mine) <= len(moves) == case.version - 1 and max(mine, default=0) <= case.version
            open_ones = select(Clock.limit_code, Clock.unit_code).where(
                Clock.incident_id == incident, Clock.stopped_at.is_(None)
            )
            clocks = (await session.execute(open_ones)).all()
            assert bool(clocks) == state.running and len(clocks) == len({*clocks})


async def test_a_server_killed_while_a_post_ends_leaves_the_post_and_its_cases_or_neither(site: Site) -> None:
    """It is killed between the cases: at the lock of the third of four, when two have been handed over."""
    async with site.store.transaction(EVERYTHING) as session:
        unit = await unit_in(session, f"C{WEST[-9:]}", kind="centre", is_centre=True)
        post = await post_of(session, "clerk_west", unit)
    cases = await registered(site, 4)

    async def left() -> tuple[bool, list[bool]]:
        """Whether the post has ended, and each case has left it with a record that says so."""
        async with site.store.transaction(EVERYTHING) as session:
            found = [await session.get_one(Case, one) for one in cases]
            for case in found:
                entries = await entries_of(session, case.incident_id)
                state = from_json(case.state)
                assert replay(entries) == state and state.owner == Holder(unit.code, case.post_id)
                assert (case.post_id is None) == any(kind == POST_LEFT for kind, _ in entries)
            return (await session.get_one(Post, post)).until is not None, [case.post_id is None for case in found]

    assert await left() == (False, [False] * 4)
    async with client(site, "admin") as admin:
        async with site.store.transaction(EVERYTHING) as holding:
            await lock_incident(holding, cases[2])
            ending = asyncio.create_task(admin.post(f"/api/posts/{post}/end"))
            await until_waiting(site)
            await site.server.kill()
            with pytest.raises(httpx.TransportError):
                await ending
        assert await left() == (False, [False] * 4)
        await site.server.start()
        answer = await admin.post(f"/api/posts/{post}/end")
        assert (answer.status_code, answer.json()["cases"]) == (200, 4)
        assert await left() == (True, [True] * 4)


async def until_waiting(site: Site) -> None:
    """Wait until a transaction of the server waits for a row that another one has locked."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")
    async with asyncio.timeout(60):
        while True:
            async with site.store.transaction(EVERYTHING) as session:
                if await session.scalar(waiting):
                    return
            await asyncio.sleep(0.02)
