"""What other weights would have done to past dispatches, over HTTP: rankings by hand, and those that sending keeps."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from console.tasks.tables import Task
from geo.store import Reach, Store
from tests.reporting import report
from tests.worlds import EAST, ROOT, WEST, ClientAs, World

Json = dict[str, Any]
MONDAY = "2026-03-02"


async def ask(client_as: ClientAs, username: str = "supervisor", **body: Any) -> httpx.Response:
    return await client_as(username).post("/api/dispatch/what-if", json=body)


async def tell(client_as: ClientAs, username: str = "supervisor", **body: Any) -> Json:
    answer = await ask(client_as, username, **body)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def sent(client_as: ClientAs, world: World, store: Store, at: int, code: str) -> Json:
    """Send a force to a new incident in the micro-grid of that number; answer the task."""
    incident = await report(store, world, world.micro_grids()[at])
    answer = await client_as("operator").post(f"/api/incidents/{incident}/tasks", json={"force": world.forces[code]})
    assert answer.status_code == 201, answer.text
    task: Json = answer.json()
    return task


async def keep(
    store: Store, task: int, forces: Sequence[int], minutes: Mapping[str, Sequence[float]], stale: Sequence[bool] = ()
) -> None:
    kept = {"forces": [*forces], "stale": [*stale] or [False] * len(forces), "minutes": dict(minutes)}
    async with store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(update(Task).where(Task.id == task).values(ranking=kept))


async def by_hand(client_as: ClientAs, world: World, store: Store) -> dict[str, Json]:
    """Three dispatches. The nearer force has a task today in the first, and none costs more in the second; in the third
    the nearest has a stale position, and nothing brings it before the others.
    """
    near, far = world.forces["patrol_west"], world.forces["grid_1"]
    tasks = {
        "load": await sent(client_as, world, store, 0, "grid_1"),
        "tie": await sent(client_as, world, store, 1, "grid_2"),
        "stale": await sent(client_as, world, store, 15, "patrol_east"),
    }
    await keep(store, tasks["load"]["id"], [far, near], {"travel": [6.0, 4.5], "load": [0, 3.0]})
    await keep(store, tasks["tie"]["id"], [near, far], {"travel": [5.0, 8.0], "own_grid": [0, -3.0]})
    await keep(
        store, tasks["stale"]["id"], [far, near], {"travel": [9.0, 1.0], "load": [0.0, 6.0]}, stale=[False, True]
    )
    return tasks


async def test_firsts_sums_and_ties_are_those_worked_out_by_hand(
    client_as: ClientAs, world: World, store: Store
) -> None:
    tasks = await by_hand(client_as, world, store)
    near, far = world.forces["patrol_west"], world.forces["grid_1"]
    as_it_was = await tell(client_as)
    assert (as_it_was["looked_at"], as_it_was["unrecorded"], as_it_was["left_out"]) == (3, 0, 0)
    assert (as_it_was["changed"], as_it_was["examples"]) == (0, [])
    assert as_it_was["before"] == as_it_was["after"]
    assert as_it_was["before"] == {"chosen": 1, "tied": 1, "total_minutes": 20.0, "median_minutes": 6.0}
    assert (as_it_was["from"], as_it_was["to"], as_it_was["scope"]) == ("2026-01-31", MONDAY, ROOT)

    found = await tell(client_as, weights={"load": 0.3, "own_grid": 2})
    assert found["changed"] == 2
    assert found["after"] == {"chosen": 0, "tied": 0, "total_minutes": 4.5 + 8 + 9, "median_minutes": 8.0}
    assert found["kinds"] == [
        {"kind": "grid_worker", "before": 2, "after": 2},
        {"kind": "patrol", "before": 1, "after": 1},
    ]
    assert [(one["code"], one["name"], one["looked_at"], one["changed"]) for one in found["divisions"]] == [
        (WEST.split(".")[1], "West Town", 2, 2),
        (EAST.split(".")[1], "East Town", 1, 0),
    ]
    latest, earlier = found["examples"]
    assert (latest["task"], earlier["task"]) == (tasks["tie"]["id"], tasks["load"]["id"])
    assert (earlier["before"]["id"], earlier["before_minutes"]) == (far, 6.0)
    assert (earlier["after"], earlier["after_minutes"]) == (
        {"id": near, "name": "Force patrol_west", "kind": "patrol"},
        4.5,
    )
    assert (earlier["incident"], earlier["chosen"]["id"]) == (tasks["load"]["incident"], far)
    assert earlier["case_code"].startswith("T")

    half = await tell(client_as, weights={"load": 0.5})
    assert (half["changed"], half["after"]["tied"]) == (0, 2), "6.0 is as much as 4.5 and half of 3.0: the first stays"


async def test_days_and_divisions_bound_what_is_looked_at(client_as: ClientAs, world: World, store: Store) -> None:
    tasks = await by_hand(client_as, world, store)
    async with store.transaction(Reach(scope=ROOT)) as session:
        of_task = update(Task).where(Task.id == tasks["tie"]["id"])
        await session.execute(of_task.values(ranking=None))
    found = await tell(client_as, **{"from": MONDAY, "to": MONDAY}, scope=WEST.split(".")[1])
    assert (found["looked_at"], found["unrecorded"]) == (1, 1)
    before = await tell(client_as, to="2026-03-01")
    assert (before["looked_at"], before["from"], before["divisions"]) == (0, "2026-01-30", [])
    assert before["after"] == {"chosen": 0, "tied": 0, "total_minutes": 0.0, "median_minutes": 0.0}
    assert (await tell(client_as, "operator_west"))["looked_at"] == 1, "nothing beyond the reach"
    answer = await ask(client_as, "operator_west", scope=EAST.split(".")[1])
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_sending_keeps_what_the_force_was_chosen_from(client_as: ClientAs, world: World, store: Store) -> None:
    incident = await report(store, world, world.micro_grids()[0])
    operator = client_as("operator")
    listed = (await operator.get(f"/api/incidents/{incident}/candidates?limit=50")).json()["candidates"]
    first, last = listed[0], listed[-1]
    assert len(listed) > 11
    body = {"force": last["force"], "role": "lead"}
    task = (await operator.post(f"/api/incidents/{incident}/tasks", json=body)).json()
    async with store.transaction(Reach(scope=ROOT)) as session:
        kept = await session.scalar(select(Task.ranking).where(Task.id == task["id"]))
    assert kept is not None and set(kept) == {"forces", "stale", "minutes"}
    assert kept["forces"] == [one["force"] for one in [*listed[:10], last]]
    for at, one in enumerate([*listed[:10], last]):
        minutes = {code: of_code[at] for code, of_code in kept["minutes"].items() if of_code[at]}
        assert minutes == {reason["code"]: reason["minutes"] for reason in one["reasons"] if reason["minutes"]}
        assert sum(minutes.values()) == pytest.approx(one["cost_minutes"])
    found = await tell(client_as)
    assert (found["looked_at"], found["before"]["chosen"]) == (1, 0)
    assert found["before"]["total_minutes"] == first["eta_minutes"]


async def test_one_who_declined_is_not_weighed_against_others(client_as: ClientAs, world: World, store: Store) -> None:
    """Nobody proposes it; a dispatcher may send it all the same."""
    first = await sent(client_as, world, store, 0, "grid_1")
    assert (await client_as("gateway").post(f"/api/tasks/{first['id']}/decline")).status_code == 200
    again = await client_as("operator").post(
        f"/api/incidents/{first['incident']}/tasks", json={"force": world.forces["grid_1"]}
    )
    async with store.transaction(Reach(scope=ROOT)) as session:
        kept = await session.scalar(select(Task.ranking).where(Task.id == again.json()["id"]))
    assert kept is not None and world.forces["grid_1"] not in kept["forces"]


async def test_the_weights_are_those_of_the_pack(client_as: ClientAs) -> None:
    weights = {one["code"]: one["terms"] for one in (await tell(client_as))["weights"]}
    assert weights["load"] == {"task_today": 3}
    assert weights["stale"] == {"stale_per_10_minutes": 2, "stale_at_most": 20}
    assert weights["own_grid"] == {"own_grid": -3} and len(weights) == 12


@pytest.mark.parametrize(
    "body",
    [
        {"weights": {"travel": 2}},
        {"weights": {"load": -1}},
        {"weights": {"load": 11}},
        {"from": "2026-03-03", "to": "2026-03-02"},
        {"from": "yesterday"},
    ],
)
async def test_what_is_no_weight_or_no_span_of_days_is_refused(client_as: ClientAs, body: Json) -> None:
    assert (await ask(client_as, **body)).status_code == 422


async def test_those_who_read_incidents_and_forces_may_ask(client_as: ClientAs) -> None:
    answers = {
        role: (await ask(client_as, role)).status_code for role in ("operator", "supervisor", "auditor", "planner")
    }
    assert answers == {"operator": 200, "supervisor": 200, "auditor": 200, "planner": 403}
    assert (await ask(client_as, "patrol_west")).status_code == 403
