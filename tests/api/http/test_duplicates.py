"""Merging, dismissing and parting duplicates, and notes, over HTTP."""

from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from console.incidents.actions import recount
from geo.store import Reach, Store
from layers.hotspots.tables import CellCount
from tests.worlds import ROOT, ClientAs, World

Json = dict[str, Any]


@pytest.fixture
async def pair(client_as: ClientAs, world: World) -> tuple[Json, Json]:
    """An incident and its likely duplicate, some metres and no minutes away."""
    lon, lat = world.middle_of(world.micro_grids()[0])
    body = {"source": "window", "category": "dispute.family", "title": "Quarrel"}
    made = [
        await client_as("operator").post("/api/incidents", json=body | {"lon": lon + 0.0001 * i, "lat": lat})
        for i in range(2)
    ]
    first, second = (answer.json() for answer in made)
    assert second["duplicate_of"] == first["id"]
    return first, second


async def post(client: httpx.AsyncClient, incident: Json, step: str, **body: Any) -> httpx.Response:
    return await client.post(f"/api/incidents/{incident['id']}/{step}", json=body)


async def kinds(client: httpx.AsyncClient, incident: Json) -> list[tuple[str, Json]]:
    lines = (await client.get(f"/api/incidents/{incident['id']}/timeline")).json()["items"]
    return [(line["kind"], line["data"]) for line in lines if not line["kind"].startswith("case.")][1:]


async def counted(store: Store) -> int:
    async with store.transaction(Reach(scope=ROOT)) as session:
        return await session.scalar(select(func.sum(CellCount.n))) or 0


async def test_a_merged_incident_is_closed_and_counted_no_more_until_it_is_parted(
    client_as: ClientAs, pair: tuple[Json, Json], store: Store
) -> None:
    main, twin = pair
    operator = client_as("operator")
    merged = (await post(operator, twin, "merge", into=main["id"])).json()
    assert (merged["status"], merged["merged_into"], merged["version"]) == ("closed", main["id"], 2)
    assert merged["closed_at"] is not None and await counted(store) == 1
    async with store.transaction(Reach(scope=ROOT)) as session:
        await recount(session)
    assert await counted(store) == 1, "counted anew, it stays left out"
    opened = (await post(operator, twin, "unmerge")).json()
    assert opened == twin | {"version": 3}
    assert await counted(store) == 2
    assert (await kinds(operator, twin))[-2:] == [("merged", {"into": main["id"]}), ("unmerged", {"into": main["id"]})]
    assert (await kinds(operator, main))[-2:] == [("merged", {"from": twin["id"]}), ("unmerged", {"from": twin["id"]})]


async def test_two_doors_to_one_matter_count_once_and_twice_again_when_parted(
    client_as: ClientAs, pair: tuple[Json, Json]
) -> None:
    main, twin = pair
    operator = client_as("operator")

    async def figures() -> tuple[int, int, int]:
        board = (await operator.get("/api/board")).json()["total"]["open"]
        listed = (await operator.get(board["cases"])).json()["items"]
        weeks = (await operator.get("/api/board/trend")).json()["weeks"]
        return board["count"], len(listed), sum(one["closed"] for one in weeks)

    assert await figures() == (2, 2, 0)
    await post(operator, twin, "merge", into=main["id"])
    assert await figures() == (1, 1, 0), "the merged one is neither open nor closed on its own"
    case = (await operator.get(f"/api/incidents/{twin['id']}/case")).json()
    assert case["clocks"] == []
    await post(operator, twin, "unmerge")
    assert await figures() == (2, 2, 0)


async def test_what_is_closed_served_or_itself_cannot_be_merged(client_as: ClientAs, pair: tuple[Json, Json]) -> None:
    main, twin = pair
    operator = client_as("operator")
    assert (await post(operator, main, "merge", into=main["id"])).json()["params"]["errors"][0]["field"] == "into"
    force = (await operator.get(f"/api/incidents/{twin['id']}/candidates")).json()["candidates"][0]["force"]
    task = (await post(operator, twin, "tasks", force=force)).json()
    refused = await post(operator, twin, "merge", into=main["id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.merge_occupied")
    assert (await post(operator, main, "merge", into=twin["id"])).status_code == 200, "the other way round"
    await operator.post(f"/api/tasks/{task['id']}/recall")
    refused = await post(operator, twin, "merge", into=main["id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "incident.merge_closed")
    assert (await post(operator, twin, "unmerge")).json()["code"] == "incident.not_merged"
    stale = await operator.post(f"/api/incidents/{main['id']}/unmerge", headers={"If-Match": '"1"'})
    assert stale.json()["code"] == "version.stale"


async def test_a_dismissed_duplicate_can_be_restored_from_either_side(
    client_as: ClientAs, pair: tuple[Json, Json]
) -> None:
    main, twin = pair
    operator = client_as("operator")
    assert (await post(operator, main, "restore-duplicate", of=twin["id"])).json()["code"] == "incident.not_duplicate"
    assert (await post(operator, main, "dismiss-duplicate", of=twin["id"])).status_code == 200
    assert (await operator.get(f"/api/incidents/{twin['id']}")).json()["duplicate_of"] is None
    assert (await post(operator, twin, "dismiss-duplicate", of=main["id"])).json()["code"] == "incident.not_duplicate"
    assert (await post(operator, main, "restore-duplicate", of=twin["id"])).status_code == 200
    assert (await operator.get(f"/api/incidents/{twin['id']}")).json()["duplicate_of"] == main["id"]
    said = [kind for kind, _ in await kinds(operator, twin)]
    assert said == ["duplicate_linked", "duplicate_dismissed", "duplicate_linked"]


async def test_a_note_is_read_by_those_who_may_read_incidents_alone(
    client_as: ClientAs, pair: tuple[Json, Json]
) -> None:
    incident, _ = pair
    supervisor = client_as("supervisor")
    assert (await post(client_as("clerk"), incident, "notes", note="Hello")).status_code == 403
    assert (await post(supervisor, incident, "notes", note="  ")).status_code == 422
    assert (await post(supervisor, incident, "notes", note="x" * 2001)).status_code == 422
    noted = await post(supervisor, incident, "notes", note="The caller rang again")
    assert (noted.status_code, noted.headers["etag"]) == (201, '"2"')
    assert (await kinds(client_as("auditor"), incident))[-1] == ("noted", {"note": "The caller rang again"})
    await post(supervisor, incident, "close", note="Settled")
    assert (await post(supervisor, incident, "notes", note="Thanked by the family")).status_code == 201
    snapshot = (await client_as("wall").get("/api/snapshot", params={"wall": "true"})).text
    assert "rang again" not in snapshot and "Thanked" not in snapshot


async def test_nothing_beyond_the_border_is_merged_or_noted(client_as: ClientAs, pair: tuple[Json, Json]) -> None:
    main, twin = pair
    east = client_as("operator_east")
    for step, body in (
        ("merge", {"into": main["id"]}),
        ("unmerge", {}),
        ("dismiss-duplicate", {"of": main["id"]}),
        ("restore-duplicate", {"of": main["id"]}),
        ("notes", {"note": "Hello"}),
    ):
        assert (await post(east, twin, step, **body)).status_code == 404, step


async def test_what_was_recorded_while_merged_stays_and_what_is_chosen_is_repeated(
    client_as: ClientAs, pair: tuple[Json, Json]
) -> None:
    main, twin = pair
    operator = client_as("operator")
    await post(operator, main, "notes", note="Before")
    await post(operator, twin, "merge", into=main["id"])
    for words in ("Of both", "Of the first"):
        await post(operator, main, "notes", note=words)
    entries = (await operator.get(f"/api/incidents/{main['id']}/timeline")).json()["items"]
    before, both, _ = [one for one in entries if one["kind"] == "noted"]
    for wrong in (before["id"], 10**9):
        refused = await post(operator, twin, "unmerge", entries=[both["id"], wrong])
        assert refused.status_code == 404, "nothing is done by half"
    opened = await post(operator, twin, "unmerge", entries=[both["id"]])
    assert opened.status_code == 200, opened.text
    said = {"from": main["id"], "entry": both["id"], "kind": "noted", "at": both["at"], "data": {"note": "Of both"}}
    kind, data = (await kinds(operator, twin))[-1]
    assert (kind, data | {"at": both["at"]}) == ("carried_over", said)
    assert [data for kind, data in await kinds(operator, main) if kind == "noted"] == [
        {"note": words} for words in ("Before", "Of both", "Of the first")
    ], "no entry is moved"
