"""Checklists of centres over HTTP: marked by date and person, earlier marks kept, the latest shown."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from api.app import create_app
from api.place.reading import load_pack
from api.settings import Settings
from api.watch.clock import SteadyClock
from console.checklists.tables import ChecklistMark
from console.register.actions import put_register
from console.register.laying import lay_register
from geo.store import Reach, Store
from tests.console.register.registers import GROUNDS, TERMS, names
from tests.worlds import EAST, NOW, PACK, ROOT, WEST, ClientAs, Clock, World

TOWN, SISTER = f"C{WEST[-9:]}", f"C{EAST[-9:]}"


@pytest.fixture
async def app(settings: Settings, store: Store, world: World, clock: Clock) -> AsyncIterator[FastAPI]:
    """The server of a place with the checklists of Lushui, in the small county with a small register."""
    register = lay_register(TERMS, GROUNDS, names=names())
    async with store.transaction(Reach(scope=ROOT)) as session:
        await put_register(session, register, points={}, day=NOW.date(), now=NOW)
    terms = TERMS.model_copy(update={"checklists": load_pack("lushui").registry.checklists})
    pack = PACK.model_copy(update={"registry": terms})
    app = create_app(settings, pack=pack, store=store, now=SteadyClock(clock, elapsed=clock.elapsed))
    async with app.router.lifespan_context(app):
        yield app


async def test_a_centre_is_marked_item_by_item_and_the_latest_mark_counts(
    client_as: ClientAs, store: Store, clock: Clock
) -> None:
    operator, west = client_as("operator"), client_as("operator_west")
    mark = {"checklist": "five_have", "item": "place", "met": False, "note": "The room is being painted"}
    for wrong, status, code in [
        (mark | {"item": "spirit"}, 422, "checklist.unknown"),
        (mark | {"checklist": "six_have"}, 422, "checklist.unknown"),
        (mark | {"day": "2026-03-03"}, 422, "checklist.day"),
    ]:
        answer = await west.post(f"/api/checklists/{TOWN}/marks", json=wrong)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await west.post(f"/api/checklists/{SISTER}/marks", json=mark)).status_code == 404
    assert (await client_as("auditor").post(f"/api/checklists/{TOWN}/marks", json=mark)).status_code == 403

    assert (await west.post(f"/api/checklists/{TOWN}/marks", json=mark)).status_code == 201
    clock.turn(days=1)
    told = (await operator.post(f"/api/checklists/{TOWN}/marks", json=mark | {"met": True, "note": ""})).json()
    have = next(one for one in told["checklists"] if one["code"] == "five_have")
    assert [item["mark"] and item["mark"]["met"] for item in have["items"]] == [True, None, None, None, None]
    assert have["items"][0]["mark"] | {"by": "Operator", "day": "2026-03-03"} == have["items"][0]["mark"]
    async with store.transaction(Reach(scope=ROOT)) as session:
        assert await session.scalar(select(func.count(ChecklistMark.id))) == 2, "the earlier mark stays"

    listed = {one["unit"]: one for one in (await operator.get("/api/checklists")).json()["items"]}
    counts = ("met", "not_met", "unmarked")
    assert tuple(listed[TOWN][name] for name in counts) == (1, 0, 9)
    assert SISTER not in {one["unit"] for one in (await west.get("/api/checklists")).json()["items"]}
    assert (await west.get(f"/api/checklists/{SISTER}")).status_code == 404
