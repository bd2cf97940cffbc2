"""Rosters over HTTP: written under the client's ids, by version, with names by right, and gaps told."""

from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from geo.store import Store
from tests.reporting import report
from tests.worlds import EAST, ClientAs, World

MARCH = {"from": "2026-03-02", "to": "2026-03-08"}
WEEK = {"from": "2026-03-02", "to": "2026-03-02"}


def shift(who: int, begin: str, end: str, **more: object) -> dict[str, object]:
    times = {"starts_at": f"2026-03-{begin}:00+08:00", "ends_at": f"2026-03-{end}:00+08:00"}
    return {"who": {"kind": "force", "id": who}, "attendance": "rotating", **times, **more}


async def put(client: httpx.AsyncClient, body: dict[str, object], shift_id: UUID | None = None) -> httpx.Response:
    return await client.put(f"/api/rosters/shifts/{shift_id or uuid4()}", json=body)


async def test_a_shift_is_added_changed_by_version_swapped_and_cancelled(client_as: ClientAs, world: World) -> None:
    planner, amy, bob = client_as("planner"), world.forces["mediator_west"], world.forces["mediator_east"]
    shift_id = uuid4()
    path = f"/api/rosters/shifts/{shift_id}"
    night = shift(amy, "02T22:00", "03T06:00", note="with the car")
    added = await put(planner, night, shift_id)
    assert (added.status_code, added.headers["ETag"]) == (201, '"1"')
    assert (await put(planner, night, shift_id)).status_code == 200
    later = night | {"ends_at": "2026-03-03T07:00:00+08:00"}
    assert (await planner.put(path, json=later, headers={"If-Match": '"9"'})).status_code == 412
    assert (await planner.put(path, json=later, headers={"If-Match": '"1"'})).json()["version"] == 2

    refused = await put(planner, shift(amy, "03T06:59", "03T08:00"))
    assert (refused.status_code, refused.json()["code"]) == (409, "roster.overlap")
    assert refused.json()["params"]["shift"] == str(shift_id)
    for body, field in [
        (shift(amy, "04T08:00", "04T08:00"), "ends_at"),
        (shift(amy, "04T08:00", "04T09:00", answer_minutes=5), "answer_minutes"),
        (shift(amy, "04T08:00", "04T09:00", unit="nowhere"), "unit"),
        (shift(999_999, "04T08:00", "04T09:00"), "who"),
    ]:
        answer = await put(planner, body)
        assert (answer.status_code, answer.json()["params"]["field"]) == (422, field)

    hours = {"starts_at": "2026-03-03T02:00:00+08:00", "to": {"kind": "force", "id": bob}}
    parts = (await planner.post(f"{path}/swap", json=hours)).json()
    assert [(one["who"]["id"], one["who"]["name"]) for one in parts] == [
        (amy, "Force mediator_west"),
        (bob, "Force mediator_east"),
    ]
    again = await planner.post(f"{path}/swap", json=hours)
    assert (again.status_code, again.json()["code"]) == (409, "roster.swap")
    assert (await planner.delete(path)).json()["cancelled"]
    listed = (await planner.get("/api/rosters", params=MARCH)).json()
    assert [one["who"]["id"] for one in listed["items"]] == [bob]


async def test_leave_is_told_and_makes_gaps(client_as: ClientAs, world: World) -> None:
    planner, supervisor = client_as("planner"), client_as("supervisor")
    amy, grids = world.forces["mediator_west"], [world.forces[f"grid_{number}"] for number in (1, 2)]
    night = {"pattern": "night", "first": "2026-03-02", "last": "2026-03-02"}
    laid = await planner.post("/api/rosters/lay", json=night | {"who": [{"kind": "force", "id": grids[0]}]})
    assert laid.json() == {"added": 1, "cancelled": 0, "on_leave": 0, "kept": 0}
    told = (await supervisor.get("/api/rosters", params=WEEK | {"division": world.west[-9:]})).json()
    assert [(gap["cover"], gap["held"]) for gap in told["gaps"]] == [("town_mediators", 0)]
    assert told["items"][0] | {"pattern": "night", "division": told["places"][-1]["code"]} == told["items"][0]
    body = {"who": {"kind": "force", "id": grids[0]}, "starts_at": "2026-03-02T20:00:00+08:00",
            "ends_at": "2026-03-03T20:00:00+08:00"}  # fmt: skip
    leave = uuid4()
    assert (await planner.put(f"/api/rosters/leaves/{leave}", json=body)).status_code == 201
    told = (await supervisor.get("/api/rosters", params=WEEK | {"division": world.west[-9:]})).json()
    assert [gap["cover"] for gap in told["gaps"]] == ["town_mediators", "town_night"]
    assert told["gaps"][1]["starts_at"] == "2026-03-02T12:00:00Z"
    assert [one["id"] for one in told["leaves"]] == [str(leave)]
    refused = await put(planner, shift(grids[0], "03T08:30", "03T09:00"))
    assert (refused.status_code, refused.json()["code"]) == (409, "roster.on_leave")
    assert (await planner.delete(f"/api/rosters/leaves/{leave}", headers={"If-Match": '"1"'})).status_code == 200
    assert (await put(planner, shift(amy, "03T08:30", "03T09:00", attendance="on_call"))).json()["answer_minutes"] == 30
    missing = await planner.post("/api/rosters/lay", json=night | {"pattern": "none", "who": [body["who"]]})
    assert (missing.status_code, missing.json()["code"]) == (422, "roster.pattern")


async def test_anyone_reads_the_roster_and_names_are_for_those_who_may_read_them(
    client_as: ClientAs, world: World, app: FastAPI
) -> None:
    planner = client_as("planner")
    car, amy = world.forces["patrol_west"], world.forces["mediator_west"]
    for who, attendance in ((car, "rotating"), (amy, "resident")):
        added = shift(who, "02T09:00", "02T17:00", note="mobile") | {"attendance": attendance}
        assert (await put(planner, added)).status_code == 201
    assert (await put(planner, shift(world.forces["mediator_east"], "02T09:00", "02T17:00"))).status_code == 201
    for role, names, notes in [
        ("operator", {"Force patrol_west", "Force mediator_west", "Force mediator_east"}, {"mobile", ""}),
        ("clerk", {None}, {""}),
        ("patrol_west", {"Force patrol_west", None}, {"mobile", ""}),
    ]:
        told = (await client_as(role).get("/api/rosters", params=MARCH)).json()
        assert ({one["who"]["name"] for one in told["items"]}, {one["note"] for one in told["items"]}) == (names, notes)
        assert not told["may_edit"]
        assert (await put(client_as(role), shift(amy, "05T09:00", "05T17:00"))).status_code == 403
        assert (await client_as(role).get("/api/rosters/people")).status_code == 403
    west = (await client_as("operator_west").get("/api/rosters", params=MARCH)).json()
    assert {one["who"]["id"] for one in west["items"]} == {car, amy}
    beyond = await client_as("operator_west").get("/api/rosters", params=MARCH | {"division": EAST[-9:]})
    assert beyond.status_code == 404
    assert (await client_as("wall").get("/api/rosters", params=MARCH)).status_code == 403
    long = await planner.get("/api/rosters", params={"from": "2026-03-02", "to": "2026-06-02"})
    assert (long.status_code, long.json()["params"]) == (422, {"field": "to", "most_days": 62})
    found = (await planner.get("/api/rosters/people", params={"words": "mediator"})).json()["items"]
    assert [one["name"] for one in found] == ["Force mediator_west", "Force mediator_east"]
    page = (await planner.get("/api/rosters", params=MARCH | {"limit": 2})).json()
    rest = (await planner.get("/api/rosters", params=MARCH | {"limit": 2, "cursor": page["next"]})).json()
    assert (len(page["items"]), len(rest["items"]), rest["next"], rest["gaps"]) == (2, 1, None, [])
    for attendance in ("rotating", "resident", "on_call"):
        some = (await planner.get("/api/rosters", params=MARCH | {"attendance": attendance})).json()
        assert some["items"] == [one for one in [*page["items"], *rest["items"]] if one["attendance"] == attendance]
        assert some["gaps"] == page["gaps"]
    assert (await planner.get("/api/rosters", params=MARCH | {"attendance": "daily"})).status_code == 422


async def test_a_year_without_a_notice_is_told_as_assumed(client_as: ClientAs) -> None:
    days = {"from": "2026-12-30", "to": "2027-01-03"}
    told = (await client_as("planner").get("/api/rosters", params=days)).json()
    assert told["assumed_years"] == [2027]
    assert told["days_off"] == ["2027-01-01", "2027-01-02", "2027-01-03"]


async def test_the_roster_is_a_reason_of_the_candidate_and_leave_excludes_it(
    client_as: ClientAs, store: Store, world: World
) -> None:
    planner, operator = client_as("planner"), client_as("operator")
    incident = await report(store, world, world.micro_grids(world.west)[0])
    amy, bob, unit = (world.forces[code] for code in ("grid_1", "grid_2", "mediator_west"))
    assert (await operator.patch(f"/api/forces/{unit}", json={"duty": "on_call"})).status_code == 200
    path = f"/api/incidents/{incident}/candidates"

    async def known() -> tuple[dict[int, dict[str, tuple[float, str | None]]], dict[int, str]]:
        told = (await operator.get(path, params={"limit": 50})).json()
        reasons = {
            one["force"]: {each["code"]: (each["minutes"], each["params"].get("roster")) for each in one["reasons"]}
            for one in told["candidates"]
        }
        assert all(one["cost_minutes"] == round(sum(r["minutes"] for r in one["reasons"]), 1)
                   for one in told["candidates"])  # fmt: skip
        return reasons, {one["force"]: one["code"] for one in told["excluded"]}

    before, _ = await known()
    assert "on_call" not in before[amy] and before[unit]["on_call"] == (15.0, None)
    await put(planner, shift(amy, "02T09:00", "02T12:00", attendance="on_call", answer_minutes=25))
    await put(planner, shift(unit, "02T09:00", "02T12:00", attendance="resident"))
    leave = {"who": {"kind": "force", "id": bob}, "starts_at": "2026-03-02T00:00:00+08:00",
             "ends_at": "2026-03-03T00:00:00+08:00"}  # fmt: skip
    assert (await planner.put(f"/api/rosters/leaves/{uuid4()}", json=leave)).status_code == 201
    after, excluded = await known()
    assert after[amy] == before[amy] | {"on_call": (25.0, "on_call")}, "one fact changes its reason only"
    assert {*after[unit]} == {*before[unit]} - {"on_call"} | {"on_roster"}
    assert after[unit]["on_roster"] == (0.0, "resident")
    assert bob not in after and excluded[bob] == "on_leave"
    others = set(before) - {amy, bob, unit}
    assert {one: after[one] for one in others} == {one: before[one] for one in others}
