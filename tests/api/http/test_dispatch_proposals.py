"""Proposals for many incidents over HTTP, and what is sent of them."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from api.place.reading import load_pack
from console.dispatching.packages import kept
from console.forces.tables import Force
from console.incidents.tables import Incident
from console.tasks.tables import Task
from geo.store import Reach, Store
from tests.reporting import add_incident, report
from tests.worlds import ROOT, ClientAs, World


async def propose(client_as: ClientAs, incidents: list[int], username: str = "operator") -> dict[str, Any]:
    answer = await client_as(username).post("/api/dispatch/proposals", json={"incidents": incidents})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def send(client_as: ClientAs, row: dict[str, Any], username: str = "operator") -> httpx.Response:
    body = {"force": row["force"], "role": row["role"]}
    return await client_as(username).post(f"/api/incidents/{row['incident']}/tasks", json=body)


async def grave(store: Store, world: World, i: int, category: str, *, risk: str = "high", level: str = "county") -> int:
    async with store.transaction(Reach(scope=ROOT)) as session:
        path = world.micro_grids()[i]
        return await add_incident(session, world, path, category=category, risk=risk, level=level)


async def active_tasks(store: Store) -> list[tuple[int, int, str]]:
    async with store.transaction(Reach(scope=ROOT)) as session:
        rows = await session.execute(select(Task.incident_id, Task.force_id, Task.role).where(Task.active))
        return [(incident, force, role) for incident, force, role in rows]


async def test_many_get_the_best_assignment_and_nothing_is_sent(
    client_as: ClientAs, world: World, store: Store
) -> None:
    incidents = [await report(store, world, world.micro_grids()[i], category="errand.care") for i in range(6)]
    found = await propose(client_as, incidents)
    assert sorted(row["incident"] for row in found["assignments"]) == incidents
    assert len({row["force"] for row in found["assignments"]}) == 6
    assert {row["role"] for row in found["assignments"]} == {"lead"}
    assert sum(row["minutes"] for row in found["assignments"]) == pytest.approx(found["total_minutes"])
    assert found["total_minutes"] <= found["greedy_minutes"]
    assert (found["missing"], found["unassigned"], await active_tasks(store)) == ([], [], [])
    assert found["packages"][0]["code"] is None
    assert found["packages"][0]["slots"][0]["held"] == []


async def test_each_minute_is_that_of_the_ranking(client_as: ClientAs, world: World, store: Store) -> None:
    """Also for those who declined or were recalled, of whom the first are not proposed."""
    incident = await report(store, world, world.micro_grids()[3])
    operator = client_as("operator")
    for code, step in (("grid_1", "recall"), ("patrol_west", "decline")):
        sent = await operator.post(f"/api/incidents/{incident}/tasks", json={"force": world.forces[code]})
        who = operator if step == "recall" else client_as("gateway")
        assert (await who.post(f"/api/tasks/{sent.json()['id']}/{step}")).status_code == 200
    found = await propose(client_as, [incident])
    [row] = found["assignments"]
    ranked = (await operator.get(f"/api/incidents/{incident}/candidates?limit=50")).json()["candidates"]
    costs = {one["force"]: one["cost_minutes"] for one in ranked}
    assert row["minutes"] == min(costs.values()) == costs[row["force"]]
    assert {one["force"]: one["minutes"] for one in row["others"]}.items() <= costs.items()
    assert world.forces["patrol_west"] not in {one["force"] for one in row["others"]}
    assert row["reasons"] == next(one["reasons"] for one in ranked if one["force"] == row["force"])


async def test_a_package_asks_for_all_of_its_forces_and_says_what_is_missing_and_why(
    client_as: ClientAs, world: World, store: Store
) -> None:
    """Nobody in this county may lead on a grave fire: the others are proposed all the same."""
    fire = await grave(store, world, 0, "hazard.fire")
    found = await propose(client_as, [fire])
    codes = {force: code for code, force in world.forces.items()}
    sent = [(row["role"], codes[row["force"]]) for row in found["assignments"]]
    assert sorted(role for role, _ in sent) == ["support", "support", "support"]
    assert {code.split("_")[0] for _, code in sent} == {"patrol", "grid"}
    [missing] = found["missing"]
    assert (missing["role"], missing["slot"], missing["code"]) == ("lead", 0, "no_such_force")
    assert sum(missing["why"].values()) == len(world.forces)
    assert found["unassigned"] == []
    [package] = found["packages"]
    assert (package["code"], package["kept"], [slot["count"] for slot in package["slots"]]) == (
        "fire",
        False,
        [1, 2, 1],
    )


async def test_an_escalated_incident_asks_for_more(client_as: ClientAs, world: World, store: Store) -> None:
    hazard = await grave(store, world, 0, "hazard.work", risk="medium", level="town")
    assert len((await propose(client_as, [hazard]))["packages"][0]["slots"]) == 2
    async with store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(update(Incident).where(Incident.id == hazard).values(level="county"))
    slots = (await propose(client_as, [hazard]))["packages"][0]["slots"]
    assert [slot["kinds"] for slot in slots] == [[], ["patrol"], ["grid_worker"]]


async def test_what_is_sent_fills_its_slot_and_the_rest_is_proposed_next(
    client_as: ClientAs, world: World, store: Store
) -> None:
    """A task that is declined asks for the next force at once."""
    hazard = await grave(store, world, 0, "hazard.work", risk="medium", level="county")
    first = await propose(client_as, [hazard])
    sent = [(await send(client_as, row)).json() for row in first["assignments"]]
    assert len(sent) == 3
    whole = await propose(client_as, [hazard])
    assert (whole["assignments"], whole["unassigned"]) == ([], [{"incident": hazard, "code": "complete"}])
    assert [slot["held"] for slot in whole["packages"][0]["slots"]] == [[task["force"]] for task in sent]
    assert whole["packages"][0]["kept"]
    declined = next(task for task in sent if task["role"] == "lead")
    await client_as("gateway").post(f"/api/tasks/{declined['id']}/decline", json={"reason": "too_far"})
    [following] = (await propose(client_as, [hazard]))["assignments"]
    assert (following["role"], following["slot"]) == ("lead", 0)
    assert following["force"] not in {task["force"] for task in sent}
    assert (await send(client_as, following)).status_code == 201


async def test_an_incident_keeps_its_package_when_the_places_changes(
    client_as: ClientAs, world: World, store: Store
) -> None:
    """Until it becomes graver: then the place's own package holds."""
    hazard = await grave(store, world, 0, "hazard.work", risk="medium", level="town")
    package = next(one for one in load_pack("wujiang").packages if one.code == "fire")
    async with store.transaction(Reach(scope=ROOT)) as session:
        copy = kept(package, category="hazard.work", risk="medium")
        await session.execute(update(Incident).where(Incident.id == hazard).values(package=copy))
    [card] = (await propose(client_as, [hazard]))["packages"]
    assert (card["code"], card["kept"]) == ("fire", True)
    graver = await client_as("operator").patch(f"/api/incidents/{hazard}", json={"risk": "high"})
    assert graver.status_code == 200
    [card] = (await propose(client_as, [hazard]))["packages"]
    assert (card["code"], card["kept"]) == ("hazard", False)


async def test_an_incident_to_which_nobody_can_go_has_its_reason(
    client_as: ClientAs, world: World, store: Store
) -> None:
    """No place, ended, beyond the reach or not there; all busy."""
    near = await report(store, world, world.micro_grids()[0])
    beyond = await report(store, world, world.micro_grids()[15])
    async with store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(update(Force).where(Force.duty == "on").values(duty="off"))
        ended = await add_incident(session, world, world.micro_grids()[1])
        await session.execute(update(Incident).where(Incident.id == ended).values(status="closed"))
    body = {"source": "window", "category": "dispute.neighbour", "title": "Noise", "address": "某处"}
    nowhere = (await client_as("clerk").post("/api/incidents", json=body)).json()["id"]
    assert (await propose(client_as, [nowhere]))["unassigned"] == [{"incident": nowhere, "code": "unplaced"}]
    found = await propose(client_as, [near, beyond, ended, 10**6], "operator_west")
    assert {one["incident"]: one["code"] for one in found["unassigned"]} == {
        near: "off_duty",
        beyond: "not_found",
        ended: "closed",
        10**6: "not_found",
    }
    assert (found["assignments"], found["total_minutes"], found["greedy_minutes"]) == ([], 0, 0)


async def test_it_says_who_is_left_in_each_town_and_the_move_that_mends_the_worst_gap(
    client_as: ClientAs, world: World, store: Store
) -> None:
    """By day three mediators are to be in each town. West has four; two of them go, and one of east's five moves up."""
    async with store.transaction(Reach(scope=ROOT)) as session:
        for name, more in (("west", 3), ("east", 4)):
            one = (await session.scalars(select(Force).where(Force.code == f"mediator_{name}"))).one()
            copied = ("kind", "organisation", "specialities", "languages", "mode", "home", "duty", "division_path")
            for i in range(more):
                given = {key: getattr(one, key) for key in copied}
                session.add(
                    Force(code=f"more_{name}_{i}", name=f"{name} {i}", version=1, device_id=f"m{name}{i}", **given)
                )
    incidents = [await report(store, world, world.micro_grids()[i]) for i in (0, 1)]
    found = await propose(client_as, incidents)
    [west] = [one for one in found["cover"] if one["division"] == world.west.rpartition(".")[2]]
    assert (west["cover"], west["least"], west["free"], west["left"]) == ("town_mediators", 3, 4, 2)
    moved = found["move_up"]
    assert moved["to"] == west["division"]
    assert moved["name"].startswith("east") or moved["name"] == "Force mediator_east"
    assert moved["minutes"] > 0


async def test_two_operators_who_confirm_the_same_proposal_send_each_force_once(
    client_as: ClientAs, world: World, store: Store
) -> None:
    incidents = [await report(store, world, world.micro_grids()[i], category="errand.care") for i in range(4)]
    found = await propose(client_as, incidents, "operator_west")
    rows = [(row, who) for row in found["assignments"] for who in ("operator", "operator_west")]
    answers = await asyncio.gather(*(send(client_as, row, who) for row, who in rows))
    codes = Counter("sent" if one.status_code == 201 else one.json()["code"] for one in answers)
    assert codes.pop("sent") == len(found["assignments"]) == 4
    assert codes.keys() <= {"force.busy", "task.lead_taken"}
    expected = [(row["incident"], row["force"], row["role"]) for row in found["assignments"]]
    assert sorted(await active_tasks(store)) == sorted(expected)


async def test_confirmed_while_the_world_moved_only_what_still_holds_is_sent(
    client_as: ClientAs, world: World, store: Store
) -> None:
    """One force has gone off duty, another was sent elsewhere, one incident has ended."""
    incidents = [await report(store, world, world.micro_grids()[i], category="errand.care") for i in range(4)]
    rows = (await propose(client_as, incidents))["assignments"]
    elsewhere = await report(store, world, world.micro_grids()[9], category="errand.care")
    assert (await send(client_as, rows[1] | {"incident": elsewhere})).status_code == 201
    async with store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(update(Force).where(Force.id == rows[0]["force"]).values(duty="off"))
        await session.execute(update(Incident).where(Incident.id == rows[2]["incident"]).values(status="closed"))
    answers = [await send(client_as, row) for row in rows]
    told = [one.json().get("code", one.status_code) for one in answers]
    assert told[:2] == ["force.off_duty", "force.busy"]
    assert answers[2].status_code == 409
    assert answers[3].status_code == 201
    assert len(await active_tasks(store)) == 2


async def test_a_force_on_leave_can_be_sent_by_nobody(client_as: ClientAs, world: World, store: Store) -> None:
    incident = await report(store, world, world.micro_grids()[0])
    force = world.forces["grid_1"]
    leave = {
        "who": {"kind": "force", "id": force},
        "starts_at": "2026-03-02T00:00:00Z",
        "ends_at": "2026-03-03T00:00:00Z",
    }
    path = "/api/rosters/leaves/0b0e7a3e-7d8c-4a57-9a35-0d4d8f6b7a10"
    assert (await client_as("planner").put(path, json=leave)).status_code == 201
    answer = await client_as("operator").post(f"/api/incidents/{incident}/tasks", json={"force": force})
    assert (answer.status_code, answer.json()["code"]) == (409, "force.on_leave")


@pytest.mark.parametrize("body", [{"incidents": []}, {"incidents": [1] * 201}, {"incidents": [0]}, {}])
async def test_what_is_no_list_of_incidents_is_refused(client_as: ClientAs, body: dict[str, Any]) -> None:
    assert (await client_as("operator").post("/api/dispatch/proposals", json=body)).status_code == 422


async def test_incidents_beyond_the_reach_alone_are_not_found(client_as: ClientAs, world: World, store: Store) -> None:
    beyond = await report(store, world, world.micro_grids()[15])
    answer = await client_as("operator_west").post("/api/dispatch/proposals", json={"incidents": [beyond]})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_only_dispatchers_may_ask(client_as: ClientAs) -> None:
    for role in ("auditor", "patrol_west"):
        answer = await client_as(role).post("/api/dispatch/proposals", json={"incidents": [1]})
        assert answer.status_code == 403
