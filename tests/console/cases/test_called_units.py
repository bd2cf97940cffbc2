"""Each unit that is called to help with a case has a limit of its own, from its call until its answer."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Self

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.board.queries import BoardFilter, count_all, count_cases, list_board
from console.board.rules import Standing
from console.cases.actions import make_move
from console.cases.casework import Casework
from console.cases.clocks import CaseClocks
from console.cases.noticing import CaseNotices
from console.cases.opening import open_cases
from console.clocks.deadlines import clock_moments
from console.clocks.tables import Clock
from console.clocks.terms import ClockTerms
from console.clocks.walking import OfficeHours
from console.deadlines.actions import sweep
from console.flow.forms import FormInvalid
from console.incidents.tables import TimelineEntry
from console.notices.actions import answer_notice
from console.notices.rules import URGE, Addresses, Delivery, UrgeUnanswered
from console.notices.tables import Notice
from geo.store import Reach, Store
from tests.console.clocks.clockwork import limit
from tests.reporting import add_incident
from tests.worlds import NOW, PACK, ROOT, WEST, World

VILLAGE = f"{WEST}.{WEST[-9:]}200"
OWNER, HELPER, OTHER = (f"centre.{path.rpartition('.')[2]}" for path in (WEST, VILLAGE, ROOT))
CLERK = Actor(user_id=1, username="clerk_west", role="clerk", scope=WEST)
HELPERS = {
    HELPER: Actor(user_id=2, username="village", role="clerk", scope=VILLAGE),
    OTHER: Actor(user_id=3, username="supervisor", role="supervisor", scope=ROOT),
}
CHIEF = Actor(user_id=4, username="supervisor", role="supervisor", scope=ROOT)
DELIVERY = Delivery(OfficeHours(PACK.times))
CALLED = "joint_answer"


def work() -> Casework:
    """The pack's casework, with a called unit's limit that may be paused and extended."""
    assert PACK.casework is not None and isinstance(PACK.casework.clocks, CaseClocks)
    own = PACK.casework.clocks.terms
    joint = limit(
        4, "working_day", code="joint.answer", starts="hand_over", pausable=True,
        warn=[{"amount": 1, "unit": "working_day"}], extension={"most": 2, "times": 2},
    )  # fmt: skip
    limits = tuple(joint if one.code == "joint.answer" else one for one in own.limits)
    return replace(PACK.casework, clocks=CaseClocks(ClockTerms(limits=limits, hours=own.hours), PACK.times))


class Handling:
    """A case of the town's centre, which may call the village's centre and the county's."""

    def __init__(self, session: AsyncSession, incident: int, work: Casework) -> None:
        self.session, self.incident, self.work = session, incident, work

    @classmethod
    async def begin(cls, session: AsyncSession, world: World, by: Casework | None = None) -> Self:
        incident = await add_incident(session, world, world.micro_grids(VILLAGE)[0])
        handling = cls(session, incident, by or work())
        await open_cases(session, handling.work, [incident], actor=CLERK, now=NOW)
        await handling.move("accept")
        return handling

    async def move(self, move: str, *, by: Actor = CLERK, at: datetime = NOW, **form: Any) -> None:
        await make_move(self.session, self.work, by, self.incident, move=move, form=form, now=at)

    async def call(self, *units: str, at: datetime = NOW) -> None:
        await self.move("call_units", units=[*units], note="Come", at=at)

    async def running(self, at: datetime = NOW) -> dict[str | None, tuple[datetime, bool]]:
        """The running limits of called units: when each is due, and whether it is paused."""
        found = (await self.work.clocks.open_of(self.session, [self.incident], now=at))[self.incident]
        return {one.unit_code: (one.due_at, one.paused_at is not None) for one in found if one.limit == CALLED}

    async def sweep(self, at: datetime) -> None:
        while await sweep(self.session, [clock_moments(DELIVERY, CaseNotices(self.work))], now=at):
            pass


async def test_each_called_unit_has_its_own_limit_until_it_answers(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        case = await Handling.begin(session, world)
        await case.call(HELPER)
        [(first, _)] = (await case.running()).values()
        later = NOW + timedelta(days=1)
        await case.call(OTHER, at=later)
        running = await case.running(later)
        assert running.keys() == {HELPER, OTHER} and running[HELPER][0] == first < running[OTHER][0]

        await case.move("answer", by=HELPERS[HELPER], note="Done", at=later)
        assert (await case.running(later)).keys() == {OTHER}
        ended = select(Clock.outcome).where(Clock.incident_id == case.incident, Clock.unit_code == HELPER)
        assert (await session.scalars(ended)).all() == ["answer"]

        await case.call(HELPER, at=later + timedelta(days=1))
        assert (await case.running(later))[HELPER][0] > first, "called once more, it has its time anew"
        await case.move("stand_down", unit=OTHER, at=later)
        await case.move("refuse", by=HELPERS[HELPER], reason="Not ours", at=later)
        assert await case.running(later) == {}


async def test_a_pause_and_an_extension_hold_for_every_called_unit(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        case = await Handling.begin(session, world)
        await case.call(HELPER, OTHER)
        due = {unit: at for unit, (at, _) in (await case.running()).items()}
        await case.move("suspend", reason="appraisal", until="2026-03-20")
        assert {paused for _, paused in (await case.running()).values()} == {True}
        back = NOW + timedelta(days=2)
        await case.move("resume", at=back)
        after = await case.running(back)
        assert all(not paused and at > due[unit] for unit, (at, paused) in after.items()) and len(after) == 2
        await case.move("extend", by=CHIEF, limit=CALLED, amount=1, reason="More to hear", at=back)
        extended = await case.running(back)
        assert all(extended[unit][0] > at for unit, (at, _) in after.items())


async def test_a_late_called_unit_is_told_by_name_and_counts_as_late_itself(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        case = await Handling.begin(session, world)
        await case.call(HELPER)
        await case.call(OTHER, at=NOW + timedelta(days=3))
        due, _ = (await case.running())[HELPER]
        await case.sweep(due - timedelta(hours=1))
        late = due + timedelta(hours=1)
        await case.sweep(late)
        await case.sweep(late)
        given = select(Notice).where(Notice.incident_id == case.incident, Notice.kind.startswith("clock."))
        told = [
            (one.kind, one.to_unit, one.body["unit"])
            for one in await session.scalars(given.order_by(Notice.id))
            if one.body["limit"] == CALLED
        ]
        assert told == [("clock.warn", HELPER, HELPER), ("clock.due", HELPER, HELPER), ("clock.due", OWNER, HELPER)]
        entries = select(TimelineEntry.data).where(TimelineEntry.kind == "clock.overdue")
        assert [entry["unit"] for entry in await session.scalars(entries)] == [HELPER]

        chosen, supervisor = BoardFilter(scope=ROOT), HELPERS[OTHER]
        cells = {c.key: c for c in await count_cases(session, supervisor, chosen, by="unit", now=late)}
        assert {unit: cell.standings[Standing.LATE] for unit, cell in cells.items()} == {OWNER: 0, HELPER: 1, OTHER: 0}
        assert (await count_all(session, supervisor, chosen, now=late)).standings[Standing.LATE] == 1
        for unit, cell in cells.items():
            for standing in Standing:
                behind = replace(chosen, unit=unit, standing=standing)
                found, _ = await list_board(session, supervisor, behind, limit=9, cursor=None, now=late)
                assert [one.incident.id for one in found] == [case.incident] * cell.standings[standing]
                assert {one.limit_unit for one in found} <= {None if unit == OWNER else unit}


async def test_each_called_unit_is_urged_and_answers_by_itself(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        case = await Handling.begin(session, world, replace(work(), delivery=DELIVERY))
        given = select(Notice).where(Notice.kind == URGE).order_by(Notice.id)

        async def urged() -> list[str | None]:
            return [one.to_unit for one in await session.scalars(given)]

        async def refused(**form: Any) -> str:
            savepoint = await session.begin_nested()
            with pytest.raises((UrgeUnanswered, FormInvalid)) as caught:
                await case.move("urge", by=CHIEF, note="Now", at=NOW + timedelta(minutes=5), **form)
            await savepoint.rollback()
            params = caught.value.params
            return str(params["unit"] if "unit" in params else params["errors"])

        await case.call(HELPER)
        await case.move("urge", by=CHIEF, note="Come", to="called")
        await case.call(OTHER)
        later = NOW + timedelta(minutes=1)
        await case.move("urge", by=CHIEF, note="Come", to="called", at=later)
        assert await urged() == [HELPER, OTHER], "the second, though the first has not answered yet"
        assert await refused(to="called") == HELPER, "nobody is left to urge"
        assert await refused(units=[OTHER]) == OTHER
        assert "unknown" in await refused(units=[OWNER]) and "contradicts" in await refused(units=[OTHER], to="unit")

        [first, second] = (await session.scalars(given)).all()
        own = Addresses(units=frozenset({HELPER}))
        await answer_notice(session, HELPERS[HELPER], own, first.id, answer="On my way", now=later)
        chosen = BoardFilter(scope=ROOT)
        [row], _ = await list_board(session, CHIEF, chosen, limit=9, cursor=None, now=later)
        assert [(one.id, one.answer) for one in row.urgings] == [(second.id, None), (first.id, "On my way")]
        await case.move("urge", by=CHIEF, note="Still?", units=[HELPER], at=NOW + timedelta(minutes=2))
        assert await urged() == [HELPER, OTHER, HELPER]

        await case.move("answer", by=HELPERS[HELPER], note="Done", at=NOW + timedelta(minutes=3))
        assert "unknown" in await refused(units=[HELPER]), "it has answered its call"
        [row], _ = await list_board(session, CHIEF, chosen, limit=9, cursor=None, now=later)
        assert [one.id for one in row.urgings] == [second.id]
