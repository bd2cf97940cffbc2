"""Who is told of a case's clocks, and how screens learn that these have changed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from console.cases.casework import Casework
from console.cases.due_moves import DueLimit, make_due_moves
from console.cases.events import change_of
from console.cases.receiving import CentresOnce
from console.cases.storing import state_of
from console.cases.tables import Case
from console.clocks.deadlines import OverdueLimit
from console.clocks.tables import Clock
from console.clocks.terms import Recipient
from console.feed.actions import append
from console.flow.case_state import CaseState
from console.incidents.rules import is_shown_live
from console.incidents.tables import Incident
from console.notices.rules import Address


@dataclass(frozen=True, slots=True)
class CaseNotices:
    """What the sweeper of clocks asks about cases: whom to notify, what screens show, which moves are due."""

    work: Casework

    async def recipients(
        self, session: AsyncSession, incident_ids: Collection[int], *, now: datetime
    ) -> Mapping[int, Mapping[Recipient, Address]]:
        """Return who is what to each case. `above` is the centre one level above the one that has it."""
        cases = (await session.scalars(select(Case).where(Case.incident_id.in_(incident_ids)))).all()
        centres = CentresOnce(session, self.work, now)
        return {case.incident_id: await self._recipients(session, case, centres) for case in cases}

    async def _recipients(self, session: AsyncSession, case: Case, centres: CentresOnce) -> Mapping[Recipient, Address]:
        state = await state_of(session, case)
        first = Address(case.first_unit, case.first_post_id)
        found: dict[Recipient, Address] = {"owner": Address(case.unit, case.post_id), "first_receiver": first}
        found |= _coordinator_and_leader(state)
        above = await self._above(case, centres)
        return found | ({"above": Address(unit=above)} if above else {})

    async def _above(self, case: Case, centres: CentresOnce) -> str | None:
        """Return the centre above; that of the highest level has none."""
        levels, unit = self.work.terms.level_codes, await centres.unit(case.unit)
        level = unit.level if unit and unit.level in levels else case.level
        place = levels.index(level) if level in levels else len(levels)
        if place + 1 >= len(levels):
            return None
        return (await centres.at(case.division_path, levels[place + 1])).code

    async def show(self, session: AsyncSession, incidents: Sequence[Incident], *, now: datetime) -> None:
        """Set the next due times of cases, and append their events; the incidents are locked."""
        ids = [*{incident.id for incident in incidents}]
        running = (Clock.incident_id == Case.incident_id, Clock.stopped_at.is_(None), Clock.paused_at.is_(None))
        first = select(Clock.due_at, Clock.limit_code).where(*running).order_by(Clock.due_at, Clock.id).limit(1)
        changed = update(Case).where(Case.incident_id.in_(ids)).values(
            due_at=first.with_only_columns(Clock.due_at).scalar_subquery(),
            due_limit=first.with_only_columns(Clock.limit_code).scalar_subquery(),
            version=Case.version + 1,
        )  # fmt: skip
        found = await session.scalars(changed.returning(Case), execution_options={"populate_existing": True})
        cases = sorted(found, key=lambda case: case.incident_id)
        await append(session, [change_of(case) for case in cases if is_shown_live(case.ended_at, now=now)], now=now)

    async def overdue(self, session: AsyncSession, limits: Sequence[OverdueLimit], *, now: datetime) -> None:
        """Make the moves that the pack wants when these limits are due."""
        if limits:
            await make_due_moves(session, self.work, [DueLimit(*one) for one in limits], now=now)


def _coordinator_and_leader(state: CaseState) -> dict[Recipient, Address]:
    found: dict[Recipient, Address] = {}
    if state.procedure and state.procedure.coordinator:
        found["coordinator"] = Address(unit=state.procedure.coordinator)
    if state.charge and state.charge.unit:
        found["leader"] = Address(state.charge.unit, state.charge.post)
    return found
