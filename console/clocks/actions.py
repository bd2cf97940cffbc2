"""Start, stop, pause, resume, extend and change clocks, inside the caller's transaction.

The caller has locked the incident. Nothing here gives notice: moments that have passed are for the sweep, so that a
move never sends one in its own transaction.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from console.clocks.queries import KnownClock, lock_clock, lock_clocks, pause_of, pauses_of, with_running
from console.clocks.rules import (
    ClockEnded,
    NotExtendable,
    NotPausable,
    Pause,
    Running,
    Schedule,
    StatutoryClock,
    schedule_of,
)
from console.clocks.tables import Clock, ClockContent, ClockPause
from console.clocks.terms import ClockTerm, Hours
from console.clocks.walking import WorkedTimes
from console.deadlines.actions import Planned, cancel_subjects, plan_deadlines
from console.deadlines.tables import Deadline
from geo.store import BulkInsert, BulkMove

KIND = "clock"
MOMENT = f"{KIND}.moment"
"""The one kind of deadline of a clock: its next moment."""

STARTED = BulkInsert(
    Clock, fixed=("extended", "extensions", "generation", "stopped_at", "outcome"), then="RETURNING id"
)
ENDED = BulkInsert(Clock, fixed=("extended", "extensions", "generation", "paused_at"))
OF_PLAN = ("division_path", "started_at", "amount", "unit")
MOVE, MOVE_PAUSES = (BulkMove(table, "incident_id") for table in (Clock, ClockPause))
MOVE_DEADLINES = BulkMove(Deadline, "subject_id", where=f"subject = '{KIND}'", through=(Clock, "incident_id"))


@dataclass(frozen=True, slots=True)
class NewClock:
    """A clock to start. `limit_code` is what the flow calls the limit that it runs for, `unit_code` the unit that it
    binds, if not the case as a whole. Pauses of the case inside its span count, if its term allows any.
    """

    incident_id: int
    division_path: str
    term: ClockTerm
    pack_version: str
    started_at: datetime
    hours: Hours | None = None
    unit_code: str | None = None
    limit_code: str = ""


@dataclass(frozen=True, slots=True)
class EndedClock:
    """A clock of the past, with when and how it ended."""

    new: NewClock
    stopped_at: datetime
    outcome: str


async def start_clocks(
    session: AsyncSession, times: WorkedTimes, asked: Sequence[NewClock], *, now: datetime
) -> list[int]:
    """Start clocks and return their ids, in order. One of a case that is paused starts paused."""
    if not asked:
        return []
    digests = await _keep_contents(session, asked)
    pauses = await pauses_of(session, {one.incident_id for one in asked})
    rows = [
        _row(one, digest, times, pauses=[*map(pause_of, pauses[one.incident_id])], now=now)
        for one, digest in zip(asked, digests, strict=True)
    ]
    added = await STARTED.run(session, rows, extended=0, extensions=0, generation=0, stopped_at=None, outcome=None)
    ids: list[int] = sorted(added.scalars())  # They rise in the order of the rows.
    planned = [
        Planned(clock_id, due_at=_first_of(row["moments"]), **{name: row[name] for name in OF_PLAN})
        for clock_id, row in zip(ids, rows, strict=True)
        if row["paused_at"] is None
    ]
    await plan_deadlines(session, MOMENT, planned)
    return ids


async def import_ended_clocks(session: AsyncSession, times: WorkedTimes, ended: Sequence[EndedClock]) -> None:
    """Add clocks of the past in bulk; they give no notice."""
    if not ended:
        return
    digests = await _keep_contents(session, [one.new for one in ended])
    rows = [
        _row(one.new, digest, times, now=one.stopped_at) | {"stopped_at": one.stopped_at, "outcome": one.outcome}
        for one, digest in zip(ended, digests, strict=True)
    ]
    await ENDED.run(session, rows, extended=0, extensions=0, generation=0, paused_at=None)


async def stop_clocks(
    session: AsyncSession,
    incident_id: int,
    *,
    outcome: str,
    now: datetime,
    limits: Collection[str] | None = None,
    units: Collection[str] | None = None,
) -> list[Clock]:
    """Stop the open clocks of an incident: all, or those of these limits, or those that bind these units.

    A pause of the case goes on, as it is the case's.
    """
    clocks = await lock_clocks(session, incident_id, limits=limits)
    stopped = [clock for clock in clocks if units is None or clock.unit_code in units]
    for clock in stopped:
        clock.stopped_at, clock.outcome, clock.paused_at = now, outcome, None
    await session.flush()
    await cancel_subjects(session, KIND, [clock.id for clock in stopped], now=now)
    return stopped


async def restart_clock(
    session: AsyncSession, times: WorkedTimes, clock_id: int, *, counts: bool, now: datetime
) -> Clock:
    """Let a stopped clock run on, as when a merge is undone. What it had stood still for `counts` as used, or is kept
    as a pause of its own. One of a case that is paused stays paused.
    """
    known = await lock_clock(session, clock_id)
    clock = known.row
    if clock.stopped_at is None:
        return clock
    if not counts:
        session.add(_pause(clock, clock_id=clock.id, reason=clock.outcome or "", since=clock.stopped_at, until=now))
    clock.stopped_at = clock.outcome = None
    clock.paused_at = next((pause.begin for pause in known.running.pauses if pause.end is None), None)
    await session.flush()
    await reschedule(session, times, [clock], now=now)
    return clock


async def pause_clocks(
    session: AsyncSession, incident_id: int, path: str, *, reason: str, now: datetime
) -> list[Clock]:
    """Pause a case: its clocks whose limits allow that. Another reason ends the pause before and begins the next.

    Raises NotPausable if there are open clocks and none of them may be paused.
    """
    clocks = await lock_clocks(session, incident_id)
    known = await with_running(session, clocks)
    pausable = [one.row for one in known if one.term.pausable]
    if clocks and not pausable:
        raise NotPausable(clock=clocks[0].code)
    await _end_pause(session, incident_id, now=now)
    session.add(ClockPause(incident_id=incident_id, reason=reason, paused_at=now, division_path=path))
    for clock in pausable:
        clock.paused_at = clock.paused_at or now
    await session.flush()
    await cancel_subjects(session, KIND, [clock.id for clock in pausable], now=now)
    return pausable


async def resume_clocks(session: AsyncSession, times: WorkedTimes, incident_id: int, *, now: datetime) -> list[Clock]:
    """End the pause of a case, if there is one. Its clocks run on from what they had used."""
    clocks = await lock_clocks(session, incident_id)
    await _end_pause(session, incident_id, now=now)
    paused = [clock for clock in clocks if clock.paused_at is not None]
    for clock in paused:
        clock.paused_at = None
    await reschedule(session, times, paused, now=now)
    return paused


async def extend_clock(session: AsyncSession, times: WorkedTimes, clock_id: int, *, by: int, now: datetime) -> Clock:
    """Extend a limit by `by` of its unit, as its term allows. Its moments give notice anew.

    Raises ClockEnded, StatutoryClock, NotExtendable, NotFound.
    """
    known = await lock_clock(session, clock_id)
    clock = known.row
    _check_extension(known, by)
    clock.extended += by
    clock.extensions += 1
    clock.generation += 1
    await reschedule(session, times, [clock], now=now)
    return clock


async def change_clock(
    session: AsyncSession, times: WorkedTimes, clock_id: int, new: NewClock, *, now: datetime
) -> Clock:
    """Replace a clock by that of another lane or level. The new one starts where `new` says, and all pauses of the case
    inside its span count, and those of the clock itself. Raises ClockEnded, NotFound.
    """
    known = await lock_clock(session, clock_id)
    clock = known.row
    if clock.stopped_at is not None:
        raise ClockEnded(clock=clock.code)
    clock.stopped_at, clock.outcome, clock.paused_at = now, "changed", None
    await session.flush()
    await cancel_subjects(session, KIND, [clock.id], now=now)
    [started] = await start_clocks(session, times, [new], now=now)
    begun = await session.get_one(Clock, started)
    await carry_pauses(session, times, clock, begun, now=now)
    return begun


async def carry_pauses(
    session: AsyncSession,
    times: WorkedTimes,
    old: Clock,
    begun: Clock,
    *,
    closed_at: datetime | None = None,
    now: datetime,
) -> None:
    """Let the pauses that are a clock's own count for the one that comes after it, as do those of the case.

    `closed_at`: the case goes on again, and the time since then is left out, too.
    """
    known = (await pauses_of(session, {old.incident_id}))[old.incident_id]
    spans = [(one.reason, one.paused_at, one.resumed_at or now) for one in known if one.clock_id == old.id]
    if closed_at is not None:
        spans.append(("closed", closed_at, now))
    for reason, since, until in spans:
        session.add(_pause(begun, clock_id=begun.id, reason=reason, since=since, until=until))
    if spans:
        await reschedule(session, times, [begun], now=now)


async def adopt_term(
    session: AsyncSession, times: WorkedTimes, clock_id: int, new: NewClock, *, keeps_due: bool, now: datetime
) -> Clock:
    """Move a running clock to another version of its pack. Moments that gave notice do not do so again.

    `keeps_due`: its dates stay as they are. Else they follow the new term. Raises StatutoryClock, ClockEnded, NotFound.
    """
    known = await lock_clock(session, clock_id)
    clock = known.row
    if clock.stopped_at is not None:
        raise ClockEnded(clock=clock.code)
    clock.pack_version = new.pack_version
    if not keeps_due:
        (clock.content,) = await _keep_contents(session, [new])
        clock.amount, clock.unit = new.term.amount, new.term.unit.value
        await reschedule(session, times, [clock], now=now)
    await session.flush()
    return clock


async def move_clocks(session: AsyncSession, paths: Mapping[int, str]) -> None:
    """Move the clocks and pauses of incidents to the incidents' new divisions, with their deadlines."""
    for move in (MOVE, MOVE_PAUSES, MOVE_DEADLINES):
        await move.run(session, paths)


async def reschedule(
    session: AsyncSession, times: WorkedTimes, clocks: Sequence[Clock], *, now: datetime
) -> list[Clock]:
    """Count the dates of clocks again; return those that are due at another time. Paused ones are left as they are."""
    await session.flush()
    moved = []
    for known in await with_running(session, clocks):
        before = known.row.due_at
        _apply(known.row, schedule_of(known.running, times, now=now))
        if known.row.due_at != before:
            moved.append(known.row)
    await session.flush()
    await _plan(session, [clock for clock in clocks if clock.paused_at is None and clock.stopped_at is None])
    return moved


async def _plan(session: AsyncSession, clocks: Iterable[Clock]) -> None:
    """Plan the sweep of clocks: at their first moment. The sweep passes over those that gave notice."""
    planned = [
        Planned(clock.id, clock.division_path, clock.started_at, clock.amount, clock.unit, _first_of(clock.moments))
        for clock in clocks
        if clock.paused_at is None
    ]
    await plan_deadlines(session, MOMENT, planned)


def _first_of(moments: Sequence[Sequence[str]]) -> datetime:
    """Return the time of a clock's first moment."""
    return datetime.fromisoformat(moments[0][1])


def _apply(clock: Clock, schedule: Schedule) -> None:
    for name, value in _dates(schedule).items():
        setattr(clock, name, value)


def _dates(schedule: Schedule) -> dict[str, Any]:
    return {
        "due_at": schedule.due_at,
        "due_day": schedule.due_day,
        "warn_at": schedule.warn_at,
        "last_day": schedule.last_day,
        "moments": [[moment.code, moment.at.isoformat()] for moment in schedule.moments],
        "unannounced": list(schedule.unannounced),
    }


def _row(
    new: NewClock, digest: str, times: WorkedTimes, *, now: datetime, pauses: Sequence[Pause] = ()
) -> dict[str, Any]:
    counted = tuple(pauses) if new.term.pausable else ()
    schedule = schedule_of(Running(new.term, new.started_at, new.hours, 0, counted), times, now=now)
    going_on = next((pause.begin for pause in counted if pause.end is None), None)
    return {
        "incident_id": new.incident_id,
        "code": new.term.code,
        "limit_code": new.limit_code or new.term.code,
        "unit_code": new.unit_code,
        "content": digest,
        "pack_version": new.pack_version,
        "started_at": new.started_at,
        "started_day": times.day(new.started_at),
        "amount": new.term.amount,
        "unit": new.term.unit.value,
        "paused_at": going_on,
        "division_path": new.division_path,
        **_dates(schedule),
    }


async def _keep_contents(session: AsyncSession, asked: Sequence[NewClock]) -> list[str]:
    """Keep the terms and hours of clocks, once each; return their digests in order."""
    rows: dict[tuple[int, int], dict[str, Any]] = {}
    for new in asked:  # Those of a batch share their terms and hours.
        if (id(new.term), id(new.hours)) not in rows:
            rows[id(new.term), id(new.hours)] = _content(new)
    different = {row["digest"]: row for row in rows.values()}
    await session.execute(upsert(ClockContent).on_conflict_do_nothing(), [*different.values()])
    return [rows[id(new.term), id(new.hours)]["digest"] for new in asked]


def _content(new: NewClock) -> dict[str, Any]:
    content = {
        "term": new.term.model_dump(mode="json"),
        "hours": None if new.hours is None else new.hours.model_dump(mode="json"),
    }
    digest = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
    return {"digest": digest, **content}


async def _end_pause(session: AsyncSession, incident_id: int, *, now: datetime) -> None:
    going_on = ClockPause.incident_id == incident_id, ClockPause.clock_id.is_(None), ClockPause.resumed_at.is_(None)
    await session.execute(update(ClockPause).where(*going_on).values(resumed_at=now))


def _pause(clock: Clock, *, clock_id: int | None, reason: str, since: datetime, until: datetime) -> ClockPause:
    return ClockPause(
        incident_id=clock.incident_id,
        clock_id=clock_id,
        reason=reason,
        paused_at=since,
        resumed_at=until,
        division_path=clock.division_path,
    )


def _check_extension(known: KnownClock, by: int) -> None:
    clock, allowed = known.row, known.term.extension
    if clock.stopped_at is not None:
        raise ClockEnded(clock=clock.code)
    if allowed is None:
        refusal = StatutoryClock if known.term.statutory else NotExtendable
        raise refusal(clock=clock.code)
    left = allowed.most - clock.extended if clock.extensions < allowed.times else 0
    if not 1 <= by <= left:
        raise NotExtendable(clock=clock.code, most=left)
