"""Rosters of a demo: patterns of the pack laid for its forces, by the same action as a planner's."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.place.pack import Pack
from console.access.rules import Actor
from console.forces.tables import Force
from console.rosters.actions import NewLeave, put_leave
from console.rosters.laying import Laying, lay_pattern
from console.rosters.queries import Period
from console.rosters.rules import Span, Who, WhoKind
from console.rosters.terms import MadeRoster, local
from console.rosters.writing import Moment

BEFORE, AFTER = timedelta(days=7), timedelta(days=27)
AWAY_FROM, AWAY_UNTIL = timedelta(days=2), timedelta(days=5)
AREA_DEPTH = 2


async def lay_rosters(session: AsyncSession, pack: Pack, *, now: datetime) -> None:
    """Lay the demo's rosters, in the caller's transaction."""
    today = now.astimezone(pack.zone).date()
    at, actor = Moment(now, today), Actor(user_id=0, username="keeper", role="planner", scope=pack.root.code)
    period = Period(min(today - BEFORE, today.replace(day=1)), today + AFTER, pack.zone)
    for made in pack.demo.rosters:
        pattern, calendar = pack.roster.pattern_by_code[made.pattern], pack.times.calendar
        for number, (area, whos) in enumerate(await _followers(session, made, root=pack.root.code)):
            for who in whos[: made.away if number == 0 else 0]:
                span = Span(*(local(today + days, 0, pack.zone) for days in (AWAY_FROM, AWAY_UNTIL)))
                leave_id = uuid5(NAMESPACE_URL, f"roster:demo:{who.id}:{today}")
                await put_leave(session, actor, leave_id, NewLeave(who, span), expected=None, now=now)
            laying = Laying(whos, period, division=area.rpartition(".")[2])
            await lay_pattern(session, actor, pattern, laying, calendar=calendar, at=at)


async def _followers(session: AsyncSession, made: MadeRoster, *, root: str) -> list[tuple[str, Sequence[Who]]]:
    """Return the first forces of these kinds, by the path of their town or for the whole place, in order of id."""
    rows = await session.execute(
        select(Force.id, Force.division_path).where(Force.kind.in_(made.kinds)).order_by(Force.id)
    )
    found: dict[str, list[Who]] = defaultdict(list)
    for number, path in rows:
        area = ".".join(path.split(".")[:AREA_DEPTH]) if made.each_town else root
        if len(found[area]) < made.most and (not made.each_town or area != root):
            found[area].append(Who(WhoKind.FORCE, number))
    return sorted(found.items())
