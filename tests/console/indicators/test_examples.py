"""Examples counted by hand: closures of two months, and the satisfaction of a hundred who were asked."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.follow_ups.rules import Standing
from console.indicators.counting import Ground
from console.indicators.queries import Behind, ids_behind
from console.indicators.rules import Figure, Span
from console.indicators.spans import Asked, count_spans
from geo.store import Reach, Store
from tests.console.clocks.clockwork import local
from tests.property.test_indicators import FACTS
from tests.reporting import add_incident
from tests.worlds import PACK, ROOT, World

ACTOR = Actor(user_id=1, username="x", role="operator", scope=ROOT)
AUGUST, SEPTEMBER, BOTH = (
    Span(date(2025, first, 1), date(2025, last, day), PACK.zone)
    for first, last, day in ((8, 8, 31), (9, 9, 30), (8, 9, 30))
)


async def add_cases(
    session: AsyncSession, world: World, count: int, *, came: datetime, ended: datetime | None, **facts: Any
) -> None:
    """Add the facts of so many disputes that are alike."""
    path = world.micro_grids()[0]
    said = {
        "came": came, "ended": ended, "on_time": None, "joined": False, "handed": 1, "reopened": 0, "source": "window",
        "category": "dispute.family", "lane": "easy", "level": "town", "unit": "one", "path": path,
        "outcome": "agreed" if ended else None, "asked": None, "satisfied": None,
    }  # fmt: skip
    for _ in range(count):
        incident = await add_incident(session, world, path, category="dispute.family", at=came)
        await session.execute(text(FACTS), said | {"id": incident} | facts)


async def told(session: AsyncSession, code: str, span: Span) -> Figure:
    """Count an indicator, and see that both of its numbers open as many cases."""
    one = PACK.indicators.by_code[code]
    [found] = (await count_spans(session, ACTOR, Asked([one], Ground(ROOT), [span])))[code]
    for counted, number in ((True, found.numerator), (False, found.denominator)):
        behind = ids_behind(Behind(one, Ground(ROOT), span, counted=counted))
        assert len((await session.scalars(behind)).all()) == number
    return found


async def test_what_closed_of_those_received_is_a_share_and_what_closed_in_a_month_a_number(
    store: Store, world: World
) -> None:
    """Ten came in August, of which four closed then and five in September; eight came in September, six closed."""
    august, september = local("2025-08-12 09:00"), local("2025-09-12 09:00")
    async with store.transaction(Reach(scope=ROOT)) as session:
        for count, came, ended in ((4, august, august), (5, august, september), (1, august, None)):
            await add_cases(session, world, count, came=came, ended=ended)
        for count, ended in ((6, september), (2, None)):
            await add_cases(session, world, count, came=september, ended=ended)
        cohort, closings = await told(session, "closed", SEPTEMBER), await told(session, "closings", SEPTEMBER)
        assert (cohort.numerator, cohort.denominator, cohort.rate) == (6, 8, 0.75)
        assert (closings.denominator, (await told(session, "received", SEPTEMBER)).denominator) == (11, 8)
        assert PACK.indicators.by_code["closings"].kind == "count", "eleven of eight is no share"
        for code in ("closed", "closings", "received"):
            assert await told(session, code, AUGUST) + await told(session, code, SEPTEMBER) == await told(
                session, code, BOTH
            )


async def test_satisfaction_is_of_those_who_answered_beside_how_many_were_asked(store: Store, world: World) -> None:
    """A hundred are asked; 12 are not reached, 8 not yet, 10 refuse; of 70 answers 50 are yes, 15 partly and 5 no."""
    sample = (
        (50, Standing.SATISFIED, "yes"),
        (15, Standing.SATISFIED, "partly"),
        (5, Standing.DISSATISFIED, "no"),
        (10, Standing.REFUSED, None),
        (12, Standing.UNREACHED, None),
        (8, Standing.DUE, None),
        (9, Standing.NOT_DRAWN, None),
    )
    day = local("2025-09-12 09:00")
    async with store.transaction(Reach(scope=ROOT)) as session:
        for count, standing, satisfied in sample:
            await add_cases(session, world, count, came=day, ended=day, asked=standing, satisfied=satisfied)
        reached, answered = await told(session, "reached", SEPTEMBER), await told(session, "answered", SEPTEMBER)
        satisfied_ones, fairly = await told(session, "satisfied", SEPTEMBER), await told(session, "fairly", SEPTEMBER)
        assert (reached.numerator, reached.denominator) == (80, 100)
        assert (answered.numerator, answered.denominator) == (70, 100)
        assert (satisfied_ones.numerator, satisfied_ones.denominator, satisfied_ones.entire) == (50, 70, 100)
        assert (fairly.numerator, fairly.denominator, fairly.entire) == (65, 70, 100)
        assert [round(100 * (one.rate or 0)) for one in (satisfied_ones, fairly)] == [71, 93]
