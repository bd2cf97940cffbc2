"""A pack for a made-up place, written from its description alone: cases go through it, and no code knows it."""

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.place.pack import Pack
from api.place.reading import load_pack
from console.access.rules import Actor
from console.cases.actions import locked_case, make_move
from console.cases.casework import Casework
from console.cases.field import record_finish
from console.cases.noticing import CaseNotices
from console.cases.opening import open_cases
from console.cases.storing import entries_of
from console.cases.tables import Case
from console.clocks.deadlines import clock_moments
from console.clocks.walking import OfficeHours
from console.deadlines.actions import sweep
from console.flow.case_state import from_json
from console.flow.replay import replay
from console.incidents.queries import lock_incident
from console.notices.rules import Delivery
from geo.store import Reach, Store
from tests.reporting import add_incident
from tests.shared import CHECKOUT
from tests.worlds import NOW, ROOT, WEST, World

ISLANDS: Pack = load_pack(str(CHECKOUT / "docs" / "examples" / "yushan"))
STATION = Actor(user_id=1, username="operator_west", role="operator", scope=WEST)
CHIEF = Actor(user_id=2, username="supervisor", role="supervisor", scope=ROOT)
COUNCIL = f"centre.{ROOT}"


def work() -> Casework:
    assert ISLANDS.casework is not None
    return ISLANDS.casework


async def opened(session: AsyncSession, world: World, category: str, risk: str) -> int:
    level = ISLANDS.incidents.risk_by_code[risk].level
    path = world.micro_grids(WEST)[0]
    incident = await add_incident(session, world, path, category=category, risk=risk, level=level)
    await open_cases(session, work(), [incident], actor=STATION, now=NOW)
    return incident


async def go(session: AsyncSession, who: Actor, incident: int, *moves: tuple[str, dict[str, Any]]) -> Case:
    for move, form in moves:
        case = (await make_move(session, work(), who, incident, move=move, form=form, now=NOW)).case
    assert replay(await entries_of(session, incident)) == from_json(case.state)
    return case


async def test_cases_of_a_made_up_place_go_from_the_quay_to_the_log(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        quarrel, errand, sea = [
            await opened(session, world, *what)
            for what in (("quarrel.berth", "orange"), ("errand.mainland", "blue"), ("sea.adrift", "red"))
        ]
        case = await go(session, STATION, quarrel, ("take", {}), ("convene", {}), ("close_harbour", {"reason": "fog"}))
        assert (case.stage, case.paused, case.due_at) == ("closed_sea", True, None)
        await go(session, STATION, quarrel, ("open_harbour", {}), ("call_skippers", {"units": [COUNCIL]}))
        running = (await work().clocks.open_of(session, [quarrel], now=NOW))[quarrel]
        assert {one.limit for one in running} == {"voyage", "answer"}
        case = await go(session, STATION, quarrel, ("excuse", {"unit": COUNCIL}), ("settle", {"outcome": "agreed"}))
        answers = {"way": "visit", "reached": True, "peace": "no"}
        case = await go(session, CHIEF, quarrel, ("visit", answers))
        assert (case.stage, case.ended_at) == ("council", None)
        settled = ("settle", {"outcome": "agreed"})
        case = await go(session, STATION, quarrel, settled, ("log", {}))
        assert (case.stage, case.due_at) == ("logged", None)
        case = await go(session, STATION, errand, ("settle_at_quay", {"outcome": "agreed"}))
        assert (case.stage, case.flow) == ("sailed", "errand")
        boat = await locked_case(session, work(), await lock_incident(session, sea))
        assert boat is not None and (boat.state.stage, boat.state.lane) == ("at_sea", "tide")
        await record_finish(
            session, work(), boat, task_id=1, force_id=world.forces["patrol_west"], actor=CHIEF, now=NOW
        )
        assert (boat.case.stage, boat.case.outcome) == ("sailed", "saved")


async def test_a_case_of_a_made_up_place_goes_up_by_itself_when_it_is_over_its_limit(
    store: Store, world: World
) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        incident = await opened(session, world, "quarrel.berth", "orange")
        kinds = [clock_moments(Delivery(OfficeHours(ISLANDS.times)), CaseNotices(work()))]
        while await sweep(session, kinds, now=NOW + timedelta(days=5)):
            pass
        case = await session.get_one(Case, incident, populate_existing=True)
        assert (case.level, case.offer_unit) == ("county", COUNCIL)
