"""Read clocks with all that their dates follow from. Row-level security confines them to the session's reach."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.clocks.rules import ClockUnknown, Pause, Running
from console.clocks.tables import Clock, ClockContent, ClockPause
from console.clocks.terms import ClockTerm, Hours
from geo.errors import NotFound

_INCIDENTS = any_(bindparam("incidents", type_=ARRAY(BigInteger)))
_CLOCKS = select(Clock).where(Clock.incident_id == _INCIDENTS).order_by(Clock.started_at, Clock.id)
_OPEN, _STOPPED = _CLOCKS.where(Clock.stopped_at.is_(None)), _CLOCKS.where(Clock.stopped_at.is_not(None))
_PAUSES = select(ClockPause).where(ClockPause.incident_id == _INCIDENTS).order_by(ClockPause.paused_at)
"""Queries of each move, made once."""
_CONTENTS: dict[str, tuple[ClockTerm, Hours | None]] = {}
"""Terms and hours that this process has read, by digest. They never change."""


@dataclass(frozen=True, slots=True)
class KnownClock:
    """A clock with what it runs by."""

    row: Clock
    running: Running

    @property
    def term(self) -> ClockTerm:
        return self.running.term


async def clocks_of(
    session: AsyncSession, incident_ids: Collection[int], *, is_open: bool | None = None
) -> dict[int, list[KnownClock]]:
    """Return the clocks of many incidents, in order of their start, by two queries."""
    query = {None: _CLOCKS, True: _OPEN, False: _STOPPED}[is_open]
    rows = (await session.scalars(query, {"incidents": [*incident_ids]})).all()
    found: dict[int, list[KnownClock]] = defaultdict(list)
    for known in await with_running(session, rows):
        found[known.row.incident_id].append(known)
    return found


async def lock_clocks(session: AsyncSession, incident_id: int, *, limits: Collection[str] | None = None) -> list[Clock]:
    """Lock and return the open clocks of an incident, of these limits if given, until the transaction ends."""
    query = select(Clock).where(Clock.incident_id == incident_id, Clock.stopped_at.is_(None)).order_by(Clock.id)
    if limits is not None:
        query = query.where(Clock.limit_code.in_(limits))
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return [*(await session.scalars(locked)).all()]


async def lock_clock(session: AsyncSession, clock_id: int) -> KnownClock:
    """Lock a clock until the transaction ends. Raises NotFound."""
    query = select(Clock).where(Clock.id == clock_id).with_for_update(key_share=True)
    row = (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()
    if row is None:
        raise NotFound
    return (await with_running(session, [row]))[0]


async def with_running(session: AsyncSession, rows: Sequence[Clock]) -> list[KnownClock]:
    """Add to clocks what they run by: term, hours and pauses."""
    await _read_contents(session, {row.content for row in rows} - _CONTENTS.keys())
    pauses = await pauses_of(session, {row.incident_id for row in rows})
    return [KnownClock(row, _running(row, *_CONTENTS[row.content], pauses=pauses[row.incident_id])) for row in rows]


async def _read_contents(session: AsyncSession, digests: Collection[str]) -> None:
    if digests:
        found = await session.scalars(select(ClockContent).where(ClockContent.digest.in_(digests)))
        _CONTENTS.update({content.digest: _read(content) for content in found})


async def pauses_of(session: AsyncSession, incident_ids: Collection[int]) -> dict[int, list[ClockPause]]:
    """Return the pauses of incidents, the earliest first."""
    found: dict[int, list[ClockPause]] = defaultdict(list)
    if incident_ids:
        for pause in await session.scalars(_PAUSES, {"incidents": [*incident_ids]}):
            found[pause.incident_id].append(pause)
    return found


async def last_content(session: AsyncSession, code: str) -> tuple[ClockTerm, Hours | None]:
    """Return the term and hours by which a clock of this code began last. Raises ClockUnknown."""
    wanted = select(ClockContent).join(Clock, Clock.content == ClockContent.digest).where(Clock.code == code)
    found = await session.scalar(wanted.order_by(Clock.id.desc()).limit(1))
    if found is None:
        raise ClockUnknown(clock=code)
    return _read(found)


def _read(content: ClockContent) -> tuple[ClockTerm, Hours | None]:
    hours = None if content.hours is None else Hours.model_validate(content.hours)
    return ClockTerm.model_validate(content.term), hours


def _running(row: Clock, term: ClockTerm, hours: Hours | None, *, pauses: Sequence[ClockPause]) -> Running:
    """Return what a clock runs by. Pauses of the case count where its limit allows any; its own always do."""
    own = (pause for pause in pauses if pause.clock_id == row.id or (pause.clock_id is None and term.pausable))
    return Running(term, row.started_at, hours, row.extended, tuple(map(pause_of, own)))


def pause_of(row: ClockPause) -> Pause:
    return Pause(row.paused_at, row.resumed_at, row.reason)


def until_of(row: Clock, *, now: datetime) -> datetime:
    """Return until when a clock has run: now, or when it stopped."""
    return row.stopped_at or now
