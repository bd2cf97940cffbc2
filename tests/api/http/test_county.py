"""The county's configuration, its divisions and cameras over HTTP."""

from sqlalchemy import text

from geo.store import Reach, Store
from tests.worlds import PACK, ClientAs, World


async def test_the_countys_configuration_comes_from_its_pack(client_as: ClientAs) -> None:
    county = (await client_as("patrol_west").get("/api/county")).json()
    assert county["code"] == "320509" and county["name"]["zh"] == "吴江区"
    assert county["review_number"] == "GS(2024)0650号" and county["timezone"] == "Asia/Shanghai"
    assert county["bbox"] == [120.6, 31.1, 120.64, 31.14] and county["generated"] is True
    family = next(category for category in county["categories"] if category["code"] == "dispute.family")
    assert family["class"] == "dispute" and family["name"]["en"]
    assert county["hotspots"]["res"] == 9 and "24h" in county["windows"]
    assert [level["code"] for level in county["levels"]][:2] == ["county", "town"]
    assert county["stale_after_s"] == 180
    assert county["telephone"] == "0512-12345" and county["far_m"] == 300
    for choice in ("recall_reasons", "decline_reasons", "outcomes"):
        assert county[choice] and all(one["name"]["zh"] and one["name"]["en"] for one in county[choice])
    assert {source["code"] for source in county["sources"]} == {source.code for source in PACK.reports.sources}
    assert all(source["name"]["zh"] and source["name"]["en"] for source in county["sources"])


async def test_levels_have_the_zoom_of_their_average_size(client_as: ClientAs) -> None:
    levels = (await client_as("operator").get("/api/county")).json()["levels"]
    zooms = [level["zoom"] for level in levels]
    assert zooms == sorted(zooms) and 10 < zooms[0] < zooms[-1] < 18
    assert [level["code"] for level in levels if level["grid"]] == ["grid", "micro_grid"]


async def test_levels_of_an_empty_county_have_no_zoom(client_as: ClientAs, store: Store) -> None:
    async with store.transaction(Reach(scope="320509")) as session:
        await session.execute(text("DELETE FROM divisions"))
    county = (await client_as("operator").get("/api/county")).json()
    assert county["bbox"] is None and {level["zoom"] for level in county["levels"]} == {None}


async def test_names_are_listed_for_the_requested_levels(client_as: ClientAs) -> None:
    client = client_as("operator")
    towns = (await client.get("/api/divisions", params={"levels": "county,town"})).json()["items"]
    assert [(town["level"], town["name"]) for town in towns] == [
        ("county", "Testing County"), ("town", "West Town"), ("town", "East Town"),
    ]  # fmt: skip
    assert towns[1]["parent"] == "320509" and towns[1]["path"].endswith(towns[1]["code"])
    assert abs(towns[1]["lon"] - 120.61) < 0.002
    assert len((await client.get("/api/divisions")).json()["items"]) == 31


async def test_a_town_gets_names_of_its_own_divisions_and_its_parents(client_as: ClientAs, world: World) -> None:
    items = (await client_as("operator_east").get("/api/divisions")).json()["items"]
    assert len(items) == 1 + 15
    assert not any("West" in item["name"] for item in items)


async def test_cameras_are_listed_in_pages(client_as: ClientAs) -> None:
    client = client_as("operator")
    first = (await client.get("/api/cameras", params={"limit": 5})).json()
    rest = (await client.get("/api/cameras", params={"limit": 5, "cursor": first["next"]})).json()
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [5, 3, None]
    assert (await client.get("/api/cameras", params={"bbox": "1,2,3"})).status_code == 422
    assert len((await client_as("operator_west").get("/api/cameras")).json()["items"]) == 4


async def test_the_nearest_cameras_of_an_incident_have_distance_and_view(client_as: ClientAs, world: World) -> None:
    lon, lat = world.middle_of(world.micro_grids(world.west)[0])
    body = {"source": "hotline", "category": "dispute.neighbour", "title": "Noise", "lon": lon, "lat": lat}
    incident = (await client_as("source").post("/api/incidents", json=body)).json()["id"]
    found = (await client_as("operator").get(f"/api/incidents/{incident}/cameras", params={"limit": 3})).json()["items"]
    assert found[0]["name"] == "Camera 1" and found[0]["in_view"] is True
    assert 100 < found[0]["distance_m"] < 120 and not any(camera["in_view"] for camera in found[1:])
    assert (await client_as("operator_east").get(f"/api/incidents/{incident}/cameras")).status_code == 404
    assert (await client_as("patrol_west").get(f"/api/incidents/{incident}/cameras")).status_code == 403


async def test_divisions_have_households_where_known(client_as: ClientAs) -> None:
    """The simulator distributes incidents by households."""
    items = (await client_as("gateway").get("/api/divisions", params={"levels": "town,micro_grid"})).json()["items"]
    assert {(item["level"], item["households"]) for item in items} == {("town", None), ("micro_grid", 100)}
