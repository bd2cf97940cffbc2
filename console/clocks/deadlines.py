"""What happens at the moments of clocks: one notice each, in the sweep's transaction."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.clocks.actions import MOMENT
from console.clocks.tables import Clock, ClockContent, ClockMark
from console.clocks.terms import ClockTerm, Recipient
from console.deadlines.actions import Planned, plan_deadlines
from console.deadlines.rules import DeadlineKind
from console.incidents.tables import Incident
from console.incidents.timeline import Entry, note_many
from console.notices.actions import give_notice
from console.notices.rules import Address, Delivery, NewNotice
from geo.store import BulkInsert

MARK = BulkInsert(ClockMark, then="ON CONFLICT DO NOTHING RETURNING clock_id, moment")
DUE = "due"
ENTRIES = {"warn": "clock.warned", "due": "clock.overdue", "late": "clock.still_overdue"}


OverdueLimit = tuple[Incident, str, datetime]
"""A locked incident, a limit of its case, and when it was due."""


class CaseSide(Protocol):
    """What clocks ask of the cases that they belong to."""

    async def recipients(
        self, session: AsyncSession, incident_ids: Collection[int], *, now: datetime
    ) -> Mapping[int, Mapping[Recipient, Address]]:
        """Return who is what to each case."""

    async def show(self, session: AsyncSession, incidents: Sequence[Incident], *, now: datetime) -> None:
        """Let screens see that clocks of these incidents, which are locked, have changed."""

    async def overdue(self, session: AsyncSession, limits: Sequence[OverdueLimit], *, now: datetime) -> None:
        """Do what the pack wants when these limits are due; their incidents are locked."""


class NoCases:
    """Of a place without a case flow: notices go to those who oversee the division."""

    async def recipients(
        self, session: AsyncSession, incident_ids: Collection[int], *, now: datetime
    ) -> Mapping[int, Mapping[Recipient, Address]]:
        return {}

    async def show(self, session: AsyncSession, incidents: Sequence[Incident], *, now: datetime) -> None:
        return

    async def overdue(self, session: AsyncSession, limits: Sequence[OverdueLimit], *, now: datetime) -> None:
        return


@dataclass(frozen=True, slots=True)
class Reached:
    """A clock with the moments that it has reached and not marked yet, and the last of them that gives notice."""

    clock: Clock
    incident: Incident
    passed: tuple[str, ...]
    noticed: str | None
    next_at: datetime | None


def clock_moments(delivery: Delivery, cases: CaseSide) -> DeadlineKind:
    """Return the kind of deadline that gives notice of clocks."""

    async def on_due(session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
        """Mark what has passed, and give notice of the last of it: after an outage once, not for every moment.

        Clocks with a moment to come stay open until then. Those whose case somebody holds wait for the next sweep.
        """
        held = await _lock(session, subjects)
        reached = await _reached(session, held, now=now)
        fresh = await _mark(session, reached, now=now)
        await _notice(session, delivery, cases, fresh, now=now)
        await _plan_next(session, reached)
        due: dict[tuple[int, str], OverdueLimit] = {}
        for one in fresh:
            if DUE in one.passed:
                limit = one.clock.limit_code
                due.setdefault((one.incident.id, limit), (one.incident, limit, one.clock.due_at))
        await cases.overdue(session, [*due.values()], now=now)
        return [clock.id for clock, _ in held]

    return DeadlineKind(MOMENT, on_due=on_due)


def _is_running(clock: Clock) -> bool:
    return clock.stopped_at is None and clock.paused_at is None


async def _lock(session: AsyncSession, clock_ids: Sequence[int]) -> list[tuple[Clock, Incident]]:
    wanted = (
        select(Clock, Incident)
        .join(Incident, Incident.id == Clock.incident_id)
        .where(Clock.id.in_(clock_ids))
        .order_by(Clock.id)
        .with_for_update(of=[Clock, Incident], key_share=True, skip_locked=True)
    )
    found = await session.execute(wanted.execution_options(populate_existing=True))
    return [(clock, incident) for clock, incident in found]


async def _reached(session: AsyncSession, held: Sequence[tuple[Clock, Incident]], *, now: datetime) -> list[Reached]:
    """Return the running clocks with what they have reached."""
    running = [(clock, incident) for clock, incident in held if _is_running(clock)]
    marked = await _marked(session, [clock for clock, _ in running])
    found = []
    for clock, incident in running:
        moments = [(code, datetime.fromisoformat(at)) for code, at in clock.moments]
        passed = [code for code, at in moments if at <= now]
        known = marked[clock.id, clock.generation]
        fresh = tuple(code for code in passed if code not in known)
        noticed = passed[-1] if fresh and passed[-1] in fresh else None
        found.append(Reached(clock, incident, fresh, noticed, next((at for _, at in moments if at > now), None)))
    return found


async def _marked(session: AsyncSession, clocks: Sequence[Clock]) -> Mapping[tuple[int, int], set[str]]:
    found: dict[tuple[int, int], set[str]] = defaultdict(set)
    wanted = select(ClockMark.clock_id, ClockMark.generation, ClockMark.moment)
    for clock_id, generation, moment in await session.execute(
        wanted.where(ClockMark.clock_id.in_([clock.id for clock in clocks]))
    ):
        found[clock_id, generation].add(moment)
    return found


async def _mark(session: AsyncSession, reached: Sequence[Reached], *, now: datetime) -> list[Reached]:
    """Write what was reached; return the clocks whose notice this transaction is the first to give."""
    rows = [
        {
            "clock_id": one.clock.id,
            "moment": moment,
            "generation": one.clock.generation,
            "at": now,
            "noticed": moment == one.noticed,
            "division_path": one.clock.division_path,
        }
        for one in reached
        for moment in one.passed
    ]
    if not rows:
        return []
    written = {(row.clock_id, row.moment) for row in await MARK.run(session, rows)}
    return [one for one in reached if one.noticed and (one.clock.id, one.noticed) in written]


async def _notice(
    session: AsyncSession, delivery: Delivery, cases: CaseSide, fresh: Sequence[Reached], *, now: datetime
) -> None:
    if not fresh:
        return
    terms = await _terms(session, fresh)
    recipients = await cases.recipients(session, {one.incident.id for one in fresh}, now=now)
    notices = [
        _notice_of(one, terms[one.clock.content], address)
        for one in fresh
        for address in _addresses(one, terms[one.clock.content], recipients.get(one.incident.id, {}))
    ]
    await give_notice(session, delivery, notices, now=now)
    entries = [(one.incident, Entry(_entry_kind(one), data=_said(one))) for one in fresh]
    await note_many(session, entries, now=now)
    await cases.show(session, [one.incident for one in fresh], now=now)


async def _terms(session: AsyncSession, fresh: Sequence[Reached]) -> Mapping[str, ClockTerm]:
    wanted = select(ClockContent).where(ClockContent.digest.in_({one.clock.content for one in fresh}))
    return {kept.digest: ClockTerm.model_validate(kept.term) for kept in await session.scalars(wanted)}


def _addresses(one: Reached, term: ClockTerm, known: Mapping[Recipient, Address]) -> list[Address]:
    """Return where the notice goes, each address once; without any known, to those who oversee the division.

    In the owner's place stands the called unit that the clock binds; once it is late, the owner is told as well.
    """
    kind, _, number = (one.noticed or "").partition(".")
    thresholds = {"warn": term.warn, "late": term.late}.get(kind, ())
    wanted = thresholds[int(number) - 1].to if thresholds else term.due_to
    unit, owner = one.clock.unit_code, known.get("owner")
    if unit is not None:
        known = {**known, "owner": Address(unit=unit)}
    found = dict.fromkeys(known[recipient] for recipient in wanted if recipient in known)
    if unit is not None and owner is not None and kind != "warn":
        found[owner] = None
    return [*found] or [Address()]


def _notice_of(one: Reached, term: ClockTerm, address: Address) -> NewNotice:
    clock = one.clock
    return NewNotice(
        key=f"clock:{clock.id}:{one.noticed}:{clock.generation}:{address.key}",
        kind=f"clock.{_kind(one)}",
        division_path=clock.division_path,
        to=address,
        incident_id=one.incident.id,
        case_code=one.incident.case_code,
        body=_said(one),
        urgent=term.urgent,
    )


def _kind(one: Reached) -> str:
    return (one.noticed or "").partition(".")[0]


def _entry_kind(one: Reached) -> str:
    return ENTRIES[_kind(one)]


def _said(one: Reached) -> dict[str, object]:
    clock = one.clock
    said: dict[str, object] = {"clock": clock.code, "limit": clock.limit_code, "due_at": clock.due_at.isoformat()}
    return said if clock.unit_code is None else {**said, "unit": clock.unit_code}


async def _plan_next(session: AsyncSession, reached: Sequence[Reached]) -> None:
    planned = [
        Planned(one.clock.id, one.clock.division_path, one.clock.started_at, one.clock.amount, one.clock.unit, at)
        for one in reached
        if (at := one.next_at) is not None
    ]
    await plan_deadlines(session, MOMENT, planned)
