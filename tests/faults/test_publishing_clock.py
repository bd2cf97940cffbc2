"""A plan's first day comes while the system's clock is set: lines change once, at midnight, and for everything."""

import httpx
from fastapi import FastAPI

from tests.api.conftest import app, client_as, clock, settings
from tests.api.http.test_plans import GRID_1, GRID_2, MICRO, PLANS
from tests.api.http.test_publishing import TOMORROW, approved, published, reported, sweep_due
from tests.worlds import ClientAs, Clock

__all__ = ["app", "client_as", "clock", "settings"]


async def planned(client_as: ClientAs) -> int:
    """A plan for tomorrow by which the micro-grid of an open incident changes its grid."""
    await reported(client_as("operator"), 0.5, 0.5)
    plan = await approved(client_as, {"op": "reassign", "codes": [MICRO], "to": GRID_2})
    await published(client_as, plan, TOMORROW)
    return plan


async def grid_everywhere(client_as: ClientAs) -> str:
    """The grid of that micro-grid, of what lies in it, and of what is reported there now: one for all."""
    operator = client_as("operator")
    new = (await reported(operator, 0.4, 0.4))["grid"]
    snapshot = (await operator.get("/api/snapshot")).json()
    divisions = (await operator.get("/api/divisions")).json()["items"]
    features = await listed(operator, "divisions")
    counted = (await operator.get("/api/statistics?by=grid")).json()["items"]
    incidents = {one["code"] for one in counted if one["figures"]["incidents"]}
    found = {
        new,
        *incidents,
        *(one["division_path"].split(".")[-2] for one in snapshot["incidents"]),
        *(one["parent"] for one in divisions if one["code"] == MICRO),
        *(one["properties"]["parent"] for one in features if one["properties"]["code"] == MICRO),
    }
    (grid,) = found
    return str(grid)


async def listed(client: httpx.AsyncClient, collection: str) -> list[dict[str, dict[str, str]]]:
    answer = await client.get(f"/ogc/collections/{collection}/items", params={"limit": 1000})
    found: list[dict[str, dict[str, str]]] = answer.json()["features"]
    return found


async def times_in_force(client_as: ClientAs, plan: int) -> int:
    told = (await client_as("planner").get(f"{PLANS}/{plan}")).json()
    return sum(entry["kind"] == "take_effect" for entry in told["entries"])


async def test_a_clock_set_back_on_the_eve_changes_neither_the_moment_nor_how_often_lines_change(
    client_as: ClientAs, app: FastAPI, clock: Clock
) -> None:
    plan = await planned(client_as)
    clock.turn(hours=13, minutes=50)
    await sweep_due(app)
    clock.set(hours=-1)
    clock.turn(minutes=5)
    await sweep_due(app)
    assert await grid_everywhere(client_as) == GRID_1
    clock.turn(minutes=6)
    await sweep_due(app)
    assert await grid_everywhere(client_as) == GRID_2
    clock.turn(hours=1)
    await sweep_due(app)
    assert await grid_everywhere(client_as) == GRID_2
    assert await times_in_force(client_as, plan) == 1


async def test_a_clock_set_forward_past_the_first_day_and_right_again_leaves_all_on_the_new_lines(
    client_as: ClientAs, app: FastAPI, clock: Clock
) -> None:
    plan = await planned(client_as)
    clock.set(hours=15)
    await sweep_due(app)
    assert await grid_everywhere(client_as) == GRID_2
    clock.set(hours=-15)
    await sweep_due(app)
    assert await grid_everywhere(client_as) == GRID_2
    assert (await client_as("supervisor").post(f"{PLANS}/{plan}/unpublish")).status_code == 200
    assert await grid_everywhere(client_as) == GRID_1
