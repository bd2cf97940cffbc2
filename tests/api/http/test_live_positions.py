"""Reports of positions over HTTP."""

import base64
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.http.sign_in.sessions import COOKIE
from tests.api.conftest import ORIGIN
from tests.worlds import NOW, ClientAs, World

AT = int(NOW.timestamp())


def fix(**more: Any) -> dict[str, Any]:
    return {"at": NOW.isoformat(), "lon": 120.61, "lat": 31.12} | more


async def test_a_batch_is_answered_fix_by_fix(client_as: ClientAs, world: World) -> None:
    fixes = [
        fix(force=world.forces["patrol_west"]),
        fix(device="device-grid_1", datum="gcj02"),
        fix(device="nobody"),
        fix(force=1, lat=120.6, lon=31.1),
        "nonsense",
    ]
    answer = await client_as("gateway").post("/api/positions", json={"fixes": fixes})
    assert answer.status_code == 200
    outcomes = [(item["flag"], item["code"], item["field"]) for item in answer.json()["items"]]
    assert outcomes[:3] == [("ok", None, None), ("ok", None, None), (None, "force.unknown", None)]
    assert outcomes[3] == (None, "less_than_equal", "lat")
    assert outcomes[4][0] is None
    assert answer.json()["ok"] == 2


async def test_gcj02_arrives_as_wgs84(client_as: ClientAs, world: World) -> None:
    fixes = [fix(force=world.forces["patrol_west"], datum="gcj02"), fix(force=world.forces["patrol_east"])]
    await client_as("gateway").post("/api/positions", json={"fixes": fixes})
    found = (await client_as("operator").get("/api/snapshot")).json()["fixes"]
    west, east = (found["lon"][i] for i in range(2))
    assert east == 120.61
    assert 0.003 < east - west < 0.006


async def test_a_repeated_batch_is_flagged_as_duplicates(client_as: ClientAs, world: World) -> None:
    batch = {"fixes": [fix(force=world.forces["patrol_west"])]}
    first = await client_as("gateway").post("/api/positions", json=batch)
    again = await client_as("gateway").post("/api/positions", json=batch)
    assert [first.json()["items"][0]["flag"], again.json()["items"][0]["flag"]] == ["ok", "duplicate"]


async def test_a_patrol_reports_itself_only(client_as: ClientAs, world: World) -> None:
    fixes = [fix(force=world.forces["patrol_west"]), fix(force=world.forces["patrol_east"])]
    items = (await client_as("patrol_west").post("/api/positions", json={"fixes": fixes})).json()["items"]
    assert [item["flag"] or item["code"] for item in items] == ["ok", "force.foreign"]


@pytest.mark.parametrize("username", ["operator", "source", "wall", "clerk"])
async def test_other_roles_cannot_report_positions(username: str, client_as: ClientAs, world: World) -> None:
    answer = await client_as(username).post("/api/positions", json={"fixes": [fix(force=1)]})
    assert answer.status_code == 403


@pytest.mark.parametrize(("body", "status"), [({}, 422), ({"fixes": 5}, 422), ({"fixes": [{}] * 10_001}, 422)])
async def test_a_body_that_is_no_batch_is_refused(body: Any, status: int, client_as: ClientAs) -> None:
    assert (await client_as("gateway").post("/api/positions", json=body)).status_code == status


async def test_osmand_is_accepted_by_query_and_by_form(client_as: ClientAs, world: World) -> None:
    fields = {"id": "device-grid_1", "lat": "31.12", "lon": "120.61", "timestamp": str(AT), "speed": "10"}
    gateway = client_as("gateway")
    assert (await gateway.get("/api/positions/osmand", params=fields)).status_code == 200
    later = fields | {"timestamp": str(AT + 1)}
    assert (await gateway.post("/api/positions/osmand", data=later)).status_code == 200
    assert (await gateway.post("/api/positions/osmand", params=fields | {"timestamp": str(AT + 2)})).status_code == 200
    found = await latest(client_as)
    assert found["force"] == [world.forces["grid_1"]]
    assert found["at"] == [(AT + 2) * 1000]
    assert found["speed"] == [pytest.approx(5.1444, abs=1e-3)]


async def test_the_newer_traccar_client_is_accepted_as_json(client_as: ClientAs, world: World) -> None:
    coords = {"latitude": 31.12, "longitude": 120.61, "speed": 5, "heading": 90, "accuracy": 8}
    body = {"location": {"timestamp": NOW.isoformat(), "coords": coords}, "device_id": "device-grid_1"}
    assert (await client_as("gateway").post("/api/positions/osmand", json=body)).status_code == 200
    assert (await latest(client_as))["speed"] == [5]


async def test_an_unknown_device_is_a_bad_request(client_as: ClientAs) -> None:
    answer = await client_as("gateway").get("/api/positions/osmand", params={"id": "nobody", "lat": 31.1, "lon": 120.6})
    assert answer.status_code == 400
    assert answer.json()["code"] == "position.device_unknown"


async def test_owntracks_is_answered_with_a_list(client_as: ClientAs) -> None:
    gateway = client_as("gateway")
    body = {"_type": "location", "tid": "device-grid_1", "lat": 31.12, "lon": 120.61, "tst": AT, "vel": 36}
    for message in (body, {"_type": "lwt", "tst": AT}):
        answer = await gateway.post("/api/positions/owntracks", json=message)
        assert (answer.status_code, answer.json()) == (200, [])
    assert (await gateway.post("/api/positions/owntracks", content=b"")).json() == []
    assert (await latest(client_as))["speed"] == [pytest.approx(10)]


async def test_phones_sign_in_by_password_or_by_address(client: httpx.AsyncClient, world: World) -> None:
    fields = {"id": "device-grid_1", "lat": "31.12", "lon": "120.61"}
    token = world.tokens["gateway"]
    basic = base64.b64encode(f"anyone:{token}".encode()).decode()
    endpoints = [
        ({"Authorization": f"Basic {basic}"}, fields),
        ({}, fields | {"token": token}),
        ({"Authorization": f"Bearer {token}"}, fields),
    ]
    for headers, params in endpoints:
        answer = await client.get("/api/positions/osmand", headers=headers, params=params)
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Basic ???"}, {"Authorization": "Basic bm8="}, {"Authorization": "Bearer x"}]
)
async def test_phones_that_do_not_sign_in_are_refused(headers: dict[str, str], client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/positions/osmand", headers=headers, params={"id": "x", "lat": 1, "lon": 1})
    assert answer.status_code == 401


async def test_a_cookie_does_not_authenticate_a_phone(app: FastAPI, world: World) -> None:
    """A foreign page may make a browser GET anything, with its cookies."""
    transport = httpx.ASGITransport(app=app)
    cookies = {COOKIE: world.tokens["gateway"]}
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, cookies=cookies) as browser:
        answer = await browser.get("/api/positions/osmand", params={"id": "device-grid_1", "lat": 31.1, "lon": 120.6})
    assert answer.status_code == 401


async def test_the_secret_in_an_address_is_not_logged(
    client: httpx.AsyncClient, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    token = world.tokens["gateway"]
    await client.get("/api/positions/osmand", params={"id": "device-grid_1", "lat": 1, "lon": 1, "token": token})
    await client.get("/api/positions/osmand", params={"id": "nobody", "lat": 1, "lon": 1, "token": token})
    output = capsys.readouterr()
    assert token not in output.out + output.err


async def test_a_future_fix_is_never_shown(client_as: ClientAs, world: World) -> None:
    soon = (NOW + timedelta(minutes=5)).isoformat()
    fixes = [fix(force=world.forces["patrol_west"], at=soon)]
    items = (await client_as("gateway").post("/api/positions", json={"fixes": fixes})).json()["items"]
    assert items[0]["flag"] == "future"
    assert (await latest(client_as))["force"] == []


async def latest(client_as: ClientAs) -> dict[str, Any]:
    found: dict[str, Any] = (await client_as("operator").get("/api/snapshot")).json()["fixes"]
    return found
