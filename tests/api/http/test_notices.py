"""Notices over HTTP: whom they reach, reading and answering them, and a case's clocks as it is moved."""

from datetime import timedelta
from typing import Any

import httpx

from console.clocks.walking import OfficeHours
from console.notices.actions import give_notice
from console.notices.rules import Address, Delivery, NewNotice
from geo.store import Reach, Store
from tests.api.http.test_cases import TOWN, registered
from tests.worlds import EAST, NOW, PACK, ROOT, WEST, ClientAs, World

DELIVERY = Delivery(OfficeHours(PACK.times))


async def given(store: Store, key: str, **more: Any) -> int:
    """Write a notice that asks for an answer."""
    words = {"kind": "urge", "division_path": WEST, "to": Address(unit=TOWN), "urgent": True}
    new = NewNotice(key=key, answer_due_at=NOW + timedelta(days=1), **(words | more))
    async with store.transaction(Reach(scope=ROOT)) as session:
        return (await give_notice(session, DELIVERY, [new], now=NOW))[key]


async def keys(client: httpx.AsyncClient, **wanted: Any) -> list[int]:
    answer = await client.get("/api/notices", params=wanted)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_a_notice_is_read_and_answered_by_the_unit_that_it_is_for(
    client_as: ClientAs, world: World, store: Store
) -> None:
    clerk = client_as("clerk_west")
    case = await registered(clerk, world)
    assert {clock["kind"] for clock in case["clocks"]} == {"dispatch_order", "close_order"}
    ours = await given(store, "ours", incident_id=case["id"])
    theirs = await given(store, "theirs", division_path=EAST, to=Address(unit=f"centre.{EAST.rpartition('.')[2]}"))
    assert await keys(clerk, unread=True) == [ours] and await keys(clerk, mine=False) == [ours]
    assert await keys(client_as("supervisor"), mine=False) == [theirs, ours]
    assert (await client_as("wall").get("/api/notices")).status_code == 403
    assert (await clerk.post(f"/api/notices/{theirs}/read")).status_code == 404
    assert (await clerk.post(f"/api/notices/{ours}/read")).json()["read_at"] is not None
    said = await clerk.post(f"/api/notices/{ours}/answer", json={"answer": "On it"})
    assert (said.status_code, said.json()["answer"]) == (200, "On it")
    again = await clerk.post(f"/api/notices/{ours}/answer", json={"answer": "Again"})
    assert (again.status_code, again.json()["code"]) == (409, "notice.answered")
    assert await keys(clerk, unanswered=True) == [] and await keys(clerk, incident=case["id"]) == [ours]
    timeline = (await clerk.get(f"/api/incidents/{case['id']}/timeline")).json()["items"]
    assert timeline[-1]["kind"] == "notice.answered"
