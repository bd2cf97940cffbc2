"""What a finished task makes of a case: a step, or its end where the pack says so."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.cases.actions import Opened, go_on, opened_of
from console.cases.casework import Casework
from console.cases.writing import Change, write
from console.flow.case_rules import finish
from console.flow.replay import PREFIX
from console.incidents.tables import Incident

FIELD_FINISHED = f"{PREFIX}field_finished"


async def opened_for_finish(
    session: AsyncSession, work: Casework, incident: Incident, *, actor: Actor, now: datetime
) -> Opened:
    """Lock the case of a locked incident whose leading force finishes."""
    return await opened_of(session, work, incident, actor=actor, now=now)


async def closing_outcome(session: AsyncSession, opened: Opened) -> str | None:
    """Return the outcome with which the finish ends the case; None if the case goes on.

    It goes on while a case that was split off does, or a unit that was called has not answered.
    """
    state = opened.state
    if (
        not state.running
        or state.open_calls
        or (state.parts and await go_on(session, state.parts, of=opened.incident.id))
    ):
        return None
    return opened.terms.closed_by_finish(state.category, state.lane)


async def record_finish(
    session: AsyncSession, work: Casework, opened: Opened, *, task_id: int, force_id: int, actor: Actor, now: datetime
) -> None:
    """Record in the case that its leading force has finished, and end the case where the pack says so."""
    outcome = await closing_outcome(session, opened)
    after = replace(opened.state, field_finished=task_id)
    if outcome is not None:
        after = finish(opened.terms, after, outcome=outcome)
    data = {"task": task_id} | ({"outcome": outcome, "to": after.stage} if outcome else {})
    change = Change(FIELD_FINISHED, at=now, actor_id=actor.user_id, force_id=force_id, data=data)
    await write(session, work, opened, after, change)
