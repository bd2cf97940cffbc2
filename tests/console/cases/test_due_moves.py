"""Moves that the server makes when a limit is due, in the transaction that gives notice of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.cases.actions import make_move
from console.cases.casework import Casework
from console.cases.clocks import CaseClocks
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
from console.incidents.tables import TimelineEntry
from console.notices.rules import Delivery
from geo.store import Reach, Store
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
