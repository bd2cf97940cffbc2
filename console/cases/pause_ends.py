"""Remind of pauses 挂账: a working day before their expected end, and when that day has come."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.cases.casework import Casework
from console.cases.noticing import CaseNotices
from console.cases.pausing import END
from console.cases.tables import Case
from console.deadlines.rules import DeadlineKind
from console.flow.case_terms import MoveKind
from console.flow.replay import MOVED, PREFIX
from console.incidents.tables import Incident, TimelineEntry
from console.incidents.timeline import Entry, note_many
from console.notices.actions import give_notice
from console.notices.rules import Address, Delivery, NewNotice

ENDING, OVER = f"{PREFIX}pause_ending", f"{PREFIX}pause_over"
"""Kinds of notices; the second is an entry of the timeline as well."""


def ends_of_pauses(work: Casework, delivery: Delivery) -> DeadlineKind:
    """Return the kind of deadline that reminds of pauses: whoever has the case, and whoever paused it."""

    async def on_warn(session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
        held = await _lock(session, subjects)
        await _notify(session, delivery, held, kind=ENDING, now=now)
        return [incident.id for _, incident in held]

    async def on_due(session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
        held = await _lock(session, subjects)
        await _notify(session, delivery, held, kind=OVER, now=now)
        paused = [(case, incident) for case, incident in held if _is_paused(case)]
        await note_many(session, [(one, Entry(OVER, data=_said(case))) for case, one in paused], now=now)
        if paused:
            await CaseNotices(work).show(session, [incident for _, incident in paused], now=now)
        return [incident.id for _, incident in held]

    return DeadlineKind(END, on_due=on_due, on_warn=on_warn)


async def _lock(session: AsyncSession, incident_ids: Sequence[int]) -> list[tuple[Case, Incident]]:
    """Lock cases with their incidents, without those that somebody holds: the next sweep passes them again."""
    wanted = (
        select(Case, Incident)
        .join(Incident, Incident.id == Case.incident_id)
        .where(Case.incident_id.in_(incident_ids))
        .order_by(Case.incident_id)
        .with_for_update(of=[Case, Incident], key_share=True, skip_locked=True)
    )
    found = await session.execute(wanted.execution_options(populate_existing=True))
    return [(case, incident) for case, incident in found]


def _is_paused(case: Case) -> bool:
    return case.paused and case.paused_until is not None and case.ended_at is None


def _said(case: Case) -> dict[str, Any]:
    return {"until": case.paused_until.isoformat() if case.paused_until else None}


async def _notify(
    session: AsyncSession, delivery: Delivery, held: Sequence[tuple[Case, Incident]], *, kind: str, now: datetime
) -> None:
    """Give the notices of cases that are still paused, each address once."""
    notices = []
    for case, incident in held:
        if _is_paused(case):
            entry, by = await _paused_by(session, case.incident_id)
            to = dict.fromkeys(one for one in (Address(case.unit, case.post_id), by) if one is not None)
            notices += [_notice(case, incident, kind, one, entry=entry) for one in to]
    await give_notice(session, delivery, notices, now=now)


async def _paused_by(session: AsyncSession, incident_id: int) -> tuple[int, Address | None]:
    """Return the entry by which the case was paused last, and from where; None where nobody's unit is known."""
    wanted = select(TimelineEntry.id, TimelineEntry.data).where(
        TimelineEntry.incident_id == incident_id,
        TimelineEntry.kind == MOVED,
        TimelineEntry.data["kind"].astext == MoveKind.PAUSE.value,
    )
    row = (await session.execute(wanted.order_by(TimelineEntry.id.desc()).limit(1))).one_or_none()
    if row is None:
        return 0, None
    unit = row.data.get("unit")
    return row.id, Address(unit, row.data.get("post")) if unit else None


def _notice(case: Case, incident: Incident, kind: str, to: Address, *, entry: int) -> NewNotice:
    return NewNotice(
        key=f"{kind}:{incident.id}:{entry}:{to.key}",
        kind=kind,
        division_path=incident.division_path,
        to=to,
        incident_id=incident.id,
        case_code=incident.case_code,
        body={"stage": case.stage, "unit": case.unit, **_said(case)},
    )
