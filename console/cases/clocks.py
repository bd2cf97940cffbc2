"""The clocks of cases as moves see them: by the limits of the flow, which the pack's clocks serve."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from console.cases.casework import BegunClocks, RunningClock
from console.clocks.actions import (
    EndedClock,
    NewClock,
    carry_pauses,
    change_clock,
    extend_clock,
    import_ended_clocks,
    pause_clocks,
    reschedule,
    restart_clock,
    resume_clocks,
    start_clocks,
    stop_clocks,
)
from console.clocks.queries import KnownClock, clocks_of, last_content, lock_clocks, until_of, with_running
from console.clocks.rules import ClockUnknown, schedule_of
from console.clocks.sums import ClockSum, sum_of
from console.clocks.tables import Clock
from console.clocks.terms import ClockTerms
from console.clocks.walking import WorkedTimes
from console.incidents.duplicates import doors_of
from console.incidents.tables import Incident

NEXT_DUE = (
    select(Clock.incident_id, Clock.limit_code, Clock.due_at)
    .ext(distinct_on(Clock.incident_id))
    .where(
        Clock.incident_id == any_(bindparam("incidents", type_=ARRAY(BigInteger))),
        Clock.stopped_at.is_(None),
        Clock.paused_at.is_(None),
    )
    .order_by(Clock.incident_id, Clock.due_at, Clock.id)
)
CLOSED, JOINED = "closed", "joined"


@dataclass(frozen=True, slots=True)
class CaseClocks:
    """Clocks by the limits of a place's flow. `terms` are the pack's clocks, `times` its working time."""

    terms: ClockTerms
    times: WorkedTimes

    async def start(
        self,
        session: AsyncSession,
        incident: Incident,
        clocks: Mapping[str, str],
        *,
        version: str,
        now: datetime,
        unit_hours: str | None = None,
        called: Mapping[str, str | None] | None = None,
        closed_at: datetime | None = None,
    ) -> None:
        """Start clocks, given by limit. `unit_hours` are the hours of the unit that handles the case. Clocks of
        `called` units, given with their hours, start for each of them.

        `closed_at`: the case is reopened. Those from the door leave out the time since then.
        """
        door = (await doors_of(session, [incident.id]))[incident.id]
        new = [
            await self._new(
                session, incident, limit, code, version=version, now=now, unit_code=unit, unit_hours=hours, door=door
            )
            for unit, hours in ({None: unit_hours} if called is None else called).items()
            for limit, code in clocks.items()
        ]
        begun = await start_clocks(session, self.times, new, now=now)
        if closed_at is not None:
            await self._leave_out(session, incident, begun, closed_at=closed_at, now=now)

    async def _leave_out(
        self, session: AsyncSession, incident: Incident, begun: Sequence[int], *, closed_at: datetime, now: datetime
    ) -> None:
        """Leave the time since a case was closed out of the clocks that go on from the door."""
        ended = (await clocks_of(session, [incident.id], is_open=False)).get(incident.id, [])
        last = {known.row.limit_code: known.row for known in ended if known.row.stopped_at == closed_at}
        for clock in await session.scalars(select(Clock).where(Clock.id.in_(begun)).order_by(Clock.id)):
            if clock.started_at <= closed_at and (old := last.get(clock.limit_code)):
                await carry_pauses(session, self.times, old, clock, closed_at=closed_at, now=now)

    async def start_many(
        self, session: AsyncSession, begun: Sequence[BegunClocks], *, version: str, now: datetime
    ) -> None:
        """Start the clocks of many incidents by the same statements."""
        doors = await doors_of(session, [one.incident.id for one in begun])
        new = [
            await self._new(
                session,
                one.incident,
                limit,
                code,
                version=version,
                now=now,
                unit_code=None,
                unit_hours=one.unit_hours,
                door=doors[one.incident.id],
            )
            for one in begun
            for limit, code in one.clocks.items()
        ]
        await start_clocks(session, self.times, new, now=now)

    async def add_ended(self, session: AsyncSession, ended: Sequence[BegunClocks], *, version: str) -> None:
        """Add the clocks that run from the door of incidents of the past, from when these occurred until they closed.

        How long their stages took nobody has told.
        """
        await import_ended_clocks(session, self.times, [*self._ended(ended, version=version)])

    def _ended(self, ended: Sequence[BegunClocks], *, version: str) -> Iterator[EndedClock]:
        for one in ended:
            incident = one.incident
            for limit, code in one.clocks.items():
                term = self.terms.limit_by_code[code]
                if term.starts != "door" or incident.closed_at is None:
                    continue
                hours = self.terms.hours_of(term, of_unit=one.unit_hours)
                new = NewClock(
                    incident.id, incident.division_path, term, version, incident.occurred_at, hours, limit_code=limit
                )
                yield EndedClock(new, incident.closed_at, CLOSED)

    async def stop(
        self,
        session: AsyncSession,
        incident: Incident,
        limits: Collection[str],
        *,
        outcome: str,
        now: datetime,
        units: Collection[str] | None = None,
    ) -> None:
        """Stop the clocks of these limits, or of those only the ones that bind these units."""
        await stop_clocks(session, incident.id, outcome=outcome, now=now, limits=limits, units=units)

    async def change(
        self,
        session: AsyncSession,
        incident: Incident,
        limit: str,
        clock: str,
        *,
        version: str,
        now: datetime,
        unit_hours: str | None = None,
    ) -> None:
        """Let a limit run by another clock, from where it ran if that starts alike; earlier pauses inside count."""
        door = (await doors_of(session, [incident.id]))[incident.id]
        for known in await with_running(session, await lock_clocks(session, incident.id, limits=[limit])):
            new = await self._new(
                session,
                incident,
                limit,
                clock,
                version=version,
                now=now,
                unit_code=known.row.unit_code,
                unit_hours=unit_hours,
                door=door,
            )
            if known.row.unit_code is not None and new.term.hours is None:  # The called unit's hours, not the owner's.
                new = replace(new, hours=known.running.hours)
            if known.term.starts == new.term.starts:  # The stage or hand-over is the same.
                new = replace(new, started_at=known.row.started_at)
            await change_clock(session, self.times, known.row.id, new, now=now)

    async def pause(self, session: AsyncSession, incident: Incident, *, reason: str, now: datetime) -> None:
        """Pause the clocks that may be paused. Raises NotPausable if none may."""
        await pause_clocks(session, incident.id, incident.division_path, reason=reason, now=now)

    async def resume(self, session: AsyncSession, incident: Incident, *, now: datetime) -> None:
        """Let paused clocks run again."""
        await resume_clocks(session, self.times, incident.id, now=now)

    async def extend(self, session: AsyncSession, incident: Incident, limit: str, *, by: int, now: datetime) -> None:
        """Extend a limit by `by` of its units, for each called unit that it binds. Raises ClockUnknown, StatutoryClock,
        NotExtendable.
        """
        clocks = await lock_clocks(session, incident.id, limits=[limit])
        if not clocks:
            raise ClockUnknown(clock=limit)
        for clock in clocks:
            await extend_clock(session, self.times, clock.id, by=by, now=now)

    async def join(self, session: AsyncSession, incident: Incident, main: Incident, *, now: datetime) -> None:
        """Stop the clocks of an incident that is merged. The main one's run from the earliest of all their doors."""
        await stop_clocks(session, incident.id, outcome=JOINED, now=now)
        await self._start_at_door(session, main, now=now)

    async def part(
        self, session: AsyncSession, incident: Incident, *, now: datetime, main: Incident | None = None
    ) -> None:
        """Let the clocks of an incident that is no longer merged run again, without the time in between. They run from
        the door that is theirs now, as do those of the main one.
        """
        for known in (await clocks_of(session, [incident.id], is_open=False)).get(incident.id, []):
            if known.row.outcome == JOINED:
                await restart_clock(session, self.times, known.row.id, counts=False, now=now)
        for one in (incident, main):
            if one is not None:
                await self._start_at_door(session, one, now=now)

    async def open_of(
        self, session: AsyncSession, incident_ids: Sequence[int], *, now: datetime
    ) -> Mapping[int, Sequence[RunningClock]]:
        """Return the clocks that have not stopped, by incident, the first due first."""
        found: dict[int, list[RunningClock]] = defaultdict(list)
        for incident_id, clocks in (await clocks_of(session, incident_ids, is_open=True)).items():
            found[incident_id] = sorted((self._open(one, now=now) for one in clocks), key=lambda one: one.due_at)
        return found

    def opening_before(self, day: date) -> datetime:
        """Return when the last working day before a day begins, in ordinary hours."""
        time = self.times.of(None)
        return time.opening(time.last_working(day - timedelta(days=1)))

    def are_urgent(self, codes: Collection[str]) -> bool:
        """Whether notices of one of these clocks keep no hours."""
        known = self.terms.limit_by_code
        return any(known[code].urgent for code in codes if code in known)

    async def counted_of(
        self, session: AsyncSession, incident_id: int, *, now: datetime
    ) -> Sequence[tuple[RunningClock, ClockSum]]:
        """Return the clocks of an incident that have not stopped, with their sums, the first due first."""
        known = (await clocks_of(session, [incident_id], is_open=True)).get(incident_id, [])
        counted = [(self._open(one, now=now), sum_of(one.running, self.times, until=now)) for one in known]
        return sorted(counted, key=lambda pair: pair[0].due_at)

    async def next_due(self, session: AsyncSession, incident_ids: Sequence[int]) -> Mapping[int, tuple[str, datetime]]:
        """Return the limit and time of the next due clock that is not paused, by incident."""
        rows = await session.execute(NEXT_DUE, {"incidents": [*incident_ids]})
        return {incident_id: (limit, due_at) for incident_id, limit, due_at in rows}

    async def sums_of(self, session: AsyncSession, incident_id: int, *, now: datetime) -> Mapping[int, ClockSum]:
        """Return the sums of all clocks of an incident, by the clock's id, stopped ones as they stood then."""
        clocks = (await clocks_of(session, [incident_id])).get(incident_id, [])
        return {one.row.id: sum_of(one.running, self.times, until=until_of(one.row, now=now)) for one in clocks}

    def _open(self, known: KnownClock, *, now: datetime) -> RunningClock:
        row = known.row
        paused = schedule_of(known.running, self.times, now=now) if row.paused_at is not None else None
        unannounced = paused.unannounced if paused else tuple(row.unannounced)
        return RunningClock(
            id=row.id,
            limit=row.limit_code,
            clock=row.code,
            unit_code=row.unit_code,
            started_at=row.started_at,
            due_at=paused.due_at if paused else row.due_at,
            warn_at=paused.warn_at if paused else row.warn_at,
            paused_at=row.paused_at,
            extended=row.extended,
            statutory=known.term.statutory,
            provisional=bool(unannounced),
            unannounced=unannounced,
            term=known.term,
        )

    async def _new(
        self,
        session: AsyncSession,
        incident: Incident,
        limit: str,
        code: str,
        *,
        version: str,
        now: datetime,
        unit_code: str | None,
        unit_hours: str | None,
        door: datetime,
    ) -> NewClock:
        """Return the clock to start: the pack's, or for a case under an older version of it, as it last ran."""
        term = self.terms.limit_by_code.get(code)
        hours = self.terms.hours_of(term, of_unit=unit_hours) if term else None
        if term is None:
            term, hours = await last_content(session, code)
        return NewClock(
            incident_id=incident.id,
            division_path=incident.division_path,
            term=term,
            pack_version=version,
            started_at=door if term.starts == "door" else now,
            hours=hours,
            unit_code=unit_code,
            limit_code=limit,
        )

    async def _start_at_door(self, session: AsyncSession, incident: Incident, *, now: datetime) -> None:
        """Let the open clocks that run from the door run from the earliest of the doors that count now."""
        door = (await doors_of(session, [incident.id]))[incident.id]
        known = await with_running(session, await lock_clocks(session, incident.id))
        moved: list[Clock] = []
        for one in known:
            if one.term.starts == "door" and one.row.started_at != door:
                one.row.started_at, one.row.started_day = door, self.times.day(door)
                moved.append(one.row)
        await reschedule(session, self.times, moved, now=now)
