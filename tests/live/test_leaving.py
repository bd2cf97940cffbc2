"""A force moves to another town: the old one is sent `gone` at once, and nothing of the force afterwards."""

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from fastapi import FastAPI

from console.forces.actions import register_many
from console.forces.rules import ForceRecord
from console.positions.actions import update_fix_divisions
from console.positions.rules import Position
from geo.store import Reach, Store
from tests.live.conftest import PATIENCE, Dial
from tests.live.viewing import live_of
from tests.worlds import NOW, ClientAs, World

CANARY = "canary"


@dataclass(slots=True)
class Listener:
    """The client end of a socket; keeps every frame."""

    connection: Any
    received: list[bytes] = field(default_factory=list)

    async def until(self, *words: str) -> dict[str, Any]:
        """Return the first frame that contains all of these words."""
        async with asyncio.timeout(PATIENCE):
            while True:
                text = str(await self.connection.recv())
                self.received.append(text.encode())
                if all(word in text for word in words):
                    found: dict[str, Any] = orjson.loads(text)
                    return found


@dataclass(slots=True)
class MovedForce:
    """A force with a distinctive name, moved by lists of staff."""

    store: Store
    world: World
    id: int = 0

    async def register(self, path: str, name: str) -> None:
        lon, lat = self.world.middle_of(path)
        record = ForceRecord(CANARY, name, "mediator", "ebike", lon, lat, division_path=path)
        async with self.store.transaction(Reach(scope=self.world.root)) as session:
            await register_many(session, [record], on_division_change=update_fix_divisions, now=NOW)

    async def move(self, path: str, *, west: Listener) -> float:
        """Move it to a division, and return the seconds until the west was sent `gone`."""
        await self.register(path, f"{CANARY} moved")
        begun = asyncio.get_running_loop().time()
        frame = await west.until('"gone":true')
        [item] = [item for item in frame["items"] if item.get("gone")]
        assert (item["kind"], item["id"], item["version"], item["body"]) == ("force", self.id, 2, None)
        return asyncio.get_running_loop().time() - begun


@pytest.fixture
def moved_force(store: Store, world: World) -> MovedForce:
    return MovedForce(store, world)


def test_the_search_for_traces_finds_traces() -> None:
    assert len(traces([b'{"force":[3,12]}', b'{"force":[12,4]}', b'{"force":12,', b"canary"], 12)) == 4
    assert traces([b'{"force":[3,121]}', b'{"force":[112]}', b'{"force":121,'], 12) == []


async def test_the_old_towns_screen_is_sent_gone_within_a_second_and_nothing_of_it_stays(
    dial: Dial, moved_force: MovedForce, client_as: ClientAs, world: World, app: FastAPI
) -> None:
    west, wall, east = [
        Listener((await dial(*who)).connection)
        for who in (("operator_west",), ("operator_west", "wall=true"), ("operator_east",))
    ]
    epoch = (await west.until('"t":"hello"'))["epoch"]
    await moved_force.register(world.west, CANARY)
    moved_force.id = (await west.until(CANARY))["items"][0]["id"]
    await locate(client_as, moved_force.id)
    assert (await west.until('"t":"fixes"'))["force"] == [moved_force.id]

    assert await moved_force.move(world.east, west=west) < 1
    await wall.until('"gone":true')
    assert [item.get("gone") for item in (await east.until(CANARY))["items"]] == [None]
    assert (await east.until('"t":"fixes"'))["force"] == [moved_force.id]
    west.received.clear()
    wall.received.clear()

    live_of(app).force_positions.update(
        [Position(moved_force.id, world.west, NOW.replace(hour=3), 120.6, 31.1, 1, 1, 1)], now=NOW
    )
    assert (await east.until('"t":"fixes"'))["force"] == [moved_force.id]
    await work_in_the_east(client_as, moved_force.id)
    await east.until('"note":"canary"')
    await report_in_the_west(client_as, world)
    for listener in (west, wall):
        last = await listener.until('"source":"mini_program"')
        assert last["items"][0].get("gone") is None
        assert traces(listener.received, moved_force.id) == []
    assert (await client_as("operator_west").get("/api/snapshot")).json()["epoch"] == epoch
    assert CANARY not in (await client_as("operator_west").get("/api/snapshot")).text
    assert (await client_as("operator_west").get(f"/api/forces/{moved_force.id}")).status_code == 404


async def test_a_client_that_reconnects_after_the_move_is_sent_gone(
    dial: Dial, moved_force: MovedForce, client_as: ClientAs, world: World, app: FastAPI
) -> None:
    """From the server's memory, and from the store where that has forgotten it."""
    live = live_of(app)
    listener = Listener((await dial("operator_west")).connection)
    await moved_force.register(world.west, CANARY)
    frame = await listener.until(CANARY)
    moved_force.id = frame["items"][0]["id"]
    since = f"since={live.hub.head.epoch}:{frame['to']}"
    await moved_force.move(world.east, west=listener)
    for _ in range(2):
        back = Listener((await dial("operator_west", since)).connection)
        frame = await back.until('"gone":true')
        assert [(item["id"], item["body"]) for item in frame["items"]] == [(moved_force.id, None)]
        assert CANARY.encode() not in b"".join(back.received)
        live.hub.restart(live.hub.head)


async def test_the_force_itself_and_the_county_are_not_sent_gone(
    dial: Dial, store: Store, client_as: ClientAs, world: World
) -> None:
    listeners = [Listener((await dial(name)).connection) for name in ("patrol_west", "operator", "wall")]
    for listener in listeners:
        await listener.until('"t":"hello"')
    lon, lat = world.middle_of(world.east)
    moved = ForceRecord("patrol_west", "Moved", "patrol", "ebike", lon, lat, world.east, device_id="device-patrol_west")
    async with store.transaction(Reach(scope=world.root)) as session:
        await register_many(session, [moved], on_division_change=update_fix_divisions, now=NOW)
    for listener in listeners:
        frame = await listener.until('"kind":"force"')
        assert [item.get("gone") for item in frame["items"]] == [None]


async def locate(client_as: ClientAs, force: int) -> None:
    fix = {"force": force, "at": NOW.isoformat(), "lon": 120.61, "lat": 31.12}
    assert (await client_as("gateway").post("/api/positions", json={"fixes": [fix]})).json()["ok"] == 1


async def work_in_the_east(client_as: ClientAs, force: int) -> None:
    """Give the force a task in its new town, with text that the old one must not read."""
    operator = client_as("operator")
    place = {"source": "hotline", "category": "dispute.family", "title": CANARY, "lon": 120.625, "lat": 31.105}
    incident = (await client_as("source").post("/api/incidents", json=place)).json()["id"]
    task = (await operator.post(f"/api/incidents/{incident}/tasks", json={"force": force})).json()["id"]
    answer = await operator.post(f"/api/tasks/{task}/recall", json={"reason": "wrong", "note": CANARY})
    assert answer.status_code == 200, answer.text


async def report_in_the_west(client_as: ClientAs, world: World) -> None:
    lon, lat = world.middle_of(world.micro_grids(world.west)[0])
    last = {"source": "mini_program", "category": "dispute.family", "title": "quiet", "lon": lon, "lat": lat}
    answer = await client_as("source").post("/api/incidents", json=last)
    assert answer.status_code == 201, answer.text


def traces(received: list[bytes], force: int) -> list[bytes]:
    """Return frames that mention the force, by its text or its id."""
    number = re.compile(rb'"force":(\[[0-9,]*\b)?%d\b' % force)
    return [frame for frame in received if CANARY.encode() in frame or number.search(frame)]
