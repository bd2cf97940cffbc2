"""Forces over HTTP."""

import pytest

from geo.store import Store
from tests.reporting import report
from tests.worlds import ClientAs, World


async def test_forces_are_listed_page_by_page(client_as: ClientAs, world: World) -> None:
    operator, cursor, seen = client_as("operator"), None, []
    for _ in range(10):
        page = (await operator.get("/api/forces", params={"limit": 5} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [force["id"] for force in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == sorted(world.forces.values())


async def test_forces_are_chosen_by_kind_and_duty(client_as: ClientAs, world: World) -> None:
    page = (await client_as("operator").get("/api/forces", params={"kind": "on_call", "duty": "on_call"})).json()
    assert {force["code"] for force in page["items"]} == {"on_call_west", "on_call_east"}
    none = (await client_as("operator").get("/api/forces", params={"kind": "on_call", "duty": "on"})).json()
    assert none["items"] == []


async def test_a_town_lists_its_own(client_as: ClientAs, world: World) -> None:
    page = (await client_as("operator_west").get("/api/forces")).json()
    assert {force["division_path"].split(".")[1] for force in page["items"]} == {"320509100"}
    east = world.forces["patrol_east"]
    assert (await client_as("operator_west").get(f"/api/forces/{east}")).status_code == 404
    assert (await client_as("operator_west").patch(f"/api/forces/{east}", json={"duty": "off"})).status_code == 404


async def test_one_force_has_all_fields(client_as: ClientAs, world: World) -> None:
    answer = await client_as("operator").get(f"/api/forces/{world.forces['mediator_west']}")
    assert answer.headers["ETag"] == '"1"'
    body = answer.json()
    assert (body["code"], body["duty"]) == ("mediator_west", "on")
    assert body["specialities"] == ["dispute.family", "dispute.neighbour"]
    assert (body["home_lon"], body["home_lat"]) == pytest.approx(world.middle_of(world.west))


async def test_a_patrol_reads_itself_and_no_other(client_as: ClientAs, world: World) -> None:
    patrol = client_as("patrol_west")
    assert (await patrol.get(f"/api/forces/{world.forces['patrol_west']}")).status_code == 200
    assert (await patrol.get(f"/api/forces/{world.forces['grid_1']}")).status_code == 404
    assert (await patrol.get("/api/forces")).status_code == 403


async def test_duty_is_set_on_the_version_that_was_seen(client_as: ClientAs, world: World) -> None:
    operator, path = client_as("operator"), f"/api/forces/{world.forces['grid_1']}"
    first = await operator.patch(path, json={"duty": "off"}, headers={"If-Match": '"1"'})
    assert (first.status_code, first.json()["duty"], first.headers["ETag"]) == (200, "off", '"2"')
    second = await operator.patch(path, json={"duty": "on"}, headers={"If-Match": '"1"'})
    assert (second.status_code, second.json()["code"], second.json()["params"]) == (
        412,
        "version.stale",
        {"version": 2},
    )


async def test_a_force_with_a_task_in_another_town_cannot_go_off_duty(
    client_as: ClientAs, world: World, store: Store
) -> None:
    """Their own town's operator cannot see the task, but gets force.busy."""
    east = await report(store, world, world.micro_grids(world.east)[0])
    force = world.forces["patrol_west"]
    sent = await client_as("operator").post(f"/api/incidents/{east}/tasks", json={"force": force})
    own, path = client_as("operator_west"), f"/api/forces/{force}"
    assert (await own.get("/api/tasks")).json()["items"] == []
    refused = await own.patch(path, json={"duty": "off"})
    assert (refused.status_code, refused.json()["code"]) == (409, "force.busy")
    assert (await own.patch(path, json={"duty": "on_call"})).status_code == 200
    await client_as("operator").post(f"/api/tasks/{sent.json()['id']}/recall")
    freed = await own.patch(path, json={"duty": "off"})
    assert (freed.status_code, freed.json()["duty"]) == (200, "off")


@pytest.mark.parametrize("body", [{"duty": "away"}, {}, {"duty": "on", "name": "甲"}])
async def test_fields_other_than_duty_are_refused(client_as: ClientAs, world: World, body: dict[str, str]) -> None:
    answer = await client_as("operator").patch(f"/api/forces/{world.forces['grid_1']}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize("username", ["clerk", "supervisor", "patrol_west", "gateway"])
async def test_who_may_not_edit_forces_does_not(client_as: ClientAs, world: World, username: str) -> None:
    answer = await client_as(username).patch(f"/api/forces/{world.forces['patrol_west']}", json={"duty": "off"})
    assert answer.status_code == 403
