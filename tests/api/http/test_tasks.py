"""Tasks over HTTP."""

import asyncio
from collections import Counter

import httpx
import pytest

from geo.store import Store
from tests.reporting import report
from tests.worlds import ClientAs, Clock, World

LIFE = ["accept", "depart", "arrive", "finish"]


async def send(client_as: ClientAs, world: World, incident: int, code: str, role: str | None = None) -> httpx.Response:
    body = {"force": world.forces[code]} | ({"role": role} if role else {})
    return await client_as("operator").post(f"/api/incidents/{incident}/tasks", json=body)


@pytest.fixture
async def incident(store: Store, world: World) -> int:
    return await report(store, world, world.micro_grids()[0])


async def test_sending_returns_the_task_with_its_version(client_as: ClientAs, world: World, incident: int) -> None:
    answer = await send(client_as, world, incident, "grid_1")
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    body = answer.json()
    assert (body["incident"], body["force"], body["status"]) == (incident, world.forces["grid_1"], "assigned")
    assert body["assigned_at"] == "2026-03-02T02:00:00Z"
    assert body["answer_due_at"] == "2026-03-02T02:02:00Z"


async def test_a_patrol_goes_through_its_task(client_as: ClientAs, world: World, incident: int) -> None:
    task = (await send(client_as, world, incident, "patrol_west")).json()["id"]
    patrol = client_as("patrol_west")
    for version, step in enumerate(LIFE, start=1):
        answer = await patrol.post(f"/api/tasks/{task}/{step}", headers={"If-Match": f'"{version}"'})
        assert (answer.status_code, answer.headers["ETag"]) == (200, f'"{version + 1}"')
    body = answer.json()
    assert (body["status"], body["active"], body["version"]) == ("finished", False, 5)


async def test_a_note_goes_with_the_finish(client_as: ClientAs, world: World, incident: int) -> None:
    task = (await send(client_as, world, incident, "patrol_west")).json()["id"]
    for step in LIFE[:-1]:
        await client_as("patrol_west").post(f"/api/tasks/{task}/{step}")
    answer = await client_as("patrol_west").post(f"/api/tasks/{task}/finish", json={"note": "双方和解"})
    assert answer.json()["note"] == "双方和解"


async def test_my_tasks_come_with_their_incidents(
    client_as: ClientAs, world: World, store: Store, incident: int
) -> None:
    """The active one first; what ended stays a day. An incident beyond the border is shown as well."""
    done = (await send(client_as, world, incident, "patrol_west")).json()["id"]
    await client_as("patrol_west").post(f"/api/tasks/{done}/decline", json={"reason": "far"})
    beyond = await report(store, world, world.micro_grids()[15])
    active = (await send(client_as, world, beyond, "patrol_west")).json()["id"]
    answer = await client_as("patrol_west").get("/api/tasks?mine")
    items = answer.json()["items"]
    assert [(item["id"], item["details"]["id"]) for item in items] == [(active, beyond), (done, incident)]
    assert items[0]["details"]["title"] == "邻里争吵"


async def test_my_active_task_lists_its_companions(client_as: ClientAs, world: World, incident: int) -> None:
    """The lead first. Of another town's force it has the role but not the name."""
    sent = {
        code: (await send(client_as, world, incident, code, role)).json()["id"]
        for code, role in [("patrol_west", "support"), ("patrol_east", None), ("grid_1", "observer"), ("grid_2", None)]
    }
    await client_as("gateway").post(f"/api/tasks/{sent['grid_2']}/decline")
    [own] = (await client_as("patrol_west").get("/api/tasks?mine")).json()["items"]
    assert own["companions"] == [
        {"force": world.forces["patrol_east"], "name": None, "role": "lead", "status": "assigned"},
        {"force": world.forces["grid_1"], "name": "Force grid_1", "role": "observer", "status": "assigned"},
    ]
    await client_as("patrol_west").post(f"/api/tasks/{own['id']}/decline")
    [ended] = (await client_as("patrol_west").get("/api/tasks?mine")).json()["items"]
    assert ended["companions"] == []


async def test_tasks_ended_yesterday_are_not_listed_as_mine(
    client_as: ClientAs, world: World, incident: int, clock: Clock
) -> None:
    task = (await send(client_as, world, incident, "patrol_west")).json()["id"]
    await client_as("patrol_west").post(f"/api/tasks/{task}/decline")
    clock.turn(days=1, seconds=1)
    assert (await client_as("patrol_west").get("/api/tasks?mine")).json()["items"] == []


async def test_true_is_no_force(client_as: ClientAs, incident: int) -> None:
    answer = await client_as("operator").post(f"/api/incidents/{incident}/tasks", json={"force": True})
    assert (answer.status_code, answer.json()["params"]["errors"]) == (422, [{"field": "force", "code": "int_type"}])


async def test_only_a_force_has_tasks_of_its_own(client_as: ClientAs) -> None:
    answer = await client_as("operator").get("/api/tasks?mine")
    assert (answer.status_code, answer.json()["code"]) == (403, "access.forbidden")


async def test_a_patrol_cannot_list_tasks_of_others(client_as: ClientAs) -> None:
    assert (await client_as("patrol_west").get("/api/tasks")).status_code == 403


async def test_operators_list_tasks_page_by_page(client_as: ClientAs, world: World, store: Store) -> None:
    sent = []
    for i in range(3):
        found = await report(store, world, world.micro_grids()[i])
        sent.append((await send(client_as, world, found, f"grid_{i + 1}")).json()["id"])
    operator = client_as("operator")
    first = (await operator.get("/api/tasks", params={"limit": 2})).json()
    second = (await operator.get("/api/tasks", params={"limit": 2, "cursor": first["next"]})).json()
    assert [item["id"] for item in [*first["items"], *second["items"]]] == sent[::-1]
    assert second["next"] is None


async def test_tasks_are_chosen_by_status_incident_and_force(client_as: ClientAs, world: World, incident: int) -> None:
    task = (await send(client_as, world, incident, "grid_1")).json()["id"]
    operator, force = client_as("operator"), world.forces["grid_1"]
    for query, count in [
        (f"status=assigned&incident={incident}&force={force}", 1),
        ("status=accepted", 0),
        (f"incident={incident + 1}", 0),
        (f"force={force + 1}", 0),
    ]:
        items = (await operator.get(f"/api/tasks?{query}")).json()["items"]
        assert [item["id"] for item in items] == [task] * count


@pytest.mark.parametrize("query", ["status=lost", "limit=0", "limit=x", "incident=x"])
async def test_an_invalid_filter_is_refused(client_as: ClientAs, query: str) -> None:
    assert (await client_as("operator").get(f"/api/tasks?{query}")).status_code == 422


async def test_a_malformed_cursor_is_refused(client_as: ClientAs) -> None:
    answer = await client_as("operator").get("/api/tasks?cursor=x")
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor.invalid")


async def test_another_town_sees_no_task(client_as: ClientAs, world: World, incident: int) -> None:
    task = (await send(client_as, world, incident, "grid_1")).json()["id"]
    east = client_as("operator_east")
    assert (await east.get("/api/tasks")).json()["items"] == []
    assert (await east.post(f"/api/tasks/{task}/recall")).status_code == 404
    assert (await east.get(f"/api/incidents/{incident}/candidates")).status_code == 404


@pytest.mark.parametrize(
    ("steps", "step", "status", "code"),
    [
        ([], "finish", 409, "task.transition"),
        (LIFE, "recall", 403, "access.forbidden"),
        ([], "dance", 422, "invalid"),
    ],
)
async def test_a_step_out_of_turn_is_refused(
    client_as: ClientAs, world: World, incident: int, steps: list[str], step: str, status: int, code: str
) -> None:
    task = (await send(client_as, world, incident, "patrol_west")).json()["id"]
    for each in steps:
        await client_as("patrol_west").post(f"/api/tasks/{task}/{each}")
    answer = await client_as("patrol_west").post(f"/api/tasks/{task}/{step}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_stale_answer_is_412_with_the_present_version(client_as: ClientAs, world: World, incident: int) -> None:
    task = (await send(client_as, world, incident, "patrol_west")).json()["id"]
    answer = await client_as("patrol_west").post(f"/api/tasks/{task}/accept", headers={"If-Match": '"7"'})
    assert (answer.status_code, answer.json()["params"]) == (412, {"version": 1})


async def test_a_dispatcher_enters_what_a_force_says_by_radio_and_the_record_tells_it(
    client_as: ClientAs, world: World, incident: int
) -> None:
    task = (await send(client_as, world, incident, "patrol_west")).json()["id"]
    operator = client_as("operator")
    steps = [("accept", {}), ("depart", {}), ("arrive", {}), ("finish", {"reason": "mediated"})]
    for step, said in steps:
        assert (await operator.post(f"/api/tasks/{task}/{step}", json=said)).status_code == 403
        answer = await operator.post(f"/api/tasks/{task}/{step}", json=said | {"relayed": True})
        assert answer.is_success, answer.text
    lines = (await operator.get(f"/api/incidents/{incident}/timeline")).json()["items"]
    told = [(line["kind"], line["actor"]) for line in lines if line["data"].get("relayed")]
    who = next(line["actor"] for line in lines if line["kind"] == "task.assigned")
    assert told == [(f"task.{status}", who) for status in ("accepted", "departed", "arrived", "finished")]


@pytest.mark.parametrize("step", ["accept", "recall"])
async def test_only_a_dispatcher_enters_what_a_force_says(
    client_as: ClientAs, world: World, incident: int, step: str
) -> None:
    task = (await send(client_as, world, incident, "patrol_west")).json()["id"]
    answer = await client_as("patrol_west").post(f"/api/tasks/{task}/{step}", json={"relayed": True})
    assert (answer.status_code, answer.json()["code"]) == (403, "access.forbidden")


async def test_a_gateway_answers_for_any_force(client_as: ClientAs, world: World, incident: int) -> None:
    task = (await send(client_as, world, incident, "grid_1")).json()["id"]
    assert (await client_as("gateway").post(f"/api/tasks/{task}/accept")).status_code == 200


async def test_sixty_four_operators_at_once_on_one_free_force(client_as: ClientAs, world: World, store: Store) -> None:
    grids = world.micro_grids()
    incidents = [await report(store, world, grids[i % len(grids)]) for i in range(64)]
    answers = await asyncio.gather(*(send(client_as, world, incident, "grid_1") for incident in incidents))
    assert Counter(a.status_code for a in answers) == {201: 1, 409: 63}
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"force.busy"}
    operator = client_as("operator")
    assert len((await operator.get("/api/tasks")).json()["items"]) == 1


async def test_sixty_four_operators_at_once_on_one_incident_send_each_force_once_and_one_leads(
    client_as: ClientAs, world: World, incident: int
) -> None:
    codes = [code for code in world.forces if "on_call" not in code for _ in range(6)][:64]
    answers = await asyncio.gather(*(send(client_as, world, incident, code) for code in codes))
    sent = len({*codes})
    assert Counter(a.status_code for a in answers) == {201: sent, 409: len(codes) - sent}
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"force.busy"}
    roles = Counter(a.json()["role"] for a in answers if a.status_code == 201)
    assert roles == {"lead": 1, "support": sent - 1}


async def test_of_sixty_four_concurrent_leads_one_succeeds(client_as: ClientAs, world: World, incident: int) -> None:
    codes = [code for code in world.forces if "on_call" not in code for _ in range(6)][:64]
    answers = await asyncio.gather(*(send(client_as, world, incident, code, "lead") for code in codes))
    assert Counter(a.status_code for a in answers) == {201: 1, 409: len(codes) - 1}
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"task.lead_taken"}
    [lead] = [a.json() for a in answers if a.status_code == 201]
    refused = next(a.json() for a in answers if a.status_code == 409)
    assert refused["params"] == {"incident": incident, "force": lead["force"], "task": lead["id"]}


async def test_three_forces_on_one_incident_each_with_its_own_life(
    client_as: ClientAs, world: World, incident: int
) -> None:
    """One declines, one is recalled, one finishes, and the timeline has all of it."""
    operator, gateway = client_as("operator"), client_as("gateway")
    lead = (await send(client_as, world, incident, "patrol_west")).json()
    second = (await send(client_as, world, incident, "grid_1")).json()
    third = (await send(client_as, world, incident, "grid_2", "observer")).json()
    assert [task["role"] for task in (lead, second, third)] == ["lead", "support", "observer"]
    assert (await gateway.post(f"/api/tasks/{second['id']}/decline", json={"reason": "ill"})).status_code == 200
    recall = {"reason": "not_needed", "note": "settled by now"}
    recalled = await operator.post(f"/api/tasks/{third['id']}/recall", json=recall)
    assert (recalled.json()["reason"], recalled.json()["note"]) == ("not_needed", "settled by now")
    for step in LIFE:
        assert (await client_as("patrol_west").post(f"/api/tasks/{lead['id']}/{step}")).status_code == 200
    listed = (await operator.get(f"/api/tasks?incident={incident}")).json()["items"]
    assert [(task["role"], task["status"]) for task in listed] == [
        ("observer", "recalled"),
        ("support", "declined"),
        ("lead", "finished"),
    ]
    assert (await operator.get(f"/api/incidents/{incident}")).json()["status"] == "closed"
    record = (await operator.get(f"/api/incidents/{incident}/timeline")).json()["items"]
    of_tasks = [e for e in record if not e["kind"].startswith("case.")]
    entries = [(e["kind"], e["force_name"], e["data"].get("role"), e["data"].get("reason")) for e in of_tasks]
    assert entries == [
        ("task.assigned", "Force patrol_west", "lead", None),
        ("task.assigned", "Force grid_1", "support", None),
        ("task.assigned", "Force grid_2", "observer", None),
        ("task.declined", "Force grid_1", "support", "ill"),
        ("task.recalled", "Force grid_2", "observer", "not_needed"),
        ("task.accepted", "Force patrol_west", "lead", None),
        ("task.departed", "Force patrol_west", "lead", None),
        ("task.arrived", "Force patrol_west", "lead", None),
        ("task.finished", "Force patrol_west", "lead", None),
        ("closed", "Force patrol_west", None, None),
    ]


async def test_a_role_that_does_not_exist_is_refused(client_as: ClientAs, world: World, incident: int) -> None:
    assert (await send(client_as, world, incident, "grid_1", "chief")).status_code == 422
