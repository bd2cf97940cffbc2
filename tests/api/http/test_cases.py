"""Cases over HTTP: the flow, a case from door to archive, refusals, lists, and what a finish makes of it."""

from dataclasses import replace
from typing import Any

import httpx

from console.access.rules import Actor
from console.cases.casework import Casework
from console.cases.migrating import migrate_cases
from console.cases.storing import entries_of
from console.cases.tables import Case
from console.flow.case_state import FOLD, from_json
from console.flow.case_terms import CaseTerms
from console.flow.replay import replay
from geo.store import Reach, Store
from tests.worlds import EAST, NOW, PACK, ROOT, WEST, ClientAs, Clock, World

Json = dict[str, Any]
TOWN = f"centre.{WEST.rpartition('.')[2]}"
COUNTY = f"centre.{ROOT}"


async def registered(client: httpx.AsyncClient, world: World, **said: Any) -> Json:
    """Register an incident in the west, at its desk, and return its case."""
    lon, lat = world.middle_of(world.micro_grids(WEST)[0])
    body = {"source": "window", "category": "dispute.neighbour", "title": "Quarrel about a wall", "risk": "high"}
    made = (await client.post("/api/incidents", json=body | {"lon": lon, "lat": lat} | said)).json()
    return await case_of(client, made["id"])


async def case_of(client: httpx.AsyncClient, incident: int) -> Json:
    answer = await client.get(f"/api/incidents/{incident}/case")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def post(client: httpx.AsyncClient, case: Json, move: str, **form: Any) -> httpx.Response:
    tag = {"If-Match": f'"{case["version"]}"'}
    return await client.post(f"/api/incidents/{case['id']}/moves", json={"move": move, **form}, headers=tag)


async def moved(client: httpx.AsyncClient, case: Json, move: str, **form: Any) -> Json:
    answer = await post(client, case, move, **form)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def dispatched(client_as: ClientAs, world: World) -> Json:
    """A hard dispute that the desk of the west has handed to the county's centre."""
    clerk = client_as("clerk_west")
    case = await registered(clerk, world)
    return await moved(clerk, case, "dispatch", unit=COUNTY, within_scope=True, party_known=True)


async def replayed(store: Store, incident: int) -> bool:
    """Whether the timeline gives the stored state."""
    async with store.transaction(Reach(scope=ROOT)) as session:
        case = await session.get_one(Case, incident)
        return replay(await entries_of(session, incident)) == from_json(case.state) and case.fold == FOLD


async def test_a_case_goes_from_the_desk_to_the_archive(client_as: ClientAs, world: World, store: Store) -> None:
    clerk, operator, supervisor = (client_as(name) for name in ("clerk_west", "operator", "supervisor"))
    case = await registered(clerk, world)
    assert (case["stage"], case["lane"], case["level"], case["unit"]) == ("received", "joint", "county", TOWN)
    assert case["first_receiver"] == {"unit": TOWN, "post": None} and case["unit_names"] == {TOWN: "West Town"}
    for clock in case["clocks"]:
        counted = clock["sum"]
        assert (counted["used"] + counted["left"], clock["source"]["cite"] > "") == (counted["limit"], True)
    assert {"triage", "dispatch", "split"} <= {one["move"] for one in case["moves"]}

    case = await moved(clerk, case, "dispatch", unit=COUNTY, within_scope=True, party_known=True)
    assert (case["stage"], case["unit"], case["offered_to"]["unit"]) == ("routed", TOWN, COUNTY)
    case = await moved(operator, case, "accept")
    assert (case["stage"], case["unit"], case["offered_to"], case["handler"]) == ("handling", COUNTY, None, "Operator")

    case = await moved(operator, case, "procedure", procedure="mediation", coordinator=COUNTY)
    case = await moved(operator, case, "call_units", units=[TOWN], note="Bring the map of the land")
    refused = await post(operator, case, "report_result", note="Agreed", result_told=True)
    assert (refused.status_code, refused.json()["params"]["reason"]) == (409, "joint")
    case = await moved(clerk, case, "answer", note="Here it is")
    case = await moved(operator, case, "report_result", note="Agreed", result_told=True)

    own = await post(operator, case, "close", outcome="agreed")
    assert (own.json()["code"], own.json()["params"]["reason"]) == ("case.move", "own_handling")
    case = await moved(clerk, case, "close", outcome="agreed")
    assert (case["stage"], case["outcome"], case["ended_at"] is not None) == ("closed", "agreed", True)
    incident = (await operator.get(f"/api/incidents/{case['id']}")).json()
    assert (incident["status"], incident["closed_at"]) == ("closed", incident["closed_at"])

    answers = {"way": "phone", "reached": True, "attitude": "satisfied", "result": "dissatisfied"}
    case = await moved(supervisor, case, "follow_up", **answers)
    assert (case["stage"], case["reopened"], case["ended_at"]) == ("mending", 1, None)
    assert (await operator.get(f"/api/incidents/{case['id']}")).json()["closed_at"] is None
    case = await moved(operator, case, "report_result", note="Mended", result_told=True)
    case = await moved(clerk, case, "close", outcome="settled")
    barred = {one["move"]: one for one in (await case_of(clerk, case["id"]))["barred"]}
    assert (barred["archive"]["reason"], barred["archive"]["conditions"]) == ("conditions", ["followed_up"])
    case = await moved(supervisor, case, "follow_up", way="visit", reached=True, result="satisfied")
    case = await moved(clerk, case, "archive")
    assert case["stage_kind"] == "archived" and await replayed(store, case["id"])


async def test_a_move_that_is_not_allowed_stale_or_badly_filled_in_changes_nothing(
    client_as: ClientAs, world: World
) -> None:
    clerk, east, auditor = (client_as(name) for name in ("clerk_west", "operator_east", "auditor"))
    case = await registered(clerk, world)
    refusals = [
        (clerk, {"move": "close", "outcome": "agreed"}, 409, ("case.move", "stage")),
        (clerk, {"move": "fly"}, 409, ("case.move", "unknown")),
        (client_as("supervisor"), {"move": "dispatch", "unit": COUNTY}, 409, ("case.move", "person")),
        (auditor, {"move": "split", "title": "x"}, 403, ("access.forbidden", None)),
        (east, {"move": "split", "title": "x"}, 404, ("not_found", None)),
    ]
    for client, body, status, (code, reason) in refusals:
        answer = await client.post(f"/api/incidents/{case['id']}/moves", json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), body
        assert answer.json().get("params", {}).get("reason") == reason
    wrong = await post(clerk, case, "dispatch", unit="centre.nowhere", within_scope=False, colour="red")
    errors = {(error["field"], error["code"]) for error in wrong.json()["params"]["errors"]}
    assert wrong.status_code == 422 and wrong.json()["code"] == "case.form"
    assert errors == {("within_scope", "unconfirmed"), ("party_known", "unconfirmed"), ("colour", "unknown")}
    confirmed = {"within_scope": True, "party_known": True}
    sister, county = f"centre.{EAST[-9:]}", client_as("operator")
    own = await registered(county, world)
    for client, at, unit, fault in [
        (clerk, case, "centre.nowhere", "unknown"),
        (clerk, case, sister, "unknown"),
        (county, own, sister, "beyond"),
        (clerk, case, TOWN, "same"),
    ]:
        answer = await post(client, at, "dispatch", unit=unit, **confirmed)
        assert answer.json()["params"]["errors"] == [{"field": "unit", "code": fault}]
    stale = await post(clerk, case | {"version": 9}, "split", title="x")
    assert (stale.status_code, stale.json()["code"]) == (412, "version.stale")
    assert await case_of(clerk, case["id"]) == case


async def test_a_unit_that_has_not_answered_is_not_called_again_and_a_limit_is_extended_by_whole_units(
    client_as: ClientAs, world: World
) -> None:
    """A second call would have given it its time to answer anew."""
    operator, supervisor = client_as("operator"), client_as("supervisor")
    case = await moved(operator, await dispatched(client_as, world), "accept")
    case = await moved(operator, case, "call_units", units=[TOWN], note="x")
    again = await post(operator, case, "call_units", units=[TOWN], note="x")
    assert again.json()["params"]["errors"] == [{"field": "units", "code": "same"}]
    part = await post(supervisor, case, "extend", limit="close_order", amount=1.5, reason="x")
    assert part.json()["params"]["errors"] == [{"field": "amount", "code": "type"}]
    assert await case_of(operator, case["id"]) == case


async def test_a_hand_over_stays_with_its_sender_until_it_is_accepted(client_as: ClientAs, world: World) -> None:
    clerk, operator = client_as("clerk_west"), client_as("operator")
    case = await dispatched(client_as, world)
    limits = {clock["kind"]: clock["due_at"] for clock in case["clocks"]}

    async def listed(client: httpx.AsyncClient) -> list[int]:
        return [one["id"] for one in (await client.get("/api/cases?mine=true")).json()["items"]]

    assert await listed(clerk) == await listed(operator) == [case["id"]]
    back = await moved(operator, case, "return", reason="not_ours", note="For the town")
    assert (back["stage"], back["unit"], back["offered_to"], back["level"]) == ("received", TOWN, None, "county")
    after = {clock["kind"]: clock["due_at"] for clock in back["clocks"]}
    assert after["close_order"] == limits["close_order"] and "accept_order" not in after
    assert (await listed(clerk), await listed(operator)) == ([case["id"]], [])


async def test_a_case_that_is_sent_down_stays_with_its_sender_until_the_level_below_accepts(
    client_as: ClientAs, world: World, store: Store
) -> None:
    clerk, operator = client_as("clerk_west"), client_as("operator")
    case = await moved(operator, await dispatched(client_as, world), "accept")
    assert (case["unit"], case["level"]) == (COUNTY, "county")
    nobodys = await post(clerk, case, "send_down", reason="It is small")
    assert (nobodys.status_code, nobodys.json()["code"]) == (409, "case.move")
    empty = await post(operator, case, "send_down")
    assert (empty.status_code, empty.json()["params"]["errors"]) == (422, [{"field": "reason", "code": "missing"}])
    case = await moved(operator, case, "send_down", reason="The town knows both families")
    assert (case["stage"], case["level"], case["unit"], case["offered_to"]["unit"]) == ("routed", "town", COUNTY, TOWN)
    case = await moved(clerk, case, "accept")
    assert (case["unit"], case["offered_to"], case["level"], case["clocks"] != []) == (TOWN, None, "town", True)
    said = (await operator.get(f"/api/incidents/{case['id']}/timeline")).json()["items"]
    [down] = [one["data"] for one in said if one["data"].get("move") == "send_down"]
    assert (down["target"], down["form"]) == (TOWN, {"reason": "The town knows both families"})
    assert await replayed(store, case["id"])


async def test_a_case_whose_place_is_corrected_passes_to_the_town_that_can_see_it(
    client_as: ClientAs, world: World, store: Store
) -> None:
    operator, west, east = (client_as(name) for name in ("operator", "clerk_west", "operator_east"))
    case = await registered(west, world)
    lon, lat = world.middle_of(world.micro_grids(EAST)[0])
    answer = await operator.patch(f"/api/incidents/{case['id']}", json={"lon": lon, "lat": lat})
    assert answer.status_code == 200, answer.text
    assert (await west.get(f"/api/incidents/{case['id']}/case")).status_code == 404
    here = f"centre.{EAST.rpartition('.')[2]}"
    case = await case_of(east, case["id"])
    assert (case["unit"], case["first_receiver"]["unit"], case["clocks"] != []) == (here, here, True)
    assert "dispatch" in {one["move"] for one in case["moves"]} and await replayed(store, case["id"])


async def test_the_finish_of_the_leading_force_is_a_step_of_a_hard_case_and_the_end_of_an_easy_one_without_parts(
    client_as: ClientAs, world: World, store: Store
) -> None:
    operator = client_as("operator_west")
    for risk, split, status, ended in [
        ("high", False, "handled", False),
        ("low", False, "closed", True),
        ("low", True, "handled", False),
    ]:
        case = await registered(operator, world, risk=risk)
        if split:
            case = await moved(operator, case, "split", title="Their other quarrel")
        sent = {"force": world.forces["patrol_west"]}
        task = (await operator.post(f"/api/incidents/{case['id']}/tasks", json=sent)).json()
        patrol = client_as("patrol_west")
        for step in ("accept", "depart", "arrive", "finish"):
            seen = await case_of(patrol, case["id"])
            assert (seen["unit"], seen["moves"], seen["barred"]) == (case["unit"], [], [])
            answer = await patrol.post(f"/api/tasks/{task['id']}/{step}")
            assert answer.status_code == 200, answer.text
        assert (await patrol.get(f"/api/incidents/{case['id']}/case")).status_code == 404, "its task has ended"
        incident = (await operator.get(f"/api/incidents/{case['id']}")).json()
        case = await case_of(operator, case["id"])
        assert (incident["status"], case["ended_at"] is not None) == (status, ended)
        assert case["field_finished"] and bool(case["clocks"]) is not ended
        assert await replayed(store, case["id"])
        if split:
            answer = await post(operator, case, "close_at_desk", outcome="settled")
            assert answer.status_code == 409, "the part goes on"


async def test_a_merged_case_has_no_clocks_until_it_is_parted(client_as: ClientAs, world: World, store: Store) -> None:
    operator = client_as("operator_west")
    main, twin = [await registered(operator, world) for _ in range(2)]
    kinds = [clock["kind"] for clock in twin["clocks"]]
    await operator.post(f"/api/incidents/{twin['id']}/merge", json={"into": main["id"]})
    joined = await case_of(operator, twin["id"])
    assert (joined["joined_to"], joined["clocks"], joined["moves"]) == (main["id"], [], [])
    refused = await post(operator, joined, "escalate", reason="x")
    assert (refused.status_code, refused.json()["params"]["reason"]) == (409, "merged")
    assert [one["id"] for one in (await operator.get("/api/cases")).json()["items"]] == [main["id"]]
    await operator.post(f"/api/incidents/{twin['id']}/unmerge")
    parted = await case_of(operator, twin["id"])
    assert (parted["joined_to"], [clock["kind"] for clock in parted["clocks"]]) == (None, kinds)
    assert await replayed(store, twin["id"]) and await replayed(store, main["id"])


async def test_a_pause_lasts_through_a_merge_and_ends_with_the_case(
    client_as: ClientAs, world: World, clock: Clock
) -> None:
    """Else the parted one could not be resumed; and the clocks of a reopened one stood still for ever."""
    operator, patrol = client_as("operator_west"), client_as("patrol_west")
    pause = {"reason": "appraisal", "until": "2026-03-20"}
    main = await registered(operator, world, risk="low")
    twin = await moved(operator, await registered(operator, world, risk="low"), "accept")
    sent = {"force": world.forces["patrol_west"]}
    task = (await operator.post(f"/api/incidents/{twin['id']}/tasks", json=sent)).json()
    over = await post(operator, await case_of(operator, twin["id"]), "suspend", **(pause | {"until": "2026-03-01"}))
    assert (over.status_code, over.json()["params"]["errors"]) == (422, [{"field": "until", "code": "past"}])
    over = await post(operator, await case_of(operator, twin["id"]), "suspend", **(pause | {"until": "2026-06-01"}))
    assert over.json()["params"]["errors"] == [{"field": "until", "code": "late"}]
    twin = await moved(operator, await case_of(operator, twin["id"]), "suspend", **pause)
    assert twin["clocks"][0]["paused_at"] is not None
    for step in ("accept", "depart", "arrive", "finish"):
        await patrol.post(f"/api/tasks/{task['id']}/{step}")
    twin = await case_of(operator, twin["id"])
    assert (twin["stage"], twin["clocks"]) == ("closed", [])
    clock.turn(days=1)
    twin = await moved(client_as("clerk_west"), twin, "reopen", reason="They quarrel again")
    assert (twin["stage_kind"], [one["paused_at"] for one in twin["clocks"]]) == ("open", [None])
    twin = await moved(operator, twin, "suspend", **pause)
    clock.turn(days=1)
    assert (await operator.post(f"/api/incidents/{twin['id']}/merge", json={"into": main["id"]})).status_code == 200
    clock.turn(days=1)
    assert (await operator.post(f"/api/incidents/{twin['id']}/unmerge")).status_code == 200
    parted = await case_of(operator, twin["id"])
    assert (parted["stage_kind"], [one["paused_at"] for one in parted["clocks"]]) == (
        "paused",
        [one["paused_at"] for one in twin["clocks"]],
    )


async def test_another_lane_or_level_keeps_where_a_clock_began_and_what_it_left_out(
    client_as: ClientAs, world: World, clock: Clock
) -> None:
    """The door of a merged case, the time while it was merged, and the stage: no triage sets the time to route anew."""
    operator = client_as("operator_west")

    def began(case: Json) -> list[tuple[str, str]]:
        return [(one["kind"], one["started_at"]) for one in case["clocks"]]

    def left_out(case: Json, kind: str) -> list[str]:
        lines = next(one["sum"]["lines"] for one in case["clocks"] if one["kind"] == kind)
        return [line["reason"] for line in lines if line["kind"] == "paused"]

    older = await registered(operator, world, risk="medium")
    clock.turn(minutes=10)
    main = await registered(operator, world, risk="medium")
    await operator.post(f"/api/incidents/{older['id']}/merge", json={"into": main["id"]})
    joined = await case_of(operator, main["id"])
    assert dict(began(joined))["close_order"] == dict(began(older))["close_order"]
    clock.turn(minutes=10)
    await operator.post(f"/api/incidents/{older['id']}/unmerge")
    for case in (joined, await case_of(operator, older["id"])):
        before = await case_of(operator, case["id"])
        after = await moved(operator, before, "triage", lane="easy")
        assert (after["lane"], began(after)) == ("easy", began(before))
        assert left_out(after, "close_order") == left_out(before, "close_order")
    assert left_out(after, "close_order") == ["joined"]


async def test_a_reopened_case_leaves_out_the_time_that_it_was_closed(
    client_as: ClientAs, world: World, clock: Clock
) -> None:
    case = await finished(client_as, world)
    clerk = client_as("clerk_west")
    for _ in range(2):
        clock.turn(days=30)
        case = await moved(clerk, case, "reopen", reason="They quarrel again")
        counted = next(one["sum"] for one in case["clocks"] if one["kind"] == "close_order")
        assert (counted["used"], [line["reason"] for line in counted["lines"]]) == (0, ["closed"])
        case = await moved(clerk, case, "close_at_desk", outcome="settled")


async def test_a_case_with_open_parts_is_not_merged_into_another(client_as: ClientAs, world: World) -> None:
    operator = client_as("operator_west")
    main, whole = [await registered(operator, world) for _ in range(2)]
    whole = await moved(operator, whole, "split", title="Their other quarrel")
    refused = await operator.post(f"/api/incidents/{whole['id']}/merge", json={"into": main["id"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.merge_parts")
    assert (await operator.get(f"/api/incidents/{whole['id']}")).json()["merged_into"] is None
    turned = await operator.post(f"/api/incidents/{main['id']}/merge", json={"into": whole["id"]})
    assert turned.status_code == 200


async def test_running_cases_stay_on_their_version_until_they_are_moved_with_a_dry_run_before(
    client_as: ClientAs, world: World, store: Store
) -> None:
    clerk = client_as("clerk_west")
    case = await registered(clerk, world)
    work = PACK.casework
    assert work is not None
    terms = work.terms.model_dump()
    gone = ("split", "dispute")
    without = {name: [one for one in terms[name] if one["code"] not in gone] for name in ("moves", "flows")}
    newer, other = (
        replace(work, terms=CaseTerms.model_validate(terms | {name: without[name]})) for name in ("moves", "flows")
    )
    keeper = Actor(user_id=0, username="keeper", role="source", scope=ROOT)

    async def migrated(to: Casework, *, dry_run: bool) -> list[tuple[int, tuple[str, str] | None]]:
        async with store.transaction(Reach(scope=ROOT)) as session:
            found = await migrate_cases(session, to, dry_run=dry_run, actor=keeper, now=NOW)
        return [(one.incident_id, one.obstacle) for one in found]

    assert await migrated(other, dry_run=False) == [(case["id"], ("flow", "dispute"))]
    assert await migrated(newer, dry_run=True) == [(case["id"], None)]
    assert await case_of(clerk, case["id"]) == case, "a dry run changes nothing"
    assert await migrated(newer, dry_run=False) == [(case["id"], None)]
    after = await case_of(clerk, case["id"])
    assert (after["pack_version"], after["clocks"]) == (newer.version, case["clocks"])
    assert "split" not in {one["move"] for one in after["moves"]} and await replayed(store, case["id"])
    assert await migrated(newer, dry_run=False) == []


async def test_a_stored_state_of_another_fold_is_replayed_from_the_record(
    client_as: ClientAs, world: World, store: Store
) -> None:
    case = await dispatched(client_as, world)
    async with store.transaction(Reach(scope=ROOT)) as session:
        row = await session.get_one(Case, case["id"])
        row.fold, row.state = "older", {"stage": "elsewhere"}
    assert await case_of(client_as("clerk_west"), case["id"]) == case
    case = await moved(client_as("operator"), case, "accept")
    assert case["stage"] == "handling" and await replayed(store, case["id"])


async def test_the_flow_and_its_versions_are_read_by_everybody_signed_in(client_as: ClientAs, world: World) -> None:
    flow = (await client_as("auditor").get("/api/flow")).json()
    assert [step["names"]["zh"] for step in flow["steps"]] == ["受理", "流转", "办理", "反馈", "评价"]
    assert [lane["names"]["zh"] for lane in flow["lanes"]] == ["小事快办", "难事联办", "急事速办"]
    await registered(client_as("clerk_west"), world)
    (pack,) = (await client_as("clerk_west").get("/api/packs")).json()["items"]
    assert (pack["version"], pack["current"], pack["running"]) == (flow["version"], True, 1)


async def finished(client_as: ClientAs, world: World) -> Json:
    """An easy case that the finish of its force has closed."""
    operator, patrol = client_as("operator_west"), client_as("patrol_west")
    case = await registered(operator, world, risk="low")
    sent = {"force": world.forces["patrol_west"]}
    task = (await operator.post(f"/api/incidents/{case['id']}/tasks", json=sent)).json()
    for step in ("accept", "depart", "arrive", "finish"):
        await patrol.post(f"/api/tasks/{task['id']}/{step}")
    return await case_of(operator, case["id"])


async def test_a_closed_case_moves_by_no_door_and_a_reopened_one_is_on_no_list_of_closed_ones(
    client_as: ClientAs, world: World, store: Store
) -> None:
    """One is reopened by the desk, one by a dissatisfied answer; the desk's is closed again."""
    operator, clerk, supervisor = (client_as(name) for name in ("operator_west", "clerk_west", "supervisor"))
    cases = [await finished(client_as, world) for _ in range(2)]

    async def closed() -> tuple[list[int], int]:
        listed = (await supervisor.get("/api/cases", params={"ended": True})).json()["items"]
        weeks = (await supervisor.get("/api/board/trend")).json()["weeks"]
        return sorted(one["id"] for one in listed), sum(week["closed"] for week in weeks)

    ids = sorted(one["id"] for one in cases)
    assert await closed() == (ids, 2)
    for move in ("escalate", "urge", "circulate"):
        for client in (operator, supervisor):
            refused = await post(client, cases[0], move, reason="x", note="x")
            assert (refused.status_code, refused.json()["code"]) == (409, "case.move"), move
    refused = await supervisor.post("/api/board/circulars", json={"incidents": [ids[0]], "note": "x"})
    assert (refused.status_code, refused.json()["code"]) == (409, "case.move")
    sent = await operator.post(f"/api/incidents/{ids[0]}/tasks", json={"force": world.forces["patrol_west"]})
    assert (sent.status_code, sent.json()["code"]) == (409, "incident.transition")
    assert await closed() == (ids, 2), "nothing is done by half"

    by_desk = await moved(clerk, cases[0], "reopen", reason="They quarrel again")
    answers = {"way": "phone", "reached": True, "attitude": "satisfied", "result": "dissatisfied"}
    by_answer = await moved(supervisor, cases[1], "follow_up", **answers)
    assert [(one["reopened"], one["ended_at"]) for one in (by_desk, by_answer)] == [(1, None)] * 2
    assert await closed() == ([], 0)
    case = await moved(clerk, by_desk, "report_result", note="Settled", result_told=True)
    case = await moved(operator, case, "close", outcome="settled")
    assert case["reopened"] == 1 and await closed() == ([case["id"]], 1)
    assert await replayed(store, case["id"]) and await replayed(store, by_answer["id"])
