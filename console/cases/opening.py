"""Open the cases of incidents, in the transaction that registers them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.cases.casework import BegunClocks, Casework
from console.cases.events import change_of
from console.cases.judging import codes_of, judge_past
from console.cases.receiving import CentresOnce, first_receiver, received_at
from console.cases.storing import columns_of, keep_version
from console.cases.tables import Case
from console.feed.actions import append
from console.flow.case_rules import settle
from console.flow.case_state import CaseState, Holder, to_json
from console.flow.case_terms import CaseTerms, StageKind
from console.flow.replay import OPENED
from console.flow.seats import Seat
from console.incidents.rules import is_shown_live
from console.incidents.tables import Incident
from console.incidents.timeline import Entry, insert_timeline_rows, timeline_row
from geo.store import BulkInsert

ADD = BulkInsert(Case, then="ON CONFLICT (incident_id) DO NOTHING RETURNING incident_id")


async def open_cases(
    session: AsyncSession,
    work: Casework,
    incident_ids: Sequence[int],
    *,
    actor: Actor,
    now: datetime,
    part_of: int | None = None,
) -> None:
    """Open the cases of new incidents, with their first receiver, clocks, entries and events.

    An incident that is closed already gets a case that has ended. One that has a case keeps it.
    """
    if not incident_ids:
        return
    await keep_version(session, work, now=now)
    wanted = select(Incident).where(Incident.id.in_(incident_ids)).order_by(Incident.id)
    incidents = (await session.scalars(wanted.execution_options(populate_existing=True))).all()
    seats = await work.register.seats_of(session, actor, now=now)
    centres = CentresOnce(session, work, now)
    await centres.load([received_at(work, one) for one in incidents])
    begun = [await _begin(work, one, seats, centres, part_of=part_of) for one in incidents]
    opened = [_as_is(work, one, state) for one, state in zip(incidents, begun, strict=True)]
    rows = [_row(work, incident, state, now=now) for incident, state in zip(incidents, opened, strict=True)]
    added = {*(await ADD.run(session, rows)).scalars()}
    fresh = [(one, state) for one, state in zip(incidents, opened, strict=True) if one.id in added]
    lines = [_line(work, one, state, actor=actor, now=now) for one, state in fresh]
    await insert_timeline_rows(session, lines)
    clocks = [BegunClocks(one, codes_of(work, state), await centres.hours_of(state.owner.unit)) for one, state in fresh]
    await work.clocks.start_many(session, clocks, version=work.version, now=now)
    past = [(one, state) for one, state in zip(incidents, begun, strict=True) if one.id in added and one.closed_at]
    await judge_past(session, work, past, centres, now=now)
    await _publish(session, work, sorted(added), now=now)


async def next_due(
    session: AsyncSession, work: Casework, incident_ids: Sequence[int]
) -> Mapping[int, tuple[str | None, datetime | None]]:
    """Return the limit and time of the next due clock of each incident; none where all are paused."""
    found = await work.clocks.next_due(session, incident_ids)
    return {incident_id: found.get(incident_id, (None, None)) for incident_id in incident_ids}


async def _publish(session: AsyncSession, work: Casework, added: Sequence[int], *, now: datetime) -> None:
    """Set the next due time of new cases, and append their events."""
    if not added:
        return
    due = await next_due(session, work, added)
    wanted = select(Case).where(Case.incident_id.in_(added)).order_by(Case.incident_id)
    cases = (await session.scalars(wanted.execution_options(populate_existing=True))).all()
    for case in cases:
        case.due_limit, case.due_at = due[case.incident_id]
    await session.flush()
    shown = [case for case in cases if is_shown_live(case.ended_at, now=now)]
    await append(session, [change_of(case) for case in shown], now=now)


async def _begin(
    work: Casework, incident: Incident, seats: Sequence[Seat], centres: CentresOnce, *, part_of: int | None
) -> CaseState:
    return begun_state(work, incident, await first_receiver(work, incident, seats, centres), part_of=part_of)


def begun_state(work: Casework, incident: Incident, first: Holder, *, part_of: int | None = None) -> CaseState:
    """Return the state in which the case of an incident begins, with its first receiver."""
    terms = work.terms
    flow = terms.flow_for(incident.category)
    return CaseState(
        flow=flow,
        category=incident.category,
        risk=incident.risk,
        stage=terms.flow_by_code[flow].stages[0],
        lane=terms.lane_for(incident.category, incident.risk),
        level=incident.level,
        owner=first,
        first_receiver=first,
        part_of=part_of,
    )


def _as_is(work: Casework, incident: Incident, state: CaseState) -> CaseState:
    """Return the state of a new case: as it begins, or merged, or ended where the incident is."""
    if incident.merged_into_id is not None:
        return replace(state, joined_to=incident.merged_into_id)
    return state if incident.closed_at is None else ended(work.terms, state)


def ended(terms: CaseTerms, state: CaseState) -> CaseState:
    """Return the state of a case that had ended before it was opened here."""
    [end, *_] = terms.stages_of(state.flow, StageKind.END)
    return settle(terms, state, to=end)


def _row(work: Casework, incident: Incident, state: CaseState, *, now: datetime) -> dict[str, Any]:
    return {
        **columns_of(work.terms, state),
        "incident_id": incident.id,
        "pack_version": work.version,
        "due_limit": None,
        "due_at": None,
        "opened_at": now,
        "ended_at": incident.closed_at if state.ended or state.joined_to else None,
        "division_path": incident.division_path,
        "version": 1,
    }


def _line(work: Casework, incident: Incident, state: CaseState, *, actor: Actor, now: datetime) -> dict[str, Any]:
    data = {"pack": work.version, "set": to_json(state)}
    return timeline_row(
        incident.id, Entry(OPENED, actor_id=actor.user_id, data=data), path=incident.division_path, now=now
    )
