"""The joining attacker: what each role is sent while forces are sent about places no incident nearer than its mask."""

import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest
import shapely
from fastapi import FastAPI
from sqlalchemy import select

from api.http.openapi import operations_of
from api.live.audiences import audience_of
from api.live.hub import Member
from api.live.live import Live
from console.access.queries import actor_of_user
from console.access.rules import Forbidden
from console.access.tables import Session
from console.feed.bodies import masked_place
from geo.cells import cell_of, to_hex
from geo.store import NO_REACH
from layers.hotspots.rules import View
from tests.api.conftest import app, client_as, clock, settings
from tests.faults.joining import Loot, Verdict, claims, tail, verdicts
from tests.live.viewing import caught_up, live_of
from tests.worlds import LAT, LON, SIDE, ClientAs, Clock, World, user_named

__all__ = ["app", "client_as", "clock", "settings"]

ATTACKERS = ("planner", "wall", "patrol_west", "admin", "source")
OPEN = "operator"
CATEGORIES = ("dispute.family", "dispute.neighbour")
STEPS, STEP_SECONDS = 6, 12
AWAY_DEGREES = 0.004
SKIPPED = ("/api/openapi.json", "/api/view-export.html", "/metrics")
"""Requests that have tests of their own, or no JSON."""


@dataclass(slots=True)
class Errand:
    """An incident as it was reported, the force that is sent to it, and where the force sets out."""

    incident: dict[str, Any]
    force: int
    start: tuple[float, float]
    task: int = 0

    def way(self, share: float) -> dict[str, Any]:
        """The force's place after a share of its way."""
        (lon, lat), there = self.start, self.incident
        return {"lon": lon + share * (there["lon"] - lon), "lat": lat + share * (there["lat"] - lat)}


@dataclass(slots=True)
class Account:
    """One account: its HTTP client, its socket if it may have one, and what it has been sent."""

    username: str
    client: httpx.AsyncClient
    member: Member | None
    loot: Loot = field(default_factory=Loot)

    def listen(self) -> None:
        """Take in what waits at the socket."""
        if self.member is None:
            return
        box = self.member.mailbox
        texts = [*box.remaining_frames(), *(latest.text() for latest in box._latest.values())]
        box._latest.clear()
        for text in texts:
            self.loot.take(orjson.loads(text))

    async def get(self, path: str, *, region: shapely.Polygon | None = None, **params: Any) -> None:
        answer = await self.client.get(path, params=params)
        assert answer.status_code < 500, (path, answer.text)
        if answer.status_code == 200 and "json" in answer.headers["content-type"]:
            self.loot.take(answer.json(), region=region)


@dataclass(slots=True)
class Traffic:
    """Eight incidents with a force on its way to each; the last one's is the patrol's own."""

    app: FastAPI
    client_as: ClientAs
    world: World
    clock: Clock
    rng: random.Random = field(default_factory=lambda: random.Random(20260302))
    errands: list[Errand] = field(default_factory=list)

    @property
    def live(self) -> Live:
        return live_of(self.app)

    async def account(self, username: str) -> Account:
        async with self.live.store.transaction(NO_REACH) as session:
            user = await user_named(session, username)
            token = await session.scalar(select(Session.id).where(Session.user_id == user.id))
        assert token is not None
        actor = actor_of_user(user)
        try:
            member = Member(audience_of(actor), actor, token)
        except Forbidden:
            return Account(username, self.client_as(username), None)
        self.live.hub.join(member, self.live.hub.head.pos)
        self.live.hexes.watch(member, View(res=10, window="1h"))
        return Account(username, self.client_as(username), member)

    async def begin(self) -> None:
        """Report the incidents and send the forces. None lies in the middle of its masked cell by chance."""
        codes = [code for code in self.world.forces if not code.startswith("on_call")]
        for i, code in enumerate(reversed(sorted(codes)[-8:])):
            await self._send(i, self.world.forces[code])

    async def _send(self, i: int, force: int) -> None:
        lon, lat = (self.rng.uniform(start + SIDE / 2, start + 3.5 * SIDE) for start in (LON, LAT))
        report = {"source": "hotline", "category": CATEGORIES[i % 2], "title": "-", "lon": lon, "lat": lat}
        incident = await self.call("source", "/api/incidents", report)
        start = (lon + self.rng.choice((-1, 1)) * AWAY_DEGREES, lat + self.rng.uniform(-1, 1) * AWAY_DEGREES)
        errand = Errand(incident, force, start)
        errand.task = (await self.call(OPEN, f"/api/incidents/{incident['id']}/tasks", {"force": force}))["id"]
        self.errands.append(errand)
        for step in ("accept", "depart"):
            await self.call("gateway", f"/api/tasks/{errand.task}/{step}", {})

    async def drive(self) -> AsyncIterator[None]:
        """Let the forces drive there, arrive, stay and finish; stops after each stretch for others to look."""
        for share in range(STEPS + 1):
            await self._move(share / STEPS)
            yield
        for step in ("arrive", "finish"):
            for errand in self.errands:
                self.clock.turn(seconds=2)
                await self.call("gateway", f"/api/tasks/{errand.task}/{step}", {})
            for _ in range(3):
                await self._move(1.0)
                yield

    async def _move(self, share: float) -> None:
        self.clock.turn(seconds=STEP_SECONDS)
        at = self.clock().isoformat()
        fixes = [{"force": errand.force, "at": at, "speed_mps": 8.0, **errand.way(share)} for errand in self.errands]
        await self.call("gateway", "/api/positions", {"fixes": fixes})
        await caught_up(self.live)
        self.live.publish_moves()

    async def call(self, username: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self.client_as(username).post(path, json=body)
        assert answer.is_success, (path, answer.text)
        found: dict[str, Any] = answer.json()
        return found


def questions(document: dict[str, Any], world: World, clock: Clock) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every GET without a name in its path, and those that cut counts and times as small as they go."""
    for path, method, operation in operations_of(document):
        required = [each["name"] for each in operation.get("parameters", ()) if each.get("required")]
        if method == "get" and "{" not in path and not required and path not in SKIPPED:
            yield path, {}
    for res in (8, 9, 10):
        for category in CATEGORIES:
            yield "/api/hotspots", {"res": res, "window": "1h", "category": category}
            yield "/ogc/collections/hotspots/items", {"res": res, "window": "1h", "category": category}
    for back in range(0, 180, 20):
        yield "/api/replay", {"at": (clock() - timedelta(seconds=back)).isoformat()}
    yield "/api/tasks", {"mine": 1}
    yield "/api/search", {"q": "a"}
    for patch in world.patches.values():
        if patch.level in ("grid", "micro_grid"):
            yield "/api/snapshot", {"scope": patch.code, "region": shapely.box(*patch.square)}


def leaked(found: list[Verdict]) -> set[str]:
    return {verdict.way for verdict in found if verdict.leaks}


async def test_no_role_places_an_incident_it_may_not_read_nearer_than_its_mask(
    app: FastAPI, client_as: ClientAs, world: World, clock: Clock
) -> None:
    traffic = Traffic(app, client_as, world, clock)
    attackers = [await traffic.account(username) for username in ATTACKERS]
    operator = await traffic.account(OPEN)
    await traffic.begin()
    async for _ in traffic.drive():
        for account in (*attackers, operator):
            account.listen()
            if account.member is not None:
                await account.get("/api/snapshot")
    await traffic.live.hexes.tick()
    asked = [*questions(app.openapi(), world, clock)]
    for account in (*attackers, operator):
        account.listen()
        for path, params in asked if account is not operator else []:
            if account.member is not None or "region" not in params:
                await account.get(path, **params)

    truth = {errand.incident["id"]: errand.incident for errand in traffic.errands}
    own = next(errand for errand in traffic.errands if errand.force == world.forces["patrol_west"])
    unread = {key: body for key, body in truth.items() if body is not own.incident}
    for account in attackers:
        judged = unread if account.username.startswith("patrol") else truth
        assert leaked(verdicts(claims(account.loot), judged)) == set(), account.username
        assert account.loot.tasks.keys() <= ({own.task} if judged is unread else set()), account.username
    masked = {account.username: account.loot for account in attackers}
    assert masked["planner"].incidents.keys() == truth.keys() and masked["wall"].tracks, "the attacker is deaf"
    assert [body["title"] for body in masked["patrol_west"].incidents.values()] == ["-"], "its own, in full"

    assert leaked(verdicts(claims(with_the_old_mask(operator.loot)), truth)) >= {"task", "arrival"}


def with_the_old_mask(loot: Loot) -> Loot:
    """Planted: incidents masked, but tasks with their forces and exact fixes beside them."""
    bodies = {key: body | masked_place(body["lon"], body["lat"]) for key, body in loot.incidents.items()}
    return Loot(incidents=bodies, arrivals=loot.arrivals, tasks=loot.tasks, tracks=loot.tracks)


def made_up(count: int = 12) -> dict[int, dict[str, Any]]:
    """Incidents far from each other, as they are."""
    rng = random.Random(7)
    places = [(LON + 0.02 * i + rng.uniform(0, 0.01), LAT + rng.uniform(0, 0.04)) for i in range(count)]
    return {
        i: {"id": i, "lon": lon, "lat": lat, "cell": to_hex(cell_of(lon, lat)), "category": CATEGORIES[i % 2]}
        for i, (lon, lat) in enumerate(places)
    }


def test_single_counts_of_fine_cells_are_found_and_those_of_masked_ones_are_not() -> None:
    truth = made_up()
    for res, caught in ((10, {"cell"}), (9, set())):
        cells = [to_hex(cell_of(body["lon"], body["lat"], res)) for body in truth.values()]
        loot = Loot()
        loot.take({"res": res, "category": None, "cells": [{"cell": cell, "count": 1} for cell in cells]})
        assert leaked(verdicts(claims(loot), truth)) == caught


def test_lists_of_small_divisions_are_found() -> None:
    truth, loot = made_up(), Loot()
    for body in truth.values():
        yard = shapely.box(body["lon"] - 3e-4, body["lat"] - 3e-4, body["lon"] + 2e-4, body["lat"] + 2e-4)
        masked = body | masked_place(body["lon"], body["lat"]) | {"case_code": "", "status": "registered"}
        loot.take({"incidents": [masked]}, region=yard)
    assert leaked(verdicts(claims(loot), truth)) == {"region"}


def test_guesses_are_no_finding() -> None:
    truth, rng = made_up(), random.Random(3)
    loot = Loot(
        mentioned={(body["lon"] + rng.gauss(0, 1e-3), body["lat"] + rng.gauss(0, 1e-3)) for body in truth.values()}
    )
    assert leaked(verdicts(claims(loot), truth)) == set()


def test_the_tail_counts_at_least_so_many_successes() -> None:
    assert [tail([0.5, 0.5], n) for n in (0, 1, 2)] == pytest.approx([1.0, 0.75, 0.25])
