"""The register's screen over HTTP: units edited by hand, who sits where, exposure, and the log of changes."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from console.register.actions import put_register
from console.register.laying import lay_register
from console.rosters.tables import Leave, Shift
from geo.store import Reach, Store
from layers.divisions.tables import Division
from layers.exposure.actions import put_counts
from layers.exposure.rules import Counted
from tests.console.register.registers import GROUNDS, TERMS, names
from tests.worlds import EAST, NOW, ROOT, WEST, ClientAs, World

TODAY = date(2026, 3, 2)
CENTRE, TOWN, POOL = f"C{ROOT}", f"C{WEST[-9:]}", f"C{ROOT}.pool"


@pytest.fixture
async def registered(store: Store, world: World) -> None:
    """The small county with a small register."""
    register = lay_register(TERMS, GROUNDS, names=names())
    async with store.transaction(Reach(scope=ROOT)) as session:
        await put_register(session, register, points={}, day=NOW.date(), now=NOW)


@pytest.mark.usefixtures("registered")
async def test_a_unit_is_edited_with_a_reason_that_stands_in_the_log(client_as: ClientAs) -> None:
    admin, clerk, auditor = client_as("admin"), client_as("clerk"), client_as("auditor")
    edit = {"telephone": "0512-6300 0000", "hours": "office", "reason": "换了号码"}
    refused = await clerk.patch(f"/api/units/{TOWN}", json=edit)
    assert (refused.status_code, refused.json()["code"]) == (403, "access.forbidden")
    assert (await admin.patch(f"/api/units/{TOWN}", json={"telephone": "1"})).status_code == 422
    unknown = await admin.patch(f"/api/units/{TOWN}", json=edit | {"hours": "midnight"})
    assert unknown.json()["params"] == {"field": "hours", "value": "midnight"}
    edited = (await admin.patch(f"/api/units/{TOWN}", json=edit)).json()
    assert (edited["telephone"], edited["hours"]) == ("0512-6300 0000", "office")
    assert (await admin.patch(f"/api/units/{TOWN}", json=edit)).status_code == 200
    (entry,) = (await auditor.get("/api/change-log", params={"subject": TOWN})).json()["items"]
    assert (entry["kind"], entry["reason"], entry["division"]) == ("unit.edited", "换了号码", WEST[-9:])
    assert entry["details"] == {"telephone": ["", "0512-6300 0000"], "hours": ["", "office"]}
    assert (await clerk.get("/api/change-log")).status_code == 403


@pytest.mark.usefixtures("registered")
async def test_a_unit_is_opened_once_and_found_by_its_name(client_as: ClientAs) -> None:
    admin, planner = client_as("admin"), client_as("planner")
    room = {"code": "west.room", "kind": "room", "name": "西镇调解室", "division": WEST[-9:], "parent": TOWN}
    room |= {"lon": 120.61, "lat": 31.11, "reason": "新设"}
    opened = await admin.post("/api/units", json=room)
    assert (opened.status_code, opened.json()["level"], opened.json()["lon"]) == (201, "town", 120.61)
    assert (await admin.post("/api/units", json=room)).json()["code"] == "unit.exists"
    centre = room | {"code": "west.centre", "kind": "centre"}
    assert (await admin.post("/api/units", json=centre)).json()["code"] == "unit.exists"
    assert (await admin.post("/api/units", json=room | {"kind": "castle"})).json()["code"] == "post.unknown"
    assert (await admin.post("/api/units", json=room | {"code": "x1", "division": "999"})).status_code == 404

    async def listed(**query: str) -> list[str]:
        return [one["code"] for one in (await planner.get("/api/units", params=query)).json()["items"]]

    assert await listed(words="调解室") == ["west.room"]
    assert await listed(division=WEST[-9:], below="false") == [TOWN, "west.room"]
    assert "C320509100200" in await listed(division=WEST[-9:])


@pytest.mark.usefixtures("registered")
async def test_who_sits_in_a_unit_today_is_read_from_the_rosters(client_as: ClientAs, store: Store) -> None:
    clerk, planner = client_as("clerk"), client_as("planner")
    held = (await clerk.get("/api/posts", params={"unit": TOWN})).json()["items"]
    by = {"division_path": WEST, "version": 1, "cancelled_at": None, "changed_at": NOW, "changed_by": 1}
    said = {"attendance": "resident", "answer_minutes": None, "pattern": "", "assumed": False, "note": ""}
    here, elsewhere = held[0]["person_id"], held[1]["person_id"]
    async with store.transaction(Reach(scope=ROOT)) as session:
        for person, unit, starts in ((here, None, NOW), (elsewhere, POOL, NOW), (here, None, NOW + timedelta(days=1))):
            times = {"starts_at": starts, "ends_at": starts + timedelta(hours=4)}
            session.add(Shift(id=uuid4(), who_kind="person", who_id=person, unit=unit, **times, **said, **by))
        ends = NOW + timedelta(hours=1)
        session.add(Leave(id=uuid4(), who_kind="person", who_id=here, starts_at=NOW, ends_at=ends, **by))
    sitting = (await clerk.get(f"/api/units/{TOWN}/sitting")).json()
    assert sitting["day"] == "2026-03-02"
    assert [(one["name"], one["away"]) for one in sitting["items"]] == [(held[0]["person"], True)]
    (served,) = (await clerk.get(f"/api/units/{POOL}/sitting")).json()["items"]
    assert (served["name"], served["away"]) == (held[1]["person"], False)
    (unnamed,) = (await planner.get(f"/api/units/{TOWN}/sitting")).json()["items"]
    assert unnamed["name"] == ""


async def test_exposure_adds_up_the_smallest_divisions_that_were_counted(
    client_as: ClientAs, store: Store, world: World
) -> None:
    grids = world.micro_grids(WEST)[:2]
    async with store.transaction(Reach(scope=ROOT)) as session:
        counts = [
            Counted(grids[0].rpartition(".")[2], grids[0], TODAY - timedelta(days=9), 90, 40, 7),
            Counted(grids[0].rpartition(".")[2], grids[0], TODAY, 110, 41, None),
            Counted(grids[1].rpartition(".")[2], grids[1], TODAY, None, 9, 5),
            Counted(EAST[-9:], EAST, TODAY, 1000, None, None),
        ]
        stored = await put_counts(session, counts, day=TODAY)
        assert (stored.added, stored.changed, stored.unchanged) == (4, 0, 0)
        again = await put_counts(session, counts[1:], day=TODAY)
        assert (again.added, again.changed, again.unchanged) == (0, 0, 3)
        shared = await session.scalar(
            select(func.sum(Division.households)).where(Division.code == grids[0].rpartition(".")[2])
        )
    assert shared == 110, "the boundaries in force carry the latest count"
    told = (await client_as("planner").get("/api/exposure")).json()
    rows = {row["code"]: (row["households"], row["premises"], row["enterprises"]) for row in told["items"]}
    assert rows == {WEST[-9:]: (810, 50, 75), EAST[-9:]: (800, None, 80)}, (
        "a town's own count is not added to its grids'"
    )
    assert (told["total"]["households"], told["total"]["premises"], told["total"]["divisions"]) == (1610, 50, 16)
    west = client_as("clerk_west")
    assert (await west.get("/api/exposure")).json()["total"]["households"] == 810
    assert (await west.get("/api/exposure", params={"division": EAST[-9:]})).status_code == 404


@pytest.mark.usefixtures("registered")
async def test_a_post_is_given_to_somebody_new_or_to_nobody(client_as: ClientAs) -> None:
    admin, west, clerk = client_as("admin"), client_as("clerk_west"), client_as("clerk")
    post = {"unit": TOWN, "duty": "member", "reason": "新录用", "new_person": {"code": "GH-0301", "name": "周敏"}}
    assert (await admin.post("/api/posts", json=post | {"person": 1})).status_code == 422
    unknown = await admin.post("/api/posts", json=post | {"title": "wizard"})
    assert unknown.json()["code"] == "post.unknown"
    found = {"words": "周敏"}
    assert (await admin.get("/api/staff", params=found)).json()["items"] == [], "a refused post adds nobody"
    given = await admin.post("/api/posts", json=post)
    assert (given.status_code, given.json()["person"], given.json()["unit"]) == (201, "周敏", TOWN)
    again = await admin.post("/api/posts", json=post)
    assert (again.status_code, again.json()["code"], again.json()["params"]) == (
        409,
        "staff.exists",
        {"person": "GH-0301"},
    )
    (listed,) = (await admin.get("/api/staff", params=found)).json()["items"]
    assert (listed["id"], listed["division"]) == (given.json()["person_id"], WEST[-9:])
    assert (await clerk.get("/api/staff", params={"words": "gh-03"})).json()["items"] == [listed]
    assert (await clerk.post("/api/posts", json=post)).status_code == 403
    await admin.patch("/api/users/clerk_west", json={"role": "admin", "reason": "兼管本镇"})
    above = await west.post("/api/posts", json={"unit": CENTRE, "person": listed["id"], "reason": "x" * 3})
    assert (above.status_code, above.json()["code"]) == (403, "access.forbidden")


@pytest.mark.usefixtures("registered")
async def test_a_unit_closes_once_nothing_is_left_in_it(client_as: ClientAs) -> None:
    admin = client_as("admin")
    why = {"reason": "并入镇中心"}
    used = await admin.post(f"/api/units/{TOWN}/close", json=why)
    assert (used.status_code, used.json()["code"]) == (409, "unit.in_use")
    assert used.json()["params"]["posts"] > 0
    room = {"code": "west.room", "kind": "room", "name": "调解室", "division": WEST[-9:], "parent": TOWN, **why}
    assert (await admin.post("/api/units", json=room)).status_code == 201
    closed = await admin.post("/api/units/west.room/close", json=why)
    assert (closed.status_code, closed.json()["closed_on"]) == (200, "2026-03-02")
    assert (await admin.post("/api/units/west.room/close", json=why)).json()["code"] == "unit.closed"
    (entry, _) = (await admin.get("/api/change-log", params={"subject": "west.room"})).json()["items"]
    assert (entry["kind"], entry["reason"]) == ("unit.closed", "并入镇中心")


@pytest.mark.usefixtures("registered")
async def test_an_account_is_linked_to_its_person_and_has_the_posts_of_that_person(client_as: ClientAs) -> None:
    admin, clerk = client_as("admin"), client_as("clerk")
    post = {"unit": TOWN, "role": "handler", "reason": "新录用", "new_person": {"code": "GH-0301", "name": "周敏"}}
    listed = (await admin.post("/api/posts", json=post)).json()["person_id"]

    async def link(username: str, person: str | None) -> tuple[int, str | None]:
        answer = await admin.put(f"/api/users/{username}/person", json={"person": person, "reason": "入职"})
        return answer.status_code, answer.json().get("code") or answer.json()["person"]

    assert (await clerk.get("/api/posts")).json()["items"] == []
    assert await link("clerk", "nobody") == (422, "staff.unknown")
    assert await link("clerk", "GH-0301") == (200, "GH-0301")
    assert [one["person"] for one in (await clerk.get("/api/posts")).json()["items"]] == ["周敏"]
    assert await link("operator", "GH-0301") == (409, "staff.has_account")
    assert (await admin.get("/api/staff", params={"words": "GH-0301"})).json()["items"][0]["account"] == "clerk"
    assert (await admin.get("/api/staff", params={"words": " "})).status_code == 422
    await admin.patch("/api/users/clerk_west", json={"role": "admin", "reason": "兼管本镇"})
    seen = (await client_as("clerk_west").get("/api/staff", params={"words": "GH-0301"})).json()["items"]
    assert [one["account"] for one in seen] == [None], "an account of the county's is not told to a town"
    assert await link("clerk", None) == (200, None)
    assert await link("operator", "GH-0301") == (200, "GH-0301")
    assert await link("operator", None) == (200, None)
    of_town = client_as("clerk_west")
    above = {"unit": CENTRE, "person": listed, "role": "handler", "reason": "兼任"}
    assert (await admin.post("/api/posts", json=above)).status_code == 201
    beyond = await of_town.put("/api/users/patrol_west/person", json={"person": "GH-0301", "reason": "入职"})
    assert (beyond.status_code, beyond.json()["code"]) == (403, "staff.above"), beyond.text
    (entry, *_) = (await admin.get("/api/change-log", params={"subject": "clerk"})).json()["items"]
    assert entry["details"] == {"person": ["GH-0301", None]}
