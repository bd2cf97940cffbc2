"""First-response deadlines of incidents: a warning, then overdue, once."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from console.access.rules import Actor
from console.deadlines.actions import sweep
from console.deadlines.tables import Deadline
from console.feed.tables import OutboxEvent
from console.incidents.actions import close, register_many
from console.incidents.deadlines import KINDS
from console.incidents.edits import edit
from console.incidents.events import body_of
from console.incidents.queries import lock_incident
from console.incidents.rules import Edits, Registration, Report
from console.incidents.tables import Incident, TimelineEntry
from console.tasks.actions import assign, move_tasks, take_step
from console.tasks.rules import Step
from geo.store import Reach, Store
from tests.worlds import EAST, NOW, PACK, ROOT, World

EVERYTHING = Reach(scope=ROOT)
LIMIT = timedelta(hours=2)
"""The pack's limit for an incident of low risk."""

WARNED = 0.66 * LIMIT


class County:
    """One incident in the west, and actions on it, one transaction each."""

    def __init__(self, store: Store, world: World) -> None:
        self.store, self.world = store, world
        self.operator = Actor(user_id=world.users["operator"], username="operator", role="operator", scope=ROOT)
        self.incident = self.task = 0

    async def register(self, **more: datetime) -> None:
        lon, lat = self.world.middle_of(self.world.micro_grids()[0])
        report = Report("hotline", None, "dispute.family", "Noise", "", lon, lat, lon, lat, "wgs84", NOW)
        source = replace(self.operator, role="source")
        async with self.store.transaction(EVERYTHING) as session:
            [found] = await register_many(
                session, [replace(report, **more)], terms=PACK.incidents, zone=PACK.zone, actor=source, now=NOW
            )
        assert isinstance(found, Registration)
        self.incident = found.incident_id

    async def send(self, force: str, *, after: timedelta) -> None:
        async with self.store.transaction(EVERYTHING) as session:
            sent = await assign(
                session,
                self.operator,
                incident_id=self.incident,
                force_id=self.world.forces[force],
                terms=PACK.dispatch,
                now=NOW + after,
            )
            self.task = sent.id

    async def step(self, step: Step, *, after: timedelta, actor: Actor | None = None) -> None:
        actor = actor or self.operator
        async with self.store.transaction(actor.reach) as session:
            await take_step(session, actor, self.task, step, day=NOW.date(), now=NOW + after)

    async def change(self, risk: str, *, after: timedelta) -> None:
        async with self.store.transaction(EVERYTHING) as session:
            incident = await lock_incident(session, self.incident)
            edits = Edits(risk=risk)
            await edit(
                session,
                incident,
                edits,
                expected=None,
                terms=PACK.incidents,
                on_division_change=move_tasks,
                actor=self.operator,
                now=NOW + after,
            )

    async def close(self, *, after: timedelta) -> None:
        async with self.store.transaction(EVERYTHING) as session:
            incident = await lock_incident(session, self.incident)
            await close(session, incident, note="", expected=None, actor=self.operator, now=NOW + after)

    async def sweep(self, *, after: timedelta) -> int:
        async with self.store.transaction(EVERYTHING) as session:
            return await sweep(session, KINDS, now=NOW + after)

    async def entries(self) -> list[str]:
        """Return the timeline entries of the first response."""
        async with self.store.transaction(EVERYTHING) as session:
            kinds = await session.scalars(select(TimelineEntry.kind).order_by(TimelineEntry.id))
            return [kind for kind in kinds if kind.startswith("first_response.")]


@pytest.fixture
def county(store: Store, world: World) -> County:
    return County(store, world)


async def test_a_waiting_incident_warns_once_and_is_overdue_once(county: County) -> None:
    await county.register()
    moment = timedelta(seconds=1)
    took = [await county.sweep(after=after) for after in (WARNED - moment, WARNED, LIMIT - moment, LIMIT, 2 * LIMIT)]
    assert took == [0, 1, 0, 1, 0]
    assert await county.entries() == ["first_response.due_soon", "first_response.overdue"]


async def test_every_screen_is_sent_an_overdue_incident(county: County) -> None:
    await county.register()
    await county.sweep(after=WARNED)
    await county.sweep(after=LIMIT)
    async with county.store.transaction(EVERYTHING) as session:
        incident = await session.get_one(Incident, county.incident)
        events = list(await session.scalars(select(OutboxEvent).order_by(OutboxEvent.id)))
    assert [(event.kind, event.version) for event in events] == [("incident", 1), ("incident", 2)]
    assert (events[-1].body, incident.version, incident.status) == (body_of(incident), 2, "registered")


async def test_an_incident_with_a_force_in_time_is_not_overdue(county: County) -> None:
    await county.register()
    await county.send("patrol_west", after=timedelta(minutes=5))
    for step in ("accept", "depart", "arrive", "finish"):
        assert await county.sweep(after=2 * LIMIT) == 0
        await county.step(step, after=timedelta(minutes=10), actor=replace(county.operator, role="gateway"))
    assert await county.sweep(after=2 * LIMIT) == 0
    assert await county.entries() == []


async def test_an_incident_closed_without_a_force_is_not_overdue(county: County) -> None:
    await county.register()
    await county.close(after=timedelta(minutes=5))
    assert await county.sweep(after=2 * LIMIT) == 0


async def test_a_record_of_the_past_has_no_deadline(county: County) -> None:
    await county.register(closed_at=NOW)
    async with county.store.transaction(EVERYTHING) as session:
        assert list(await session.scalars(select(Deadline))) == []


@pytest.mark.parametrize("step", ["decline", "recall"])
async def test_an_incident_that_waits_again_has_the_remaining_time(county: County, step: Step) -> None:
    await county.register()
    await county.send("patrol_west", after=timedelta(minutes=5))
    actor = county.operator if step == "recall" else replace(county.operator, role="gateway")
    await county.step(step, after=timedelta(minutes=30), actor=actor)
    assert [await county.sweep(after=after) for after in (WARNED, LIMIT, 2 * LIMIT)] == [1, 1, 0]


async def test_an_incident_that_waits_again_after_its_time_is_overdue_at_once_and_only_once(county: County) -> None:
    await county.register()
    for minutes in (5, 300):
        await county.send("patrol_west", after=timedelta(minutes=minutes))
        await county.step("recall", after=timedelta(minutes=minutes + 200))
        await county.sweep(after=timedelta(minutes=minutes + 201))
    assert await county.entries() == ["first_response.overdue"]


async def test_a_patrol_from_another_town_leaves_the_deadline_right(county: County) -> None:
    """Its transaction sees of the other town only its incident."""
    await county.register()
    await county.send("patrol_east", after=timedelta(minutes=5))
    user, force = county.world.users["patrol_east"], county.world.forces["patrol_east"]
    patrol = Actor(user_id=user, username="patrol_east", role="patrol", scope=EAST, force_id=force)
    await county.step("decline", after=timedelta(minutes=6), actor=patrol)
    assert await county.sweep(after=LIMIT) == 1
    assert await county.entries() == ["first_response.overdue"]


async def test_a_graver_risk_is_due_sooner_and_a_lesser_one_later(county: County) -> None:
    await county.register()
    await county.change("high", after=timedelta(minutes=1))
    assert [await county.sweep(after=timedelta(minutes=minutes)) for minutes in (9, 10, 14, 15, 16)] == [0, 1, 0, 1, 0]
    await county.change("low", after=timedelta(minutes=20))
    assert [await county.sweep(after=after) for after in (WARNED, LIMIT)] == [1, 1]
    await county.change("high", after=3 * LIMIT)
    assert await county.sweep(after=4 * LIMIT) == 0, "it was overdue before"


async def test_a_new_risk_sets_no_deadline_for_a_served_incident(county: County) -> None:
    await county.register()
    await county.send("patrol_west", after=timedelta(minutes=5))
    await county.change("high", after=timedelta(minutes=6))
    assert await county.sweep(after=LIMIT) == 0
