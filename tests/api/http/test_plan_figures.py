"""Figures of plans over HTTP: a recount by the database, exact for who reads incidents, of masked places for others."""

import json
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from api.services import Services
from console.planning.drafts import Drafts
from geo.masking import mask_place
from geo.store import Reach, Store
from tests.api.http.test_plans import GRID_1, GRID_2, MICRO, PLANS, at, drawn, made
from tests.worlds import NOW, ROOT, WEST, ClientAs, Clock, World

PLACES = [(0.3, 0.3), (0.3, 0.7), (0.5, 0.5), (1.0, 0.5), (1.5, 0.2), (0.2, 1.5), (3.5, 3.5)]
"""In steps of the lattice: the fourth on the border between two grids."""
RECOUNT = """
SELECT count(*) FROM incidents WHERE ST_Intersects(geom, ST_GeomFromGeoJSON(:area))
"""


async def reported(client_as: ClientAs, category: str = "dispute.family") -> list[dict[str, Any]]:
    found = []
    for i, (x, y) in enumerate(PLACES):
        lon, lat = at(x, y)
        body = {"source": "window", "external_no": f"{category}{i}", "category": category, "title": "t"}
        answer = await client_as("operator").post("/api/incidents", json=body | {"lon": lon, "lat": lat})
        assert answer.status_code == 201, answer.text
        found.append(answer.json())
    return found


async def figures(client: httpx.AsyncClient, plan: int, **params: Any) -> dict[str, Any]:
    answer = await client.get(f"{PLANS}/{plan}/figures", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def recounted(store: Store, area: dict[str, Any]) -> int:
    async with store.transaction(Reach(scope=ROOT)) as session:
        found = await session.scalar(text(RECOUNT), {"area": json.dumps(area)})
    return int(found or 0)


async def test_figures_are_exact_for_readers_of_incidents_and_of_masked_places_for_others(
    client_as: ClientAs, world: World, store: Store
) -> None:
    incidents = await reported(client_as)
    planner, supervisor = client_as("planner"), client_as("supervisor")
    plan = (await made(planner))["id"]
    split = await drawn(planner, plan, op="split", code=MICRO, line=[at(-0.1, 0.6), at(1.1, 0.6)])
    new = next(code for code in split["changed"] if code.startswith("new_"))
    exact = await figures(supervisor, plan)
    lines = (await planner.get(f"{PLANS}/{plan}/lines")).json()["features"]
    shapes = {each["properties"]["code"]: each["geometry"] for each in lines}
    assert not exact["masked"] and exact["before"].keys() == {ROOT, WEST.rpartition(".")[2], *GRID_1_ABOVE, MICRO}
    for code in (MICRO, new):
        assert exact["after"][code]["incidents"] == await recounted(store, shapes[code])
    assert sorted(exact["after"][code]["incidents"] for code in (MICRO, new)) == [1, 3]
    # The one on the border counts as when it was reported.
    assert exact["before"][MICRO]["incidents"] == 4
    assert [one["grid"] for one in incidents[:4]] == [GRID_1] * 4
    assert exact["after"][ROOT]["incidents"] == exact["before"][ROOT]["open_incidents"] == len(PLACES)
    masked = await figures(planner, plan)
    middles = [mask_place(*at(x, y)) for x, y in PLACES[:6]]
    west, south, split_at = at(0, 0)[0], at(0, 0)[1], at(0, 0.6)[1]
    inside = [(lon, lat) for lon, lat in middles if west <= lon < at(1, 0)[0] and south <= lat < at(0, 1)[1]]
    assert masked["masked"] and masked["before"][MICRO]["incidents"] == len(inside)
    above = sum(lat > split_at for _, lat in inside)
    assert {masked["after"][code]["incidents"] for code in (MICRO, new)} == {above, len(inside) - above}
    assert masked["after"][ROOT]["incidents"] == len(PLACES)


async def test_a_planner_cannot_find_an_incident_by_moving_a_line_past_it(
    client_as: ClientAs, world: World, clock: Clock
) -> None:
    """Wherever an incident lies in its masked cell, the figures of every line are the same."""
    planner, supervisor = client_as("planner"), client_as("supervisor")
    incident = (await reported(client_as))[0]
    plan = (await made(planner))["id"]
    await drawn(planner, plan, op="split", code=MICRO, line=[at(-0.1, 0.25), at(1.1, 0.25)])
    seen = []
    for y in (0.2, 0.3):
        lon, lat = at(0.3, y)
        assert mask_place(lon, lat) == mask_place(*at(0.3, 0.3))
        edit = await client_as("operator").patch(f"/api/incidents/{incident['id']}", json={"lon": lon, "lat": lat})
        assert edit.status_code == 200, edit.text
        clock.turn(minutes=6)
        line = {"op": "split", "code": GRID_1 + "02", "line": [at(-0.1, 1.5), at(1.1, 1.5)]}
        told = (await planner.post(f"{PLANS}/{plan}/preview", json=line)).json()
        seen.append(
            [told["figures"], (await figures(planner, plan))["after"], (await figures(supervisor, plan))["after"]]
        )
    (first, then), (exact, exact_then) = zip(*((one[:2], one[2]) for one in seen), strict=True)
    assert first == then and exact != exact_then


GRID_1_ABOVE = (GRID_1, GRID_1[:-3])


async def test_work_is_the_median_of_finished_tasks_and_households_are_carried(
    client_as: ClientAs, world: World, clock: Clock
) -> None:
    operator, gateway = client_as("operator"), client_as("gateway")
    incidents = await reported(client_as)
    for incident, minutes in zip(incidents, (10, 30, 50), strict=False):
        sent = await operator.post(f"/api/incidents/{incident['id']}/tasks", json={"force": world.forces["grid_1"]})
        task = sent.json()
        for step in ("accept", "depart"):
            assert (await gateway.post(f"/api/tasks/{task['id']}/{step}")).status_code == 200
        clock.turn(minutes=minutes)
        for step in ("arrive", "finish"):
            assert (await gateway.post(f"/api/tasks/{task['id']}/{step}")).status_code == 200
    planner = client_as("planner")
    plan = (await made(planner))["id"]
    answer = await drawn(planner, plan, op="merge", codes=[GRID_1, GRID_2])
    row = answer["figures"][GRID_1]
    assert answer["ended"] == [GRID_2] and row["workload_minutes"] == 30 * row["incidents"] > 0
    assert (row["by_class"], row["cameras"]) == ({"dispute": row["incidents"]}, 2)
    assert (row["households"], row["enterprises"], row["estimated"]) == (400, 40, False)
    assert answer["problems"] == answer["notices"] == []
    assert row["farthest_minutes"] > 0 and answer["figures"][ROOT]["households"] == 1600


async def test_two_plans_are_compared_side_by_side(client_as: ClientAs, world: World) -> None:
    planner = client_as("planner")
    ours, theirs, other = [(await made(planner, division=one))["id"] for one in (ROOT, ROOT, WEST.rpartition(".")[2])]
    await drawn(planner, ours, op="merge", codes=[GRID_1, GRID_2])
    await drawn(planner, theirs, op="reassign", codes=[MICRO], to=GRID_2)
    found = (await planner.get(f"{PLANS}/{ours}/compare", params={"with": theirs})).json()
    assert found["both"] == [GRID_1, GRID_2]
    assert [found[one].get(GRID_2, {}).get("households") for one in ("ours", "theirs")] == [None, 300]
    assert [found[one][GRID_1]["households"] for one in ("ours", "theirs")] == [400, 100]
    refused = await planner.get(f"{PLANS}/{ours}/compare", params={"with": other})
    assert (refused.status_code, refused.json()["code"]) == (409, "plan.other_lines")


async def test_months_choose_the_incidents_and_open_ones_always_count(
    client_as: ClientAs, world: World, clock: Clock
) -> None:
    await reported(client_as)
    clock.turn(days=70)
    await reported(client_as, "hazard.fire")
    plan = (await made(client_as("planner")))["id"]
    for months, incidents in ((1, 7), (12, 14)):
        row = (await figures(client_as("supervisor"), plan, months=months))["after"][ROOT]
        assert (row["incidents"], row["open_incidents"]) == (incidents, 14)
    assert (await client_as("planner").get(f"{PLANS}/{plan}/figures", params={"months": 0})).status_code == 422


async def test_a_draft_is_rebuilt_from_its_operations_after_a_restart(
    client_as: ClientAs, world: World, app: FastAPI
) -> None:
    planner = client_as("planner")
    plan = (await made(planner))["id"]
    for y in (0.3, 0.6):
        await drawn(planner, plan, op="split", code=MICRO, line=[at(-0.1, y), at(1.1, y)])
    await planner.post(f"{PLANS}/{plan}/undo")
    await drawn(planner, plan, op="reassign", codes=[f"{GRID_1}02"], to=GRID_2)
    before = (await planner.get(f"{PLANS}/{plan}/lines")).content
    services: Services = app.state.services
    services.drafts = Drafts(services.drafts.order)
    assert (await planner.get(f"{PLANS}/{plan}/lines")).content == before


async def recode(store: Store, code: str, *, day: str) -> None:
    """Give a division another code from a day on, as an import may."""
    ended = "UPDATE divisions SET valid_to = CAST(:day AS date) WHERE code = :code"
    begun = (
        "INSERT INTO divisions (code, level, name, parent_code, division_path, valid_from, geom, label_point, area_m2,"
        " generated, source, properties, households) SELECT code || '9', level, name, parent_code,"
        " (division_path::text || '9')::ltree, CAST(:day AS date), geom, label_point, area_m2, generated, source,"
        " properties, 70 FROM divisions WHERE code = :code"
    )
    async with store.transaction(Reach(scope=ROOT)) as session:
        for statement in (ended, begun):
            await session.execute(text(statement), {"code": code, "day": day})


async def test_operations_that_no_longer_fit_imported_lines_are_told(
    client_as: ClientAs, world: World, store: Store
) -> None:
    planner = client_as("planner")
    plan = (await made(planner))["id"]
    await drawn(planner, plan, op="rename", code=MICRO, name="一号微网格")
    await recode(store, MICRO, day="2026-03-02")
    answer = await planner.get(f"{PLANS}/{plan}/lines")
    told = answer.json()
    assert (answer.status_code, told["code"]) == (409, "plan.base_changed")
    assert told["params"]["refusal"] == "plan.unknown_code"
    back = await planner.post(f"{PLANS}/{plan}/undo")
    assert (back.status_code, back.json()["changed"]) == (200, [])
    assert (await planner.get(f"{PLANS}/{plan}/lines")).status_code == 200


async def test_a_draft_is_put_on_the_lines_of_today_where_its_operations_fit(
    client_as: ClientAs, world: World, store: Store, clock: Clock
) -> None:
    planner = client_as("planner")
    fitting, stuck = [(await made(planner))["id"] for _ in range(2)]
    await drawn(planner, fitting, op="merge", codes=[GRID_1, GRID_2])
    await drawn(planner, stuck, op="rename", code=MICRO, name="一号微网格")
    assert (await planner.post(f"{PLANS}/{fitting}/rebase")).json()["code"] == "plan.lines_current"
    await recode(store, MICRO, day="2026-03-03")
    clock.turn(days=1)
    answer = (await planner.post(f"{PLANS}/{fitting}/rebase", headers={"If-Match": '"2"'})).json()
    assert answer["version"] == 3 and MICRO in answer["ended"] and f"{MICRO}9" in answer["changed"]
    assert answer["figures"][GRID_1]["households"] == 370
    told = (await planner.get(f"{PLANS}/{fitting}")).json()
    assert (told["base_day"], told["entries"][-1]["kind"]) == ("2026-03-03", "rebased")
    refused = await planner.post(f"{PLANS}/{stuck}/rebase")
    assert (refused.status_code, refused.json()["code"]) == (409, "plan.base_changed")
    kept = (await planner.get(f"{PLANS}/{stuck}")).json()
    assert (kept["base_day"], kept["version"]) == ("2026-03-02", 2)
    assert (await planner.get(f"{PLANS}/{stuck}/lines")).status_code == 200


async def test_the_lines_of_any_day_can_be_listed(client_as: ClientAs, world: World) -> None:
    listed = {
        day: (await client_as("planner").get("/api/divisions", params={"day": day, "levels": "grid"})).json()["items"]
        for day in ("2023-12-31", "2024-01-01", NOW.date().isoformat())
    }
    assert [len(items) for items in listed.values()] == [0, 8, 8]
