"""The doors of merged cases: the first of all sets the limits, whatever is merged, parted, closed and reopened."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.cases.actions import make_move
from console.cases.casework import Casework
from console.cases.doors import Door, other_doors
from console.cases.joining import join_cases, part_cases
from console.cases.opening import open_cases
from console.incidents.duplicates import merge, unmerge
from geo.store import Reach, Store
from tests.console.cases.test_called_units import CHIEF, CLERK
from tests.reporting import add_incident
from tests.worlds import EAST, NOW, PACK, ROOT, WEST, World

DAY = timedelta(days=1)
INTERVIEWER = Actor(user_id=9, username="interviewer", role="interviewer", scope=ROOT)


@dataclass
class Doors:
    """Cases of one quarrel that came in one after the other: `c` three days before `a`, `b` two days before it."""

    session: AsyncSession
    work: Casework
    a: int
    b: int
    c: int

    @classmethod
    async def open(cls, session: AsyncSession, world: World) -> "Doors":
        assert PACK.casework is not None
        micro = world.micro_grids(WEST)[0]
        ids = [await add_incident(session, world, micro, at=NOW - days * DAY) for days in (0, 2, 3)]
        for incident, days in zip(ids, (0, 2, 3), strict=True):
            await open_cases(session, PACK.casework, [incident], actor=CLERK, now=NOW - days * DAY)
        return cls(session, PACK.casework, *ids)

    async def merge(self, one: int, into: int, *, at: datetime = NOW) -> None:
        merged = await merge(self.session, one, into=into, actor=CHIEF, now=at)
        await join_cases(self.session, self.work, merged, actor=CHIEF, now=at)

    async def part(self, one: int, *, at: datetime = NOW) -> None:
        opened = await unmerge(self.session, one, actor=CHIEF, now=at)
        await part_cases(self.session, self.work, opened, actor=CHIEF, now=at)

    async def door(self, one: int) -> timedelta:
        """From how long before `a` came in the limit of the case runs."""
        clocks = (await self.work.clocks.open_of(self.session, [one], now=NOW))[one]
        [started] = [clock.started_at for clock in clocks if clock.limit == "close_order"]
        return NOW - started

    async def told(self, one: int) -> list[int]:
        return [door.id for door in await other_doors(self.session, one)]

    async def move(self, one: int, move: str, *, at: datetime, by: Actor = CHIEF, **form: object) -> None:
        await make_move(self.session, self.work, by, one, move=move, form=form, now=at)

    async def ask(self, one: int, **answers: object) -> None:
        await self.move(one, "follow_up", at=NOW, by=INTERVIEWER, **answers)


async def test_the_first_of_three_doors_counts_in_whatever_order_they_are_merged(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        chain = await Doors.open(session, world)
        await chain.merge(chain.b, chain.a)
        assert (await chain.door(chain.a), await chain.told(chain.a)) == (2 * DAY, [chain.b])
        await chain.merge(chain.c, chain.a)
        assert (await chain.door(chain.a), await chain.told(chain.a)) == (3 * DAY, [chain.c, chain.b])
        await chain.part(chain.c)
        assert (await chain.door(chain.a), await chain.door(chain.c)) == (2 * DAY, 3 * DAY)

        second = await Doors.open(session, world)
        await second.merge(second.c, second.b)
        await second.merge(second.b, second.a)
        assert (await second.door(second.a), await second.told(second.a)) == (3 * DAY, [second.c, second.b])
        await second.part(second.c)
        assert await second.door(second.a) == 2 * DAY, "what is left came in two days before"
        await second.part(second.b)
        assert (await second.door(second.a), await second.door(second.b)) == (timedelta(), 2 * DAY)


async def test_the_first_door_counts_after_a_reopening_and_no_more_after_a_parting(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        doors = await Doors.open(session, world)
        await doors.merge(doors.b, doors.a)
        await doors.move(doors.a, "close_at_desk", at=NOW, outcome="done")
        await doors.move(doors.a, "reopen", at=NOW + DAY, reason="It began again")
        assert await doors.door(doors.a) == 2 * DAY
        await doors.move(doors.a, "close_at_desk", at=NOW + DAY, outcome="done")
        await doors.part(doors.b, at=NOW + DAY)
        assert await doors.door(doors.b) == 2 * DAY
        await doors.move(doors.a, "reopen", at=NOW + 2 * DAY, reason="Once more")
        assert (await doors.door(doors.a), await doors.told(doors.a)) == (timedelta(), [])


async def test_who_received_first_and_which_limit_was_missed_stays_told(store: Store, world: World) -> None:
    """`b` was late when it was merged, `a` was not: the main case says so after a second merge and a reopening."""
    async with store.transaction(Reach(scope=ROOT)) as session:
        doors, late = await Doors.open(session, world), NOW + 60 * DAY
        await doors.merge(doors.c, doors.a)
        await doors.merge(doors.b, doors.a, at=late)
        await doors.move(doors.a, "close_at_desk", at=late, outcome="done")
        await doors.move(doors.a, "reopen", at=late + DAY, reason="It began again")
        told: list[Door] = await other_doors(session, doors.a)
        assert [(door.id, [one.kept for one in door.limits if one.limit == "close_order"]) for door in told] == [
            (doors.c, [True]),
            (doors.b, [False]),
        ]
        assert {door.first_unit for door in told} == {f"centre.{WEST.rpartition('.')[2]}"}
        assert [door.registered_at for door in told] == [NOW - 3 * DAY, NOW - 2 * DAY]


async def test_a_towns_merge_keeps_the_door_of_another_town_that_it_may_not_see(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        doors = await Doors.open(session, world)
        east = await add_incident(session, world, world.micro_grids(EAST)[0], at=NOW - 5 * DAY)
        await open_cases(session, doors.work, [east], actor=CHIEF, now=NOW - 5 * DAY)
        await doors.merge(east, doors.a)
        assert await doors.door(doors.a) == 5 * DAY
    async with store.transaction(Reach(scope=WEST)) as session:
        doors.session = session
        await doors.merge(doors.b, doors.a)
        assert await doors.door(doors.a) == 5 * DAY
        assert await doors.told(doors.a) == [doors.b], "of the other town the moment alone is known"
        await doors.move(doors.a, "close_at_desk", at=NOW, outcome="done")
        await doors.move(doors.a, "reopen", at=NOW + DAY, reason="It began again")
        assert await doors.door(doors.a) == 5 * DAY
