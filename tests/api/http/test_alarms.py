"""An SOS of one of ours: an alarm until an operator acknowledges it."""

import asyncio
from collections.abc import Collection
from functools import partial
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.moves import follow_forces
from console.access.tables import User
from console.forces.actions import register_many
from console.forces.rules import ForceRecord
from console.forces.tables import Force
from geo.store import Reach, Store
from tests.worlds import NOW, ClientAs, Clock, World, until_a_transaction_waits

AT = int(NOW.timestamp())
DOOR = "/api/positions/osmand"
SOS: dict[str, Any] = {"id": "device-patrol_west", "lat": 31.12, "lon": 120.61, "accuracy": 12, "alarm": "sos"}


async def alarms(client: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get("/api/snapshot", params=params)).json()["alarms"]
    return found


async def test_an_sos_is_an_alarm_with_who_and_where_until_it_is_acknowledged(
    client_as: ClientAs, world: World
) -> None:
    operator = client_as("operator")
    for seconds in (0, 0, 30):  # Sent twice, and once more while the button is pressed
        answer = await client_as("gateway").get(DOOR, params=SOS | {"timestamp": AT + seconds})
        assert answer.status_code == 200
    (alarm,) = await alarms(operator)
    assert (alarm["force"], alarm["name"]) == (world.forces["patrol_west"], "Force patrol_west")
    assert (alarm["lon"], alarm["lat"], alarm["accuracy_m"], alarm["acknowledged_at"]) == (120.61, 31.12, 12, None)
    assert await alarms(client_as("operator_east")) == []
    (wall,) = await alarms(client_as("wall"))
    assert (wall["force"], wall["name"], wall["lon"], wall["acknowledged_at"]) == (None, "", None, None)
    address = f"/api/alarms/{alarm['id']}/acknowledge"
    assert (await client_as("supervisor").post(address)).status_code == 403
    assert (await client_as("operator_east").post(address)).status_code == 404
    for _ in range(2):
        done = (await operator.post(address)).json()
        assert (done["acknowledged_by"], done["version"]) == (world.users["operator"], 3)
    late = await client_as("gateway").get(DOOR, params=SOS | {"timestamp": AT})
    assert late.status_code == 200
    listed = (await client_as("auditor").get("/api/alarms")).json()["items"]
    assert [(one["id"], one["acknowledged_by"]) for one in listed] == [(alarm["id"], world.users["operator"])]
    assert (await operator.get("/api/alarms", params={"open": "true"})).json()["items"] == []


@pytest.mark.parametrize(
    "sent",
    [
        {"params": SOS | {"lat": "", "lon": ""}},
        {"params": SOS | {"valid": "false", "alarm": "lowBattery,SOS"}},
        {"params": SOS | {"mock": "true"}},
        {"json": {"device_id": SOS["id"], "location": {"extras": {"alarm": "sos"}, "battery": {"level": 0.1}}}},
        {"json": {"device_id": SOS["id"], "location": [], "alarm": "sos"}},
        {"url": "/api/positions", "json": {"fixes": [{"device": SOS["id"], "lon": None, "alarm": "sos"}]}},
    ],
)
async def test_an_sos_needs_no_position(sent: dict[str, Any], client_as: ClientAs, world: World) -> None:
    assert (await client_as("gateway").post(**{"url": DOOR} | sent)).status_code == 200
    (alarm,) = await alarms(client_as("operator"))
    assert (alarm["force"], alarm["lon"], alarm["lat"]) == (world.forces["patrol_west"], None, None)


async def test_an_sos_needs_no_duty_and_no_good_position(client_as: ClientAs, store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=world.root)) as session:
        await session.execute(update(Force).where(Force.code == "patrol_west").values(duty="off"))
    own = {"force": world.forces["patrol_west"], "at": NOW.isoformat(), "lon": 120.61, "lat": 31.12, "alarm": "sos"}
    items = (await client_as("patrol_west").post("/api/positions", json={"fixes": [own]})).json()["items"]
    assert [item["flag"] for item in items] == ["off_duty"]
    coarse = SOS | {"id": "device-grid_1", "accuracy": 20000, "timestamp": AT + 9 * 3600}
    await client_as("gateway").get(DOOR, params=coarse)
    found = await alarms(client_as("operator"))
    assert [(one["force"], one["accuracy_m"]) for one in found] == [
        (world.forces["patrol_west"], None),
        (world.forces["grid_1"], 20000),
    ]


async def test_an_sos_while_its_force_is_posted_elsewhere_is_an_alarm_there(
    client_as: ClientAs, store: Store, world: World
) -> None:
    """Each waits for the other, so the database ends one of the two."""
    await client_as("gateway").get(DOOR, params=SOS | {"timestamp": AT, "alarm": ""})
    record = ForceRecord("patrol_west", "W", "patrol", "car", 120.63, 31.12, world.east, device_id=SOS["id"])
    async with asyncio.TaskGroup() as both:

        async def move(session: AsyncSession, forces: Collection[int]) -> None:
            both.create_task(call())
            await until_a_transaction_waits(store)
            await follow_forces(session, forces, now=NOW)

        async def call() -> None:
            answer = await client_as("gateway").get(DOOR, params=SOS | {"timestamp": AT + 1})
            assert answer.status_code == 200

        async with store.transaction(Reach(scope=world.root)) as session:
            await register_many(session, [record], on_division_change=move, now=NOW)
    (alarm,) = await alarms(client_as("operator_east"))
    assert alarm["force"] == world.forces["patrol_west"]


async def test_an_sos_stands_in_the_timeline_of_the_incident_the_force_is_at(client_as: ClientAs, world: World) -> None:
    operator = client_as("operator")
    report = {"source": "hotline", "category": "dispute.family", "title": "x", "lon": 120.61, "lat": 31.12}
    incident = (await client_as("source").post("/api/incidents", json=report)).json()["id"]
    await operator.post(f"/api/incidents/{incident}/tasks", json={"force": world.forces["patrol_west"]})
    await client_as("gateway").get(DOOR, params=SOS)
    (alarm,) = await alarms(operator)
    await operator.post(f"/api/alarms/{alarm['id']}/acknowledge")
    timeline = (await operator.get(f"/api/incidents/{incident}/timeline")).json()["items"]
    kinds = [entry["kind"] for entry in timeline]
    assert [kind for kind in kinds if kind.startswith("alarm")] in (
        ["alarm.raised", "alarm.acknowledged"],
        ["alarm.acknowledged", "alarm.raised"],
    )


async def test_an_open_alarm_moves_with_its_force_to_another_town(
    client_as: ClientAs, store: Store, world: World
) -> None:
    await client_as("gateway").get(DOOR, params=SOS)
    record = ForceRecord("patrol_west", "W", "patrol", "car", 120.63, 31.12, world.east, device_id=SOS["id"])
    async with store.transaction(Reach(scope=world.root)) as session:
        await register_many(session, [record], on_division_change=partial(follow_forces, now=NOW), now=NOW)
        await session.execute(update(User).where(User.username == "gateway").values(scope_path=world.east))
    again = await client_as("gateway").get(DOOR, params=SOS | {"timestamp": AT + 30, "lon": 120.63})
    assert again.status_code == 200
    assert await alarms(client_as("operator_west")) == []
    (alarm,) = await alarms(client_as("operator_east"))
    assert (alarm["lon"], alarm["version"]) == (120.63, 3)
    done = await client_as("operator_east").post(f"/api/alarms/{alarm['id']}/acknowledge")
    assert done.status_code == 200


async def test_a_clock_that_was_ahead_hides_no_later_sos(client_as: ClientAs, clock: Clock) -> None:
    for at in (AT, AT + 8 * 3600):
        await client_as("gateway").get(DOOR, params=SOS | {"timestamp": at})
    (alarm,) = await alarms(client_as("operator"))
    clock.turn(minutes=1)
    await client_as("operator").post(f"/api/alarms/{alarm['id']}/acknowledge")
    clock.turn(hours=2)
    await client_as("gateway").get(DOOR, params=SOS | {"timestamp": AT + 2 * 3600 + 60})
    assert [one["acknowledged_at"] is None for one in await alarms(client_as("operator"))] == [False, True]
