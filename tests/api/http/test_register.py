"""Units and posts over HTTP: who sees whom, and what the end of a post does."""

import httpx
import pytest
from sqlalchemy import update

from api.keeping.commands.demo.sent_down import send_people_down
from console.access.tables import User
from console.register.actions import put_register
from console.register.laying import lay_register
from geo.store import Reach, Store
from ingest.simulator.server_client import ServerClient
from tests.console.register.registers import GROUNDS, SOUTH, TERMS, names
from tests.worlds import EAST, NOW, PACK, ROOT, WEST, ClientAs, World

CENTRE, TOWN, POOL = f"C{ROOT}", f"C{WEST[-9:]}", f"C{ROOT}.pool"


@pytest.fixture
async def registered(store: Store, world: World) -> None:
    """The small county with a small register."""
    register = lay_register(TERMS, GROUNDS, names=names())
    async with store.transaction(Reach(scope=ROOT)) as session:
        await put_register(session, register, points={}, day=NOW.date(), now=NOW)


async def codes(client: httpx.AsyncClient, **query: str) -> list[str]:
    return [unit["code"] for unit in (await client.get("/api/units", params=query)).json()["items"]]


@pytest.mark.usefixtures("registered")
async def test_units_are_listed_with_those_above_and_names_are_for_those_who_may_read_them(client_as: ClientAs) -> None:
    clerk, town, planner = client_as("clerk"), client_as("clerk_west"), client_as("planner")
    assert await codes(town, kind="centre") == [CENTRE, TOWN, f"C{SOUTH[-12:]}", f"C{WEST[-9:]}201"]
    assert await codes(clerk, handles="dispute.contract") == [f"{CENTRE}.court"]
    assert await codes(clerk, division=WEST[-9:], level="town") == [TOWN]
    first = (await clerk.get("/api/units", params={"limit": 2})).json()
    rest = (await clerk.get("/api/units", params={"cursor": first["next"]})).json()
    assert len(first["items"]) + len(rest["items"]) == len(await codes(clerk)) and rest["next"] is None
    assert await codes(town, codes=f"{POOL},{CENTRE},C0") == [CENTRE, POOL]
    told = (await town.get(f"/api/units/{POOL}")).json()
    assert (told["staff"], [post["title"] for post in told["posts"]]) == (3, ["expert"] * 3)
    assert all(post["specialities"] for post in told["posts"])
    masked = (await planner.get(f"/api/units/{POOL}")).json()
    assert (masked["staff"], masked["posts"]) == (3, None) and "Person" not in str(masked)
    refused = await planner.get("/api/posts", params={"unit": POOL})
    assert (refused.status_code, refused.json()["code"]) == (403, "access.forbidden")
    assert (await planner.get("/api/posts")).json() == {"items": [], "missing": False}
    words = (await planner.get("/api/register")).json()
    assert {kind["code"] for kind in words["kinds"]} >= {"centre", "room", "studio"} and words["short_of"] == []
    assert (await clerk.get("/api/units/C0")).status_code == 404


@pytest.mark.usefixtures("registered")
async def test_a_handler_without_a_post_is_told_so(client_as: ClientAs, store: Store) -> None:
    """A clerk without one sits in the centre; an interviewer asks anywhere."""
    told = [(await client_as(name).get("/api/posts")).json()["missing"] for name in ("clerk", "interviewer")]
    async with store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(update(User).where(User.username == "interviewer").values(role="handler"))
    handler = (await client_as("interviewer").get("/api/posts")).json()
    assert (told, handler) == ([False, False], {"items": [], "missing": True})


@pytest.mark.usefixtures("registered")
async def test_the_registrar_gives_a_post_and_ends_it(client_as: ClientAs) -> None:
    admin, clerk = client_as("admin"), client_as("clerk")
    held = (await clerk.get("/api/posts", params={"unit": TOWN})).json()["items"]
    body = {
        "person": held[0]["person_id"],
        "unit": POOL,
        "duty": "seconded",
        "title": "elder",
        "managed_by": [TOWN, CENTRE],
    }
    assert (await clerk.post("/api/posts", json=body)).status_code == 403
    given = await admin.post("/api/posts", json=body)
    assert (given.status_code, given.json()["person"], given.json()["managed_by"]) == (
        201,
        held[0]["person"],
        [TOWN, CENTRE],
    )
    assert (await admin.post("/api/posts", json=body)).json()["code"] == "post.held"
    unknown = await admin.post("/api/posts", json=body | {"role": "king"})
    assert (unknown.status_code, unknown.json()["params"]) == (422, {"field": "role", "value": "king"})
    end = f"/api/posts/{held[0]['id']}/end"
    assert (await admin.post(end, json={"successor": given.json()["id"]})).json()["code"] == "post.successor"
    assert (await admin.post(end, json={"successor": held[1]["id"]})).json() == {"until": "2026-03-02", "cases": 0}
    assert (await admin.post(end)).json()["code"] == "post.ended"
    left = (await clerk.get("/api/posts", params={"unit": TOWN})).json()["items"]
    assert [post["id"] for post in left] == [held[1]["id"]]


@pytest.mark.usefixtures("registered")
async def test_people_sent_down_are_counted_by_whom_where_and_how_long(client_as: ClientAs) -> None:
    """They go as those of a demo do: on the roster of the centres below, for two evenings each."""
    operator, planner, clerk = client_as("operator"), client_as("planner"), client_as("clerk_west")
    seats = [ServerClient(client, client.headers["Authorization"].partition(" ")[2]) for client in (operator, planner)]
    days = {"from": "2026-02-01", "to": "2026-03-02"}
    assert (await clerk.get("/api/rosters/down", params=days)).json()["items"] == []
    sent = [
        await send_people_down(seats[0], seats[1], levels=("town", "county"), now=NOW, zone=PACK.zone) for _ in range(2)
    ]
    assert sent == [4, 0], "one director, on four evenings, and sent once"
    found = (await operator.get("/api/rosters/down", params=days)).json()
    assert {(one["home"], one["by"], one["times"], one["hours"], one["days"]) for one in found["items"]} == {
        (ROOT, "shift", 2, 5.0, 2)
    }
    assert {one["unit"] for one in found["items"]} == {TOWN, f"C{EAST[-9:]}"}
    of_town = (await clerk.get("/api/rosters/down", params=days)).json()["items"]
    assert [one["unit"] for one in of_town] == [TOWN], "a town counts who has come to it"
