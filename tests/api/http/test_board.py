"""The board over HTTP: figures and the cases behind them by role, urging with an answer, circulars, and notices."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from console.cases.tables import Case
from console.clocks.tables import Clock
from geo.store import Reach, Store
from tests.api.http.test_cases import COUNTY, TOWN, case_of, dispatched, moved, post, registered
from tests.worlds import EAST, NOW, ROOT, WEST, ClientAs, World

Json = dict[str, Any]


async def got(client: httpx.AsyncClient, path: str, **asked: Any) -> Json:
    answer = await client.get(path, params=asked or None)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def notices(client: httpx.AsyncClient, **wanted: Any) -> list[Json]:
    found: list[Json] = (await got(client, "/api/notices", **wanted))["items"]
    return found


async def made_late(store: Store, incident: int) -> None:
    """Let the clocks of a case be past their due times: it came in so long ago that they are wherever they are counted
    anew, as the server does for a calendar that it reads for the first time.
    """
    async with store.transaction(Reach(scope=ROOT)) as session:
        past, began = NOW - timedelta(days=2), NOW - timedelta(days=400)
        times = {"started_at": began, "started_day": began.date(), "due_at": past, "warn_at": past}
        await session.execute(update(Clock).where(Clock.incident_id == incident).values(times))
        await session.execute(update(Case).where(Case.incident_id == incident).values(due_at=past))


def figures(cell: Json) -> Iterator[Json]:
    """Yield every figure of a cell."""
    for value in cell.values():
        if isinstance(value, dict):
            yield from [value] if "cases" in value else figures(value)


async def test_every_figure_opens_as_many_cases_and_a_sister_division_moves_none(
    client_as: ClientAs, world: World, store: Store
) -> None:
    clerk, supervisor, east = (client_as(name) for name in ("clerk_west", "supervisor", "operator_east"))
    late, _ = await registered(clerk, world), await registered(clerk, world, title="A second one")
    lon, lat = world.middle_of(world.micro_grids(EAST)[0])
    await registered(client_as("operator"), world, lon=lon, lat=lat, title="In the east")
    await made_late(store, late["id"])
    for by in ("unit", "level", "stage", "division"):
        board = await got(supervisor, "/api/board", by=by)
        assert (board["total"]["open"]["count"], board["total"]["late"]["count"]) == (3, 1), board
        for cell in [board["total"], *board["items"]]:
            assert sum(cell[one]["count"] for one in ("late", "near", "paused", "in_time")) == cell["open"]["count"]
            for figure in figures(cell):
                page = await got(supervisor, figure["cases"])
                assert len(page["items"]) == figure["count"], figure
    [worst] = (await got(supervisor, "/api/board/late"))["items"]
    assert (worst["id"], worst["standing"], worst["unit_name"]) == (late["id"], "late", "West Town")
    assert worst["urgings"] == [] and worst["lon"] is not None
    async with store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(update(Case).where(Case.incident_id == late["id"]).values(paused=True))
    for path in ("/api/board/late", "/api/cases?late=true"):
        found = await got(supervisor, path)
        assert [one["id"] for one in found["items"]] == [late["id"]], "no pause stops this clock"
    of_east = await got(east, "/api/board", by="division")
    assert of_east["scope"] == EAST.rpartition(".")[2] and of_east["total"]["late"]["count"] == 0
    assert of_east["total"]["open"]["count"] == 1
    assert (await got(client_as("supervisor"), "/api/board", scope=WEST.rpartition(".")[2]))["total"]["late"]["count"]
    assert (await east.get("/api/board", params={"scope": WEST.rpartition(".")[2]})).status_code == 404
    assert (await east.get("/api/board/late", params={"cursor": "x"})).json()["code"] == "cursor.invalid"


async def test_weeks_tell_what_closed_on_time_of_the_past_of_ones_own_division(
    client_as: ClientAs, world: World
) -> None:
    lon, lat = world.middle_of(world.micro_grids(WEST)[0])
    said = {"source": "hotline", "category": "dispute.neighbour", "title": "Past", "lon": lon, "lat": lat}
    for number, days in enumerate((1, 18)):
        began = NOW - timedelta(days=20 + number)
        times = {"occurred_at": began.isoformat(), "closed_at": (began + timedelta(days=days)).isoformat()}
        made = await client_as("source").post("/api/incidents", json=said | times | {"external_no": f"past-{number}"})
        assert made.status_code == 201, made.text
    trend = await got(client_as("supervisor"), "/api/board/trend")
    assert [one["goes_on"] for one in trend["weeks"]] == [False] * 11 + [True]
    assert (sum(one["closed"] for one in trend["weeks"]), sum(one["on_time"] for one in trend["weeks"])) == (2, 1)
    for week in trend["weeks"]:
        behind = (await got(client_as("supervisor"), week["cases"]))["items"]
        standings = [one["standing"] for one in behind]
        assert (len(behind), standings.count("in_time")) == (week["closed"], week["on_time"])
        assert all((one["ended_at"] > one["due_at"]) == (one["standing"] == "late") for one in behind)
    of_east = await got(client_as("operator_east"), "/api/board/trend")
    assert sum(one["closed"] for one in of_east["weeks"]) == 0
    other = {"scope": WEST.rpartition(".")[2]}
    assert (await client_as("operator_east").get("/api/board/trend", params=other)).status_code == 404
    assert (await client_as("wall").get("/api/board/trend")).status_code == 403


@pytest.mark.parametrize(("name", "status"), [("auditor", 200), ("operator", 200), ("wall", 403), ("patrol_west", 403)])
async def test_who_reads_incidents_reads_the_board(client_as: ClientAs, world: World, name: str, status: int) -> None:
    client = client_as(name)
    assert (await client.get("/api/board")).status_code == status
    assert (await client.get("/api/board/late")).status_code == status


async def test_an_urging_is_answered_into_the_record_and_not_repeated_meanwhile(
    client_as: ClientAs, world: World
) -> None:
    clerk, supervisor = client_as("clerk_west"), client_as("supervisor")
    case = await registered(clerk, world)
    case = await moved(supervisor, case, "urge", note="Four days already", answer_hours=3)
    [urging] = await notices(clerk, unanswered=True)
    assert (urging["kind"], urging["to_unit"], urging["note"]) == ("urge", TOWN, "Four days already")
    again = await post(supervisor, case, "urge", note="Now")
    assert (again.status_code, again.json()["code"]) == (409, "notice.unanswered")
    assert again.json()["params"]["unit"] == TOWN
    assert await case_of(supervisor, case["id"]) == case, "nothing is done by halves"
    nobody = await post(supervisor, case, "urge", note="Now", to="receiver")
    assert nobody.json()["params"]["errors"] == [{"field": "to", "code": "unknown"}]
    [row] = (await got(supervisor, "/api/board/late", standing="open"))["items"]
    assert (row["urgings"][0]["notice"], row["urgings"][0]["answered_at"]) == (urging["id"], None)
    await clerk.post(f"/api/notices/{urging['id']}/answer", json={"answer": "A visit is set for today"})
    [row] = (await got(supervisor, "/api/board/late", standing="open"))["items"]
    assert row["urgings"][0]["answer"] == "A visit is set for today"
    timeline = await got(supervisor, f"/api/incidents/{case['id']}/timeline")
    assert [one["kind"] for one in timeline["items"]][-2:] == ["case.moved", "notice.answered"]
    await moved(supervisor, await case_of(supervisor, case["id"]), "urge", note="And today?")
    refused = await post(client_as("auditor"), case, "urge", note="x")
    assert refused.status_code == 403


async def test_whoever_has_to_act_next_is_given_notice(client_as: ClientAs, world: World) -> None:
    clerk, operator = client_as("clerk_west"), client_as("operator")
    case = await dispatched(client_as, world)
    [offered] = [one for one in await notices(operator) if one["kind"] == "case.offered"]
    assert (offered["to_unit"], offered["from_unit"], offered["case_code"]) == (COUNTY, TOWN, case["case_code"])
    urged = await moved(client_as("supervisor"), case, "urge", note="Accept it")
    assert [one["to_unit"] for one in await notices(operator, unanswered=True)] == [COUNTY]
    case = await moved(operator, urged, "return", reason="not_ours", note="Not ours")
    assert [one["kind"] for one in await notices(clerk)] == ["case.returned"]
    case = await moved(clerk, case, "dispatch", unit=COUNTY, within_scope=True, party_known=True)
    case = await moved(operator, case, "accept")
    case = await moved(operator, case, "call_units", units=[TOWN], note="Bring the map")
    assert (await notices(clerk))[0]["kind"] == "case.called"
    await moved(clerk, case, "answer", note="Here it is")
    assert (await notices(operator))[0]["kind"] == "case.answered"


async def test_a_circular_names_several_cases_to_their_unit_and_the_centre_above(
    client_as: ClientAs, world: World
) -> None:
    clerk, supervisor, operator = (client_as(name) for name in ("clerk_west", "supervisor", "operator"))
    cases = [await registered(clerk, world, title=title, risk="low") for title in ("One", "Two")]
    ids = [case["id"] for case in cases]
    refused = await operator.post("/api/board/circulars", json={"incidents": ids, "note": "Late again"})
    assert (refused.status_code, refused.json()["params"]["reason"]) == (409, "person")
    missing = await supervisor.post("/api/board/circulars", json={"incidents": [*ids, 999_999], "note": "Late again"})
    assert missing.status_code == 404
    assert [one for one in await notices(clerk) if one["kind"] == "circular"] == []
    given = await supervisor.post("/api/board/circulars", json={"incidents": ids, "note": "Late again"})
    assert given.json()["items"] == [{"unit": TOWN, "unit_name": "West Town", "to": [TOWN, COUNTY], "incidents": ids}]
    for client in (clerk, operator):
        [notice] = [one for one in await notices(client) if one["kind"] == "circular"]
        assert (notice["body"]["incidents"], notice["note"]) == (ids, "Late again")
    assert await notices(client_as("operator_east"), mine=False) == []
    after = [await case_of(supervisor, one) for one in ids]
    assert [one["version"] for one in after] == [case["version"] + 1 for case in cases]
