"""Cases over HTTP: the flow, a case from door to archive, refusals, lists, and what a finish makes of it."""

from typing import Any

import httpx

from console.cases.storing import entries_of
from console.cases.tables import Case
from console.flow.case_state import FOLD, from_json
from console.flow.replay import replay
from geo.store import Reach, Store
from tests.worlds import ROOT, WEST, ClientAs, World

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
