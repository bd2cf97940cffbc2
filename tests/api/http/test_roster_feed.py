"""The roster as a calendar by a secret link: what it shows and to whom, and when it ends."""

from collections.abc import Iterable
from urllib.parse import urlsplit

import httpx
from icalendar import Calendar
from sqlalchemy import select

from api.http.roster_file import MASKED, PURPOSE
from console.access.actions import disable_user, set_password
from console.access.passwords import hash_password
from console.access.rules import FEED_LASTS
from console.access.tables import Session, User
from console.register.tables import StaffMember
from geo.store import NO_REACH, Reach, Store
from tests.api.http.test_rosters import put, shift
from tests.worlds import PASSWORD, ROOT, ClientAs, Clock, World

FEED = "/api/rosters/feed"


async def link_of(client: httpx.AsyncClient, **query: str) -> str:
    """Make a link, and return its path."""
    made = await client.post(FEED, params=query)
    assert made.status_code == 201, made.text
    parts = urlsplit(made.json()["url"])
    assert parts.netloc == "maplebridge.test"
    return parts.path + (f"?{parts.query}" if parts.query else "")


async def titles(client: httpx.AsyncClient, path: str) -> list[str]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return [str(event["SUMMARY"]) for event in Calendar.from_ical(answer.content).events]


async def statuses(client: httpx.AsyncClient, paths: Iterable[str]) -> list[int]:
    return [(await client.get(path)).status_code for path in paths]


async def test_a_phone_reads_the_calendar_by_its_link_alone(
    client_as: ClientAs, client: httpx.AsyncClient, world: World
) -> None:
    planner, patrol = client_as("planner"), client_as("patrol_west")
    await put(planner, shift(world.forces["patrol_west"], "02T22:00", "03T06:00", note="张三 138"))
    await put(planner, shift(world.forces["mediator_east"], "04T08:00", "04T12:00"))
    links = {name: await link_of(client_as(name)) for name in ("patrol_west", "operator", "admin")}
    assert await titles(client, links["patrol_west"]) == ["Force patrol_west · 轮驻"], "one's own alone"
    assert await titles(client, links["operator"]) == ["Force patrol_west · 轮驻", "Force mediator_east · 轮驻"]
    assert await titles(client, links["admin"]) == [f"{MASKED['zh']} · 轮驻"] * 2, "as on the roster"
    answer = await client.get(links["patrol_west"])
    assert answer.headers["content-type"].startswith("text/calendar")
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "138" not in answer.text and "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in answer.text
    assert str(Calendar.from_ical(answer.content)["X-WR-CALDESC"]) == PURPOSE["zh"]
    again = await client.get(links["patrol_west"], headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    english = await link_of(patrol, lang="en")
    assert await titles(client, english) == ["Force patrol_west · Rotating"]


async def test_names_of_people_stay_out_but_ones_own(
    client_as: ClientAs, client: httpx.AsyncClient, store: Store, world: World
) -> None:
    planner = client_as("planner")
    async with store.transaction(Reach(scope=ROOT)) as session:
        found = [StaffMember(code=name, name=name, division_path=world.west) for name in ("王小明", "李大伟")]
        session.add_all(found)
        await session.flush()
        people = [person.id for person in found]
    for number, person in enumerate(people):
        who = {"who": {"kind": "person", "id": person}}
        assert (await put(planner, shift(0, f"0{number + 2}T08:00", f"0{number + 2}T12:00") | who)).status_code == 201
    link = await link_of(client_as("operator"))
    assert await titles(client, link) == [f"{MASKED['zh']} · 轮驻"] * 2
    async with store.transaction(NO_REACH) as session:
        (await session.scalars(select(User).where(User.username == "operator"))).one().person_id = people[0]
    assert await titles(client, link) == ["王小明 · 轮驻", f"{MASKED['zh']} · 轮驻"]


async def test_a_link_ends_with_the_next_one_with_its_end_and_with_the_account(
    client_as: ClientAs, client: httpx.AsyncClient, store: Store, world: World, clock: Clock
) -> None:
    operator, supervisor = client_as("operator"), client_as("supervisor")
    assert (await operator.get(FEED)).json()["made_at"] is None
    first = await link_of(operator)
    second = await link_of(operator)
    assert await statuses(client, (first, second)) == [404, 200]
    clock.turn(minutes=2)
    await client.get(second)
    told = (await operator.get(FEED)).json()
    assert told["read_at"] > told["made_at"] and not told["is_own"]
    assert (await operator.delete(FEED)).status_code == 204
    assert (await operator.delete(FEED)).status_code == 204
    assert await statuses(client, (first, second)) == [404, 404]
    of_both = [await link_of(operator), await link_of(supervisor)]
    hashed = hash_password(PASSWORD)
    async with store.transaction(NO_REACH) as session:
        await set_password(session, "operator", password_hash=hashed, now=clock())
        await disable_user(session, "supervisor", now=clock())
    assert await statuses(client, of_both) == [404, 404]
    last = await link_of(client_as("planner"))
    clock.turn(days=FEED_LASTS.days)
    assert await statuses(client, [last]) == [404]


async def test_a_link_signs_nobody_in_and_is_kept_as_a_digest(
    client_as: ClientAs, client: httpx.AsyncClient, store: Store
) -> None:
    link = await link_of(client_as("operator"))
    secret = link.rpartition("/")[2].removesuffix(".ics")
    for headers in ({"Authorization": f"Bearer {secret}"}, {"Cookie": f"maplebridge_session={secret}"}):
        for path in ("/api/me", "/api/rosters?from=2026-03-02&to=2026-03-08", FEED):
            assert (await client.get(path, headers=headers)).status_code == 401
    assert await statuses(client, (f"{FEED}/{secret[:-1]}x.ics", f"{FEED}/token-of-operator-0000000.ics")) == [404, 404]
    assert await statuses(client, (f"{FEED}/short.ics", FEED)) == [422, 401]
    assert (await client_as("wall").post(FEED)).status_code == 403
    async with store.transaction(NO_REACH) as session:
        kept = (await session.scalars(select(Session).where(Session.kind == "feed"))).all()
    assert len(kept) == 1 and secret.encode() not in kept[0].digest
