"""Monthly lists over HTTP: gathered by rule and added by hand, handed over, answered, overdue told, taken as a file."""

from collections.abc import AsyncIterator
from io import BytesIO

import httpx
import pytest
from fastapi import FastAPI
from openpyxl import load_workbook

from api.app import create_app
from api.place.reading import load_pack
from api.settings import Settings
from api.watch.clock import SteadyClock
from console.lists.actions import overdue_answers
from geo.store import Store
from tests.api.http.test_cases import COUNTY, TOWN, Json, case_of, moved, registered
from tests.api.http.test_follow_ups import swept
from tests.console.clocks.test_actions import DELIVERY
from tests.worlds import EAST, PACK, ClientAs, Clock, World

MONTH, LATE = "2026-03", "list.unanswered"


@pytest.fixture
async def app(settings: Settings, store: Store, world: World, clock: Clock) -> AsyncIterator[FastAPI]:
    """The server of a place with the monthly lists of Xizhou."""
    pack = PACK.model_copy(update={"lists": load_pack("xizhou").lists})
    app = create_app(settings, pack=pack, store=store, now=SteadyClock(clock, elapsed=clock.elapsed))
    async with app.router.lifespan_context(app):
        yield app


async def read(client: httpx.AsyncClient, code: str = "problems", month: str = MONTH) -> Json:
    answer = await client.get(f"/api/lists/{code}", params={"month": month})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def post(client: httpx.AsyncClient, entry: Json, what: str, **body: str) -> httpx.Response:
    tag = {"If-Match": f'"{entry["version"]}"'}
    return await client.post(f"/api/list-entries/{entry['id']}/{what}", json=body, headers=tag)


async def told(client: httpx.AsyncClient) -> list[str]:
    return [one["kind"] for one in (await client.get("/api/notices")).json()["items"] if one["kind"].startswith("list")]


async def test_a_months_list_is_gathered_handed_over_and_answered(
    client_as: ClientAs, world: World, store: Store, clock: Clock
) -> None:
    operator, clerk, east = (client_as(name) for name in ("operator", "clerk_west", "operator_east"))
    assert [one["code"] for one in (await operator.get("/api/lists")).json()["items"]] == ["problems", "leads"]
    hazard = await registered(clerk, world, category="hazard.fire", risk="low", title="=1+1")
    await registered(clerk, world, risk="high")
    await registered(clerk, world, risk="low")
    for added in (2, 0):
        answer = await operator.post("/api/lists/problems/gather", json={"month": MONTH})
        assert answer.json() == {"added": added}, "gathered again, nothing comes twice"
    assert (await operator.post("/api/lists/problems/gather", json={"month": "2026-02"})).json() == {"added": 0}
    page = await read(operator)
    assert [one["rule"] for one in page["items"]] == ["hazard", "open"] and page["counts"]["new"] == 2
    assert (await read(east))["items"] == [] and (await read(east))["counts"]["new"] == 0

    by_hand = {"month": MONTH, "title": "Loose tiles above the market", "note": "Seen on a walk"}
    made = await clerk.post("/api/lists/problems", json=by_hand)
    assert (made.status_code, made.json()["rule"], made.json()["incident"]) == (201, "", None)

    entry = page["items"][0]
    assert (entry["case_code"], entry["unit"]) == (hazard["case_code"], None)
    beyond = await post(operator, entry, "hand-over", unit=f"centre.{EAST[-9:]}")
    assert (beyond.status_code, beyond.json()["code"]) == (422, "list.unit")
    early = await post(clerk, entry, "answer", answer="Done")
    assert (early.status_code, early.json()["code"]) == (409, "list.not_handed")
    handed = (await post(operator, entry, "hand-over", unit=TOWN, request="Look at it")).json()
    assert (handed["unit"], handed["late"], handed["version"]) == (TOWN, False, 2)
    assert (await post(operator, entry, "hand-over", unit=COUNTY)).status_code == 412
    clock.turn(hours=20)
    assert await told(clerk) == ["list.handed_over"]

    clock.turn(days=10)
    await swept(store, clock, overdue_answers(DELIVERY))
    clock.turn(days=1)
    assert (await read(clerk))["counts"] == {"new": 2, "waiting": 1, "late": 1, "answered": 0}
    assert await told(clerk) == ["list.unanswered", "list.handed_over"]
    assert "list.unanswered" in await told(operator), "those who oversee are told, too"

    answered = (await post(clerk, handed, "answer", answer="Extinguishers put up")).json()
    assert (answered["answer"], answered["late"]) == ("Extinguishers put up", False)
    again = await post(clerk, answered, "answer", answer="Again")
    assert (again.status_code, again.json()["code"]) == (409, "list.answered")

    file = await operator.get("/api/lists/problems/file", params={"month": MONTH, "lang": "en"})
    rows = [*load_workbook(BytesIO(file.content)).active.values]
    assert [row[3] for row in rows] == [
        "What",
        "'=1+1",
        "Quarrel about a wall",
        f"{by_hand['title']}\n{by_hand['note']}",
    ]
    assert (
        rows[1][5] == "West Town"
        and rows[1][9:11] == ("West Town", "Extinguishers put up")
        and rows[3][4] == "Added by hand"
    )
    table = await operator.get("/api/lists/problems/file", params={"month": MONTH, "format": "csv"})
    assert "人工添加" in table.content.decode("utf-8-sig")


async def test_a_list_that_the_place_has_not_and_a_month_that_is_none_are_refused(client_as: ClientAs) -> None:
    operator = client_as("operator")
    unknown = await operator.get("/api/lists/wishes", params={"month": MONTH})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "list.unknown")
    assert (await operator.get("/api/lists/problems", params={"month": "2026-13"})).status_code == 422
    assert (await client_as("planner").get("/api/lists/problems", params={"month": MONTH})).status_code == 403
    assert (await client_as("auditor").post("/api/lists/problems/gather", json={"month": MONTH})).status_code == 403


async def test_an_entry_names_the_unit_that_has_its_case_now_and_the_one_that_answered(
    client_as: ClientAs, world: World, store: Store, clock: Clock
) -> None:
    """Handed to the town, whose case goes up to the county before it has answered."""
    operator, clerk = client_as("operator"), client_as("clerk_west")
    case = await registered(clerk, world, category="hazard.fire", risk="low")
    await operator.post("/api/lists/problems/gather", json={"month": MONTH})
    [entry] = (await read(operator))["items"]
    assert (entry["unit"], entry["holder"]) == (None, TOWN)
    handed = (await post(operator, entry, "hand-over", unit=TOWN, request="Look at it")).json()
    refused = await post(operator, handed, "answer", answer="Not ours yet")
    assert refused.json()["code"] == "list.not_handed"
    case = await moved(clerk, case, "dispatch", unit=COUNTY, within_scope=True, party_known=True)
    [entry] = (await read(operator))["items"]
    assert (entry["unit"], entry["holder"]) == (TOWN, TOWN), "responsible until the county has accepted"
    await moved(operator, case, "accept")
    [entry] = (await read(operator))["items"]
    assert (entry["unit"], entry["holder"], entry["handed_at"]) == (TOWN, COUNTY, handed["handed_at"])
    for unit in (TOWN, COUNTY):
        found = await operator.get("/api/lists/problems", params={"month": MONTH, "unit": unit})
        assert len(found.json()["items"]) == 1

    clock.turn(days=11)
    await swept(store, clock, overdue_answers(DELIVERY))
    clock.turn(days=1)
    owed = [one["to_unit"] for one in (await operator.get("/api/notices")).json()["items"] if one["kind"] == LATE]
    assert {*owed} == {COUNTY, None} and LATE in await told(clerk)
    answered = (await post(operator, entry, "answer", answer="Put out")).json()
    assert (answered["unit"], answered["answered_unit"], answered["holder"]) == (TOWN, COUNTY, None)


async def test_an_entry_whose_incident_was_merged_follows_the_main_one(client_as: ClientAs, world: World) -> None:
    operator, clerk = client_as("operator"), client_as("clerk_west")
    twin = await registered(clerk, world, category="hazard.fire", risk="low")
    await operator.post("/api/lists/problems/gather", json={"month": MONTH})
    main = await registered(clerk, world, category="hazard.fire", risk="low")
    await operator.post(f"/api/incidents/{twin['id']}/merge", json={"into": main["id"]})
    main = await moved(
        clerk, await case_of(clerk, main["id"]), "dispatch", unit=COUNTY, within_scope=True, party_known=True
    )
    main = await moved(operator, main, "accept")
    [entry] = (await read(operator))["items"]
    assert (entry["case_code"], entry["holder"], entry["stage"]) == (twin["case_code"], COUNTY, main["stage"])


@pytest.mark.parametrize("month", ["2٠26-03", "2026-3", "２０２６-03", "2026-13"])
async def test_a_month_is_written_in_one_way(client_as: ClientAs, month: str) -> None:
    """Other digits would make a second list of the same month."""
    operator = client_as("operator")
    assert (await operator.post("/api/lists/problems/gather", json={"month": month})).status_code == 422
    assert (await operator.get("/api/lists/problems", params={"month": month})).status_code == 422
    assert (await operator.get("/api/follow-ups", params={"period": month})).status_code == 422
