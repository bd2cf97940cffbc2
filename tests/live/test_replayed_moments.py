"""Snapshots taken amid traffic equal the replay of their moments, to the last task and fix.

With `MAPLEBRIDGE_FAULTS=full` the traffic is that of a busy hour of a county.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import pytest
from fastapi import FastAPI

from api.intake.moves import follow_forces
from api.live import moments
from console.forces.actions import register_many
from console.forces.rules import ForceRecord
from geo.store import Reach, Store
from tests.live.viewing import caught_up, live_of
from tests.worlds import ClientAs, Clock, World

FULL = os.environ.get("MAPLEBRIDGE_FAULTS") == "full"
ROUNDS, ACTIONS = (60, 40) if FULL else (20, 12)
VIEWERS = ("operator", "operator_west", "operator_east", "gateway")
PARTS = ("pos", "epoch", "incidents", "tasks", "forces", "alarms", "fixes")
NEXT = {"assigned": "accept", "accepted": "depart", "departed": "arrive", "arrived": "finish"}


class RunningClock(Clock):
    """Goes on as the machine's, and by what the test turns it."""

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.passed

    def elapsed(self) -> float:
        return time.monotonic() + self.passed.total_seconds()


@pytest.fixture
def clock() -> Clock:
    return RunningClock()


@dataclass(slots=True)
class Traffic:
    """Reports, dispatches, answers, edits, positions and calls for help, drawn at random; many at a time."""

    client_as: ClientAs
    world: World
    clock: Clock
    random: Random
    store: Store
    incidents: list[int] = field(default_factory=list)
    tasks: dict[int, tuple[str, str]] = field(default_factory=dict)

    async def run(self, actions: int) -> None:
        drawn = self.random.choices(self.choices, weights=(6, 6, 9, 2, 2, 2, 8, 2, 1, 2), k=actions)
        await asyncio.gather(*(act() for act in drawn))

    @property
    def choices(self) -> Sequence[Callable[[], Awaitable[None]]]:
        return (
            self.report,
            self.assign,
            self.step,
            self.recall,
            self.edit,
            self.close,
            self.move,
            self.change_duty,
            self.call_for_help,
            self.post_elsewhere,
        )

    async def report(self) -> None:
        lon, lat = self.world.middle_of(self.random.choice(self.world.micro_grids()))
        body = {"source": "hotline", "category": "dispute.family", "title": "noise", "lon": lon, "lat": lat}
        found = await self.ask("source", "POST", "/api/incidents", json=body)
        self.incidents.append(found["id"])

    async def assign(self) -> None:
        if not self.incidents:
            return
        name, force = self.random.choice([*self.world.forces.items()])
        found = await self.ask(
            "operator", "POST", f"/api/incidents/{self.random.choice(self.incidents)}/tasks", json={"force": force}
        )
        if "answer_due_at" in found:
            self.tasks[found["id"]] = (name, "assigned")

    async def step(self) -> None:
        if not self.tasks:
            return
        task, (force, status) = self.random.choice([*self.tasks.items()])
        step = "decline" if status == "assigned" and self.random.random() < 0.2 else NEXT.get(status, "finish")
        body = {"reason": "occupied"} if step == "decline" else {}
        found = await self.ask("gateway", "POST", f"/api/tasks/{task}/{step}", json=body)
        self.tasks[task] = (force, found.get("status", status))

    async def recall(self) -> None:
        if self.tasks:
            task = self.random.choice([*self.tasks])
            await self.ask("operator", "POST", f"/api/tasks/{task}/recall", json={"reason": "wrong"})

    async def edit(self) -> None:
        if self.incidents:
            path = f"/api/incidents/{self.random.choice(self.incidents)}"
            lon, lat = self.world.middle_of(self.random.choice(self.world.micro_grids()))
            change = {"risk": self.random.choice(["low", "medium", "high"]), "lon": lon, "lat": lat}
            await self.ask("operator", "PATCH", path, json=change)

    async def close(self) -> None:
        if self.incidents:
            path = f"/api/incidents/{self.random.choice(self.incidents)}/close"
            await self.ask("operator", "POST", path, json={"note": "settled"})

    async def move(self) -> None:
        """Some fixes come late, are coarse, or lie before one that is known."""
        forces = self.random.sample([*self.world.forces.values()], k=3)
        await self.ask("gateway", "POST", "/api/positions", json={"fixes": [self.fix(force) for force in forces]})

    def fix(self, force: int) -> dict[str, Any]:
        at = self.clock() - timedelta(seconds=self.random.choice([0, 0, 0, 1, 30, 900]))
        lon, lat = 120.61 + self.random.random() / 1e4, 31.11 + self.random.random() / 1e4
        accuracy = self.random.choice([5, 5, 5, 3_000])
        return {"force": force, "at": at.isoformat(), "lon": lon, "lat": lat, "accuracy_m": accuracy}

    async def change_duty(self) -> None:
        force = self.random.choice([*self.world.forces.values()])
        duty = self.random.choice(["on", "on_call", "off"])
        await self.ask("operator", "PATCH", f"/api/forces/{force}", json={"duty": duty})

    async def call_for_help(self) -> None:
        device = self.random.choice(["device-patrol_west", "device-patrol_east"])
        params = {"id": device, "lat": 31.11, "lon": 120.61, "alarm": "sos", "timestamp": int(self.clock().timestamp())}
        await self.client_as("gateway").get("/api/positions/osmand", params=params)

    async def post_elsewhere(self) -> None:
        """A list of staff moves a force from one town to the other."""
        code = self.random.choice(["mediator_west", "mediator_east"])
        path = self.random.choice([self.world.west, self.world.east])
        lon, lat = self.world.middle_of(path)
        record = ForceRecord(code, f"Force {code}", "mediator", "ebike", lon, lat, division_path=path)
        async with self.store.transaction(Reach(scope=self.world.root)) as session:
            move = partial(follow_forces, now=self.clock())
            await register_many(session, [record], on_division_change=move, now=self.clock())

    async def ask(self, username: str, method: str, path: str, **options: Any) -> dict[str, Any]:
        """Make a call, which may be refused: others are faster now and then."""
        answer = await self.client_as(username).request(method, path, **options)
        assert answer.status_code < 500, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def snapshot(client_as: ClientAs, username: str) -> tuple[str, dict[str, Any]]:
    answer = await client_as(username).get("/api/snapshot")
    assert answer.status_code == 200, answer.text
    return username, answer.json()


def differences(then: dict[str, Any], replayed: dict[str, Any]) -> list[Any]:
    return [(name, unlike(then[name], replayed[name])) for name in PARTS if then[name] != replayed[name]]


def unlike(then: Any, replayed: Any) -> Any:
    """The entities, or the fixes by column, that differ."""
    if isinstance(then, dict):
        then, replayed = ([*zip(*columns.values(), strict=True)] for columns in (then, replayed))
    if not isinstance(then, list):
        return then, replayed
    return [one for one in then if one not in replayed], [one for one in replayed if one not in then]


async def test_twenty_snapshots_amid_traffic_equal_the_replays_of_their_moments(
    app: FastAPI, client_as: ClientAs, world: World, clock: Clock, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine too: there a commit may take longer than a snapshot waits for it otherwise."""
    monkeypatch.setattr(moments, "PATIENCE_SECONDS", 30.0)
    random = Random(20260302)
    traffic = Traffic(client_as, world, clock, random, store)
    taken: list[tuple[str, dict[str, Any]]] = []
    for number in range(ROUNDS):
        viewer = VIEWERS[number % len(VIEWERS)]
        going = asyncio.create_task(traffic.run(ACTIONS))
        await asyncio.sleep(random.random() / 50)
        taken.append(await snapshot(client_as, viewer))
        await going
        # A quiet quarter of an hour: the last fixes are still those that a snapshot shows.
        clock.turn(minutes=random.choice([0, 0, 1, 16]))
    await caught_up(live_of(app))
    assert max(len(then["tasks"]) for _, then in taken) > 5
    for username, then in taken:
        answer = await client_as(username).get("/api/replay", params={"at": then["at"]})
        assert differences(then, answer.json()) == [], (username, then["at"])
