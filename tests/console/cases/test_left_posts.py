"""Cases of posts that nobody holds any more go to their units, whichever way the post was left."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.watch.cases import empty_left_posts
from console.cases.moving import left_posts, without_post
from console.cases.opening import open_cases
from console.cases.storing import entries_of
from console.cases.tables import Case
from console.flow.case_state import Charge, from_json
from console.register.tables import Post, StaffMember, Unit
from geo.store import Reach, Store
from tests.console.cases.test_due_moves import CLERK
from tests.console.cases.test_history import STATE, work
from tests.reporting import add_incident
from tests.worlds import NOW, ROOT, WEST, World, user_named

TODAY = NOW.date()


async def unit_in(session: AsyncSession, code: str, *, kind: str = "room", is_centre: bool = False) -> Unit:
    unit = Unit(
        code=code, kind=kind, is_centre=is_centre, name=code, name_en=code, parent=None, level="town",
        division_path=WEST, geom=None, hours="", telephone="", services=[], specialities=[], attendance="",
        running=True, assumed=False, properties={}, opened_on=TODAY, closed_on=None,
    )  # fmt: skip
    session.add(unit)
    await session.flush()
    return unit


async def post_of(session: AsyncSession, username: str, unit: Unit, *, until: date | None = None) -> int:
    """Give an account a person, and that person a post."""
    person = StaffMember(code=username, name=username, division_path=WEST)
    session.add(person)
    await session.flush()
    (await user_named(session, username)).person_id = person.id
    post = Post(
        person_id=person.id, unit_id=unit.id, division_path=WEST, duty="seconded", title="", role="clerk",
        attendance="", managed_by=[], specialities=[], first_day=TODAY, until=until, created_by=None, created_at=NOW,
    )  # fmt: skip
    session.add(post)
    await session.flush()
    return post.id


async def case_with(session: AsyncSession, world: World, unit: Unit, **changes: Any) -> int:
    """Open a case that a unit has accepted, with changes of its state."""
    incident = await add_incident(session, world, world.micro_grids(WEST)[0])
    await open_cases(session, work(), [incident], actor=CLERK, now=NOW)
    case = await session.get_one(Case, incident)
    post = changes.get("owner")
    held = {"owner": {"unit": unit.code, "post": post}, "accepted": True, "handler": 1}
    case.state = {**case.state, **held, **{name: value for name, value in changes.items() if name != "owner"}}
    case.unit, case.post_id, case.accepted = unit.code, post, True
    case.charge_post_id = changes.get("charge", {}).get("post")
    await session.flush()
    return incident


async def test_a_secondment_that_is_over_and_an_account_switched_off_leave_their_cases_to_the_unit(
    store: Store, world: World
) -> None:
    later = NOW + timedelta(days=5)
    async with store.transaction(Reach(scope=ROOT)) as session:
        unit = await unit_in(session, "office")
        over = await post_of(session, "clerk_west", unit, until=TODAY + timedelta(days=5))
        off = await post_of(session, "operator_west", unit)
        held = await post_of(session, "clerk", unit)
        cases = [await case_with(session, world, unit, owner=post) for post in (over, off, held)]
        charge = {"user": 1, "since": NOW.isoformat(), "unit": unit.code, "post": off}
        cases.append(await case_with(session, world, unit, owner=held, charge=charge))
        assert await left_posts(session, day=TODAY) == []
        (await user_named(session, "operator_west")).disabled_at = NOW
        await session.flush()
        assert await left_posts(session, day=later.date()) == [over, off]

    await empty_left_posts(store, work(), root=Reach(scope=ROOT), now=lambda: later)
    async with store.transaction(Reach(scope=ROOT)) as session:
        rows = [await session.get_one(Case, one) for one in cases]
        assert [(row.post_id, row.accepted) for row in rows] == [(None, False)] * 2 + [(held, True)] * 2
        assert from_json(rows[3].state).charge is None
        for row in rows[:2]:
            kinds = [kind for kind, _ in await entries_of(session, row.incident_id)]
            assert kinds == ["case.opened", "case.post_left"]
        assert await left_posts(session, day=later.date()) == []


@pytest.mark.parametrize(("successor", "leader", "left"), [(8, 5, (5, 8)), (8, None, None), (None, None, None)])
def test_what_a_leader_took_charge_of_goes_to_the_successor_with_an_account(
    successor: int | None, leader: int | None, left: tuple[int, int] | None
) -> None:
    state = without_post(replace(STATE, charge=Charge(1, NOW, "u", 7)), 7, successor, leader=leader)
    assert (state.charge and (state.charge.user, state.charge.post)) == left
