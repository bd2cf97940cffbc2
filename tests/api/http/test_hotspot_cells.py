"""The incidents behind a hotspot, and how well hotspots have done, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from geo.cells import cell_of, point_cells, ring, to_hex
from tests.worlds import NOW, ClientAs, World

MASKED = ("wall", "planner", "admin", "patrol_west")


def report(lon: float, lat: float, no: int, **more: Any) -> dict[str, Any]:
    body = {"source": "hotline", "external_no": f"N{no}", "category": "dispute.family", "title": f"Quarrel {no}"}
    return body | {"lon": lon, "lat": lat, "occurred_at": NOW.isoformat()} | more


async def reported(client_as: ClientAs, *bodies: dict[str, Any]) -> list[int]:
    ids = []
    for body in bodies:
        answer = await client_as("source").post("/api/incidents", json=body)
        assert answer.status_code == 201, answer.text
        ids.append(answer.json()["id"])
    return ids


async def behind(client_as: ClientAs, cell: str, **asked: Any) -> Any:
    answer = await client_as("operator").get(f"/api/hotspots/{cell}/incidents", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_behind_a_cell_are_exactly_the_incidents_that_it_counts(client_as: ClientAs, world: World) -> None:
    """Of its window and category; those beyond an edge, within the box around the hexagon, are not among them."""
    lon, lat = world.middle_of(world.micro_grids()[6])
    res = 8
    cell = cell_of(lon, lat, res)
    corners = [(lon + 0.97 * (x - lon), lat + 0.97 * (y - lat)) for x, y in ring(cell)[:-1]]
    (west, south), (east, north) = map(min, zip(*corners, strict=True)), map(max, zip(*corners, strict=True))
    spots = [*corners, (west, south), (east, north), (west, north), (east, south)]
    inside = [spot for spot in spots if point_cells(*spot).at(res) == cell]
    assert 0 < len(inside) < len(spots)
    earlier = (NOW - timedelta(hours=25)).isoformat()
    ids = await reported(
        client_as,
        *(report(*spot, no) for no, spot in enumerate(spots)),
        report(lon, lat, 90, occurred_at=earlier),
        report(lon, lat, 91, category="hazard.fire"),
    )
    wanted = [id_ for id_, spot in zip(ids, spots, strict=False) if spot in inside]
    page = await behind(client_as, to_hex(cell), window="24h", category="dispute")
    assert [item["id"] for item in page["items"]] == sorted(wanted, reverse=True)
    counted = (await client_as("operator").get("/api/hotspots", params={"res": res, "category": "dispute"})).json()
    assert {each["cell"]: each["count"] for each in counted["cells"]}[to_hex(cell)] == len(wanted)
    assert {item["id"] for item in (await behind(client_as, to_hex(cell), window="7d"))["items"]} >= {*wanted, ids[-2]}
    first = await behind(client_as, to_hex(cell), category="dispute", limit=1)
    rest = await behind(client_as, to_hex(cell), category="dispute", cursor=first["next"])
    assert [*first["items"], *rest["items"]] == page["items"]
    past = (await behind(client_as, to_hex(cell), at=(NOW - timedelta(hours=24)).isoformat()))["items"]
    assert [item["id"] for item in past] == [ids[-2]]


async def test_a_town_is_shown_its_own_incidents_behind_a_cell_on_its_edge(client_as: ClientAs, world: World) -> None:
    west, east = (world.middle_of(world.micro_grids()[i]) for i in (0, 15))
    ids = await reported(client_as, report(*west, 1), report(*east, 2))
    for place, seen in ((west, [ids[0]]), (east, [])):
        cell = to_hex(cell_of(*place, 9))
        answer = await client_as("operator_west").get(f"/api/hotspots/{cell}/incidents")
        assert [item["id"] for item in answer.json()["items"]] == seen


@pytest.mark.parametrize("username", MASKED)
async def test_masked_roles_get_nothing_behind_a_cell(client_as: ClientAs, world: World, username: str) -> None:
    cell = to_hex(cell_of(*world.middle_of(world.micro_grids()[0]), 9))
    for path in (f"/api/hotspots/{cell}/incidents", "/api/hotspots/accuracy"):
        assert (await client_as(username).get(path)).status_code == 403


@pytest.mark.parametrize("cell", ["8f", "zz", to_hex(cell_of(120.6, 31.1, 6)), "89308" + "f" * 20])
async def test_a_cell_that_is_not_counted_is_refused(client_as: ClientAs, cell: str) -> None:
    answer = await client_as("operator").get(f"/api/hotspots/{cell}/incidents")
    assert answer.status_code == 422 and answer.json()["params"]["errors"][0]["field"] == "cell"


async def test_how_well_hotspots_have_done_is_unknown_at_first(client_as: ClientAs) -> None:
    answer = await client_as("operator").get("/api/hotspots/accuracy", params={"res": 8, "category": "dispute"})
    body = answer.json()
    assert answer.status_code == 200, body
    assert (body["verdict"], body["weeks"], body["needed_weeks"], body["res"]) == ("unknown", 0, 5, 8)
    assert body["hot"] == {"hits": 0, "hit_rate": None, "pai": None}
