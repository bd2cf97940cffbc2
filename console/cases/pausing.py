"""Plan when to remind of a case whose pause 挂账 is expected to end on a day.

A pause ends by a move alone. Until somebody makes it, the case stands among those whose pause has run out.
"""

from datetime import date, datetime, time

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from console.cases.casework import Casework
from console.cases.tables import Case
from console.deadlines.actions import Planned, cancel_deadline, plan_deadlines
from console.flow.case_state import CaseState
from console.incidents.tables import Incident

PAUSE = "pause"
END = f"{PAUSE}.end"
"""Kind of the deadline; its subject is the incident."""


def has_run_out(day: date) -> ColumnElement[bool]:
    """Match running cases that are paused, and were expected to go on by this day of the place."""
    return Case.paused & (Case.paused_until <= day) & Case.ended_at.is_(None)


async def plan_end(
    session: AsyncSession, work: Casework, incident: Incident, before: CaseState, after: CaseState, *, now: datetime
) -> None:
    """Plan the reminders of a pause that has begun, or drop those of one that is over."""
    was, until = _until(before), _until(after)
    if until is None and was is not None:
        await cancel_deadline(session, END, incident.id, now=now)
    if until is None or until == was:
        return
    due_at, warn_at = datetime.combine(until, time(), work.zone), work.clocks.opening_before(until)
    days = (until - now.astimezone(work.zone).date()).days
    warned = warn_at if warn_at > now else None
    planned = Planned(incident.id, incident.division_path, now, days, "day", due_at, warned)
    await plan_deadlines(session, END, [planned])


def _until(state: CaseState) -> date | None:
    return date.fromisoformat(state.paused_until) if state.running and state.paused_until else None
