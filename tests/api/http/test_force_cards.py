"""A force's card over HTTP: what it has, who may see which of it, and the record of each look."""

import pytest
from sqlalchemy import select, update

from console.forces.rules import masked_telephone
from console.forces.tables import Force
from console.looks.tables import Look
from geo.store import Reach, Store
from tests.reporting import report
from tests.worlds import EAST, NOW, ROOT, WEST, ClientAs, Clock, World

NUMBER = "111 0000 0042"


@pytest.fixture
async def force(store: Store, world: World) -> int:
    """The western patrol, with a telephone."""
    found = world.forces["patrol_west"]
    async with store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(update(Force).where(Force.id == found).values(telephone=NUMBER))
    return found


async def sent(client_as: ClientAs, world: World, force: int) -> int:
    """Report an incident and send the force; return its task."""
    body = {"source": "hotline", "category": "dispute.family", "title": "noise", "lon": 120.61, "lat": 31.11}
    incident = (await client_as("source").post("/api/incidents", json=body)).json()["id"]
    answer = await client_as("operator").post(f"/api/incidents/{incident}/tasks", json={"force": force})
    return int(answer.json()["id"])


async def looks(store: Store, scope: str = ROOT) -> list[tuple[str, int, int]]:
    async with store.transaction(Reach(scope=scope)) as session:
        rows = await session.execute(select(Look.subject, Look.entity_id, Look.user_id).order_by(Look.id))
        return [(row.subject, row.entity_id, row.user_id) for row in rows]


async def test_a_card_has_load_last_position_and_a_masked_telephone(
    client_as: ClientAs, world: World, store: Store, force: int
) -> None:
    fix = {"force": force, "at": NOW.isoformat(), "lon": 120.61, "lat": 31.11, "accuracy_m": 8}
    await client_as("gateway").post("/api/positions", json={"fixes": [fix]})
    incident = await report(store, world, world.micro_grids()[0])
    await client_as("operator").post(f"/api/incidents/{incident}/tasks", json={"force": force})
    card = (await client_as("operator").get(f"/api/forces/{force}/card")).json()
    assert (card["force"]["code"], card["busy"], card["tasks_today"]) == ("patrol_west", True, 1)
    assert card["week"] == {
        "tasks": 1,
        "travel_minutes": 0.0,
        "scene_minutes": 0.0,
        "others": 1,
        "usual_tasks": 0.0,
        "usual_minutes": 0.0,
    }
    assert card["last_fix"] == {"at": "2026-03-02T02:00:00Z", "lon": 120.61, "lat": 31.11, "accuracy_m": 8.0}
    assert card["telephone"] == "*** **** **42"
    assert await looks(store) == []


async def test_tasks_of_yesterday_are_not_load_of_today(
    client_as: ClientAs, world: World, store: Store, clock: Clock, force: int
) -> None:
    incident = await report(store, world, world.micro_grids()[0])
    sent = await client_as("operator").post(f"/api/incidents/{incident}/tasks", json={"force": force})
    await client_as("operator").post(f"/api/tasks/{sent.json()['id']}/recall")
    clock.turn(hours=13, minutes=59)
    path = f"/api/forces/{force}/card"
    assert (await client_as("operator").get(path)).json()["tasks_today"] == 1
    clock.turn(minutes=2)
    assert (await client_as("operator").get(path)).json()["tasks_today"] == 0, "past the county's midnight"


async def test_every_look_at_a_telephone_is_recorded_in_the_forces_division(
    client_as: ClientAs, world: World, store: Store, force: int
) -> None:
    for username in ("operator", "operator_west"):
        answer = await client_as(username).post(f"/api/forces/{force}/telephone")
        assert answer.json() == {"telephone": NUMBER}
    expected = [("force.telephone", force, world.users[name]) for name in ("operator", "operator_west")]
    assert await looks(store, WEST) == expected
    assert await looks(store, EAST) == []


async def test_a_trail_is_of_today_thinned_in_order_and_recorded(
    client_as: ClientAs, world: World, store: Store, clock: Clock, force: int
) -> None:
    fixes = [
        {
            "force": force,
            "at": NOW.replace(minute=minute, second=second).isoformat(),
            "lon": 120.61 + minute / 1e4 + second / 1e6,
            "lat": 31.11,
        }
        for minute in range(3)
        for second in (0, 5)
    ]
    clock.turn(minutes=3)
    await client_as("gateway").post("/api/positions", json={"fixes": fixes})
    trail = (await client_as("supervisor").get(f"/api/forces/{force}/trail")).json()
    assert trail["since"] == "2026-03-01T16:00:00Z"
    assert trail["lon"] == pytest.approx([120.61, 120.6101, 120.6102])
    assert trail["at"] == sorted(trail["at"]) and len(trail["lat"]) == 3
    assert await looks(store) == [("force.trail", force, world.users["supervisor"])]
    clock.turn(hours=20)
    assert (await client_as("supervisor").get(f"/api/forces/{force}/trail")).json()["at"] == []


@pytest.mark.parametrize(
    ("username", "card", "telephone", "trail"),
    [
        ("operator", 200, 200, 200),
        ("operator_west", 200, 200, 200),
        ("operator_east", 404, 404, 404),
        ("supervisor", 200, 403, 200),
        ("auditor", 200, 403, 403),
        ("gateway", 200, 403, 403),
        ("patrol_east", 403, 403, 403),
        ("clerk", 403, 403, 403),
        ("wall", 403, 403, 403),
    ],
)
async def test_each_role_sees_of_a_card_what_is_its_right(
    client_as: ClientAs, store: Store, force: int, username: str, card: int, telephone: int, trail: int
) -> None:
    client, path = client_as(username), f"/api/forces/{force}"
    answers = [
        await client.get(f"{path}/card"),
        await client.post(f"{path}/telephone"),
        await client.get(f"{path}/trail"),
    ]
    assert [answer.status_code for answer in answers] == [card, telephone, trail]
    assert len(await looks(store)) == [telephone, trail].count(200)


async def test_a_patrol_sees_its_own_trail_and_when_it_is_deleted_and_nobody_is_recorded(
    client_as: ClientAs, store: Store, force: int
) -> None:
    fix = {"force": force, "at": "2026-03-02T02:00:00Z", "lon": 120.61, "lat": 31.12}
    assert (await client_as("patrol_west").post("/api/positions", json={"fixes": [fix]})).json()["ok"] == 1
    trail = (await client_as("patrol_west").get(f"/api/forces/{force}/trail")).json()
    assert (trail["lon"], trail["kept_days"]) == ([120.61], 30)
    assert await looks(store) == []


async def test_no_list_feed_or_export_over_http_has_a_telephone(client_as: ClientAs, force: int) -> None:
    operator = client_as("operator")
    paths = (
        f"/api/forces/{force}",
        "/api/forces",
        "/api/snapshot",
        "/api/export/forces?format=csv",
        "/api/search?q=patrol",
    )
    for path in paths:
        answer = await operator.get(path)
        assert answer.status_code == 200 and "0042" not in answer.text and "phone" not in answer.text, path


@pytest.mark.parametrize(
    ("number", "shown"), [("", ""), ("7", "7"), ("13800138000", "*********00"), ("0512-63", "****-63")]
)
def test_a_masked_telephone_keeps_its_last_two_digits(number: str, shown: str) -> None:
    assert masked_telephone(number) == shown


async def test_a_cards_week_counts_ways_and_scenes_and_not_what_was_declined(
    client_as: ClientAs, world: World, clock: Clock, force: int
) -> None:
    for step, minutes in (("accept", 0), ("depart", 7), ("arrive", 20), ("finish", 0)):
        if step == "accept":
            task = await sent(client_as, world, force)
        await client_as("gateway").post(f"/api/tasks/{task}/{step}", json={})
        clock.turn(minutes=minutes)
    declined = await sent(client_as, world, force)
    await client_as("gateway").post(f"/api/tasks/{declined}/decline", json={"reason": "occupied"})
    other = await sent(client_as, world, world.forces["patrol_east"])
    await client_as("gateway").post(f"/api/tasks/{other}/accept", json={})
    week = (await client_as("operator").get(f"/api/forces/{force}/card")).json()["week"]
    assert (week["tasks"], round(week["travel_minutes"]), round(week["scene_minutes"])) == (1, 7, 20)
    assert (week["others"], week["usual_tasks"], week["usual_minutes"]) == (1, 1.0, 0.0)
    clock.turn(days=8)
    week = (await client_as("operator").get(f"/api/forces/{force}/card")).json()["week"]
    assert (week["tasks"], week["travel_minutes"]) == (0, 0.0)
