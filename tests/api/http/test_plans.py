"""Plans over HTTP: drawn by one, reviewed by another, with figures that are a recount."""

import asyncio
from typing import Any

import httpx
from shapely import box

from api.http.errors import bounded_params
from geo.cells import cells_covering, to_hex
from tests.worlds import LAT, LON, ROOT, SIDE, WEST, ClientAs, World

PLANS = "/api/plans"
VILLAGE = "320509100200"
GRID_1, GRID_2 = f"{VILLAGE}001", f"{VILLAGE}002"
MICRO = f"{GRID_1}01"


async def made(planner: httpx.AsyncClient, division: str = ROOT, **fields: Any) -> dict[str, Any]:
    answer = await planner.post(PLANS, json={"title": "南村网格调整", "division": division, **fields})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def drawn(planner: httpx.AsyncClient, plan: int, **operation: Any) -> dict[str, Any]:
    answer = await planner.post(f"{PLANS}/{plan}/operations", json=operation)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def at(x: float, y: float) -> list[float]:
    """A place in steps of the small county's lattice."""
    return [LON + x * SIDE, LAT + y * SIDE]


async def test_a_plan_is_drawn_undone_and_drawn_again(client_as: ClientAs, world: World) -> None:
    planner = client_as("planner")
    plan = await made(planner, reason="年度调整")
    assert (plan["state"], plan["version"], plan["division"]) == ("draft", 1, ROOT)
    one = f"{PLANS}/{plan['id']}"
    before = (await planner.get(f"{one}/lines")).content
    answer = await drawn(planner, plan["id"], op="reassign", codes=[MICRO], to=GRID_2)
    assert answer["version"] == 2 and answer["problems"] == [] and {MICRO, GRID_1, GRID_2} <= {*answer["changed"]}
    (home,) = answer["notices"]
    assert (home["fault"], home["code"], home["other"], home["where"]["type"]) == ("home", GRID_1, GRID_2, "Point")
    assert answer["figures"][GRID_1]["households"] == 100 and answer["figures"][GRID_2]["households"] == 300
    assert answer["figures"][ROOT]["households"] == 1600
    assert {code: answer["before"][code]["households"] for code in (GRID_1, GRID_2)} == {GRID_1: 200, GRID_2: 200}
    assert answer["lines"] is None
    after = (await planner.get(f"{one}/lines")).content
    taken = (await planner.post(f"{one}/undo", params={"lines": True})).json()
    assert taken["version"] == 3 and {GRID_1, GRID_2} <= {*taken["changed"]}
    assert {feature["id"] for feature in taken["lines"]["features"]} == {*taken["changed"]}
    kept = (await planner.get(one)).json()
    assert kept["redoable"] == kept["operations"][0]["id"]
    assert (await planner.get(f"{one}/lines")).content == before != after
    assert (await planner.post(f"{one}/undo")).json()["code"] == "plan.nothing_to_undo"
    assert (await planner.post(f"{one}/redo")).json()["figures"] == answer["figures"]
    assert (await planner.get(f"{one}/lines")).content == after
    assert (await planner.post(f"{one}/redo")).json()["code"] == "plan.nothing_to_redo"
    told = (await planner.get(one)).json()
    assert [each["in_force"] for each in told["operations"]] == [True] and told["redoable"] is None
    assert [each["kind"] for each in told["entries"]] == ["created", "undone", "redone"]


async def test_divisions_are_chosen_by_an_area_or_by_cells(client_as: ClientAs, world: World) -> None:
    planner = client_as("planner")
    plan = (await made(planner))["id"]
    brushed = [at(-0.1, 0.1), at(0.9, 0.1), at(0.9, 1.3), at(-0.1, 1.3)]
    west, south, east, north = (*at(0, 1.05), *at(1, 1.95))
    cells = [to_hex(cell) for cell in cells_covering(box(west, south, east, north), 10)]
    preview = {"op": "reassign", "cells": cells, "to": GRID_2}
    told = (await planner.post(f"{PLANS}/{plan}/preview", json=preview)).json()
    assert {f"{GRID_1}02", GRID_1, GRID_2} <= {*told["changed"]} and MICRO not in told["changed"]
    assert MICRO in (await drawn(planner, plan, op="reassign", area=brushed, to=GRID_2))["changed"]
    (kept,) = (await planner.get(f"{PLANS}/{plan}")).json()["operations"]
    assert kept["operation"] == {"op": "reassign", "codes": [MICRO], "to": GRID_2}


async def test_a_plan_is_reviewed_by_somebody_else_and_then_stays_as_it_is(client_as: ClientAs, world: World) -> None:
    planner, supervisor = client_as("planner"), client_as("supervisor")
    plan = (await made(planner))["id"]
    one = f"{PLANS}/{plan}"
    assert (await planner.post(f"{one}/submit")).json()["code"] == "plan.nothing_drawn"
    await drawn(planner, plan, op="rename", code=GRID_1, name="一号网格")
    sent = await planner.post(f"{one}/submit", json={"note": "请审"}, headers={"If-Match": '"2"'})
    assert (sent.json()["state"], sent.headers["ETag"]) == ("submitted", '"3"')
    refused = await planner.post(f"{one}/operations", json={"op": "lock", "codes": [GRID_1]})
    assert (refused.status_code, refused.json()["code"]) == (409, "plan.state")
    assert (await planner.post(f"{one}/review", json={"verdict": "approve"})).status_code == 403
    verdict = {"verdict": "return", "note": "北边再议"}
    assert (await supervisor.post(f"{one}/review", json=verdict, headers={"If-Match": '"2"'})).status_code == 412
    assert (await supervisor.post(f"{one}/review", json=verdict)).json()["state"] == "returned"
    commented = await supervisor.post(f"{one}/comments", json={"note": "见批注", "place": at(1, 1)})
    assert (commented.status_code, commented.json()["author"]) == (201, "Supervisor")
    assert (await supervisor.post(f"{one}/comments", json={"note": "x", "place": [200, 31]})).status_code == 422
    await drawn(planner, plan, op="rename", code=GRID_2, name="二号网格")
    await planner.post(f"{one}/submit")
    assert (await supervisor.post(f"{one}/review", json={"verdict": "approve"})).json()["state"] == "approved"
    told = (await client_as("auditor").get(one)).json()
    kinds = ["created", "submit", "return", "comment", "submit", "approve"]
    assert [entry["kind"] for entry in told["entries"]] == kinds
    assert [(entry["note"], entry["author"]) for entry in told["entries"]][1:4] == [
        ("请审", "Planner"),
        ("北边再议", "Supervisor"),
        ("见批注", "Supervisor"),
    ]
    assert [entry["place"] for entry in told["entries"]][2:4] == [None, at(1, 1)]
    assert (await client_as("auditor").post(f"{one}/comments", json={"note": "x"})).status_code == 403
    assert (await planner.post(f"{one}/withdraw")).json()["state"] == "withdrawn"
    assert (await planner.post(f"{one}/withdraw")).json()["code"] == "plan.state"
    listed = (await supervisor.get(PLANS, params={"status": "withdrawn", "scope": ROOT})).json()["items"]
    assert [each["id"] for each in listed] == [plan]
    assert (await supervisor.get(PLANS, params={"scope": WEST.rpartition(".")[2]})).json()["items"] == []


async def test_who_reviews_has_not_drawn_and_roles_without_plans_get_none(client_as: ClientAs, world: World) -> None:
    plan = (await made(client_as("planner")))["id"]
    for role in ("operator", "clerk", "patrol_west", "admin", "source", "gateway", "wall"):
        for answer in (
            await client_as(role).get(PLANS),
            await client_as(role).get(f"{PLANS}/{plan}/lines"),
            await client_as(role).post(f"{PLANS}/{plan}/preview", json={"op": "lock", "codes": [GRID_1]}),
            await client_as(role).post(PLANS, json={"title": "x", "division": ROOT}),
        ):
            assert answer.status_code == 403, (role, answer.text)
    assert (await client_as("supervisor").post(f"{PLANS}/{plan}/undo")).status_code == 403


async def test_a_stale_version_is_refused_and_a_preview_keeps_nothing(client_as: ClientAs, world: World) -> None:
    planner = client_as("planner")
    plan = (await made(planner, division=WEST.rpartition(".")[2]))["id"]
    one, split = f"{PLANS}/{plan}", {"op": "split", "code": MICRO, "line": [at(-0.1, 0.5), at(1.1, 0.5)]}
    seen = (await planner.post(f"{one}/preview", json=split)).json()
    assert (await planner.get(one)).json()["version"] == seen["version"] == 1
    answer = await planner.post(f"{one}/operations", json=split, headers={"If-Match": '"1"'})
    assert answer.json() == seen | {"version": 2}
    new = next(code for code in seen["changed"] if code.startswith("new_"))
    assert seen["figures"][new]["households"] == seen["figures"][MICRO]["households"] == 50
    assert seen["figures"][new]["estimated"] and seen["figures"][GRID_1]["households"] == 200
    for way in ("operations", "preview"):
        stale = await planner.post(f"{one}/{way}", json=split, headers={"If-Match": '"1"'})
        assert (stale.status_code, stale.json()["params"]["version"]) == (412, 2)
    rename, known = {"op": "rename", "code": GRID_1, "name": "一号"}, {"If-Match": '"2"'}
    both = await asyncio.gather(*(planner.post(f"{one}/operations", json=rename, headers=known) for _ in range(2)))
    assert sorted(answer.status_code for answer in both) == [200, 412]


UNREADABLE = "plan.operation"
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"op": "split", "code": MICRO, "line": [at(0.2, 0.5), at(0.8, 0.5)]}, "plan.line_does_not_divide"),
    ({"op": "merge", "codes": [GRID_1, "320509101200001"]}, "plan.across_parents"),
    ({"op": "reassign", "codes": ["nowhere"], "to": GRID_2}, "plan.unknown_code"),
    ({"op": "restore", "patch": {"gone": [], "new": [], "before": {}, "after": {}, "issued": [0, 0]}}, UNREADABLE),
    ({"op": "rename", "code": GRID_1, "name": "a\u0000b"}, UNREADABLE),
    ({"op": "move", "vertex": [10**400, 31.1], "to": [120.6, 31.1]}, UNREADABLE),
    ({"op": "dissolve"}, UNREADABLE),
    ({"op": "reassign", "cells": ["nothing"], "to": GRID_2}, UNREADABLE),
    ({"op": "reassign", "area": [at(0, 0), at(1, 1), at(1, 0), at(0, 1)], "to": GRID_2}, "plan.bad_shape"),
    ({"op": "reassign", "area": [at(9, 9), at(10, 9), at(9, 10)], "to": GRID_2}, "plan.nothing_there"),
    ({"op": "reassign", "area": [at(0, 0), at(1, 0), at(0, 1)], "codes": [MICRO], "to": GRID_2}, UNREADABLE),
]


async def test_an_operation_that_cannot_be_is_refused_whole(client_as: ClientAs, world: World) -> None:
    planner = client_as("planner")
    plan = (await made(planner))["id"]
    for operation, code in REFUSED:
        answer = await planner.post(f"{PLANS}/{plan}/operations", json=operation)
        assert (answer.status_code, answer.json()["code"]) == (422, code), operation
    told = (await planner.get(f"{PLANS}/{plan}")).json()
    assert (told["version"], told["operations"]) == (1, [])


def test_a_refusal_shows_a_place_of_many_corners_whole() -> None:
    """Problems list 50 things at most, but a place is no list."""
    where = {"type": "LineString", "coordinates": [[120.0 + i / 1000, 31.0] for i in range(80)]}
    assert bounded_params({"where": where, "codes": ["x"] * 80}) == {"where": where, "codes": ["x"] * 50}


async def test_a_plan_that_cannot_be_is_refused(client_as: ClientAs, world: World) -> None:
    planner = client_as("planner")
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"base_day": "2026-03-01"}, 422, "plan.day_over"),
        ({"base_day": "soon"}, 422, "invalid"),
        ({"division": "330000"}, 404, "not_found"),
        ({"division": MICRO}, 422, "plan.nothing_below"),
        ({"title": ""}, 422, "invalid"),
        ({"title": "a\u0000b"}, 422, "invalid"),
    ]
    for fields, status, code in cases:
        answer = await planner.post(PLANS, json={"title": "x", "division": ROOT} | fields)
        assert (answer.status_code, answer.json()["code"]) == (status, code), fields
    assert (await planner.get(PLANS)).json()["items"] == []
