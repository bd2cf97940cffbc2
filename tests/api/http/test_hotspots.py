"""Hotspots over HTTP and on live sockets."""

import asyncio
import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from api.live.hexes import MOST_VIEWS, PACE_SECONDS, HexChange, Hexes
from api.live.mailbox import TRY_AGAIN, Closing, Mailbox
from console.feed.rules import Audience
from geo.cells import cell_of, from_hex, resolution, to_hex
from geo.store import Reach, Store
from layers.hotspots.actions import count_incidents
from layers.hotspots.cell_sets import CellSets
from layers.hotspots.rules import LEAST_INCIDENTS, CountedIncident, HotCell, Hotspots, View
from tests.worlds import NOW, PACK, ROOT, ClientAs, Clock, World


def seen(world: World, i: int, category: str = "dispute.family") -> CountedIncident:
    path = world.micro_grids()[i]
    return CountedIncident(path, *world.middle_of(path), category, NOW)


def long_ago(world: World) -> CountedIncident:
    """What makes the record long enough for classes."""
    return replace(seen(world, 0), occurred_at=NOW - timedelta(days=400))


def hex_of(world: World, i: int, res: int = 9) -> str:
    return to_hex(cell_of(*world.middle_of(world.micro_grids()[i]), res))


async def count(store: Store, *all_seen: CountedIncident) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        await count_incidents(session, all_seen)


async def test_the_default_view_is_the_packs(client_as: ClientAs, store: Store, world: World) -> None:
    await count(store, *[seen(world, 6)] * 9, long_ago(world))
    answer = await client_as("operator").get("/api/hotspots")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["res"], body["window"], body["category"], body["total"]) == (9, "24h", None, 9)
    assert body["as_of"] == "2026-03-02T02:00:00Z"
    cell = body["cells"][0]
    assert cell["cell"] == hex_of(world, 6) and cell["count"] == 9 and cell["class"] == "new"
    assert set(cell) == {"cell", "count", "expected", "z", "q", "class", "exposure", "rate"}


async def test_a_town_sees_its_own_hotspots_only(client_as: ClientAs, store: Store, world: World) -> None:
    await count(store, *[seen(world, 0)] * 3, *[seen(world, 15)] * 5)
    west = (await client_as("operator_west").get("/api/hotspots")).json()
    assert west["total"] == 3
    assert [cell["cell"] for cell in west["cells"]] == [hex_of(world, 0)]


async def test_a_box_shows_fewer_cells_with_the_same_rating(client_as: ClientAs, store: Store, world: World) -> None:
    await count(store, *[seen(world, 0)] * 3, *[seen(world, 15)] * 5)
    everything = (await client_as("operator").get("/api/hotspots")).json()
    lon, lat = world.middle_of(world.micro_grids()[15])
    box = f"{lon - 0.005},{lat - 0.005},{lon + 0.005},{lat + 0.005}"
    part = (await client_as("operator").get("/api/hotspots", params={"bbox": box})).json()
    assert part["total"] == 5
    assert part["cells"] == [cell for cell in everything["cells"] if cell["cell"] == hex_of(world, 15)]


@pytest.mark.parametrize("username", ["wall", "planner", "admin", "patrol_west"])
@pytest.mark.parametrize("path", ["/api/hotspots", "/ogc/collections/hotspots/items"])
async def test_roles_that_may_not_read_incidents_get_coarse_cells_without_small_counts(
    username: str, path: str, client_as: ClientAs, store: Store, world: World
) -> None:
    await count(store, seen(world, 0), *[seen(world, 3)] * 3)
    for params in ({}, {"res": 10}, {"res": 10, "window": "1h", "category": "dispute.family"}, {"res": 8}):
        answer = await client_as(username).get(path, params=params)
        assert answer.status_code == 200, answer.text
        cells = answer.json().get("cells") or [each["properties"] for each in answer.json()["features"]]
        assert [cell["count"] for cell in cells] == [3], params
        assert resolution(from_hex(cells[0]["cell"])) == min(params.get("res", 9), 9)


async def test_few_incidents_in_all_are_masked_too(client_as: ClientAs, store: Store, world: World) -> None:
    await count(store, seen(world, 0), seen(world, 3))
    assert (await client_as("planner").get("/api/hotspots")).json()["total"] == 0
    assert (await client_as("auditor").get("/api/hotspots")).json()["total"] == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"res": 6}, "res"),
        ({"window": "2h"}, "window"),
        ({"category": "no.such"}, "category"),
        ({"bbox": "1,2"}, "bbox"),
        ({"at": "2026-03-03"}, "at"),
        ({"at": "2026-03-02T02:00:01Z"}, "at"),
        ({"at": "2022-05-01T12:00"}, "at"),
        ({"at": "0001-01-01"}, "at"),
        ({"at": "0001-01-01T00:00Z"}, "at"),
        ({"at": "yesterday"}, "at"),
    ],
)
async def test_an_unknown_view_is_refused_by_field(client_as: ClientAs, wrong: dict[str, Any], field: str) -> None:
    answer = await client_as("operator").get("/api/hotspots", params=wrong)
    assert answer.status_code == 422
    assert answer.json()["params"]["errors"][0]["field"] == field


async def test_hotspots_of_a_past_day_are_those_of_that_day_alone(
    client_as: ClientAs, store: Store, world: World
) -> None:
    """In the county's time zone, over its boundaries, long before the first of which there is a date."""
    noon = datetime.fromisoformat("2022-05-01T12:00+08:00")
    cluster = [replace(seen(world, 6), occurred_at=noon)] * 9
    cluster.append(replace(seen(world, 0), occurred_at=noon - timedelta(days=400)))
    edges = (
        "2022-04-30T23:59:59+08:00",
        "2022-05-01T00:00+08:00",
        "2022-05-01T23:59:59+08:00",
        "2022-05-02T00:00+08:00",
    )
    await count(store, *cluster, *(replace(seen(world, 0), occurred_at=datetime.fromisoformat(at)) for at in edges))

    async def at(moment: str | None) -> dict[str, Any]:
        answer = await client_as("operator").get("/api/hotspots", params={"at": moment} if moment else {})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        return {"total": body["total"], "hot": [c["cell"] for c in body["cells"] if c["class"] == "new"]}

    assert await at("2022-05-01") == {"total": 11, "hot": [hex_of(world, 6)]}
    assert await at("2022-05-02T00:00:00+08:00") == await at("2022-05-01T16:00:00Z") == await at("2022-05-01")
    assert await at("2022-05-01T11:59:00+08:00") == {"total": 2, "hot": []}
    assert await at(None) == await at("2026-03-02") == await at("2026-03-01") == {"total": 0, "hot": []}


async def test_a_source_may_not_read_hotspots(client_as: ClientAs) -> None:
    assert (await client_as("source").get("/api/hotspots")).status_code == 403


@dataclass(eq=False, slots=True)
class Socket:
    """The part of an open socket that hexes need."""

    audience: Audience
    account: int = 1
    mailbox: Mailbox = field(default_factory=Mailbox)


class Watching:
    """Hexes without sockets: records what would be sent, in order."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.changed = asyncio.Event()
        self.hexes = Hexes(
            store,
            changed=self.changed,
            cell_sets=CellSets(),
            zone=PACK.zone,
            masked_least=3,
            least_hot=LEAST_INCIDENTS,
            now=clock,
        )

    def join(self, audience: Audience, view: View) -> Socket:
        member = Socket(audience)
        self.hexes.watch(member, view)
        return member

    async def frame(self, member: Socket) -> dict[str, Any]:
        """Return the next frame for a member, after at most a few ticks."""
        async with asyncio.timeout(PACE_SECONDS + 5):
            waiting = asyncio.create_task(member.mailbox.get())
            while not waiting.done():
                await self.hexes.step()
            found = json.loads(await waiting)
            assert isinstance(found, dict)
            return found


def test_the_sockets_of_an_account_watch_a_few_views(store: Store, clock: Clock) -> None:
    watching, audience = Watching(store, clock), Audience(scope=ROOT)
    members = [watching.join(audience, View(category=f"x{i}")) for i in range(MOST_VIEWS)]
    shared, other = watching.join(audience, View(category="x0")), Socket(audience, account=2)
    one_more = watching.join(audience, View(category="more"))
    watching.hexes.watch(other, View(category="more"))
    assert [member.mailbox.closing for member in (*members, shared, other)] == [None] * (MOST_VIEWS + 2)
    assert one_more.mailbox.closing == Closing(TRY_AGAIN, "views")
    watching.hexes.leave(members[1])
    assert watching.join(audience, View(category="more")).mailbox.closing is None


async def test_the_first_frame_is_full_and_the_next_holds_changes(store: Store, world: World, clock: Clock) -> None:
    watching = Watching(store, clock)
    await count(store, seen(world, 0))
    member = watching.join(Audience(scope=ROOT), View())
    first = await watching.frame(member)
    assert first["full"] and first["t"] == "hexes" and [c["cell"] for c in first["cells"]] == [hex_of(world, 0)]
    await count(store, seen(world, 15))
    watching.changed.set()
    second = await watching.frame(member)
    assert not second["full"] and second["total"] == 2
    assert hex_of(world, 15) in {c["cell"] for c in second["cells"]}


async def test_cells_disappear_as_time_passes(store: Store, world: World, clock: Clock) -> None:
    watching = Watching(store, clock)
    await count(store, seen(world, 0))
    member = watching.join(Audience(scope=ROOT), View(window="1h"))
    await watching.frame(member)
    clock.turn(hours=2)
    assert (await watching.frame(member))["gone"] == [hex_of(world, 0)]


async def test_each_audience_gets_its_own_division(store: Store, world: World, clock: Clock) -> None:
    watching = Watching(store, clock)
    await count(store, seen(world, 0), seen(world, 15), *[seen(world, 8)] * 3)
    west = watching.join(Audience(scope=world.west), View())
    wall = watching.join(Audience(scope=ROOT, masked=True), View(res=10))
    patrol = watching.join(Audience(scope=world.west, force_id=1), View())
    assert [c["cell"] for c in (await watching.frame(west))["cells"]] == [hex_of(world, 0)]
    masked = await watching.frame(wall)
    assert (masked["res"], [cell["count"] for cell in masked["cells"]]) == (9, [3])
    watching.hexes.leave(patrol)
    watching.hexes.leave(west)


def hot(cell: int, count: int) -> HotCell:
    return HotCell(cell=cell, count=count, expected=0.5, z=1.0, q=0.2, klass="none")


def test_merged_frames_hold_both_changes() -> None:
    steps = [
        Hotspots(View(), NOW + timedelta(minutes=15 * i), i, tuple(cells))
        for i, cells in enumerate(([hot(1, 1), hot(2, 1)], [hot(2, 2), hot(3, 1)], [hot(1, 4), hot(3, 1)]))
    ]
    merged = HexChange.between(steps[0], steps[1]).merged(HexChange.between(steps[1], steps[2]))
    assert (merged.changed, merged.gone) == ({1: hot(1, 4), 3: hot(3, 1)}, {2})
    full = HexChange.all_of(steps[0]).merged(HexChange.between(steps[0], steps[2]))
    assert full.full and not full.gone and full.changed == {1: hot(1, 4), 3: hot(3, 1)}
