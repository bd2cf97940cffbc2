"""Tasks that go back because the grid's list does not permit the service: with the reason, and counted."""

import pytest

from geo.store import Store
from tests.phones import Phone
from tests.reporting import report
from tests.worlds import ROOT, ClientAs, Clock, World

MONTH = {"month": "2026-03"}


@pytest.fixture
async def task(store: Store, client_as: ClientAs, world: World) -> int:
    """A task in the west, where lists forbid one service and permit another."""
    incident = await report(store, world, world.micro_grids()[0])
    items = [{"title": "催收物业费", "verdict": "forbidden"}, {"title": "矛盾排查", "verdict": "allowed"}]
    await client_as("supervisor").put(f"/api/divisions/{ROOT}/services", json={"items": items})
    body = {"force": world.forces["patrol_west"]}
    sent = await client_as("operator").post(f"/api/incidents/{incident}/tasks", json=body)
    return int(sent.json()["id"])


async def test_a_task_outside_the_list_goes_back_with_its_reason_and_is_counted_by_grid_and_sender(
    client_as: ClientAs, clock: Clock, world: World, task: int
) -> None:
    patrol, said = client_as("patrol_west"), {"reason": "not_permitted"}
    for note in ("矛盾排查", ""):
        wrong = await patrol.post(f"/api/tasks/{task}/decline", json=said | {"note": note})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "task.service_not_forbidden")
    phone = Phone(patrol, clock)
    [kept] = await phone.send(phone.give("decline", task, reason="not_permitted", note="催收 物业费"))
    assert kept["status"] == "applied"
    told = (await client_as("supervisor").get("/api/task-returns", params=MONTH)).json()
    grid = world.micro_grids()[0].split(".")[-2]
    [count], [item] = told["counts"], told["items"]
    assert (count["grid"], count["sent_by"], count["tasks"]) == (grid, "Operator", 1)
    assert (item["task"], item["service"], item["grid_name"]) == (task, "催收 物业费", count["grid_name"])
    assert item["grid_name"]
    east = (await client_as("operator_east").get("/api/task-returns", params=MONTH)).json()
    other = (await client_as("supervisor").get("/api/task-returns", params={"month": "2026-02"})).json()
    assert east["items"] == other["items"] == []
    assert (await patrol.get("/api/task-returns", params=MONTH)).status_code == 403


@pytest.mark.parametrize(
    ("lists", "status"),
    [([], 422), ([{"title": "扫雪", "verdict": "forbidden"}], 422), ([{"title": "扫雪", "verdict": "allowed"}], 200)],
    ids=["no list", "a list that only forbids others", "a list that permits others"],
)
async def test_what_no_list_mentions_goes_back_only_where_a_list_names_what_is_permitted(
    client_as: ClientAs, task: int, lists: list[dict[str, str]], status: int
) -> None:
    await client_as("supervisor").put(f"/api/divisions/{ROOT}/services", json={"items": lists})
    body = {"reason": "not_permitted", "note": "代收快递"}
    answer = await client_as("patrol_west").post(f"/api/tasks/{task}/decline", json=body)
    assert answer.status_code == status
