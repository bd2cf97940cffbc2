"""What a force says from its incident: giving back, asking for support, and how far away it was."""

import pytest
from sqlalchemy import text

from console.access.rules import Forbidden
from console.tasks.rules import TaskOver
from geo.errors import NotFound
from geo.store import Reach, Store
from tests.sending import Desk
from tests.worlds import NOW, ROOT, World

PLACE = text("""
INSERT INTO latest_fixes (force_id, at, received_at, geom, division_path)
SELECT id, :at, :at, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), division_path FROM forces WHERE id = :force
""")
METRES_OF_LATITUDE = 110_872.0


@pytest.fixture
def desk(store: Store, world: World) -> Desk:
    return Desk(store, world)


async def stand(desk: Desk, code: str, *, north_m: float, minutes_ago: float = 1) -> None:
    """Put a force north of the first micro-grid's middle."""
    lon, lat = desk.world.middle_of(desk.world.micro_grids()[0])
    place = {"lon": lon, "lat": lat + north_m / METRES_OF_LATITUDE, "force": desk.world.forces[code]}
    async with desk.store.transaction(Reach(scope=ROOT)) as session:
        await session.execute(PLACE, {"at": NOW.replace(hour=1, minute=60 - int(minutes_ago)), **place})


async def test_a_task_finished_far_away_says_so_in_its_row_and_record(desk: Desk) -> None:
    task = await desk.send(await desk.report(), "patrol_west")
    await stand(desk, "patrol_west", north_m=650)
    for step in ("accept", "depart"):
        assert (await desk.step(task.id, step)).away_m is None  # type: ignore[arg-type]
    assert (await desk.step(task.id, "arrive")).away_m == pytest.approx(650, abs=5)
    done = await desk.step(task.id, "finish", reason="settled", words="双方和解")
    assert (done.reason, done.away_m) == ("settled", pytest.approx(650, abs=5))
    said = next(e.data for e in await desk.timeline(task.incident_id) if e.kind == "task.finished")
    assert said == {"task": task.id, "role": "lead", "reason": "settled", "note": "双方和解", "away_m": done.away_m}


@pytest.mark.parametrize("minutes_ago", [None, 11])
async def test_a_distance_that_is_not_known_is_none(desk: Desk, minutes_ago: float | None) -> None:
    task = await desk.send(await desk.report(), "patrol_west")
    if minutes_ago is not None:
        await stand(desk, "patrol_west", north_m=650, minutes_ago=minutes_ago)
    for step in ("accept", "depart", "arrive", "finish"):
        task = await desk.step(task.id, step)  # type: ignore[arg-type]
    assert task.away_m is None
    assert all("away_m" not in entry.data for entry in await desk.timeline(task.incident_id))


async def test_a_task_given_back_frees_the_force_and_returns_the_incident(desk: Desk) -> None:
    incident, patrol = await desk.report(), desk.patrol("west")
    task = await desk.send(incident, "patrol_west")
    for step in ("accept", "depart"):
        await desk.step(task.id, step, actor=patrol)  # type: ignore[arg-type]
    given = await desk.step(task.id, "give_back", actor=patrol, reason="unwell", words="发烧")
    assert (given.status, given.active, given.reason) == ("declined", False, "unwell")
    assert (await desk.incident(incident)).status == "registered"
    last = (await desk.timeline(incident))[-1]
    assert (last.kind, last.actor_id, last.data["note"]) == ("task.given_back", patrol.user_id, "发烧")
    assert (await desk.send(incident, "grid_1")).role == "lead"


async def test_a_force_asks_for_support_while_its_task_lasts(desk: Desk) -> None:
    incident, patrol = await desk.report(), desk.patrol("west")
    task = await desk.send(incident, "patrol_west")
    asked = await desk.ask_support(task.id, actor=patrol, words="有十几个人")
    assert (asked.support_asked_at, asked.status, asked.version) == (NOW, "assigned", 2)
    entry = (await desk.timeline(incident))[-1]
    assert (entry.kind, entry.data["note"]) == ("task.support_asked", "有十几个人")
    assert [event.kind for event in await desk.published()][-2:] == ["incident", "task"]
    await desk.step(task.id, "decline", actor=patrol)
    with pytest.raises(TaskOver):
        await desk.ask_support(task.id, actor=patrol)


async def test_nobody_asks_for_support_in_anothers_place(desk: Desk) -> None:
    task = await desk.send(await desk.report(), "patrol_west")
    with pytest.raises(NotFound):
        await desk.ask_support(task.id, actor=desk.patrol("east"))
    with pytest.raises(Forbidden):
        await desk.ask_support(task.id, actor=desk.operator())


async def test_a_recall_takes_its_reason_and_note_to_the_record(desk: Desk) -> None:
    task = await desk.send(await desk.report(), "grid_1")
    await desk.step(task.id, "recall", reason="closer", words="二队就在旁边")
    said = (await desk.timeline(task.incident_id))[-1].data
    assert (said["reason"], said["note"]) == ("closer", "二队就在旁边")
