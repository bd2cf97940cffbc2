"""Viewing cameras over HTTP: for a case, by the place's rules, for a time, and every refusal written down."""

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
import pytest

from api.settings import Settings
from tests.worlds import ClientAs, Clock, World

KEY = "k" * 32
LINK = "https://video.example.cn/play?id={id}&token={token}"


async def reported(client_as: ClientAs, world: World, grid: int = 0, category: str = "dispute.family") -> int:
    lon, lat = world.middle_of(world.micro_grids()[grid])
    body = {"source": "window", "category": category, "title": "争吵", "lon": lon, "lat": lat}
    answer = await client_as("operator").post("/api/incidents", json=body)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def near(client_as: ClientAs, username: str, incident: int) -> dict[str, Any]:
    found = (await client_as(username).get(f"/api/incidents/{incident}/cameras?limit=1")).json()
    camera: dict[str, Any] = found["items"][0]
    return camera


async def ask(
    client_as: ClientAs, username: str, camera: int, incident: int | None, *, minutes: int = 30
) -> httpx.Response:
    body = {"incident": incident, "reason": "核实现场人数", "minutes": minutes}
    return await client_as(username).post(f"/api/cameras/{camera}/viewings", json=body)


async def listed(client_as: ClientAs, username: str) -> list[dict[str, Any]]:
    answer = await client_as(username).get("/api/viewings")
    assert answer.status_code == 200
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def kinds(client_as: ClientAs, incident: int) -> list[str]:
    items = (await client_as("operator").get(f"/api/incidents/{incident}/timeline")).json()["items"]
    return [entry["kind"] for entry in items if entry["kind"].startswith("camera.")]


def claims_of(url: str) -> dict[str, Any]:
    """Check the signature of a link's token as the video platform would, and return what it claims."""
    (token,) = parse_qs(urlsplit(url).query)["token"]
    content, _, signature = token.rpartition(".")
    signed = hmac.new(KEY.encode(), content.encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64encode(signed).rstrip(b"=").decode() == signature
    claims: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(content.partition(".")[2] + "=="))
    return claims


async def test_a_grant_expires_a_look_without_a_case_is_refused_and_the_record_shows_both(
    client_as: ClientAs, world: World, clock: Clock
) -> None:
    incident = await reported(client_as, world)
    camera = await near(client_as, "operator", incident)
    assert camera["allowed"] == {"minutes": 60, "approved_minutes": 240}
    refused = await ask(client_as, "operator", camera["id"], None)
    assert (refused.status_code, refused.json()["code"]) == (422, "viewing.no_case")
    granted = (await ask(client_as, "operator", camera["id"], incident)).json()
    assert (granted["standing"], granted["own"], granted["opens"]) == ("granted", True, 0)
    opened = await client_as("operator").post(f"/api/viewings/{granted['id']}/open")
    assert opened.status_code == 200, opened.text
    claims = claims_of(opened.json()["url"])
    assert (claims["camera"], claims["case"]) == (camera["code"], granted["case_code"])
    assert claims["exp"] - claims["iat"] == 30 * 60 and claims["sub"] == str(world.users["operator"])
    clock.turn(minutes=31)
    late = await client_as("operator").post(f"/api/viewings/{granted['id']}/open")
    assert (late.status_code, late.json()["code"]) == (409, "viewing.expired")
    shown = await listed(client_as, "supervisor")
    assert [(one["standing"], one["refusal"], one["opens"]) for one in shown] == [
        ("refused", "viewing.expired", 0),
        ("expired", None, 1),
        ("refused", "viewing.no_case", 0),
    ]
    assert await kinds(client_as, incident) == ["camera.granted", "camera.opened", "camera.refused"]


async def test_what_is_beyond_the_rules_waits_for_somebody_else_to_approve_it(
    client_as: ClientAs, world: World, clock: Clock
) -> None:
    """A town may not view cameras of the first class for a dispute, but for a hazard."""
    incident = await reported(client_as, world)
    camera = await near(client_as, "operator_west", incident)
    assert camera["allowed"] == {"minutes": 0, "approved_minutes": 240}
    hazard = await reported(client_as, world, category="hazard.fire")
    assert (await near(client_as, "operator_west", hazard))["allowed"] == {"minutes": 15, "approved_minutes": 240}
    waits = (await ask(client_as, "operator_west", camera["id"], incident)).json()
    assert waits["standing"] == "waiting"
    one = f"/api/viewings/{waits['id']}"
    early = await client_as("operator_west").post(f"{one}/open")
    assert (early.status_code, early.json()["code"]) == (409, "viewing.not_granted")
    for nobody, status in (("operator_west", 403), ("operator", 403), ("auditor", 403), ("operator_east", 403)):
        assert (await client_as(nobody).post(f"{one}/approve")).status_code == status
    clock.turn(minutes=5)
    approved = (await client_as("supervisor").post(f"{one}/approve")).json()
    assert (approved["standing"], approved["decider"], approved["own"]) == ("granted", "supervisor", False)
    again = await client_as("supervisor").post(f"{one}/decline")
    assert (again.status_code, again.json()["code"]) == (409, "viewing.decided")
    assert (await client_as("supervisor").post(f"{one}/open")).status_code == 403
    clock.turn(minutes=29)
    assert (await client_as("operator_west").post(f"{one}/open")).status_code == 200
    other = (await ask(client_as, "operator_west", camera["id"], incident)).json()
    declined = (await client_as("supervisor").post(f"/api/viewings/{other['id']}/decline")).json()
    assert declined["standing"] == "declined"
    assert (await client_as("operator_west").post(f"/api/viewings/{other['id']}/open")).status_code == 409
    own = (await ask(client_as, "supervisor", camera["id"], incident, minutes=90)).json()
    assert own["standing"] == "waiting"
    mine = await client_as("supervisor").post(f"/api/viewings/{own['id']}/approve")
    assert (mine.status_code, mine.json()["code"]) == (403, "viewing.own_request")


async def test_roles_without_a_rule_long_times_and_closed_cases_are_refused(client_as: ClientAs, world: World) -> None:
    incident = await reported(client_as, world)
    camera = await near(client_as, "operator", incident)
    for username, minutes, status, code in (
        ("auditor", 5, 403, "viewing.not_permitted"),
        ("operator", 241, 422, "viewing.too_long"),
    ):
        answer = await ask(client_as, username, camera["id"], incident, minutes=minutes)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await ask(client_as, "wall", camera["id"], incident)).status_code == 403
    assert (await ask(client_as, "patrol_west", camera["id"], incident)).status_code == 403
    granted = (await ask(client_as, "operator", camera["id"], incident)).json()
    await client_as("operator").post(f"/api/incidents/{incident}/close", json={"note": "已化解"})
    for answer in (
        await ask(client_as, "operator", camera["id"], incident),
        await client_as("operator").post(f"/api/viewings/{granted['id']}/open"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "viewing.case_closed")
    assert [one["refusal"] for one in await listed(client_as, "supervisor")] == [
        "viewing.case_closed",
        "viewing.case_closed",
        None,
        "viewing.too_long",
        "viewing.not_permitted",
    ]


async def test_a_sister_town_sees_neither_cameras_nor_requests(client_as: ClientAs, world: World) -> None:
    incident = await reported(client_as, world)
    camera = await near(client_as, "operator_west", incident)
    waits = (await ask(client_as, "operator_west", camera["id"], incident)).json()
    assert await listed(client_as, "operator_east") == []
    assert (await ask(client_as, "operator_east", camera["id"], incident)).status_code == 404
    assert (await client_as("operator_east").post(f"/api/viewings/{waits['id']}/open")).status_code == 404
    assert await listed(client_as, "operator") == []
    assert [one["id"] for one in await listed(client_as, "operator_west")] == [waits["id"]]


def test_a_link_needs_a_key_and_its_two_names(settings: Settings) -> None:
    for given in ({"video_link": LINK}, {"video_link": "https://x.cn/{id}", "video_key": KEY}):
        with pytest.raises(ValueError, match="video_link"):
            Settings(**given)
    assert KEY not in repr(settings)
