"""The cover is watched: a notice ahead for the first gap of each minimum, once, until it is filled or comes."""

from datetime import date, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.clocks.walking import OfficeHours
from console.deadlines.actions import sweep
from console.deadlines.tables import Deadline
from console.notices.rules import Delivery
from console.notices.tables import Notice
from console.rosters.actions import NewLeave, put_leave, put_shift
from console.rosters.deadlines import COVER, cover_gaps
from console.rosters.rules import NewShift, Span, Who, WhoKind
from console.rosters.terms import Cover, RosterTerms
from console.rosters.writing import Moment
from geo.store import Reach, Store
from tests.console.clocks.clockwork import TIMES, local
from tests.worlds import EAST, NOW, ROOT, WEST, World

ASKED = {"code": "one", "names": {"zh": "一人", "en": "One"}, "at": "town", "least": 1, "hours": ["09:00-17:00"]}
TERMS = RosterTerms(watch_days=3, minimums=(Cover.model_validate(ASKED),))
KIND = cover_gaps(Delivery(OfficeHours(TIMES)), TERMS, TIMES)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def gaps_told(session: AsyncSession) -> list[tuple[str, str, int]]:
    rows = await session.scalars(select(Notice).where(Notice.kind == "roster.gap").order_by(Notice.id))
    return [(row.division_path, row.body["starts_at"], row.body["gaps"]) for row in rows]


async def test_a_gap_is_told_ahead_once_and_again_only_for_another(store: Store, world: World) -> None:
    amy = Who(WhoKind.FORCE, world.forces["mediator_west"])
    west = Actor(world.users["planner"], "planner", "planner", WEST)
    at = Moment(NOW, date(2026, 3, 2))
    async with store.transaction(Reach(scope=WEST)) as session:
        for day in (2, 3, 4):
            span = Span(local(f"2026-03-0{day} 09:00"), local(f"2026-03-0{day} 17:00"))
            await put_shift(session, west, uuid4(), NewShift(amy, "resident", span), expected=None, at=at)
    async with store.transaction(Reach(scope=ROOT)) as session:
        assert await sweep(session, [KIND], now=NOW) == 0, "what changes together is looked at once"
        assert await sweep(session, [KIND], now=NOW + MINUTE) == 1
        assert await gaps_told(session) == []
    async with store.transaction(Reach(scope=WEST)) as session:
        away = NewLeave(amy, Span(local("2026-03-03 12:00"), local("2026-03-04 12:00")))
        await put_leave(session, west, uuid4(), away, expected=None, now=NOW)
    async with store.transaction(Reach(scope=ROOT)) as session:
        assert await sweep(session, [KIND], now=NOW + MINUTE) == 1
        first = (WEST, "2026-03-03T04:00:00+00:00", 2)
        assert await gaps_told(session) == [first], "the other town has no roster, and is not watched"
        assert await sweep(session, [KIND], now=NOW + MINUTE + HOUR) == 1, "every hour"
        assert await gaps_told(session) == [first]
        assert await sweep(session, [KIND], now=local("2026-03-03 12:30")) == 1
        assert await gaps_told(session) == [first, (WEST, "2026-03-04T01:00:00+00:00", 2)]
        open_ones = await session.scalars(select(Deadline.division_path).where(Deadline.kind == COVER))
        assert [*open_ones] == [WEST] != [EAST]
