"""Watching the cover: those who oversee a division are told of a gap before it comes, once for each first gap."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from zlib import crc32

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.clocks.walking import WorkedTimes
from console.deadlines.actions import Planned, plan_deadlines
from console.deadlines.rules import DeadlineKind
from console.deadlines.tables import Deadline
from console.notices.actions import give_notice
from console.notices.rules import Delivery, NewNotice
from console.rosters.queries import Period, gaps_in
from console.rosters.rules import Gap
from console.rosters.terms import RosterTerms

NAME = "roster"
COVER = f"{NAME}.cover"
GAP = "roster.gap"
"""The kind of a notice of a gap."""
AFTER_A_CHANGE, AGAIN = timedelta(minutes=1), timedelta(hours=1)
WATCHED_DEPTH = 2
"""Divisions are watched one below the root, or the whole where a shift belongs to the root."""


async def watch_cover(session: AsyncSession, paths: Iterable[str], *, scope: str, now: datetime) -> None:
    """Look at the cover soon after shifts or leave of these divisions have changed, and from then on every hour."""
    depth = max(WATCHED_DEPTH, scope.count(".") + 1)
    watched = {".".join(path.split(".")[:depth]) for path in paths}
    await plan_deadlines(session, COVER, [_planned(path, now, AFTER_A_CHANGE) for path in sorted(watched)])


def _planned(path: str, now: datetime, wait: timedelta) -> Planned:
    return Planned(crc32(path.encode()), path, now, round(wait.total_seconds()), "second", now + wait)


def cover_gaps(delivery: Delivery, terms: RosterTerms, times: WorkedTimes) -> DeadlineKind:
    """Return the kind of deadline at which the cover of a division is looked at. It never ends: it plans itself."""

    async def on_due(session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
        wanted = select(Deadline.division_path).where(Deadline.kind == COVER, Deadline.subject_id.in_(subjects))
        paths = (await session.scalars(wanted.order_by(Deadline.subject_id))).all()
        first = times.day(now)
        period = Period(first, first + timedelta(days=terms.watch_days - 1), times.zone)
        for path in paths:
            gaps = await gaps_in(session, terms, period, within=path, calendar=times.calendar)
            coming = [gap for gap in gaps if gap.span.starts_at > now]
            await give_notice(session, delivery, _notices(coming), now=now)
        await plan_deadlines(session, COVER, [_planned(path, now, AGAIN) for path in paths])
        return subjects

    return DeadlineKind(COVER, on_due=on_due)


def _notices(gaps: Sequence[Gap]) -> list[NewNotice]:
    """One notice for each minimum of a division that will not be met: its first gap, and how many there are."""
    grouped: dict[tuple[str, str], list[Gap]] = {}
    for gap in gaps:
        grouped.setdefault((gap.cover, gap.division_path), []).append(gap)
    return [
        NewNotice(
            key=f"{GAP}:{cover}:{path}:{mine[0].span.starts_at.isoformat()}",
            kind=GAP,
            division_path=path,
            body={
                "cover": cover,
                "division": path.rpartition(".")[2],
                "starts_at": mine[0].span.starts_at.isoformat(),
                "ends_at": mine[0].span.ends_at.isoformat(),
                "least": mine[0].least,
                "held": mine[0].held,
                "gaps": len(mine),
            },
        )
        for (cover, path), mine in grouped.items()
    ]
