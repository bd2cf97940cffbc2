"""Write what has become of a case: its entry, row, called units, clocks and event, and the incident's end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.cases.casework import Casework
from console.cases.events import change_of
from console.cases.opening import next_due
from console.cases.pausing import plan_end
from console.cases.storing import columns_of
from console.cases.tables import Case, CaseUnit
from console.cases.telling import Said, tell
from console.feed.actions import append
from console.flow.case_rules import clocks_of
from console.flow.case_state import CaseState, changes_between
from console.flow.case_terms import CaseTerms, MoveKind
from console.flow.replay import PREFIX
from console.flow.terms import CLOSED, HANDLED, REGISTERED
from console.incidents.actions import advance
from console.incidents.queries import forces_on
from console.incidents.rules import is_shown_live
from console.incidents.tables import Incident, TimelineEntry
from console.incidents.timeline import Entry, note
from console.notices.rules import Address
from geo.store import BulkInsert, update_on

CALL_ENDED = f"{PREFIX}call_ended"
OFFER_ENDED = f"{PREFIX}offer_ended"
CALL = BulkInsert(CaseUnit, then=update_on(CaseUnit, "incident_id, unit"))


class Held(Protocol):
    """A locked incident with its case, the flow it runs under, and its state."""

    @property
    def incident(self) -> Incident: ...

    @property
    def case(self) -> Case: ...

    @property
    def terms(self) -> CaseTerms: ...

    @property
    def state(self) -> CaseState: ...


@dataclass(frozen=True, slots=True)
class Change:
    """What an entry says of a change of a case: its kind, who made it, when, and its data without `set` and `pack`.

    `silent`: whoever makes it gives the notices of it.
    """

    kind: str
    at: datetime
    actor_id: int | None = None
    force_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    silent: bool = False

    @property
    def move(self) -> str | None:
        """The kind of the move, if it was one."""
        return self.data.get("kind")


async def write(
    session: AsyncSession, work: Casework, held: Held, after: CaseState, change: Change, *, clocks_run: bool = True
) -> Case:
    """Write a change of a locked case, and return the case. `clocks_run`: its clocks follow from the states."""
    case, before = held.case, held.state
    data = {"pack": case.pack_version, **change.data, "set": changes_between(before, after)}
    entry = Entry(change.kind, actor_id=change.actor_id, force_id=change.force_id, data=data)
    await _write_incident(session, held.incident, before, after, entry, now=change.at)
    await _write_calls(session, held.incident, before, after, change)
    await _write_ended_offer(session, held.incident, before, after, change)
    if clocks_run:
        await _run_clocks(session, work, held, after, change)
    await plan_end(session, work, held.incident, before, after, now=change.at)
    for name, value in columns_of(held.terms, after).items():
        setattr(case, name, value)
    case.ended_at = None if after.running else (case.ended_at or change.at)
    case.version += 1
    if after.ended != before.ended or change.move == MoveKind.FOLLOW_UP:
        told: dict[str, Any] = {"before": before, "after": after, "made": change.data, "by": change.actor_id}
        await work.follow_ups.follow(session, case, held.terms, **told, now=change.at)
    with session.no_autoflush:  # So that the row is written once.
        await publish(session, work, case, now=change.at)
    if not change.silent:
        await tell(session, work, held, before, after, _said(change))
    return case


async def publish(
    session: AsyncSession, work: Casework, case: Case, *, left_path: str | None = None, now: datetime
) -> None:
    """Set the next due time of a changed case, and append its event."""
    due = await next_due(session, work, [case.incident_id])
    case.due_limit, case.due_at = due[case.incident_id]
    await session.flush()
    if is_shown_live(case.ended_at, now=now):
        await append(session, [change_of(case, left_path=left_path)], now=now)


async def _write_incident(
    session: AsyncSession, incident: Incident, before: CaseState, after: CaseState, entry: Entry, *, now: datetime
) -> None:
    """Write the entry, and close the incident with its case, open it again, or set its level."""
    status = incident.status
    if after.ended != before.ended:
        status = CLOSED if after.ended else await _status_again(session, incident, now=now)
    if status == incident.status and after.level == incident.level:
        await note(session, incident, entry, now=now)
        return
    incident.level = after.level
    said = {name: entry.data[name] for name in ("note", "outcome") if entry.data.get(name)}
    sent = await forces_on(session, incident.id)
    await advance(session, incident, status, entry=entry, sent=sent, closing=said, now=now)


async def _status_again(session: AsyncSession, incident: Incident, *, now: datetime) -> str:
    """Open a closed incident, and return its status: handled if a force had finished, else waiting for one anew."""
    incident.closed_at = None
    finished = select(TimelineEntry.id).where(
        TimelineEntry.incident_id == incident.id, TimelineEntry.kind == "task.finished"
    )
    if await session.scalar(finished.limit(1)) is not None:
        return HANDLED
    incident.first_due_at = now + (incident.first_due_at - incident.registered_at)
    return REGISTERED


async def _write_calls(
    session: AsyncSession, incident: Incident, before: CaseState, after: CaseState, change: Change
) -> None:
    """Write the units whose call has changed, and an entry for each call that ended without an answer."""
    was = {call.unit: call.status for call in before.calls}
    changed = [call for call in after.calls if was.get(call.unit) != call.status]
    rows = [
        {
            "incident_id": incident.id,
            "unit": call.unit,
            "status": call.status,
            "called_at": change.at,
            "ended_at": None if call.status == "called" else change.at,
            "division_path": incident.division_path,
        }
        for call in changed
    ]
    if rows:
        await CALL.run(session, rows)
    for call in changed:
        if call.status == "ended":
            await note(session, incident, Entry(CALL_ENDED, change.actor_id, data={"unit": call.unit}), now=change.at)


async def _write_ended_offer(
    session: AsyncSession, incident: Incident, before: CaseState, after: CaseState, change: Change
) -> None:
    """Write an entry for a hand-over that ended without an answer."""
    offer = before.offer
    if offer is None or after.offer is not None or after.owner.unit == offer.unit or change.move == MoveKind.RETURN:
        return
    await note(session, incident, Entry(OFFER_ENDED, change.actor_id, data={"unit": offer.unit}), now=change.at)


async def _run_clocks(session: AsyncSession, work: Casework, held: Held, after: CaseState, change: Change) -> None:
    """Start, change, stop, pause and extend clocks, as the states before and after differ."""
    clocks, incident, now = work.clocks, held.incident, change.at
    was, now_runs = clocks_of(held.terms, held.state), clocks_of(held.terms, after)
    same = {limit for limit in was.keys() & now_runs.keys() if was[limit][1] == now_runs[limit][1]}
    if stopped := sorted(was.keys() - same):
        await clocks.stop(session, incident, stopped, outcome=change.move or change.kind, now=now)
    version = held.case.pack_version
    started = {limit: now_runs[limit][0] for limit in sorted(now_runs.keys() - same)}
    changed = {limit: now_runs[limit][0] for limit in sorted(same) if was[limit][0] != now_runs[limit][0]}
    resumed = bool(held.state.resume_to) and not after.resume_to
    begun: dict[str, Any] = {"version": version, "now": now}
    if after.running and (started or changed or resumed):
        begun["unit_hours"] = await _hours_of(session, work, after, now=now)
    own = {limit: clock for limit, clock in started.items() if limit not in held.terms.joint_limits}
    if own:
        closed_at = held.case.ended_at if held.state.ended else None
        await clocks.start(session, incident, own, **begun, closed_at=closed_at)
    await _run_called(session, work, held, after, {limit: now_runs[limit][0] for limit in same}, started, change)
    for limit, clock in changed.items():
        await clocks.change(session, incident, limit, clock, **begun)
    if after.resume_to and not held.state.resume_to:
        await clocks.pause(session, incident, reason=str(_form(change).get("reason", "")), now=now)
    elif resumed:
        await clocks.resume(session, incident, now=now)
        await _start_missing(session, work, held, after, now_runs, begun, now=now)
    if change.move == MoveKind.EXTEND:
        form = _form(change)
        await clocks.extend(session, incident, form["limit"], by=int(form["amount"]), now=now)


async def _run_called(
    session: AsyncSession,
    work: Casework,
    held: Held,
    after: CaseState,
    kept: Mapping[str, str],
    started: Mapping[str, str],
    change: Change,
) -> None:
    """Stop the clocks of units whose call is over, and start those of units newly called. Limits that go on are `kept`.

    A limit whose last call is over has stopped as a whole, with the one clock for all units that older cases have.
    """
    joint, before = held.terms.joint_limits, held.state.open_calls
    limits = {limit: clock for limit, clock in kept.items() if limit in joint}
    over, new = {*before} - {*after.open_calls}, [unit for unit in after.open_calls if unit not in before]
    if limits and over:
        outcome = change.move or change.kind
        await work.clocks.stop(session, held.incident, sorted(limits), outcome=outcome, now=change.at, units=over)
    await start_called(session, work, held, limits, new, now=change.at)
    begun = {limit: clock for limit, clock in started.items() if limit in joint}
    await start_called(session, work, held, begun, after.open_calls, now=change.at)


async def start_called(
    session: AsyncSession, work: Casework, held: Held, limits: Mapping[str, str], units: Sequence[str], *, now: datetime
) -> None:
    """Start the clocks of these limits for each of the called units, in its own hours."""
    if not limits or not units:
        return
    hours: dict[str, str | None] = {}
    for code in units:
        unit = await work.register.unit(session, code, now=now)
        hours[code] = unit.hours or None if unit else None
    version = held.case.pack_version
    await work.clocks.start(session, held.incident, limits, version=version, now=now, called=hours)


async def _start_missing(
    session: AsyncSession,
    work: Casework,
    held: Held,
    after: CaseState,
    wanted: Mapping[str, tuple[str, int]],
    begun: Mapping[str, Any],
    *,
    now: datetime,
) -> None:
    """Start limits that came with a new version of the flow while the case was paused."""
    incident = held.incident
    found = (await work.clocks.open_of(session, [incident.id], now=now)).get(incident.id, ())
    missing = {limit: code for limit, (code, _) in wanted.items() if limit not in {one.limit for one in found}}
    joint = {limit: code for limit, code in missing.items() if limit in held.terms.joint_limits}
    if own := {limit: code for limit, code in missing.items() if limit not in joint}:
        await work.clocks.start(session, incident, own, **begun)
    await start_called(session, work, held, joint, after.open_calls, now=now)


async def _hours_of(session: AsyncSession, work: Casework, state: CaseState, *, now: datetime) -> str | None:
    """Return the hours of the unit that is to act: the one that a hand-over waits for, else the owner."""
    holder = state.offer or state.owner
    unit = await work.register.unit(session, holder.unit, now=now)
    return unit.hours or None if unit else None


def _said(change: Change) -> Said:
    data = change.data
    sender = Address(data.get("unit"), data.get("post")) if change.move else Address()
    note: str = data.get("note", "")
    return Said(change.move, _form(change), note, change.actor_id, sender, change.at)


def _form(change: Change) -> Mapping[str, Any]:
    found: Mapping[str, Any] = change.data.get("form", {})
    return found
