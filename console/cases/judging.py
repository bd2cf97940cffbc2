"""Judge cases of the past by the limits that run from the door: lately closed ones get these clocks, ended."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import any_, cast, select
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT
from sqlalchemy.ext.asyncio import AsyncSession

from console.cases.casework import BegunClocks, Casework
from console.cases.receiving import CentresOnce
from console.flow.case_rules import clocks_of
from console.flow.case_state import CaseState
from console.incidents.actions import CLOSED_BY_IMPORT
from console.incidents.tables import Incident, TimelineEntry

JUDGED = timedelta(weeks=13)
"""How long ago a case of the past may have closed to be judged: somewhat more than the board shows."""


async def judge_past(
    session: AsyncSession,
    work: Casework,
    begun: Sequence[tuple[Incident, CaseState]],
    centres: CentresOnce,
    *,
    now: datetime,
) -> None:
    """Add the ended clocks of incidents that were closed when they came in, given with the state they began in."""
    known = await _of_known_end(session, [incident for incident, _ in begun], now=now)
    clocks = [
        BegunClocks(incident, codes_of(work, state), await centres.hours_of(state.owner.unit))
        for incident, state in begun
        if incident.id in known
    ]
    await work.clocks.add_ended(session, clocks, version=work.version)


def codes_of(work: Casework, state: CaseState) -> Mapping[str, str]:
    """Return the clocks that run in a state, by limit."""
    return {limit: code for limit, (code, _) in clocks_of(work.terms, state).items()}


async def _of_known_end(session: AsyncSession, incidents: Sequence[Incident], *, now: datetime) -> Collection[int]:
    """Return the incidents that closed lately, at a time that their source has told."""
    since = now - JUDGED
    late = [one.id for one in incidents if one.closed_at and one.closed_at > since and one.merged_into_id is None]
    assumed = select(TimelineEntry.incident_id).where(
        TimelineEntry.incident_id == any_(cast(late, ARRAY(BIGINT))),
        TimelineEntry.kind == "closed",
        TimelineEntry.data["reason"].astext == CLOSED_BY_IMPORT,
    )
    return {*late} - {*(await session.scalars(assumed))} if late else ()
