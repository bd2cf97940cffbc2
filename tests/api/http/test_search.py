"""Search by part of a name."""

from typing import Any

from console.search.queries import Found, fair_shares
from tests.worlds import EAST, WEST, ClientAs, World


async def found(client_as: ClientAs, who: str, q: str) -> list[tuple[str, str]]:
    answer = await client_as(who).get("/api/search", params={"q": q})
    assert answer.status_code == 200, answer.text
    return [(item["kind"], item["label"]) for item in answer.json()["items"]]


async def report(client_as: ClientAs, world: World, *, title: str, at: str = WEST) -> Any:
    lon, lat = world.middle_of(world.micro_grids(at)[0])
    body = {"source": "hotline", "category": "dispute.neighbour", "title": title, "lon": lon, "lat": lat}
    return (await client_as("source").post("/api/incidents", json=body)).json()


async def test_everything_with_a_name_is_found_by_part_of_it(client_as: ClientAs, world: World) -> None:
    noise = await report(client_as, world, title="楼上漏水 100%")
    assert await found(client_as, "operator", "漏水") == [("incident", f"{noise['case_code']} 楼上漏水 100%")]
    assert await found(client_as, "operator", noise["case_code"].lower()) == [
        ("incident", f"{noise['case_code']} 楼上漏水 100%")
    ]
    assert await found(client_as, "operator", "patrol_w") == [("force", "Force patrol_west")]
    assert await found(client_as, "operator", "west town") == [("division", "West Town")]
    assert await found(client_as, "operator", "testing") == [
        ("division", "Testing County"), ("place", "Testing Centre"),
    ]  # fmt: skip
    assert await found(client_as, "operator", "Camera 3") == [("camera", "Camera 3")]


async def test_results_have_a_position(client_as: ClientAs, world: World) -> None:
    reported = await report(client_as, world, title="Leak")
    [item] = (await client_as("operator").get("/api/search", params={"q": "leak"})).json()["items"]
    assert item == {
        "kind": "incident", "id": reported["id"], "label": f"{reported['case_code']} Leak",
        "lon": reported["lon"], "lat": reported["lat"], "status": "registered", "code": reported["case_code"],
        "about": "dispute.neighbour", "division_path": reported["division_path"], "at": reported["registered_at"],
    }  # fmt: skip


async def test_results_of_one_name_are_told_apart(client_as: ClientAs, world: World) -> None:
    def told(item: dict[str, Any]) -> tuple[Any, ...]:
        return item["code"], item["about"], item["division_path"], item["status"]

    for place in (WEST, EAST):
        await report(client_as, world, title="Leak", at=place)
    items = (await client_as("operator").get("/api/search", params={"q": "leak"})).json()["items"]
    assert len({told(item) for item in items}) == len(items) == 2
    answer = await client_as("operator").get("/api/search", params={"q": "patrol_west"})
    assert [told(item) for item in answer.json()["items"]] == [("patrol_west", "patrol", WEST, "on")]
    answer = await client_as("operator").get("/api/search", params={"q": "West Town"})
    assert [told(item) for item in answer.json()["items"]] == [("320509100", "town", WEST, None)]


async def test_an_incident_is_found_by_its_number_at_the_source(client_as: ClientAs, world: World) -> None:
    lon, lat = world.middle_of(world.micro_grids(WEST)[0])
    body = {"source": "hotline", "external_no": "GD-2026-77", "category": "dispute.neighbour", "title": "Leak"}
    await client_as("source").post("/api/incidents", json=body | {"lon": lon, "lat": lat})
    assert [label.rpartition(" ")[2] for _, label in await found(client_as, "operator", "GD-2026-77")] == ["Leak"]
    assert await found(client_as, "operator", "GD-2026-7") == []


async def test_wildcards_are_ordinary_characters(client_as: ClientAs, world: World) -> None:
    reported = await report(client_as, world, title="Paid 100% of it")
    assert await found(client_as, "operator", "0% o") == [("incident", f"{reported['case_code']} Paid 100% of it")]
    for nothing in ("_ _", "%%%", "P%d", "Pa_d", "\\", "' OR 1=1 --"):
        assert await found(client_as, "operator", nothing) == [], nothing


async def test_a_town_finds_nothing_of_other_towns(client_as: ClientAs, world: World) -> None:
    await report(client_as, world, title="Canary", at=EAST)
    assert await found(client_as, "operator_west", "Canary") == []
    assert await found(client_as, "operator_west", "patrol_east") == []
    assert await found(client_as, "operator_west", "East Town") == []
    assert {label for _, label in await found(client_as, "operator_west", "Camera")} == {
        f"Camera {i}" for i in range(1, 5)
    }


async def test_kinds_without_permission_are_left_out(client_as: ClientAs, world: World) -> None:
    await report(client_as, world, title="Force majeure")
    assert {kind for kind, _ in await found(client_as, "planner", "e")} == {"division", "place", "camera"}
    assert await found(client_as, "wall", "force") == []
    assert (await client_as("source").get("/api/search", params={"q": "x"})).status_code == 403


async def test_an_empty_search_is_refused(client_as: ClientAs) -> None:
    for q in ("", "  ", "a\0b", "x" * 101):
        assert (await client_as("operator").get("/api/search", params={"q": q})).status_code == 422


def test_every_kind_gets_a_fair_share() -> None:
    many = [Found("incident", i, "", 0.0, 0.0, None) for i in range(100)]
    one = [Found("camera", 1, "", 0.0, 0.0, None)]
    some = [Found("force", i, "", 0.0, 0.0, None) for i in range(6)]
    shares = fair_shares({"incident": many, "force": some, "camera": one}, most=20)
    assert [sum(found.kind == kind for found in shares) for kind in ("incident", "force", "camera")] == [13, 6, 1]
    assert fair_shares({"incident": many[:3], "force": []}, most=20) == many[:3]
