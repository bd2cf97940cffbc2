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

WORD = "canary"


@dataclass(slots=True)
class Ear:
    """One end of a socket that keeps every byte."""

    connection: Any
    heard: list[bytes] = field(default_factory=list)

    async def until(self, *words: str) -> dict[str, Any]:
        """The first frame with all these words."""
        async with asyncio.timeout(PATIENCE):
            while True:
                text = str(await self.connection.recv())
                self.heard.append(text.encode())
                if all(word in text for word in words):
                    found: dict[str, Any] = orjson.loads(text)
                    return found


@dataclass(slots=True)
class Posting:
    """A force with a distinctive name, moved by lists of staff."""

    store: Store
    world: World
    id: int = 0

    async def post(self, path: str, name: str) -> None:
        lon, lat = self.world.middle_of(path)
        record = ForceRecord(WORD, name, "mediator", "ebike", lon, lat, division_path=path)
        async with self.store.transaction(Reach(scope=self.world.root)) as session:
            await register_many(session, [record], on_division_change=update_fix_divisions, now=NOW)

    async def move(self, path: str, *, west: Ear) -> float:
        """Move it to a division, and return the seconds until the west was sent `gone`."""
        await self.post(path, f"{WORD} moved")
        begun = asyncio.get_running_loop().time()
        frame = await west.until('"gone":true')
        [item] = [item for item in frame["items"] if item.get("gone")]
        assert (item["kind"], item["id"], item["version"], item["body"]) == ("force", self.id, 2, None)
        return asyncio.get_running_loop().time() - begun


@pytest.fixture
def posting(store: Store, world: World) -> Posting:
    return Posting(store, world)


def test_the_search_for_traces_finds_traces() -> None:
    assert len(traces([b'{"force":[3,12]}', b'{"force":[12,4]}', b'{"force":12,', b"canary"], 12)) == 4
    assert traces([b'{"force":[3,121]}', b'{"force":[112]}', b'{"force":121,'], 12) == []


async def test_the_old_towns_screen_is_sent_gone_within_a_second_and_nothing_of_it_stays(
    dial: Dial, posting: Posting, client_as: ClientAs, world: World, app: FastAPI
) -> None:
    west, wall, east = [
        Ear((await dial(*who)).connection)
        for who in (("operator_west",), ("operator_west", "wall=true"), ("operator_east",))
    ]
    epoch = (await west.until('"t":"hello"'))["epoch"]
    await posting.post(world.west, WORD)
    posting.id = (await west.until(WORD))["items"][0]["id"]
    await locate(client_as, posting.id)
    assert (await west.until('"t":"fixes"'))["force"] == [posting.id]

    assert await posting.move(world.east, west=west) < 1
    await wall.until('"gone":true')
    assert [item.get("gone") for item in (await east.until(WORD))["items"]] == [None]
    assert (await east.until('"t":"fixes"'))["force"] == [posting.id]
    west.heard.clear()
    wall.heard.clear()

    live_of(app).force_positions.update(
        [Position(posting.id, world.west, NOW.replace(hour=3), 120.6, 31.1, 1, 1, 1)], now=NOW
    )
    assert (await east.until('"t":"fixes"'))["force"] == [posting.id]
    await work_in_the_east(client_as, posting.id)
    await east.until('"note":"canary"')
    await say_a_last_word(client_as, world)
    for ear in (west, wall):
        last = await ear.until('"source":"mini_program"')
        assert last["items"][0].get("gone") is None
        assert traces(ear.heard, posting.id) == []
    assert (await client_as("operator_west").get("/api/snapshot")).json()["epoch"] == epoch
    assert WORD not in (await client_as("operator_west").get("/api/snapshot")).text
    assert (await client_as("operator_west").get(f"/api/forces/{posting.id}")).status_code == 404


async def test_a_client_that_reconnects_after_the_move_is_sent_gone(
    dial: Dial, posting: Posting, client_as: ClientAs, world: World, app: FastAPI
) -> None:
    """From the server's memory, and from the store where that has forgotten it."""
    live = live_of(app)
    ear = Ear((await dial("operator_west")).connection)
    await posting.post(world.west, WORD)
    frame = await ear.until(WORD)
    posting.id = frame["items"][0]["id"]
    since = f"since={live.hub.head.epoch}:{frame['to']}"
    await posting.move(world.east, west=ear)
    for _ in range(2):
        back = Ear((await dial("operator_west", since)).connection)
        frame = await back.until('"gone":true')
        assert [(item["id"], item["body"]) for item in frame["items"]] == [(posting.id, None)]
        assert WORD.encode() not in b"".join(back.heard)
        live.hub.restart(live.hub.head)


async def test_the_force_itself_and_the_county_are_not_sent_gone(
    dial: Dial, store: Store, client_as: ClientAs, world: World
) -> None:
    ears = [Ear((await dial(name)).connection) for name in ("patrol_west", "operator", "wall")]
    for ear in ears:
        await ear.until('"t":"hello"')
    lon, lat = world.middle_of(world.east)
    moved = ForceRecord("patrol_west", "Moved", "patrol", "ebike", lon, lat, world.east, device_id="device-patrol_west")
    async with store.transaction(Reach(scope=world.root)) as session:
        await register_many(session, [moved], on_division_change=update_fix_divisions, now=NOW)
    for ear in ears:
        frame = await ear.until('"kind":"force"')
        assert [item.get("gone") for item in frame["items"]] == [None]


async def locate(client_as: ClientAs, force: int) -> None:
    fix = {"force": force, "at": NOW.isoformat(), "lon": 120.61, "lat": 31.12}
    assert (await client_as("gateway").post("/api/positions", json={"fixes": [fix]})).json()["ok"] == 1


async def work_in_the_east(client_as: ClientAs, force: int) -> None:
    """Give the force a task in its new town, with text that the old one must not read."""
    operator = client_as("operator")
    place = {"source": "hotline", "category": "dispute.family", "title": WORD, "lon": 120.625, "lat": 31.105}
    incident = (await client_as("source").post("/api/incidents", json=place)).json()["id"]
    task = (await operator.post(f"/api/incidents/{incident}/tasks", json={"force": force})).json()["id"]
    answer = await operator.post(f"/api/tasks/{task}/recall", json={"reason": "wrong", "note": WORD})
    assert answer.status_code == 200, answer.text


async def say_a_last_word(client_as: ClientAs, world: World) -> None:
    lon, lat = world.middle_of(world.micro_grids(world.west)[0])
    last = {"source": "mini_program", "category": "dispute.family", "title": "quiet", "lon": lon, "lat": lat}
    answer = await client_as("source").post("/api/incidents", json=last)
    assert answer.status_code == 201, answer.text


def traces(heard: list[bytes], force: int) -> list[bytes]:
    """Return frames that mention the force, by its text or its id."""
    number = re.compile(rb'"force":(\[[0-9,]*\b)?%d\b' % force)
    return [frame for frame in heard if WORD.encode() in frame or number.search(frame)]
