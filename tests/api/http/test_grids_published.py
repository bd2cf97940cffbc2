"""What grids have follows their lines on the day of a plan, each thing once, and is put back when that is undone."""

from typing import Any

from fastapi import FastAPI

from tests.api.http.test_plans import GRID_1, GRID_2, PLANS
from tests.api.http.test_publishing import SPLIT, TODAY, TOMORROW, approved, codes_of, published, sweep_due
from tests.worlds import ClientAs, Clock, World

GRIDS = "/api/grids"


async def furnished(client_as: ClientAs, world: World) -> None:
    """Give both grids of the first village a branch, a list, and a worker with a post in each."""
    planner = client_as("planner")
    for number, grid in enumerate((GRID_1, GRID_2), start=1):
        await planner.put(f"{GRIDS}/{grid}/branch", json={"name": f"第{number}党支部"})
        items = [{"title": f"事项{number}", "verdict": "allowed"}, {"title": "催收物业费", "verdict": "forbidden"}]
        await planner.put(f"/api/divisions/{grid}/services", json={"items": items})
        for force, post in ((f"grid_{number}", "worker"), ("mediator_west", "assistant")):
            body = {"force": world.forces[force], "post": post}
            assert (await planner.post(f"{GRIDS}/{grid}/posts", json=body)).status_code == 201


async def state(client_as: ClientAs, *grids: str, day: str = TODAY) -> dict[str, Any]:
    """What grids have, apart from the ids of posts."""
    found = {}
    for grid in grids:
        told = (await client_as("supervisor").get(f"{GRIDS}/{grid}", params={"day": day})).json()
        posts = sorted((one["name"], one["post"]) for one in told["posts"])
        found[grid] = told["branch"], sorted(one["title"] for one in told["services"]), posts
    return found


async def test_of_merged_grids_each_thing_is_there_once_and_all_comes_back(
    client_as: ClientAs, app: FastAPI, world: World
) -> None:
    await furnished(client_as, world)
    before = await state(client_as, GRID_1, GRID_2)
    plan = await approved(client_as, {"op": "merge", "codes": [GRID_1, GRID_2]})
    await published(client_as, plan, TODAY)
    await sweep_due(app)
    listed = (await client_as("supervisor").get(GRIDS, params={"division": GRID_1[:-3]})).json()["items"]
    (kept,) = [one["code"] for one in listed]
    branch, services, posts = (await state(client_as, kept))[kept]
    assert branch == ("第1党支部" if kept == GRID_1 else "第2党支部")
    assert services == ["事项1", "事项2", "催收物业费"]
    assert posts == [("Force grid_1", "worker"), ("Force grid_2", "worker"), ("Force mediator_west", "assistant")]
    assert (await client_as("supervisor").post(f"{PLANS}/{plan}/unpublish")).status_code == 200
    assert await state(client_as, GRID_1, GRID_2) == before


async def test_a_part_of_a_split_grid_gets_what_is_there_and_nothing_twice(
    client_as: ClientAs, app: FastAPI, clock: Clock, world: World
) -> None:
    await furnished(client_as, world)
    before = await state(client_as, GRID_1)
    plan = await approved(client_as, SPLIT)
    await published(client_as, plan, TOMORROW)
    clock.turn(hours=14, seconds=1)
    await sweep_due(app)
    (new,) = (await codes_of(client_as("supervisor"), plan)).values()
    after = await state(client_as, GRID_1, new, day=TOMORROW)
    assert sorted(str(branch) for branch, _, _ in after.values()) == ["None", "第1党支部"]
    assert sorted(post for _, _, posts in after.values() for post in posts) == before[GRID_1][2]
    assert sorted(title for _, titles, _ in after.values() for title in titles) == before[GRID_1][1]
    assert await state(client_as, GRID_1, day=TODAY) == before
    clock.turn(days=2)
    assert (await client_as("supervisor").post(f"{PLANS}/{plan}/unpublish")).status_code == 200
    assert await state(client_as, GRID_1, day="2026-03-05") == before
    between = await state(client_as, GRID_1, new, day="2026-03-04")
    assert between == after
