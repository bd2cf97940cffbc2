"""Moves that the server makes when a limit is due, in the transaction that gives notice of it."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.cases.actions import make_move
from console.cases.casework import Casework
from console.cases.clocks import CaseClocks
from console.cases.due_moves import BARRED, retries
from console.cases.noticing import CaseNotices
from console.cases.opening import open_cases
from console.cases.storing import entries_of
from console.cases.tables import Case
from console.clocks.deadlines import clock_moments
from console.clocks.terms import ClockTerms
from console.clocks.walking import OfficeHours
from console.deadlines.actions import sweep
from console.flow.case_state import from_json
from console.flow.case_terms import CaseTerms
from console.flow.replay import replay
from console.forces.tables import Force
from console.incidents.tables import TimelineEntry
from console.notices.rules import Delivery
from console.notices.tables import Notice
from console.tasks.tables import Task
from geo.store import Reach, Store
from tests.console.cases.test_called_units import CHIEF, DELIVERY, HELPER, HELPERS, OTHER, Handling
from tests.console.clocks.clockwork import limit
from tests.reporting import add_incident
from tests.worlds import NOW, PACK, ROOT, WEST, World

TOWN = f"centre.{WEST.rpartition('.')[2]}"
COUNTY = f"centre.{ROOT}"
CLERK = Actor(user_id=1, username="clerk_west", role="clerk", scope=WEST)


def work_with(**overdue: dict[str, Any]) -> Casework:
    """The casework of a pack whose limits of these codes make moves when they are due."""
    assert PACK.casework is not None
    said = PACK.casework.terms.model_dump()
    limits = [limit | {"overdue": overdue.get(limit["code"])} for limit in said["limits"]]
    return replace(PACK.casework, terms=CaseTerms.model_validate(said | {"limits": limits}))


async def swept(session: AsyncSession, work: Casework, *, days: int) -> None:
    kinds = [clock_moments(Delivery(OfficeHours(PACK.times)), CaseNotices(work))]
    while await sweep(session, kinds, now=NOW + timedelta(days=days)):
        pass


async def moves_of(session: AsyncSession, incident: int) -> list[tuple[str, str | None]]:
    """The moves in the record, with the limit that each was made for."""
    wanted = select(TimelineEntry.data).where(TimelineEntry.incident_id == incident, TimelineEntry.kind == "case.moved")
    rows = await session.scalars(wanted.order_by(TimelineEntry.id))
    return [(data["move"], data.get("overdue")) for data in rows]


async def test_an_overdue_limit_moves_its_case_once_as_the_pack_says(store: Store, world: World) -> None:
    work = work_with(
        accept_order={"move": "return", "form": {"reason": "not_ours", "note": "not accepted in time"}},
        close_order={"move": "escalate", "form": {"reason": "over the limit"}},
    )
    async with store.transaction(Reach(scope=ROOT)) as session:
        ids = [await add_incident(session, world, world.micro_grids(WEST)[0]) for _ in range(2)]
        await open_cases(session, work, ids, actor=CLERK, now=NOW)
        sent, kept = ids
        village = f"centre.{WEST[-9:]}200"
        form = {"unit": village, "within_scope": True, "party_known": True}
        await make_move(session, work, CLERK, sent, move="dispatch", form=form, now=NOW)
        await swept(session, work, days=3)
        case = await session.get_one(Case, sent, populate_existing=True)
        assert (case.stage, case.offer_unit, case.unit) == ("received", None, TOWN)
        assert await moves_of(session, sent) == [("dispatch", None), ("return", "accept_order")]
        assert await moves_of(session, kept) == [], "nothing was handed over"

        for days in (30, 31, 120, 240):
            await swept(session, work, days=days)
        for incident in ids:
            case = await session.get_one(Case, incident, populate_existing=True)
            assert [move for move, _ in await moves_of(session, incident)].count("escalate") == 1
            assert (case.level, case.offer_unit) == ("county", COUNTY), "the town has it already"
            assert replay(await entries_of(session, incident)) == from_json(case.state)


async def test_a_case_that_cannot_make_the_move_of_its_limit_stays_and_its_people_are_told(
    store: Store, world: World
) -> None:
    work = work_with(close_order={"move": "rework", "form": {"reason": "over the limit"}})
    async with store.transaction(Reach(scope=ROOT)) as session:
        incident = await add_incident(session, world, world.micro_grids(WEST)[0])
        await open_cases(session, work, [incident], actor=CLERK, now=NOW)
        before = (await session.get_one(Case, incident)).state
        await swept(session, work, days=60)
        case = await session.get_one(Case, incident, populate_existing=True)
        assert (case.state, await moves_of(session, incident)) == (before, [])
        told = select(func.count()).where(TimelineEntry.kind == "clock.overdue", TimelineEntry.incident_id == incident)
        assert await session.scalar(told)


async def test_a_limit_of_the_pause_runs_while_the_others_stand_still(store: Store, world: World) -> None:
    """Nobody loses sight of a case by suspending it."""
    said = work_with().terms.model_dump()
    names, most = {"zh": "挂账时限", "en": "Longest pause"}, "longest_pause"
    during = {"code": most, "names": names, "during": "stages", "stages": ["suspended"], "clocks": [{"clock": most}]}
    terms = CaseTerms.model_validate(said | {"limits": [*said["limits"], during]})
    assert PACK.casework is not None and isinstance(PACK.casework.clocks, CaseClocks)
    own = PACK.casework.clocks.terms
    limits = (*own.limits, limit(30, "natural_day", code=most, starts="stage"))
    work = replace(work_with(), terms=terms, clocks=CaseClocks(ClockTerms(limits=limits, hours=own.hours), PACK.times))
    async with store.transaction(Reach(scope=ROOT)) as session:
        incident = await add_incident(session, world, world.micro_grids(WEST)[0])
        await open_cases(session, work, [incident], actor=CLERK, now=NOW)

        async def running(move: str, **form: Any) -> dict[str, bool]:
            await make_move(session, work, CLERK, incident, move=move, form=form, now=NOW)
            found = (await work.clocks.open_of(session, [incident], now=NOW))[incident]
            return {one.limit: one.paused_at is None for one in found}

        assert await running("accept") == {"close_order": True}
        paused = {"reason": "appraisal", "until": "2026-03-20"}
        assert await running("suspend", **paused) == {"close_order": False, most: True}
        case = await session.get_one(Case, incident, populate_existing=True)
        assert (case.due_limit, case.due_at is not None) == (most, True)
        assert await running("resume") == {"close_order": True}


class Barred:
    """A town's case past its limit, which is to go up, while two units that it called have not answered."""

    def __init__(self, session: AsyncSession, work: Casework, incident: int) -> None:
        self.session, self.work, self.incident = session, work, incident
        self.kinds = [clock_moments(DELIVERY, CaseNotices(work)), retries(work)]

    @classmethod
    async def late(cls, session: AsyncSession, world: World) -> "Barred":
        up = {"move": "escalate", "form": {"reason": "over the limit"}}
        said = work_with(close_order=up).terms.model_dump()
        moves = [move | {"waits": True} if move["code"] == "escalate" else move for move in said["moves"]]
        terms = CaseTerms.model_validate(said | {"moves": moves})
        case = await Handling.begin(session, world, replace(work_with(), terms=terms, delivery=DELIVERY))
        await case.call(HELPER, OTHER)
        found = cls(session, case.work, case.incident)
        await found.sweep(days=60)
        return found

    async def sweep(self, **by: float) -> None:
        while await sweep(self.session, self.kinds, now=NOW + timedelta(**by)):
            pass

    async def move(self, move: str, by: Actor, *, at: timedelta, **form: Any) -> None:
        await make_move(self.session, self.work, by, self.incident, move=move, form=form, now=NOW + at)

    async def told(self) -> list[tuple[str | None, str]]:
        wanted = select(Notice).where(Notice.kind == BARRED).order_by(Notice.id)
        return [(one.to_unit, one.body["reason"]) for one in await self.session.scalars(wanted)]


async def test_a_barred_move_is_told_and_made_once_when_nothing_bars_it_any_more(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        case = await Barred.late(session, world)
        assert "escalate" not in [move for move, _ in await moves_of(session, case.incident)]
        entries = select(TimelineEntry).where(TimelineEntry.kind == BARRED)
        [said] = (await session.scalars(entries)).all()
        assert (said.data["limit"], said.data["reason"], said.data["units"]) == (
            "close_order",
            "joint",
            [HELPER, OTHER],
        )
        assert await case.told() == [(TOWN, "joint"), (None, "joint")], "who has it, and who oversees it"

        await case.move("answer", HELPERS[HELPER], at=timedelta(days=60, minutes=1), note="Seen")
        await case.sweep(days=60, minutes=20)
        assert ("escalate", "close_order") not in await moves_of(session, case.incident), "one has not answered yet"
        await case.move("stand_down", CLERK, at=timedelta(days=60, minutes=21), unit=OTHER)
        for minutes in (40, 41, 90, 600):
            await case.sweep(days=60, minutes=minutes)
        made = [one for one in await moves_of(session, case.incident) if one[0] == "escalate"]
        assert made == [("escalate", "close_order")], "once"
        wanted = select(TimelineEntry).where(TimelineEntry.data["overdue"].astext == "close_order")
        [entry] = (await session.scalars(wanted)).all()
        assert (entry.at, entry.data["due_at"]) == (NOW + timedelta(days=60, minutes=40), said.data["due_at"])
        assert len(await case.told()) == 2 and len((await session.scalars(entries)).all()) == 1


async def test_a_barred_move_is_made_no_more_once_a_person_has_made_it_or_the_limit_is_kept(
    store: Store, world: World
) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        by_hand, closed = [await Barred.late(session, world) for _ in range(2)]
        after = timedelta(days=60, minutes=1)
        for case in (by_hand, closed):
            for unit in (HELPER, OTHER):
                await case.move("stand_down", CLERK, at=after, unit=unit)
        await by_hand.move("escalate", CLERK, at=after, reason="At once")
        await closed.move("close_at_desk", CHIEF, at=after, outcome="done")
        await by_hand.sweep(days=61)
        made = [await moves_of(session, case.incident) for case in (by_hand, closed)]
        assert [one for one in made[0] if one[0] == "escalate"] == [("escalate", None)]
        assert "escalate" not in [move for move, _ in made[1]]


async def test_a_move_that_would_close_a_case_waits_for_the_force_at_the_place(store: Store, world: World) -> None:
    said = work_with(close_order={"move": "close_at_desk", "form": {"outcome": "done"}}).terms.model_dump()
    moves = [move | {"conditions": []} if move["code"] == "close_at_desk" else move for move in said["moves"]]
    work = replace(work_with(), terms=CaseTerms.model_validate(said | {"moves": moves}))
    async with store.transaction(Reach(scope=ROOT)) as session:
        incident = await add_incident(session, world, world.micro_grids(WEST)[0])
        await open_cases(session, work, [incident], actor=CLERK, now=NOW)
        force = (await session.scalars(select(Force.id).order_by(Force.id))).first()
        task = Task(
            incident_id=incident, force_id=force, role="lead", status="assigned", active=True, assigned_at=NOW,
            answer_due_at=NOW, division_path=world.micro_grids(WEST)[0], cost_minutes=0, eta_minutes=0, version=1,
        )  # fmt: skip
        session.add(task)
        await swept(session, work, days=60)
        case = await session.get_one(Case, incident, populate_existing=True)
        assert case.ended_at is None
        await session.execute(update(Task).values(active=False, status="finished"))
        while await sweep(session, [retries(work)], now=NOW + timedelta(days=61)):
            pass
        case = await session.get_one(Case, incident, populate_existing=True)
        assert case.ended_at == NOW + timedelta(days=61)


async def test_a_killed_server_makes_no_half_of_a_barred_move_and_the_next_one_makes_it_once(
    store: Store, world: World
) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        case = await Barred.late(session, world)
        for unit in (HELPER, OTHER):
            await case.move("stand_down", CLERK, at=timedelta(days=60, minutes=1), unit=unit)
    for killed in (True, False, False):
        with suppress(InterruptedError):
            async with store.transaction(Reach(scope=ROOT)) as session:
                await Barred(session, case.work, case.incident).sweep(days=60, minutes=40)
                assert ("escalate", "close_order") in await moves_of(session, case.incident)
                if killed:
                    raise InterruptedError
        async with store.transaction(Reach(scope=ROOT)) as session:
            made = [one for one in await moves_of(session, case.incident) if one[0] == "escalate"]
            assert len(made) == (0 if killed else 1)
            found = await session.get_one(Case, case.incident)
            assert replay(await entries_of(session, case.incident)) == from_json(found.state)
