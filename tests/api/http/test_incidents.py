"""Incidents over HTTP: visibility, pages, edits and closing."""

import asyncio
from typing import Any

from sqlalchemy import func, select, text

from console.feed.tables import OutboxEvent
from geo.store import Reach, Store
from layers.hotspots.tables import CellCount
from tests.worlds import EAST, LAT, LON, ROOT, WEST, ClientAs, Clock, World

Json = dict[str, Any]


async def report_incident(client_as: ClientAs, world: World, *, at: str = WEST, nth: int = 0, **changes: Any) -> Json:
    """Report an incident in the n-th micro-grid of a division and return it."""
    lon, lat = world.middle_of(world.micro_grids(at)[nth])
    body = {"source": "hotline", "category": "dispute.neighbour", "title": "Noise", "lon": lon, "lat": lat, **changes}
    answer = await client_as("source").post("/api/incidents", json=body)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


async def ids(client_as: ClientAs, who: str, query: str = "") -> list[int]:
    answer = await client_as(who).get(f"/api/incidents?{query}")
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_a_town_sees_its_own_incidents_and_no_others(client_as: ClientAs, world: World) -> None:
    west = await report_incident(client_as, world, at=WEST, title="Canary of the west")
    east = await report_incident(client_as, world, at=EAST, title="Canary of the east")
    assert await ids(client_as, "operator") == [east["id"], west["id"]]
    for who, own, other in (("operator_west", west, east), ("clerk_east", east, west)):
        client = client_as(who)
        assert await ids(client_as, who) == [own["id"]]
        assert (await client.get(f"/api/incidents/{own['id']}")).json() == own
        for path in ("", "/timeline"):
            answer = await client.get(f"/api/incidents/{other['id']}{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        found = (await client.get("/api/search", params={"q": "Canary"})).json()["items"]
        assert [one["id"] for one in found] == [own["id"]]
    for action in ("PATCH", "POST"):
        path = f"/api/incidents/{east['id']}" + ("/close" if action == "POST" else "")
        answer = await client_as("operator_west").request(action, path, json={})
        assert answer.status_code == 404


async def test_only_roles_that_may_read_incidents_can(client_as: ClientAs, world: World) -> None:
    incident = await report_incident(client_as, world)
    readers = {"operator", "clerk", "supervisor", "auditor", "gateway"}
    for who in (*readers, "source", "planner", "admin", "wall", "patrol_west"):
        for path in ("", f"/{incident['id']}", f"/{incident['id']}/timeline"):
            answer = await client_as(who).get(f"/api/incidents{path}")
            assert answer.status_code == (200 if who in readers else 403), (who, path)


async def test_lists_can_be_narrowed(client_as: ClientAs, world: World, clock: Clock) -> None:
    old = await report_incident(client_as, world, at=WEST)
    clock.turn(minutes=10)
    new = await report_incident(client_as, world, at=EAST, category="dispute.family")
    await client_as("operator").post(f"/api/incidents/{old['id']}/close")
    a, b = old["id"], new["id"]
    for query, expected in {
        "status=closed": [a],
        "status=open": [b],
        "status=registered,closed": [b, a],
        "category=dispute.family": [b],
        "category=dispute": [b, a],
        "category=disput": [],
        f"scope={EAST.split('.')[1]}": [b],
        f"scope={ROOT}": [b, a],
        f"bbox={LON},{LAT},{LON + 0.0199},{LAT + 1}": [a],
        "since=2026-03-02T10:05:00%2B08:00": [b],
        "limit=1": [b],
    }.items():
        assert await ids(client_as, "operator", query) == expected, query


async def test_a_list_with_invalid_filters_is_refused(client_as: ClientAs) -> None:
    for query in (
        "status=asleep", "bbox=1,2,3", "bbox=a,b,c,d", "bbox=nan,0,1,1", "bbox=5,0,1,1", "since=2026-03-02T10:05:00",
        "limit=0", "limit=1001", "cursor=x", "cursor=-1", "scope=%00", "category=%00", "cursor=99999999999999999999",
    ):  # fmt: skip
        answer = await client_as("operator").get(f"/api/incidents?{query}")
        assert answer.status_code == 422, query
    for scope in ("999999", EAST.split(".")[1]):
        answer = await client_as("operator_west").get(f"/api/incidents?scope={scope}")
        assert answer.status_code == 404
    for incident in (0, -1, 2**63, 10**30):
        assert (await client_as("operator").get(f"/api/incidents/{incident}")).status_code in (404, 422)


async def test_pages_neither_repeat_nor_miss_while_incidents_come_in(client_as: ClientAs, world: World) -> None:
    before = [(await report_incident(client_as, world, nth=i))["id"] for i in range(7)]
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await client_as("operator").get(f"/api/incidents?limit=3{cursor and '&cursor='}{cursor}")).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        await report_incident(client_as, world, nth=7)
    assert seen == before[::-1]


async def test_an_edit_changes_its_fields_and_is_published(client_as: ClientAs, world: World, store: Store) -> None:
    incident = await report_incident(client_as, world)
    path, operator = f"/api/incidents/{incident['id']}", client_as("operator")
    changes = {"risk": "high", "category": "dispute.family", "title": "Noise and blows"}
    answer = await operator.patch(path, json=changes, headers={"If-Match": '"1"'})
    edited = answer.json()
    assert answer.status_code == 200 and answer.headers["etag"] == '"2"'
    assert edited == incident | changes | {
        "level": "county", "first_due_at": "2026-03-02T02:15:00Z", "version": 2,
    }  # fmt: skip
    *_, last, regraded = (await operator.get(f"{path}/timeline")).json()["items"]
    assert (last["kind"], last["actor"], regraded["kind"]) == ("edited", "Operator", "case.regraded")
    assert last["data"] == {
        "fields": ["category", "risk", "title"],
        "risk": ["low", "high"],
        "category": ["dispute.neighbour", "dispute.family"],
        "title": ["Noise", "Noise and blows"],
    }
    async with store.transaction(Reach(scope=ROOT)) as session:
        counts = await session.execute(select(CellCount.category, CellCount.n))
        assert [tuple(row) for row in counts] == [("dispute.family", 1)]


async def test_a_closed_incident_is_changed_by_a_correction_only(client_as: ClientAs, world: World) -> None:
    incident = await report_incident(client_as, world, description="At number 7", risk="low")
    path, operator = f"/api/incidents/{incident['id']}", client_as("operator")
    closed = (await operator.post(f"{path}/close")).json()
    refused = await operator.patch(path, json={"title": "Nothing", "description": ""})
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.closed")
    assert (await operator.get(path)).json() == closed
    assert (await operator.post(f"{path}/corrections", json={"title": "Nothing"})).status_code == 422, "why?"
    words = {"description": "At number 9", "risk": "high", "reason": "Misheard"}
    assert (await client_as("clerk").post(f"{path}/corrections", json=words)).status_code == 403
    corrected = await operator.post(f"{path}/corrections", json=words, headers={"If-Match": '"2"'})
    changes = {"description": "At number 9", "risk": "high", "level": "county", "version": 3}
    assert corrected.json() == closed | changes, "its deadlines are of the past"
    last = (await operator.get(f"{path}/timeline")).json()["items"][-1]
    assert (last["kind"], last["actor"]) == ("corrected", "Operator")
    assert last["data"] == {
        "fields": ["description", "risk"],
        "description": ["At number 7", "At number 9"],
        "risk": ["low", "high"],
        "note": "Misheard",
    }


async def test_an_edit_of_an_older_version_is_412(client_as: ClientAs, world: World) -> None:
    path = f"/api/incidents/{(await report_incident(client_as, world))['id']}"
    operator = client_as("operator")
    answers = await asyncio.gather(
        *(operator.patch(path, json={"title": f"Mine {i}"}, headers={"If-Match": '"1"'}) for i in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    stale = next(answer for answer in answers if answer.status_code == 412).json()
    assert (stale["code"], stale["params"]) == ("version.stale", {"version": 2})
    closing = await operator.post(f"{path}/close", json={}, headers={"If-Match": '"1"'})
    assert closing.status_code == 412


async def test_an_edit_without_changes_makes_no_new_version(client_as: ClientAs, world: World) -> None:
    incident = await report_incident(client_as, world)
    answer = await client_as("operator").patch(f"/api/incidents/{incident['id']}", json={"title": "Noise"})
    assert answer.json() == incident


async def test_an_edit_to_unknown_codes_is_refused(client_as: ClientAs, world: World) -> None:
    path = f"/api/incidents/{(await report_incident(client_as, world))['id']}"
    answer = await client_as("operator").patch(path, json={"risk": "grave", "category": "nothing"})
    assert {error["field"] for error in answer.json()["params"]["errors"]} == {"risk", "category"}
    assert (await client_as("operator").patch(path, json={"status": "closed"})).status_code == 422
    assert (await client_as("clerk").patch(path, json={"title": "x"})).status_code == 403


async def test_an_incident_without_a_force_can_be_closed_once(client_as: ClientAs, world: World) -> None:
    path = f"/api/incidents/{(await report_incident(client_as, world))['id']}"
    operator = client_as("operator")
    closed = await operator.post(f"{path}/close", json={"note": "By telephone"})
    assert (closed.json()["status"], closed.json()["closed_at"]) == ("closed", "2026-03-02T02:00:00Z")
    again = await operator.post(f"{path}/close")
    assert (again.status_code, again.json()["code"]) == (409, "incident.transition")
    assert again.json()["params"] == {"status": "closed", "step": "close"}
    lines = (await operator.get(f"{path}/timeline")).json()["items"]
    assert [(line["kind"], line["data"].get("note")) for line in lines] == [
        ("registered", None),
        ("case.opened", None),
        ("case.moved", "By telephone"),
        ("closed", "By telephone"),
    ]  # fmt: skip


async def test_a_response_and_an_event_are_identical(client_as: ClientAs, world: World, store: Store) -> None:
    incident = await report_incident(client_as, world, external_no="A-1")
    edited = await client_as("operator").patch(f"/api/incidents/{incident['id']}", json={"title": "Louder"})
    async with store.transaction(Reach(scope=ROOT)) as session:
        found = "SELECT kind, body FROM feed_outbox UNION ALL SELECT kind, body FROM feed_log"
        rows = [row for row in await session.execute(text(found)) if row.kind == "incident"]
        bodies = {row.body["version"]: row.body for row in rows}
    assert bodies == {1: incident, 2: edited.json()}


async def test_a_record_of_the_distant_past_makes_no_live_event(
    client_as: ClientAs, world: World, store: Store
) -> None:
    await report_incident(client_as, world, closed_at="2026-02-01T00:00:00Z")
    async with store.transaction(Reach(scope=ROOT)) as session:
        assert await session.scalar(select(func.count()).select_from(OutboxEvent)) == 0
        assert await session.scalar(text("SELECT count(*) FROM feed_log")) == 0
        assert await session.scalar(select(func.sum(CellCount.n))) == 1
