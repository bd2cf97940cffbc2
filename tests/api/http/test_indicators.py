"""Indicators over HTTP: figures by part and on past lines, the cases behind each, rights, and refusals."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest
from openpyxl import load_workbook

from geo.store import Store
from tests.api.http.test_cases import COUNTY, case_of, dispatched, moved, registered
from tests.api.http.test_follow_ups import drawn
from tests.worlds import EAST, NOW, PACK, ROOT, WEST, ClientAs, Clock, World

Json = dict[str, Any]
BYS = ("division", "grid", "level", "unit", "category", "source")


async def got(client: httpx.AsyncClient, path: str, **asked: Any) -> Json:
    answer = await client.get(path, params=asked or None)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def closed(client_as: ClientAs, case: Json, *, outcome: str = "agreed") -> Json:
    """End a case that the county's centre was handed."""
    operator = client_as("operator")
    case = await moved(operator, case, "accept")
    case = await moved(operator, case, "report_result", note="Done", result_told=True)
    return await moved(client_as("clerk_west"), case, "close", outcome=outcome)


async def past(client: httpx.AsyncClient, world: World, number: int, *, days: int, place: str = WEST) -> Json:
    """Report a case that closed after some days."""
    lon, lat = world.middle_of(world.micro_grids(place)[0])
    began = NOW - timedelta(days=20 + number)
    times = {"occurred_at": began.isoformat(), "closed_at": (began + timedelta(days=days)).isoformat()}
    said = {"source": "hotline", "category": "dispute.family", "title": "Past", "lon": lon, "lat": lat}
    made = await client.post("/api/incidents", json=said | times | {"external_no": f"past-{number}"})
    assert made.status_code == 201, made.text
    found: Json = made.json()
    return found


async def settled(client_as: ClientAs, world: World) -> None:
    """Six disputes: two on the way, one agreed, one not, two of the past, one of them in the east; and a hazard."""
    clerk = client_as("clerk_west")
    await dispatched(client_as, world)
    await registered(clerk, world, category="hazard.fire", risk="low")
    await closed(client_as, await dispatched(client_as, world))
    await closed(client_as, await dispatched(client_as, world), outcome="failed")
    await past(client_as("source"), world, 1, days=2)
    await past(client_as("source"), world, 2, days=9, place=EAST)
    lon, lat = world.middle_of(world.micro_grids(EAST)[0])
    said = {"source": "police", "category": "dispute.neighbour", "title": "A call", "lon": lon, "lat": lat}
    assert (await client_as("source").post("/api/incidents", json=said)).status_code == 201


async def opened(client: httpx.AsyncClient, path: str) -> int:
    """Return how many cases a link returns, page by page."""
    number, cursor = 0, None
    while True:
        asked = f"{path}&limit=3" + (f"&cursor={cursor}" if cursor else "")
        page = await got(client, asked)
        number += len(page["items"])
        if (cursor := page["next"]) is None:
            return number


async def test_figures_of_all_indicators_open_their_cases_and_parts_add_up(client_as: ClientAs, world: World) -> None:
    await settled(client_as, world)
    for role, people in (("operator", 7), ("operator_east", 2), ("auditor", 7)):
        client = client_as(role)
        whole = await got(client, "/api/indicators")
        assert [one["code"] for one in whole["items"]] == [*PACK.indicators.by_code]
        [hazard_and_disputes] = [one for one in whole["items"] if one["code"] == "reopened"]
        assert hazard_and_disputes["denominator"] == people, role
        for one in whole["items"] if role in ("operator", "operator_east") else whole["items"][:3]:
            assert await opened(client, one["cases"]) == one["numerator"], one
            assert await opened(client, one["all_cases"]) == one["denominator"], one
            assert sum(month["numerator"] for month in one["months"]) >= one["numerator"] or one["window"] == "open"


async def test_parts_add_up_and_open_their_cases(client_as: ClientAs, world: World) -> None:
    await settled(client_as, world)
    for role, code in (("operator", "closed"), ("operator", "duration"), ("operator_west", "running")):
        client = client_as(role)
        whole = await got(client, f"/api/indicators/{code}")
        for by in BYS:
            found = await got(client, f"/api/indicators/{code}", by=by)
            assert (found["numerator"], found["value"]) == (whole["numerator"], whole["value"]), found
            for name in ("numerator", "denominator"):
                assert sum(part[name] for part in found["parts"]) == whole[name], (by, found)
            for part in found["parts"]:
                assert await opened(client, part["cases"]) == part["numerator"], (by, part)


async def test_rates_counts_and_times_say_what_the_cases_say(client_as: ClientAs, world: World) -> None:
    await settled(client_as, world)
    found = {one["code"]: one for one in (await got(client_as("operator"), "/api/indicators"))["items"]}
    figure = {code: (one["numerator"], one["denominator"]) for code, one in found.items()}
    assert figure["received"] == (6, 6) and figure["closed"] == (4, 6)
    assert figure["mediated"] == (1, 2) and found["mediated"]["value"] == 0.5 and found["mediated"]["few"]
    assert figure["diverted"] == (3, 6) and figure["running"] == (3, 3)
    assert figure["on_time"][1] >= 2 and figure["police_pushed"] == (0, 1)
    assert figure["police_solved"] == (0, 0) and found["police_solved"]["value"] is None
    assert found["police_solved"]["entire"] == {"denominator": 1, "value": 0.0}
    assert found["duration"]["value"] == 48.0 and found["duration"]["ninth"] is None, "two of six are still open"
    assert found["received"]["year_before"]["value"] == 0 and found["received"]["from"] == "2026-01-01"
    assert found["closed"]["reported"] == {"year": 2023, "count": 27863, "of": 30615, "rate": 91.01, "change": None}
    assert found["received"]["year_before"]["worked_days"] > 0
    assert found["received"]["year_before"]["on_record"] is False, "no year is compared with one before the record"


async def test_a_reopened_case_is_closed_nowhere_and_counts_as_reopened(
    client_as: ClientAs, world: World, store: Store, clock: Clock
) -> None:
    case = await closed(client_as, await dispatched(client_as, world))
    supervisor = client_as("supervisor")
    answers = {"way": "phone", "reached": True, "attitude": "satisfied", "result": "dissatisfied"}
    case = await moved(supervisor, case, "follow_up", **answers)
    found = {one["code"]: one for one in (await got(supervisor, "/api/indicators"))["items"]}
    assert (found["closed"]["numerator"], found["reopened"]["numerator"], found["closings"]["numerator"]) == (0, 1, 0)
    assert (found["running"]["numerator"], found["answered"]["denominator"]) == (1, 0), "it goes on"
    case = await moved(client_as("operator"), case, "report_result", note="Mended", result_told=True)
    case = await moved(client_as("clerk_west"), case, "close", outcome="settled")
    await moved(supervisor, case, "follow_up", way="visit", reached=True, result="satisfied", attitude="satisfied")
    found = {one["code"]: one for one in (await got(supervisor, "/api/indicators"))["items"]}
    assert (found["closed"]["numerator"], found["carried_out"]["numerator"]) == (1, 0)
    assert (found["satisfied"]["numerator"], found["mended"]["value"]) == (0, 0), "of no sample, until it is drawn"
    await drawn(store, clock, days=3, minutes=1)
    found = {one["code"]: one for one in (await got(supervisor, "/api/indicators"))["items"]}
    assert (found["satisfied"]["numerator"], found["mended"]["value"]) == (1, 1)


async def test_a_merged_case_counts_once_and_an_edit_moves_it(client_as: ClientAs, world: World) -> None:
    clerk, operator = client_as("clerk_west"), client_as("operator")
    main, other = await registered(clerk, world), await registered(clerk, world, title="Again")
    version = (await got(operator, f"/api/incidents/{other['id']}"))["version"]
    merged = await operator.post(
        f"/api/incidents/{other['id']}/merge", json={"into": main["id"]}, headers={"If-Match": f'"{version}"'}
    )
    assert merged.status_code == 200, merged.text
    found = {one["code"]: one["value"] for one in (await got(operator, "/api/indicators"))["items"]}
    assert (found["received"], found["merged"], found["running"]) == (1, 1, 1)
    version = (await got(operator, f"/api/incidents/{main['id']}"))["version"]
    edited = await operator.patch(
        f"/api/incidents/{main['id']}",
        json={"category": "hazard.fire"},
        headers={"If-Match": f'"{version}"'},
    )
    assert edited.status_code == 200, edited.text
    assert (await got(operator, "/api/indicators/received"))["value"] == 0
    await case_of(operator, main["id"])


@pytest.mark.parametrize(("name", "status"), [("auditor", 200), ("operator", 200), ("wall", 403), ("patrol_west", 403)])
async def test_who_reads_incidents_reads_indicators(client_as: ClientAs, world: World, name: str, status: int) -> None:
    client = client_as(name)
    for path in ("/api/indicators", "/api/indicators/closed", "/api/indicators/closed/cases"):
        assert (await client.get(path)).status_code == status, path


async def test_bad_questions_are_refused(client_as: ClientAs, world: World) -> None:
    operator, east = client_as("operator"), client_as("operator_east")
    for path, status, code in (
        ("/api/indicators/none", 404, "not_found"),
        ("/api/indicators/none/cases", 404, "not_found"),
        ("/api/indicators?from=2026-03-02&to=2026-03-01", 422, "indicator.span"),
        ("/api/indicators?from=1990-01-01", 422, "indicator.span"),
        ("/api/indicators/closed?by=colour", 422, "invalid"),
        ("/api/indicators/closed?from=yesterday", 422, "invalid"),
        ("/api/indicators/closed/cases?cursor=x", 422, "cursor.invalid"),
        ("/api/indicators/closed?lines=2026-13-01", 422, "invalid"),
    ):
        answer = await operator.get(path)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert (await east.get("/api/indicators", params={"scope": WEST.rpartition(".")[2]})).status_code == 404
    assert COUNTY.endswith(ROOT)


async def test_indicators_are_exported_as_a_workbook_and_a_page(client_as: ClientAs, world: World) -> None:
    await past(client_as("source"), world, 1, days=2)
    operator = client_as("operator")
    answer = await operator.get("/api/indicators/export", params={"format": "xlsx", "lang": "en"})
    assert answer.status_code == 200, answer.text
    rows = [*load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True)]
    assert rows[0][1] == "Indicator" and len(rows) == 1 + len(PACK.indicators.indicators)
    assert rows[1][1:5] == ("Disputes received", "1", "1", "1") and "30615" in rows[1][11]
    assert (await client_as("wall").get("/api/indicators/export")).status_code == 403
    refused = await operator.get("/api/indicators/export", params={"format": "docx"})
    assert refused.status_code == 422
