"""Cases opened beside the desk: of imported history, of incidents that have none, and after a post has ended."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.board.trend import count_closed
from console.cases.casework import Casework
from console.cases.history import open_history, open_missing
from console.cases.moving import leave_post, without_post
from console.cases.opening import open_cases
from console.cases.regrading import regraded
from console.cases.storing import entries_of
from console.cases.tables import Case
from console.clocks.tables import Clock
from console.deadlines.tables import Deadline
from console.feed.tables import OutboxEvent
from console.flow.case_state import CaseState, Holder, Offer, from_json
from console.flow.replay import replay
from console.incidents.tables import Incident
from geo.store import Reach, Store
from tests.reporting import add_incident
from tests.worlds import NOW, PACK, ROOT, World

ACTOR = Actor(user_id=1, username="operator", role="operator", scope=ROOT)
SUPERVISOR = replace(ACTOR, role="supervisor")


def work() -> Casework:
    assert PACK.casework is not None
    return PACK.casework


async def test_incidents_without_a_case_get_one_each_with_an_event_where_screens_show_it(
    store: Store, world: World
) -> None:
    """Screens show what was closed within a day: a client that has followed the feed holds what a snapshot would."""
    long_ago = NOW - timedelta(days=3)
    async with store.transaction(Reach(scope=ROOT)) as session:
        ids = [await add_incident(session, world, path) for path in world.micro_grids()[:3]]
        for incident_id, at in zip(ids, (NOW, long_ago), strict=False):
            closed = await session.get_one(Incident, incident_id)
            closed.status, closed.closed_at = "closed", at
        await session.flush()
        assert [await open_missing(session, work(), actor=ACTOR, limit=2, now=NOW) for _ in range(3)] == [2, 1, 0]
        cases = (await session.scalars(select(Case).order_by(Case.incident_id))).all()
        assert [(case.stage, case.ended_at) for case in cases] == [
            ("closed", NOW), ("closed", long_ago), ("received", None),
        ]  # fmt: skip
        for case in cases:
            assert replay(await entries_of(session, case.incident_id)) == from_json(case.state)
        events = await session.scalar(select(func.count()).where(OutboxEvent.kind == "case"))
        assert events == 2


async def test_what_closed_lately_is_judged_by_the_limits_from_its_door(store: Store, world: World) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        path, ids = world.micro_grids()[0], []
        for began, closed in ((20, 19), (20, 2), (400, 390)):
            ids.append(await add_incident(session, world, path, at=NOW - timedelta(days=began)))
            past = await session.get_one(Incident, ids[-1])
            past.status, past.closed_at = "closed", NOW - timedelta(days=closed)
        await session.flush()
        await open_history(session, work(), ids, actor=ACTOR, now=NOW)
        clocks = (await session.scalars(select(Clock).order_by(Clock.incident_id))).all()
        assert [(one.incident_id, one.limit_code) for one in clocks] == [
            (ids[0], "close_order"),
            (ids[1], "close_order"),
        ]
        kept = [one.stopped_at is not None and one.stopped_at <= one.due_at for one in clocks]
        assert kept == [True, False], "a day, and eighteen"
        weeks = await count_closed(session, SUPERVISOR, scope=ROOT, zone=PACK.zone, now=NOW)
        assert (sum(one.closed for one in weeks), sum(one.on_time for one in weeks)) == (2, 1)
        assert await session.scalar(select(func.count()).select_from(Deadline).where(Deadline.subject == "clock")) == 0


async def test_a_post_that_ends_hands_its_open_cases_to_the_successor_and_leaves_ended_ones(
    store: Store, world: World
) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        ids = [await add_incident(session, world, path) for path in world.micro_grids()[:2]]
        await open_cases(session, work(), ids, actor=ACTOR, now=NOW)
        mine = await _given_to(session, ids, post=7)
        mine[1].ended_at = NOW
        await session.flush()
        assert await leave_post(session, work(), 7, successor=8, by=1, now=NOW) == 1
        assert [case.post_id for case in mine] == [8, 7]


async def _given_to(session: AsyncSession, ids: list[int], *, post: int) -> list[Case]:
    """Put cases into a post, as if somebody there had accepted them."""
    cases = [await session.get_one(Case, one) for one in ids]
    for case in cases:
        case.state = {**case.state, "owner": {"unit": case.unit, "post": post}, "accepted": True}
        case.post_id, case.accepted = post, True
    return cases


FIRST = Holder("u", 7)
STATE = CaseState("dispute", "dispute.family", "low", "received", "easy", "village", FIRST, FIRST)


@pytest.mark.parametrize(
    ("state", "successor", "expected"),
    [
        (replace(STATE, accepted=True, handler=1), 8, (Holder("u", 8), True)),
        (replace(STATE, accepted=True, handler=1), None, (Holder("u"), False)),
        (replace(STATE, owner=Holder("u", 9), accepted=True, handler=1), None, (Holder("u", 9), True)),
    ],
)
def test_without_its_post_a_case_goes_to_the_successor_or_waits_in_the_unit(
    state: CaseState, successor: int | None, expected: tuple[Holder, bool]
) -> None:
    after = without_post(state, 7, successor)
    assert (after.owner, after.accepted) == expected
    assert after.first_receiver == Holder("u", successor), "the first receiver's duty passes as well"


def test_a_new_risk_sets_lane_and_level_until_somebody_has_accepted() -> None:
    terms = work().terms
    changed = {"category": "hazard.fire", "risk": "high", "level": "county"}
    fresh = regraded(terms, STATE, **changed)
    assert (fresh.flow, fresh.lane, fresh.level) == ("hazard", "urgent", "county")
    for state in (replace(STATE, accepted=True), replace(STATE, offer=Offer("v"))):
        held = regraded(terms, state, **changed)
        assert (held.flow, held.lane, held.level) == ("dispute", "urgent", "village")
