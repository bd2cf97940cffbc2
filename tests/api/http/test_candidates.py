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


BARS = {"support_only", "observer_only", "not_specialised", "not_responsible"}


def unable(world: World, found: dict[str, Any]) -> list[tuple[str, str]]:
    """Those who might answer the incident and cannot now, with the reason."""
    named_codes = zip(named(world, found["excluded"]), found["excluded"], strict=True)
    return [(name, item["code"]) for name, item in named_codes if item["code"] not in BARS]


def reasons(candidate: dict[str, Any]) -> dict[str, float]:
    return {reason["code"]: reason["minutes"] for reason in candidate["reasons"]}


async def test_it_says_which_others_have_the_incident_open(
    client_as: ClientAs, world: World, incident: int, clock: Clock
) -> None:
    assert (await ask(client_as, incident))["opened_by"] == []
    assert (await ask(client_as, incident, "operator_west"))["opened_by"] == ["operator"]
    assert (await ask(client_as, incident))["opened_by"] == ["operator_west"]
    clock.turn(minutes=6)
    assert (await ask(client_as, incident))["opened_by"] == []


async def test_every_force_that_can_be_sent_is_ranked_in_minutes(
    client_as: ClientAs, world: World, incident: int
) -> None:
    found = await ask(client_as, incident)
    assert sorted(named(world, found["candidates"] + found["excluded"])) == sorted(world.forces)
    costs = [candidate["cost_minutes"] for candidate in found["candidates"]]
    assert costs == sorted(costs)
    for candidate in found["candidates"]:
        assert sum(reasons(candidate).values()) == pytest.approx(candidate["cost_minutes"], abs=1e-9)
    assert {item["code"] for item in found["excluded"]} == {"support_only"}
    assert all(item["kind"] == "on_call" for item in found["excluded"])


async def test_the_grids_own_worker_is_first_with_a_reason(client_as: ClientAs, world: World, store: Store) -> None:
    errand = await report(store, world, world.micro_grids()[0], category="errand.care")
    best = (await ask(client_as, errand))["candidates"][0]
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
    client_as: ClientAs, world: World, store: Store, clock: Clock
) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(update(Force).where(Force.code == "on_call_west").values(specialities=["hazard.road"]))
    incident = await report(store, world, world.micro_grids()[0], category="hazard.road")
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
    assert unable(world, found) == [(first, "declined")]
    other = await report(store, world, world.micro_grids()[0])
    elsewhere = await ask(client_as, other)
    assert unable(world, elsewhere) == []
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
    assert unable(world, found) == [("grid_1", "busy"), ("grid_2", "off_duty")]
    assert [e["name"] for e in found["excluded"]][:2] == ["Force grid_1", "Force grid_2"]
    assert not {code for code, _ in unable(world, found)} & set(named(world, found["candidates"]))


async def test_a_force_that_has_just_gone_off_duty_is_excluded_once(
    client_as: ClientAs, world: World, incident: int, store: Store
) -> None:
    """Its last fix is fresh and near, and so is its home."""
    await place(store, world, "grid_1", world.micro_grids()[0])
    await client_as("operator").patch(f"/api/forces/{world.forces['grid_1']}", json={"duty": "off"})
    found = await ask(client_as, incident)
    assert unable(world, found) == [("grid_1", "off_duty")]
    assert "grid_1" not in named(world, found["candidates"])


async def test_recall_brings_a_force_back_into_the_list(client_as: ClientAs, world: World, incident: int) -> None:
    operator = client_as("operator")
    sent = await operator.post(f"/api/incidents/{incident}/tasks", json={"force": world.forces["grid_1"]})
    assert unable(world, await ask(client_as, incident)) == [("grid_1", "sent")]
    await operator.post(f"/api/tasks/{sent.json()['id']}/recall")
    found = await ask(client_as, incident, limit=3)
    assert unable(world, found) == []
    recalled = next(c for c in found["candidates"] if named(world, [c]) == ["grid_1"])
    assert reasons(recalled)["recalled"] == 2.0, "shown at the end of a short list, though others cost less"
    assert len(found["candidates"]) == 3


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
    assert unable(world, found) == [("grid_1", "sent"), ("grid_2", "sent")]
    other = await report(store, world, world.micro_grids()[0])
    assert {code for _, code in unable(world, await ask(client_as, other))} == {"busy"}


async def test_a_town_is_offered_its_own_forces_only(client_as: ClientAs, world: World, incident: int) -> None:
    found = await ask(client_as, incident, "operator_west")
    west = {f"{kind}_west" for kind in ("patrol", "mediator", "on_call")} | {f"grid_{i}" for i in range(1, 5)}
    assert set(named(world, found["candidates"] + found["excluded"])) == west


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
    assert {"force": force, "code": "busy", "name": "Force patrol_west", "kind": "patrol"} in found["excluded"]
    assert force not in {candidate["force"] for candidate in found["candidates"]}
    tasks = await client_as("operator_west").get("/api/tasks")
    assert tasks.json()["items"] == []
    refused = await client_as("operator_west").post(f"/api/incidents/{west}/tasks", json={"force": force})
    assert (refused.status_code, refused.json()["code"]) == (409, "force.busy")
    assert (await client_as("operator_west").get(f"/api/tasks/{sent.json()['id']}")).status_code in (404, 405)


async def test_a_grave_fire_is_answered_by_the_fire_brigade_and_supported_by_a_patrol(
    client_as: ClientAs, world: World, store: Store
) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        brigade = (
            update(Force).where(Force.code == "on_call_east").values(kind="rotating", specialities=["hazard.fire"])
        )
        await session.execute(brigade)
    lon, lat = world.middle_of(world.micro_grids()[0])
    body = {"source": "hotline", "category": "hazard.fire", "risk": "high", "title": "x", "lon": lon, "lat": lat}
    fire = (await client_as("source").post("/api/incidents", json=body)).json()["id"]
    operator = client_as("operator")
    leading = await ask(client_as, fire)
    assert (leading["role"], named(world, leading["candidates"])) == ("lead", ["on_call_east"])
    assert sorted(named(world, leading["candidates"] + leading["excluded"])) == sorted(world.forces)
    why = dict(zip(named(world, leading["excluded"]), [e["code"] for e in leading["excluded"]], strict=True))
    assert (why["patrol_west"], why["mediator_west"]) == ("support_only", "not_responsible")
    patrol = {"force": world.forces["patrol_west"]}
    refused = await operator.post(f"/api/incidents/{fire}/tasks", json=patrol)
    assert (refused.status_code, refused.json()["code"]) == (409, "force.may_not_answer")
    assert refused.json()["params"] == {**patrol, "role": "lead", "reason": "support_only"}
    supporting = (await operator.get(f"/api/incidents/{fire}/candidates", params={"role": "support"})).json()
    found = next(c for c in supporting["candidates"] if c["force"] == patrol["force"])
    assert found["roles"] == ["support", "observer"]
    sent = await operator.post(f"/api/incidents/{fire}/tasks", json=patrol | {"role": "support"})
    assert (sent.status_code, sent.json()["cost_minutes"]) == (201, found["cost_minutes"])


async def test_any_force_is_found_by_its_name_or_id_in_the_list_where_it_belongs(
    client_as: ClientAs, world: World, incident: int
) -> None:
    operator, address = client_as("operator"), f"/api/incidents/{incident}/candidates"
    for words, expected in (
        ("EAST", {"patrol_east", "mediator_east", "on_call_east"}),
        ("grid_5", {"grid_5"}),
        ("_1%", set()),
    ):
        found = (await operator.get(address, params={"q": words, "limit": 1000})).json()
        assert set(named(world, found["candidates"] + found["excluded"])) == expected, words
    found = (await operator.get(address, params={"kind": "mediator"})).json()
    assert set(named(world, found["candidates"])) == {"mediator_west", "mediator_east"} and not found["excluded"]
    for code in ("grid_8", "on_call_east"):
        one = (await operator.get(address, params={"force": world.forces[code]})).json()
        assert named(world, one["candidates"] + one["excluded"]) == [code]
    beyond = await client_as("operator_west").get(address, params={"force": world.forces["grid_8"]})
    assert (beyond.json()["candidates"], beyond.json()["excluded"]) == ([], [])


async def test_a_language_that_is_reported_later_counts_and_can_be_taken_away(
    client_as: ClientAs, world: World, incident: int
) -> None:
    operator, address = client_as("operator"), f"/api/incidents/{incident}"
    for language, shown in (("wu", "wu"), ("", None)):
        edited = await operator.patch(address, json={"language": language})
        assert (edited.status_code, edited.json()["language"]) == (200, shown)
        codes = {code for c in (await ask(client_as, incident))["candidates"] for code in reasons(c)}
        assert ("language_mismatch" in codes) == (shown is not None)
    entries = (await operator.get(f"{address}/timeline")).json()["items"]
    assert [e["data"]["language"] for e in entries if e["kind"] == "edited"] == [["", "wu"], ["wu", ""]]
    unknown = await operator.patch(address, json={"language": "klingon"})
    assert (unknown.status_code, unknown.json()["params"]["errors"]) == (
        422,
        [{"field": "language", "code": "unknown"}],
    )
