"""Networks of sectors over HTTP: disagreements, double work, and one grid proposed."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import orjson
import pytest
from shapely import MultiPolygon, box
from shapely.geometry import mapping

from api.place.pack import Pack
from console.networks.actions import replace_networks
from console.networks.rules import AreaRecord, common_path
from geo.store import Reach, Store
from tests.worlds import LAT, LON, PACK, ROOT, SIDE, WEST, ClientAs, World

NETWORKS = "/api/networks"
VILLAGE = "320509100200"
GRID_1, GRID_2 = f"{VILLAGE}001", f"{VILLAGE}002"
MICRO = f"{GRID_1}02"
Place = tuple[float, float, float, float]
WHOLE: Mapping[str, Place] = {
    f"{x}{y}": (x, y, x + 1, y + 2) for x in range(4) for y in (0, 2) if (x, y) not in ((0, 0), (1, 0))
}
"""Areas as the county's grids, but for the first village's two."""
SAME = WHOLE | {"one": (0, 0, 1, 2), "two": (1, 0, 2, 2)}
TAKES = WHOLE | {"one": (0, 0, 1, 1), "two": (0, 0, 2, 2)}
"""The second area of the village has the north of the first grid as well."""


def record(sector: str, code: str, place: Place, *, worker: str = "", number: str = "", **counts: int) -> AreaRecord:
    west, south, east, north = place
    shape = box(LON + west * SIDE, LAT + south * SIDE, LON + east * SIDE, LAT + north * SIDE)
    if sector in TOOK and code == "two":
        shape = shape.difference(box(LON, LAT, LON + SIDE, LAT + SIDE))
    touches = sorted(path for path in GRID_PATHS if shape.intersection(box(*GRID_PATHS[path])).area > 1e-9)
    return AreaRecord(
        sector=sector,
        code=code,
        name=f"{sector} {code}",
        organisation="",
        worker=worker,
        worker_code=number,
        counts=counts,
        division_path=common_path(touches, root=ROOT),
        touches=touches,
        valid_from=date(2026, 1, 1),
        geometry=MultiPolygon([shape]),
    )


TOOK = ("governance", "safety", "environment")
GRID_PATHS: dict[str, Place] = {}


@pytest.fixture
async def networks(store: Store, world: World) -> World:
    """Five networks: two as the county's grids are, three that have a micro-grid with the next grid."""
    GRID_PATHS.update({patch.path: patch.square for patch in world.patches.values() if patch.level == "grid"})
    records = [
        record("party", code, place, worker="李芳", number="W1" if code == "one" else f"P{code}", households=100)
        for code, place in SAME.items()
    ]
    records += [record("civility", code, place, worker="王伟") for code, place in SAME.items() if code != "31"]
    for sector in TOOK:
        records += [
            record(sector, code, place, worker=f"{sector} {code}", households=60, enterprises=6)
            for code, place in TAKES.items()
        ]
    async with store.transaction(Reach(scope=ROOT)) as session:
        await replace_networks(session, records, from_day=date(2026, 1, 1))
    return world


def kinds(answer: Mapping[str, Any], sector: str) -> dict[str, int]:
    (found,) = [one for one in answer["sectors"] if one["sector"] == sector]
    return {kind: one["count"] for kind, one in found["kinds"].items() if one["count"]}


async def test_sectors_are_listed_with_their_areas_and_shown_on_the_map(client_as: ClientAs, networks: World) -> None:
    planner = client_as("planner")
    told = (await planner.get(NETWORKS)).json()
    assert [(one["code"], one["areas"]) for one in told["items"]] == [
        ("party", 8),
        ("governance", 8),
        ("civility", 7 + 1),
        ("safety", 8),
        ("environment", 8),
    ]
    assert [one["code"] for one in told["counts"]] == ["households", "enterprises", "tasks"]
    drawn = (await planner.get(f"{NETWORKS}/safety", params={"division": VILLAGE})).json()
    assert [(one["properties"]["code"], one["properties"]["grids"]) for one in drawn["features"]] == [
        ("one", [GRID_1]),
        ("two", [GRID_1, GRID_2]),
    ]
    assert (await planner.get(f"{NETWORKS}/tax")).status_code == 404
    assert (await planner.get(NETWORKS, params={"day": "2025-12-31"})).json()["items"][0]["areas"] == 0


async def test_the_overlay_tells_each_disagreement_and_who_works_twice(client_as: ClientAs, networks: World) -> None:
    told = (await client_as("supervisor").get(f"{NETWORKS}/overlay", params={"division": VILLAGE})).json()
    assert (kinds(told, "party"), kinds(told, "safety")) == ({}, {"cut": 1})
    (cut,) = [one for one in told["features"]["features"] if one["properties"]["sector"] == "safety"]
    assert (cut["properties"]["areas"], cut["properties"]["grids"]) == (["two"], [GRID_1])
    assert cut["geometry"]["type"] == "MultiPolygon" and cut["properties"]["width_m"] == 50
    work = told["double_work"]
    (first, second) = work["grids"]
    assert (first["grid"], second["grid"]) == (GRID_1, GRID_2)
    assert first["areas"]["safety"] == ["one", "two"] and second["areas"]["safety"] == ["two"]
    assert (len(first["people"]), len(second["people"])) == (8, 5)
    (wang,) = work["workers"]
    assert (wang["name"], wang["is_certain"], len(wang["posts"])) == ("王伟", False, 2)
    assert work["counts"] == {"grids": 2, "workers": 1, "places": 0, "without_worker": 0}


async def test_a_planner_sees_who_works_twice_without_names(client_as: ClientAs, networks: World) -> None:
    planner = client_as("planner")
    answers = [
        await planner.get(f"{NETWORKS}/{path}") for path in ("overlay", "party", "civility", "safety", "proposal")
    ]
    assert [answer.status_code for answer in answers] == [200] * 5
    told = answers[0].json()
    assert told["masked"] and {one["name"] for one in told["double_work"]["workers"]} == {None}
    assert not any(word in answer.text for answer in answers for word in ("李芳", "王伟", '"W1"'))
    assert {one["properties"]["worker"] for one in answers[1].json()["features"]} == {None}


async def test_what_most_sectors_have_with_another_grid_is_proposed_as_an_operation(
    client_as: ClientAs, networks: World
) -> None:
    planner = client_as("planner")
    told = (await planner.get(f"{NETWORKS}/proposal", params={"division": VILLAGE})).json()
    (one,) = told["proposed"]
    assert not told["stands"] and (one["of"], one["to"], one["refusal"]) == (GRID_1, GRID_2, None)
    assert (one["sectors"], one["voting"]) == (["environment", "governance", "safety"], 5)
    assert one["operation"] == {"op": "reassign", "codes": [MICRO], "to": GRID_2}
    assert (kinds({"sectors": told["before"]}, "safety"), kinds({"sectors": told["after"]}, "safety")) == (
        {"cut": 1},
        {},
    )
    assert kinds({"sectors": told["after"]}, "party") == {"cut": 1}
    plan = (await planner.post("/api/plans", json={"title": "多网融合", "division": VILLAGE})).json()["id"]
    answer = await planner.post(f"/api/plans/{plan}/operations", json=one["operation"])
    assert answer.status_code == 200, answer.text
    on_plan = (await planner.get(f"/api/plans/{plan}/networks")).json()
    assert kinds(on_plan, "safety") == {} and on_plan["indicators"] == told["indicators"]
    assert on_plan["mapping"] == told["mapping"] and on_plan["version"] == 2


async def test_indicators_are_carried_over_with_their_error_and_keep_their_totals(
    client_as: ClientAs, networks: World
) -> None:
    told = (await client_as("planner").get(f"{NETWORKS}/proposal", params={"division": VILLAGE})).json()
    by_sector = {one["sector"]: one for one in told["indicators"]}
    exact, split = by_sector["safety"]["counts"]["households"], by_sector["party"]["counts"]["households"]
    assert told["by_households"] and by_sector["civility"]["counts"] == {}
    assert {grid: (one["value"], one["error"]) for grid, one in exact.items()} == {GRID_1: (60, 0), GRID_2: (60, 0)}
    assert {grid: one["value"] for grid, one in split.items()} == {GRID_1: 50, GRID_2: 150}
    assert (split[GRID_1]["least"], split[GRID_1]["most"], split[GRID_2]["least"]) == (0, 100, 100)
    assert by_sector["party"]["totals"] == {"households": 200}
    (mapped,) = [one for one in told["mapping"] if (one["sector"], one["area"]) == ("party", "one")]
    assert [(one["grid"], one["share"]) for one in mapped["grids"]] == [(GRID_1, 0.5), (GRID_2, 0.5)]


async def test_where_the_sectors_agree_the_grids_stand(client_as: ClientAs, networks: World) -> None:
    north = f"{WEST[-9:]}201"
    told = (await client_as("planner").get(f"{NETWORKS}/proposal", params={"division": north})).json()
    assert told["stands"] and told["proposed"] == []
    grid = (await client_as("planner").get(f"{NETWORKS}/proposal", params={"division": GRID_1})).json()
    assert grid["stands"] and [one["grid"] for one in grid["mapping"][0]["grids"]] == [GRID_1]


async def test_who_may_not_read_plans_gets_no_networks(client_as: ClientAs, networks: World) -> None:
    for role in ("operator", "clerk", "patrol_west", "admin", "source", "gateway", "wall"):
        for path in ("", "/overlay", "/proposal", "/party"):
            assert (await client_as(role).get(f"{NETWORKS}{path}")).status_code == 403
    planner = client_as("planner")
    assert (await planner.get(f"{NETWORKS}/overlay", params={"division": "nowhere"})).status_code == 404
    assert (await planner.get(f"{NETWORKS}/overlay", params={"division": MICRO})).json()["code"] == "network.no_grids"
    assert (await planner.get(f"{NETWORKS}/overlay", params={"width": 51})).status_code == 422


def test_a_pack_may_declare_rates_of_its_counts() -> None:
    rate = {"code": "per_household", "names": {"zh": "户均事项", "en": "Tasks per household"}}
    networks = {"rates": [rate | {"numerator": "tasks", "denominator": "households"}]}
    assert Pack.model_validate(PACK.model_dump() | {"networks": networks}).networks.rates[0].numerator == "tasks"


def geojson(*, codes: Sequence[str]) -> bytes:
    shapes = {code: mapping(record("party", code, WHOLE[code]).geometry) for code in WHOLE}
    features = [
        {"type": "Feature", "properties": {"code": code, "worker": "李芳"}, "geometry": shapes[code]} for code in codes
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


async def test_a_planner_of_the_county_imports_a_network_and_sees_first_what_it_would_do(
    client_as: ClientAs, networks: World
) -> None:
    planner, whole = client_as("planner"), geojson(codes=[*WHOLE])
    wish = {"sector": "party", "day": "2026-02-01"}
    tried = await planner.post(f"{NETWORKS}/import", params=wish | {"preview": True}, content=whole)
    assert tried.status_code == 200, tried.text
    assert (tried.json()["kept"], tried.json()["counts"]) == (False, {"rows": 6, "begun": 6, "ended": 8, "kept": 0})
    assert "network.gap" in {note["code"] for note in tried.json()["notes"]}
    count = partial(planner.get, NETWORKS)
    assert (await count(params={"day": "2026-02-01"})).json()["items"][0]["areas"] == 8
    assert (await planner.post(f"{NETWORKS}/import", params=wish, content=whole)).json()["kept"]
    assert (await count(params={"day": "2026-02-01"})).json()["items"][0]["areas"] == 6
    assert (await count(params={"day": "2026-01-31"})).json()["items"][0]["areas"] == 8
    again = await planner.post(f"{NETWORKS}/import", params=wish, content=whole)
    assert again.json()["counts"] == {"rows": 6, "begun": 0, "ended": 0, "kept": 6}


async def test_a_file_that_is_no_network_is_refused_with_its_rows_and_only_planners_of_the_county_send_one(
    client_as: ClientAs, networks: World
) -> None:
    path, twice = f"{NETWORKS}/import?sector=party", geojson(codes=["20", "20"])
    refused = await client_as("planner").post(path, content=twice)
    assert (refused.status_code, refused.json()["code"]) == (422, "network.file")
    assert refused.json()["params"]["reason"] == "code.twice"
    unreadable = await client_as("planner").post(path, content=b"nothing")
    assert (unreadable.status_code, unreadable.json()["code"]) == (422, "network.file")
    for user in ("operator", "supervisor"):
        assert (await client_as(user).post(path, content=twice)).status_code == 403
