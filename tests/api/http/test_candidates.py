"""Candidates over HTTP."""

from typing import Any

import pytest
from sqlalchemy import update

from console.forces.tables import Force
from geo.store import Reach, Store
from tests.reporting import place, report
from tests.worlds import ROOT, ClientAs, Clock, World


@pytest.fixture
async def incident(store: Store, world: World) -> int:
    return await report(store, world, world.micro_grids()[0])


async def ask(client_as: ClientAs, incident: int, username: str = "operator", limit: int = 100) -> dict[str, Any]:
    answer = await client_as(username).get(f"/api/incidents/{incident}/candidates", params={"limit": limit})
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def named(world: World, listed: list[dict[str, Any]]) -> list[str]:
    codes = {force: code for code, force in world.forces.items()}
    return [codes[item["force"]] for item in listed]


def reasons(candidate: dict[str, Any]) -> dict[str, float]:
    return {reason["code"]: reason["minutes"] for reason in candidate["reasons"]}


async def test_every_force_that_can_be_sent_is_ranked_in_minutes(
    client_as: ClientAs, world: World, incident: int
) -> None:
    found = await ask(client_as, incident)
    assert sorted(named(world, found["candidates"])) == sorted(world.forces)
    costs = [candidate["cost_minutes"] for candidate in found["candidates"]]
    assert costs == sorted(costs)
    for candidate in found["candidates"]:
        assert sum(reasons(candidate).values()) == pytest.approx(candidate["cost_minutes"], abs=1e-9)
    assert found["excluded"] == []


async def test_the_grids_own_worker_is_first_with_a_reason(client_as: ClientAs, world: World, incident: int) -> None:
    best = (await ask(client_as, incident))["candidates"][0]
    assert named(world, [best]) == ["grid_1"]
    assert reasons(best).keys() == {"travel", "own_grid", "from_home"}
    assert best["fix_age_s"] is None


async def test_a_force_that_speaks_the_parties_language_is_preferred(
    client_as: ClientAs, world: World, store: Store
) -> None:
    lon, lat = world.middle_of(world.micro_grids()[0])
    body = {"source": "hotline", "category": "dispute.family", "title": "x", "lon": lon, "lat": lat, "language": "sign"}
    incident_out = (await client_as("source").post("/api/incidents", json=body)).json()
    async with store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(update(Force).where(Force.code == "patrol_east").values(languages=["sign"]))
    found = await ask(client_as, incident_out["id"])
    said = {
        code: reasons(item) for code, item in zip(named(world, found["candidates"]), found["candidates"], strict=True)
    }
    assert said.pop("patrol_east")["language_match"] == -2
    assert {reason["language_mismatch"] for reason in said.values()} == {4}


async def test_a_fix_counts_before_the_home(client_as: ClientAs, world: World, incident: int, store: Store) -> None:
    await place(store, world, "patrol_east", world.micro_grids()[0])
    found = await ask(client_as, incident)
    patrol = next(c for c in found["candidates"] if named(world, [c]) == ["patrol_east"])
    assert patrol["distance_m"] == 0
    assert (patrol["fix_age_s"], patrol["stale"]) == (0.0, False)
    assert "from_home" not in reasons(patrol)


async def test_a_stale_fix_is_last_and_listed(
    client_as: ClientAs, world: World, incident: int, store: Store, clock: Clock
) -> None:
    await place(store, world, "grid_1", world.micro_grids()[0])
    clock.turn(minutes=20)
    found = await ask(client_as, incident)
    last = found["candidates"][-1]
    assert named(world, [last]) == ["grid_1"]
    assert (last["stale"], last["fix_age_s"], reasons(last)["stale"]) == (True, 1200.0, 4.0)


async def test_a_force_on_call_counts_from_home_unless_its_fix_is_fresh(
    client_as: ClientAs, world: World, incident: int, store: Store, clock: Clock
) -> None:
    await place(store, world, "on_call_west", world.micro_grids()[0])
    fresh = (await ask(client_as, incident))["candidates"]
    clock.turn(hours=5)
    later = (await ask(client_as, incident))["candidates"]
    ages = [c["fix_age_s"] for c in (*fresh, *later) if named(world, [c]) == ["on_call_west"]]
    assert ages == [0.0, None]


async def test_a_decline_excludes_the_force_from_this_incident_only(
    client_as: ClientAs, world: World, incident: int, store: Store
) -> None:
    first, second = named(world, (await ask(client_as, incident))["candidates"])[:2]
    sent = await client_as("operator").post(f"/api/incidents/{incident}/tasks", json={"force": world.forces[first]})
    await client_as("gateway").post(f"/api/tasks/{sent.json()['id']}/decline")
    found = await ask(client_as, incident)
    assert named(world, found["candidates"])[0] == second
    assert [(*named(world, [e]), e["code"]) for e in found["excluded"]] == [(first, "declined")]
    other = await report(store, world, world.micro_grids()[0])
    elsewhere = await ask(client_as, other)
    assert elsewhere["excluded"] == []
    declined = next(c for c in elsewhere["candidates"] if named(world, [c]) == [first])
    assert (reasons(declined)["load"], reasons(declined)["rest"]) == (3.0, 5.0)


async def test_a_busy_or_off_duty_force_is_excluded_with_its_reason(
    client_as: ClientAs, world: World, incident: int, store: Store
) -> None:
    other = await report(store, world, world.micro_grids()[1])
    operator = client_as("operator")
    await operator.post(f"/api/incidents/{other}/tasks", json={"force": world.forces["grid_1"]})
    await operator.patch(f"/api/forces/{world.forces['grid_2']}", json={"duty": "off"})
    found = await ask(client_as, incident)
    excluded = [(*named(world, [e]), e["code"], e["name"]) for e in found["excluded"]]
    assert excluded == [("grid_1", "busy", "Force grid_1"), ("grid_2", "off_duty", "Force grid_2")]
    assert not {code for code, *_ in excluded} & set(named(world, found["candidates"]))


async def test_a_force_that_has_just_gone_off_duty_is_excluded_once(
    client_as: ClientAs, world: World, incident: int, store: Store
) -> None:
    """Its last fix is fresh and near, and so is its home."""
    await place(store, world, "grid_1", world.micro_grids()[0])
    await client_as("operator").patch(f"/api/forces/{world.forces['grid_1']}", json={"duty": "off"})
    found = await ask(client_as, incident)
    assert [(*named(world, [e]), e["code"]) for e in found["excluded"]] == [("grid_1", "off_duty")]
    assert sorted(named(world, found["candidates"])) == sorted(set(world.forces) - {"grid_1"})


async def test_recall_brings_a_force_back_into_the_list(client_as: ClientAs, world: World, incident: int) -> None:
    operator = client_as("operator")
    sent = await operator.post(f"/api/incidents/{incident}/tasks", json={"force": world.forces["grid_1"]})
    assert named(world, (await ask(client_as, incident))["excluded"]) == ["grid_1"]
    await operator.post(f"/api/tasks/{sent.json()['id']}/recall")
    assert (await ask(client_as, incident))["excluded"] == []


async def test_a_force_on_the_incident_is_excluded_as_sent(
    client_as: ClientAs, world: World, incident: int, store: Store
) -> None:
    """Also one that had declined it before and was sent once more."""
    operator = client_as("operator")
    for code in ("grid_1", "grid_2", "grid_1"):
        body = {"force": world.forces[code]}
        sent = await operator.post(f"/api/incidents/{incident}/tasks", json=body)
        assert sent.status_code == 201
        if code == "grid_1" and sent.json()["role"] == "lead":
            await client_as("gateway").post(f"/api/tasks/{sent.json()['id']}/decline")
    found = await ask(client_as, incident)
    assert [(*named(world, [e]), e["code"]) for e in found["excluded"]] == [("grid_1", "sent"), ("grid_2", "sent")]
    other = await report(store, world, world.micro_grids()[0])
    assert {e["code"] for e in (await ask(client_as, other))["excluded"]} == {"busy"}


async def test_a_town_is_offered_its_own_forces_only(client_as: ClientAs, world: World, incident: int) -> None:
    found = await ask(client_as, incident, "operator_west")
    west = {f"{kind}_west" for kind in ("patrol", "mediator", "on_call")} | {f"grid_{i}" for i in range(1, 5)}
    assert set(named(world, found["candidates"])) == west


async def test_the_limit_holds(client_as: ClientAs, incident: int) -> None:
    assert len((await ask(client_as, incident, limit=3))["candidates"]) == 3


@pytest.mark.parametrize("username", ["patrol_west", "clerk", "supervisor", "wall", "gateway"])
async def test_only_a_dispatcher_can_list_candidates(client_as: ClientAs, incident: int, username: str) -> None:
    answer = await client_as(username).get(f"/api/incidents/{incident}/candidates")
    assert (answer.status_code, answer.json()["code"]) == (403, "access.forbidden")


async def test_an_unknown_incident_is_not_found(client_as: ClientAs) -> None:
    assert (await client_as("operator").get("/api/incidents/4711/candidates")).status_code == 404


async def test_a_town_sees_only_that_its_own_force_is_busy_in_another(
    client_as: ClientAs, world: World, store: Store
) -> None:
    """Sent across the border by the county, it is no candidate at home; the task itself stays out of sight."""
    east = await report(store, world, world.micro_grids(world.east)[0])
    west = await report(store, world, world.micro_grids(world.west)[0])
    force = world.forces["patrol_west"]
    sent = await client_as("operator").post(f"/api/incidents/{east}/tasks", json={"force": force})
    found = await ask(client_as, west, "operator_west")
    assert {"force": force, "code": "busy", "name": "Force patrol_west"} in found["excluded"]
    assert force not in {candidate["force"] for candidate in found["candidates"]}
    tasks = await client_as("operator_west").get("/api/tasks")
    assert tasks.json()["items"] == []
    refused = await client_as("operator_west").post(f"/api/incidents/{west}/tasks", json={"force": force})
    assert (refused.status_code, refused.json()["code"]) == (409, "force.busy")
    assert (await client_as("operator_west").get(f"/api/tasks/{sent.json()['id']}")).status_code in (404, 405)
