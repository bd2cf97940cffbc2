"""Routes, rounds and visits: what the record says, who may, and what comes late, again or out of order."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from api.watch.maintenance import Kept, forget_old_places
from geo.store import Reach, Store
from tests.phones import Json, Phone
from tests.worlds import NOW, ROOT, ClientAs, Clock, World

DEGREE_M = 111_195
"""Of latitude, as distances are reckoned."""


def grid_of(path: str) -> str:
    """The grid that a micro-grid lies in."""
    return path.split(".")[-2]


def points(world: World, n: int = 10) -> list[Json]:
    lon, lat = world.middle_of(world.micro_grids()[0])
    return [{"name": f"Point {i}", "lon": lon + 0.0001 * i, "lat": lat} for i in range(n)]


async def route_in(client_as: ClientAs, world: World, n: int = 10) -> Json:
    body = {"grid": grid_of(world.micro_grids()[0]), "name": "East bank", "points": points(world, n)}
    answer = await client_as("supervisor").post("/api/patrol-routes", json=body)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


@pytest.fixture
def phone(client_as: ClientAs, clock: Clock) -> Phone:
    return Phone(client_as("patrol_west"), clock)


async def begun(phone: Phone, route: Json) -> str:
    line = phone.give("start_round", route=route["id"])
    [item] = await phone.send(line)
    assert item["status"] == "applied", item
    return str(line["id"])


def at(point: Json, *, metres: float = 0, **more: Any) -> Json:
    return {"point": point["id"], "lon": point["lon"], "lat": point["lat"] + metres / DEGREE_M} | more


async def record_of(client_as: ClientAs, going: str, user: str = "operator") -> Json:
    found: Json = (await client_as(user).get(f"/api/rounds/{going}")).json()
    return found


async def test_the_record_says_how_each_of_ten_points_was_reported_and_what_was_left_out(
    client_as: ClientAs, world: World, clock: Clock, phone: Phone
) -> None:
    """The acceptance, done without a network and sent in the evening."""
    route = await route_in(client_as, world)
    listed = (await client_as("patrol_west").get("/api/patrol-routes")).json()["items"][0]
    assert {point["code"] for point in listed["points"]} == {""}
    start = phone.give("start_round", route=route["id"])
    going, lines = start["id"], [start]
    for i, point in enumerate(route["points"]):
        clock.turn(minutes=1)
        if i == 3:
            lines.append(phone.give("check_in", round=going, code=point["code"].lower()))
        elif i in (4, 5):
            lines.append(phone.give("leave_out", round=going, point=point["id"], reason="Gate locked"))
        else:
            said = at(point, metres=300 if i == 6 else 12, accuracy_m=8, age_s=4)
            lines.append(phone.give("check_in", round=going, **said))
    lines.append(phone.give("end_round", round=going, note="Quiet"))
    clock.turn(hours=3)
    assert {item["status"] for item in await phone.send(*lines)} == {"applied"}
    record = await record_of(client_as, going)
    assert (record["checked"], record["left_out"], record["unreported"], record["far"]) == (8, 2, 0, 1)
    last = [point["last"] for point in record["points"]]
    assert [mark["how"] for mark in last] == ["place"] * 3 + ["qr"] + ["left_out"] * 2 + ["place"] * 4
    assert [round(mark["distance_m"]) for mark in last if mark["how"] == "place"] == [12, 12, 12, 300, 12, 12, 12]
    assert [i for i, mark in enumerate(last) if mark["far"]] == [6]
    assert (last[0]["accuracy_m"], last[0]["age_s"]) == (8, 4)
    assert (last[0]["at"], last[0]["received_at"]) == ("2026-03-02T02:01:00Z", "2026-03-02T05:10:00Z")
    assert (last[4]["reason"], last[4]["lon"], last[3]["distance_m"]) == ("Gate locked", None, None)
    assert (record["started_at"], record["ended_at"]) == ("2026-03-02T02:00:00Z", "2026-03-02T02:10:00Z")
    assert (record["force"], record["note"]) == (world.forces["patrol_west"], "Quiet")
    listed = (await client_as("operator_west").get("/api/rounds", params={"day": "2026-03-02"})).json()
    assert listed["items"] == [record]
    assert route["points"][3]["code"] not in str(record)


async def test_what_is_sent_again_changes_nothing_and_a_later_report_counts(
    client_as: ClientAs, world: World, clock: Clock, phone: Phone
) -> None:
    route = await route_in(client_as, world, 2)
    going, first = await begun(phone, route), route["points"][0]
    left_out = phone.give("leave_out", round=going, point=first["id"], reason="Dog")
    clock.turn(minutes=1)
    later = phone.give("check_in", round=going, **at(first))
    for _ in range(2):
        await phone.send(left_out, later)
    record = await record_of(client_as, going)
    assert (record["points"][0]["last"]["how"], len(record["points"][0]["earlier"])) == ("place", 1)
    assert record["points"][0]["earlier"][0]["reason"] == "Dog"
    end = phone.give("end_round", round=going)
    clock.turn(minutes=1)
    late = phone.give("leave_out", round=going, point=first["id"], reason="Late")
    assert [item["code"] for item in await phone.send(end, late)] == [None, "round.over"]
    assert (await record_of(client_as, going))["unreported"] == 1


async def test_what_cannot_be_is_refused_and_nothing_is_kept(client_as: ClientAs, world: World, phone: Phone) -> None:
    route = await route_in(client_as, world, 2)
    going, (first, second) = await begun(phone, route), route["points"]
    for command, said, code in (
        ("check_in", {"code": "WRONG234"}, "round.code_unknown"),
        ("check_in", {"code": second["code"], "point": first["id"]}, "round.code_unknown"),
        ("leave_out", {"point": "nowhere", "reason": "x"}, "round.point_unknown"),
        ("check_in", {"point": first["id"]}, "command.invalid"),
        ("check_in", {"lon": 120.6, "lat": 31.1}, "command.invalid"),
        ("leave_out", {"point": first["id"]}, "command.invalid"),
        ("check_in", {"round": str(UUID(int=9)), **at(first)}, "round.unknown"),
    ):
        [item] = await phone.send(phone.give(command, **{"round": going} | said))
        assert (item["status"], item["code"]) == ("refused", code)
    assert (await record_of(client_as, going))["unreported"] == 2
    outside = {"grid": grid_of(world.micro_grids(world.east)[0]), "name": "x", "points": points(world, 1)}
    answer = await client_as("planner").post("/api/patrol-routes", json=outside)
    assert (answer.status_code, answer.json()["code"]) == (422, "route.outside")


async def test_a_check_in_waits_for_the_start_of_its_round_that_is_on_its_way(
    client_as: ClientAs, world: World, phone: Phone
) -> None:
    route = await route_in(client_as, world, 1)
    start = phone.give("start_round", route=route["id"])
    mark = phone.give("check_in", round=start["id"], **at(route["points"][0]))
    assert [item["status"] for item in await phone.send(mark)] == ["waiting"]
    assert [item["status"] for item in await phone.send(start, mark)] == ["applied", "applied"]
    assert (await record_of(client_as, start["id"]))["checked"] == 1


async def test_a_changed_route_keeps_slips_and_the_rounds_of_before(
    client_as: ClientAs, world: World, clock: Clock, phone: Phone
) -> None:
    route = await route_in(client_as, world, 2)
    going = await begun(phone, route)
    url, version = f"/api/patrol-routes/{route['id']}", {"If-Match": '"1"'}
    old = [{name: point[name] for name in ("id", "name", "lon", "lat")} for point in route["points"]]
    changed = {"name": "West bank", "points": [*reversed(old), old[0] | {"name": "Third"}]}
    answer = await client_as("planner").put(url, json=changed, headers=version)
    kept = [(point["id"], point["code"]) for point in answer.json()["points"]]
    assert kept[:2] == [(point["id"], point["code"]) for point in reversed(route["points"])]
    assert len({*kept}) == len({point for point, _ in kept}) == 3
    assert (await client_as("planner").put(url, json=changed, headers=version)).status_code == 412
    assert [p["name"] for p in (await record_of(client_as, going))["points"]] == ["Point 0", "Point 1"]
    assert (await client_as("patrol_west").put(url, json=changed)).status_code == 403
    before = phone.give("start_round", route=route["id"])
    clock.turn(minutes=1)
    for _ in range(2):
        assert (await client_as("planner").post(f"{url}/retire")).json()["version"] == 3
    assert (await client_as("patrol_west").get("/api/patrol-routes")).json()["items"] == []
    after = phone.give("start_round", route=route["id"])
    assert [item["code"] for item in await phone.send(before, after)] == [None, "route.retired"]


async def test_the_sister_town_and_walls_see_no_round_and_a_patrol_only_its_own(
    client_as: ClientAs, world: World, clock: Clock, phone: Phone
) -> None:
    route = await route_in(client_as, world, 1)
    going = await begun(phone, route)
    east = Phone(client_as("patrol_east"), clock, device=str(UUID(int=8)))
    for user in ("operator_east", "patrol_east"):
        assert (await client_as(user).get(f"/api/rounds/{going}")).status_code == 404
        assert (await client_as(user).get("/api/rounds")).json()["items"] == []
        assert (await client_as(user).get("/api/patrol-routes")).json()["items"] == []
    [item] = await east.send(east.give("start_round", route=route["id"]))
    assert item["code"] == "not_found"
    for user in ("wall", "source", "clerk"):
        assert (await client_as(user).get("/api/rounds")).status_code == 403
        assert (await client_as(user).get("/api/patrol-routes")).status_code == 403
    hall = Phone(client_as("operator"), clock, device=str(UUID(int=9)))
    [item] = await hall.send(hall.give("start_round", route=route["id"]))
    assert item["code"] == "access.forbidden"


async def test_a_force_with_a_post_sees_the_routes_of_its_grids(client_as: ClientAs, world: World) -> None:
    route = await route_in(client_as, world, 1)
    mine = {"mine": True}
    assert (await client_as("patrol_west").get("/api/patrol-routes", params=mine)).json()["items"] != []
    other = next(one for one in map(grid_of, world.micro_grids()) if one != route["grid"])
    for grid, seen in ((other, []), (route["grid"], [route["id"]])):
        post = {"force": world.forces["patrol_west"], "post": "worker"}
        given = await client_as("supervisor").post(f"/api/grids/{grid}/posts", json=post)
        assert given.status_code == 201, given.text
        found = (await client_as("patrol_west").get("/api/patrol-routes", params=mine)).json()["items"]
        assert [one["id"] for one in found] == seen


async def test_visits_are_counted_by_grid_and_kind_and_name_nobody(
    client_as: ClientAs, world: World, phone: Phone
) -> None:
    grid, matter = grid_of(world.micro_grids()[0]), "Flood season"
    said = (("household", 3), ("household", 2), ("enterprise", 1))
    lines = [phone.give("visit", grid=grid, kind=kind, count=count, matter=matter) for kind, count in said]
    await phone.send(*lines)
    await phone.send(*lines)
    told = (await client_as("operator").get("/api/visits", params={"division": grid})).json()
    assert told["by_grid"] == [{"grid": grid, "households": 5, "enterprises": 1}]
    assert len(told["items"]) == 3 and {visit["matter"] for visit in told["items"]} == {matter}
    assert (await client_as("operator_east").get("/api/visits")).json()["by_grid"] == []
    elsewhere = grid_of(world.micro_grids(world.east)[0])
    wrong = phone.give("visit", grid=elsewhere, kind="household", matter=matter)
    many = phone.give("visit", grid=grid, kind="household", count=201, matter=matter)
    assert [item["code"] for item in await phone.send(wrong, many)] == ["not_found", "command.invalid"]


@pytest.mark.parametrize("days", [29, 31])
async def test_where_a_report_came_from_is_forgotten_with_old_fixes_and_how_far_it_was_is_not(
    app: FastAPI, client_as: ClientAs, store: Store, world: World, phone: Phone, days: int
) -> None:
    route = await route_in(client_as, world, 1)
    going, point = await begun(phone, route), route["points"][0]
    await phone.send(phone.give("check_in", round=going, **at(point)))
    async with store.transaction(Reach(scope=ROOT)) as session:
        await forget_old_places(session, Kept(position_days=30, feed_days=7), now=NOW + timedelta(days=days))
    last = (await record_of(client_as, going))["points"][0]["last"]
    assert (last["distance_m"], last["lon"]) == (0.0, round(point["lon"], 7) if days < 30 else None)
