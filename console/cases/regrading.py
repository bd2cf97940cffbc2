"""Follow an edit of an incident's category or risk with its case: lane, level and limits."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.cases.actions import opened_of
from console.cases.casework import Casework
from console.cases.writing import Change, write
from console.flow.case_rules import settle
from console.flow.case_state import CaseState
from console.flow.case_terms import CaseTerms
from console.flow.replay import PREFIX
from console.incidents.tables import Incident

REGRADED = f"{PREFIX}regraded"


async def regrade(session: AsyncSession, work: Casework, incident: Incident, *, actor: Actor, now: datetime) -> None:
    """Set lane and limits of a running case by the category and risk that its incident has now; it is locked.

    While the unit that received it first has it and nobody has accepted, the level follows the risk, and the flow the
    category. Afterwards only moves change them, and the incident keeps the level of its case.
    """
    opened = await opened_of(session, work, incident, actor=actor, now=now)
    state = opened.state
    if not state.running or (incident.category, incident.risk, incident.level) == (
        state.category,
        state.risk,
        state.level,
    ):
        return
    after = regraded(opened.terms, state, category=incident.category, risk=incident.risk, level=incident.level)
    after = settle(opened.terms, after, to=after.stage)
    await write(session, work, opened, after, Change(REGRADED, at=now, actor_id=actor.user_id))


def regraded(terms: CaseTerms, state: CaseState, *, category: str, risk: str, level: str) -> CaseState:
    """Return the state of a case whose incident has another category or risk."""
    changed = (category, risk) != (state.category, state.risk)
    lane = terms.lane_for(category, risk) if changed else state.lane
    lane_changed = state.lane_changed or (state.accepted and lane != state.lane)
    after = replace(state, category=category, risk=risk, lane=lane, lane_changed=lane_changed)
    if state.accepted or state.offer is not None:
        return after
    after = replace(after, level=level if risk != state.risk else state.level)
    flow = terms.flow_for(category)
    if flow == state.flow or state.stage != terms.flow_by_code[state.flow].stages[0]:
        return after
    return replace(after, flow=flow, stage=terms.flow_by_code[flow].stages[0])
