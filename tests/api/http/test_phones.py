"""Phones as they are: what the apps send, taken at their endpoints."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select

from console.positions.tables import Fix, LatestFix
from geo.datum import Datum, from_wgs84
from geo.store import Reach, Store
from tests.phone_pages import PAGES, blocks
from tests.worlds import NOW, ClientAs, World

AT = int(NOW.timestamp())
OSMAND = "/api/positions/osmand"
OWNTRACKS = "/api/positions/owntracks"
PLACE: dict[str, Any] = {"id": "device-grid_1", "lat": 31.12, "lon": 120.61}


async def latest(client_as: ClientAs) -> dict[str, Any]:
    found: dict[str, Any] = (await client_as("operator").get("/api/snapshot")).json()["fixes"]
    return found


async def troubles(client_as: ClientAs) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client_as("operator").get("/api/health")).json()["troubles"]
    return found


async def test_every_sample_of_the_phones_pages_comes_through(
    client: httpx.AsyncClient, store: Store, world: World
) -> None:
    reach = Reach(scope=world.root)
    for page in PAGES:
        for block in blocks(page, "http"):
            head, _, body = block.partition("\n\n")
            first, *lines = (
                head.replace("<token>", world.tokens["gateway"]).replace("phone-17", "device-grid_1").split("\n")
            )
            headers = dict(line.split(": ", 1) for line in lines if line)
            method, target = first.split(" ", 1)
            auth = None if "token=" in target else httpx.BasicAuth("phone", world.tokens["gateway"])
            sent = body.replace("phone-17", "device-grid_1")
            answer = await client.request(method, target, headers=headers, content=sent, auth=auth)
            assert answer.status_code == 200, (page.name, answer.text)
            async with store.transaction(reach) as session:
                fix = (await session.scalars(select(Fix).order_by(Fix.id.desc()).limit(1))).one()
                await session.execute(delete(LatestFix))
            assert fix.flag == "ok", page.name
            assert (fix.lon, fix.lat) == (pytest.approx(120.64, abs=1e-5), pytest.approx(31.16, abs=1e-5)), page.name
            assert (fix.at, fix.accuracy_m) == (NOW, 8), page.name
            assert fix.speed_mps in (None, pytest.approx(1.4, abs=0.02)), page.name


async def test_a_coarse_fix_neither_moves_a_force_nor_hides_the_true_ones(client_as: ClientAs) -> None:
    gateway = client_as("gateway")
    sent = [
        {"timestamp": AT - 300, "lat": 31.164, "lon": 120.6386, "accuracy": 5},
        {"timestamp": AT - 10, "lat": 31.164, "lon": 120.785, "accuracy": 20000},
        {"timestamp": AT - 9, "lat": 31.1641, "lon": 120.6387, "accuracy": 4},
    ]
    places = []
    for fields in sent:
        answer = await gateway.get(OSMAND, params={"id": "device-grid_1"} | fields)
        assert answer.status_code == 200
        places.append((await latest(client_as))["lon"])
    assert places == [[120.6386], [120.6386], [120.6387]]


async def test_nothing_but_token_device_and_address_is_ever_refused(client_as: ClientAs) -> None:
    """The first message of a queue must not block the good ones behind it."""
    gateway = client_as("gateway")
    queue = [
        (OSMAND, {"params": PLACE | {"timestamp": AT, "speed": "NaN", "accuracy": "12,5", "batt": "null"}}),
        (OSMAND, {"params": PLACE | {"timestamp": ""}}),
        (OSMAND, {"params": PLACE | {"lat": "north"}}),
        (OSMAND, {"content": b"{", "headers": {"Content-Type": "application/json"}}),
        (OWNTRACKS, {"content": b"\xff"}),
        (
            OWNTRACKS,
            {"content": b'{"_type":"location","tid":"device-grid_1","lat":31.1,"lon":120.6,"alt":NaN,"tst":null}'},
        ),
        ("/api/positions/overland", {"json": {"locations": [{}]}}),
        ("/api/positions/overland", {"content": b"[" * 5000}),
        ("/api/positions/background-geolocation", {"json": [5]}),
    ]
    for path, request in queue:
        answer = await gateway.post(path, **request)
        assert answer.status_code == 200, (path, request, answer.text)
    (sender,) = (await client_as("operator").get("/api/health")).json()["senders"]
    assert (sender["taken"], sender["refused"], sender["unreadable"]) == (3, 0, 6)
    refused = [
        (OSMAND, PLACE | {"id": "nobody"}, "position.device_unknown"),
        (OSMAND, {"lat": 1, "lon": 1}, "position.device_missing"),
        (OSMAND, PLACE | {"datum": "nad27"}, "position.parameter"),
        (OWNTRACKS, {"coordsys": "gcj02"}, "position.parameter"),
        ("/api/positions/overland", {"speed_unit": "knotts"}, "position.parameter"),
    ]
    for path, params, code in refused:
        answer = await gateway.post(path, params=params)
        assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_a_batch_with_one_known_device_is_kept(client_as: ClientAs) -> None:
    place = {"latitude": 31.12, "longitude": 120.61, "time": AT * 1000}
    path, gateway = "/api/positions/background-geolocation", client_as("gateway")
    mixed = [place | {"device_id": name} for name in ("nobody", "device-grid_1")] + [place]
    assert (await gateway.post(path, json=mixed)).status_code == 200
    assert (await latest(client_as))["lon"] == [120.61]
    assert (await gateway.post(path, json=mixed[:1])).json()["code"] == "position.device_unknown"


async def test_a_datum_is_stated_in_the_address_or_set_for_the_device(client_as: ClientAs, world: World) -> None:
    x, y = (float(value) for value in from_wgs84(120.61, 31.12, Datum.GCJ02))
    gateway, operator = client_as("gateway"), client_as("operator")
    shifted = PLACE | {"lat": y, "lon": x}

    async def sent(seconds: int, **more: Any) -> float:
        await gateway.get(OSMAND, params=shifted | {"timestamp": AT + seconds} | more)
        return float((await latest(client_as))["lon"][0])

    assert await sent(0, datum="GCJ-02") == 120.61
    assert await sent(20) == pytest.approx(x, abs=1e-6)
    force = f"/api/forces/{world.forces['grid_1']}"
    answer = await operator.patch(force, json={"device_datum": "gcj02"})
    assert (answer.status_code, answer.json()["device_datum"], answer.json()["duty"]) == (200, "gcj02", "on")
    assert await sent(40) == 120.61
    assert await sent(60, datum="wgs84") == pytest.approx(x, abs=1e-6)
    assert (await operator.patch(force, json={"device_datum": "nad27"})).status_code == 422
    assert (await client_as("supervisor").patch(force, json={"device_datum": None})).status_code == 403
    assert (await operator.patch(force, json={"device_datum": None})).json()["device_datum"] is None
    assert await sent(80) == pytest.approx(x, abs=1e-6)


async def test_a_position_by_hand_from_an_iphone_does_not_jump(client_as: ClientAs) -> None:
    x, y = (float(value) for value in from_wgs84(120.61, 31.12, Datum.GCJ02))
    base = {"_type": "location", "tid": "device-grid_1", "acc": 5}
    for message in (
        base | {"lat": 31.12, "lon": 120.61, "tst": AT},
        base | {"t": "u", "lat": y, "lon": x, "tst": AT + 60},
    ):
        assert (await client_as("gateway").post(OWNTRACKS, json=message)).json() == []
    found = await latest(client_as)
    assert (found["at"], found["lon"], found["lat"]) == ([(AT + 60) * 1000], [120.61], [31.12])


async def test_messages_that_cannot_be_read_are_a_trouble_of_the_device_or_the_account(client_as: ClientAs) -> None:
    for _ in range(30):
        answer = await client_as("gateway").post(OWNTRACKS, json={"_type": "encrypted", "data": "AAAA"})
        assert (answer.status_code, answer.json()) == (200, [])
    for _ in range(5):
        await client_as("patrol_west").post(OWNTRACKS, json={"locations": []})
        await client_as("gateway").post(OWNTRACKS, json={}, headers={"X-Limit-U": "x", "X-Limit-D": "device-grid_2"})
    assert await troubles(client_as) == [
        {"code": "source.unreadable", "name": "gateway", "n": 30},
        {"code": "device.unreadable", "name": "grid_2", "n": 5},
        {"code": "device.unreadable", "name": "patrol_west", "n": 5},
    ]


async def test_a_clock_that_is_wrong_is_a_trouble_of_that_device_until_it_is_right(client_as: ClientAs) -> None:
    ahead, gateway = timedelta(hours=8), client_as("gateway")

    async def sent(seconds: int) -> None:
        await gateway.get(OSMAND, params=PLACE | {"timestamp": AT + seconds})

    await sent(round(ahead.total_seconds()))
    assert await troubles(client_as) == []
    for second in range(25):
        await sent(round(ahead.total_seconds()) + second)
    assert await troubles(client_as) == [{"code": "device.clock_wrong", "name": "grid_1", "n": 8 * 3600 + 24}]
    await sent(0)
    assert await troubles(client_as) == []
    assert (await latest(client_as))["at"] == [AT * 1000]


@pytest.mark.parametrize("off", [timedelta(days=1), timedelta(days=-1), timedelta(minutes=-20)])
async def test_positions_of_a_phone_whose_clock_is_off_are_shown_at_their_time_and_the_hall_is_told(
    client_as: ClientAs, store: Store, world: World, off: timedelta
) -> None:
    patrol, clock = client_as("patrol_west"), NOW + off
    place = {"force": world.forces["patrol_west"], "lon": 120.61, "lat": 31.12}
    for seconds in range(-25, 0, 5):
        said = place | {"at": (clock + timedelta(seconds=seconds)).isoformat()}
        answer = await patrol.post("/api/positions", json={"fixes": [said], "sent_at": clock.isoformat()})
        assert answer.json()["items"][0]["flag"] == "ok"
    assert (await latest(client_as))["at"] == [(AT - 5) * 1000]
    seconds_off = round(off.total_seconds())
    assert await troubles(client_as) == [{"code": "device.clock_corrected", "name": "patrol_west", "n": seconds_off}]
    async with store.transaction(Reach(scope=world.root)) as session:
        kept = [(fix.at - NOW, fix.device_at) for fix in await session.scalars(select(Fix).order_by(Fix.id))]
    assert kept == [(timedelta(seconds=s), clock + timedelta(seconds=s)) for s in range(-25, 0, 5)]
    by_satellite = place | {"at": NOW.isoformat()}
    await patrol.post("/api/positions", json={"fixes": [by_satellite], "sent_at": clock.isoformat()})
    assert (await latest(client_as))["at"] == [AT * 1000]
    assert await troubles(client_as) == []


async def test_an_sos_of_a_phone_whose_clock_is_a_day_behind_is_an_alarm_of_its_time(
    client_as: ClientAs, world: World
) -> None:
    at = NOW - timedelta(days=1)
    call = {"force": world.forces["patrol_west"], "alarm": "sos", "at": (at - timedelta(seconds=90)).isoformat()}
    await client_as("patrol_west").post("/api/positions", json={"fixes": [call], "sent_at": at.isoformat()})
    [alarm] = (await client_as("operator").get("/api/alarms")).json()["items"]
    assert alarm["sent_at"] == "2026-03-02T01:58:30Z"


async def test_a_made_up_position_is_stored_as_such_and_never_shown(
    client_as: ClientAs, store: Store, world: World
) -> None:
    gateway = client_as("gateway")
    coords = {"latitude": 31.12, "longitude": 120.61}
    await gateway.get(OSMAND, params=PLACE | {"mock": "true"})
    await gateway.post(OSMAND, json={"device_id": "device-grid_1", "location": {"coords": coords, "mock": True}})
    batch = [coords | {"isFromMockProvider": True}] * 3
    await gateway.post("/api/positions/background-geolocation?id=device-grid_1", json=batch)
    async with store.transaction(Reach(scope=world.root)) as session:
        assert [*await session.scalars(select(Fix.flag))] == ["mock"] * 5
    assert (await latest(client_as))["force"] == []
    assert await troubles(client_as) == [{"code": "device.mock", "name": "grid_1", "n": 5}]
