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
from tests.api.http.test_cases import COUNTY, TOWN, Json, registered
from tests.api.http.test_follow_ups import swept
from tests.console.clocks.test_actions import DELIVERY
from tests.worlds import EAST, PACK, ClientAs, Clock, World

MONTH = "2026-03"


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
    assert rows[1][5] == "West Town" and rows[1][9] == "Extinguishers put up" and rows[3][4] == "Added by hand"
    table = await operator.get("/api/lists/problems/file", params={"month": MONTH, "format": "csv"})
    assert "人工添加" in table.content.decode("utf-8-sig")


async def test_a_list_that_the_place_has_not_and_a_month_that_is_none_are_refused(client_as: ClientAs) -> None:
    operator = client_as("operator")
    unknown = await operator.get("/api/lists/wishes", params={"month": MONTH})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "list.unknown")
    assert (await operator.get("/api/lists/problems", params={"month": "2026-13"})).status_code == 422
    assert (await client_as("planner").get("/api/lists/problems", params={"month": MONTH})).status_code == 403
    assert (await client_as("auditor").post("/api/lists/problems/gather", json={"month": MONTH})).status_code == 403
