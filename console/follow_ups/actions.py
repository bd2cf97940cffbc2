"""Keep the follow-up of cases: plan and make the draw, and note what was asked. Inside the caller's transaction."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.cases.casework import Casework, EndedCase
from console.cases.moving import FOLLOW_UP
from console.cases.storing import state_of, terms_of
from console.cases.tables import Case, CaseFollowUp, FollowUpCount
from console.deadlines.actions import Planned, plan_deadlines
from console.deadlines.rules import DeadlineKind
from console.flow.case_state import CaseState, Satisfied
from console.flow.case_terms import CaseTerms, MoveKind
from console.flow.forms import refused_of, satisfied_of
from console.follow_ups.rules import (
    SETTLED,
    Draw,
    Progress,
    Standing,
    asked_once,
    can_be_asked,
    draw_of,
    ended_again,
    first,
    goes_on,
    is_drawn,
    numbered,
    start_of,
)
from console.incidents.tables import Incident
from console.notices.actions import give_notice
from console.notices.rules import Address, Delivery, NewNotice
from geo.store import BulkInsert

DRAW = f"{FOLLOW_UP}.draw"
TELL = f"{FOLLOW_UP}.dissatisfied"
"""Kind of the deadline, and of the notice, by which the responsible unit learns that somebody is dissatisfied."""
UNASKED: Mapping[str, Any] = {"way": None, "answers": {}, "note": "", "asked_at": None, "asked_by": None}
ADD = BulkInsert(CaseFollowUp, then="ON CONFLICT (incident_id) DO NOTHING")
COUNT = BulkInsert(
    FollowUpCount,
    then="""
    ORDER BY draw, period
    ON CONFLICT (draw, period) DO UPDATE SET counted = follow_up_counts.counted + excluded.counted
    RETURNING draw, period, counted""",
)


@dataclass(frozen=True, slots=True)
class CaseFollowUps:
    """The follow-ups of a place: what cases tell them (`console/cases/casework.py`)."""

    async def follow(
        self,
        session: AsyncSession,
        case: Case,
        terms: CaseTerms,
        *,
        before: CaseState,
        after: CaseState,
        made: Mapping[str, Any],
        by: int | None,
        now: datetime,
    ) -> None:
        """Plan the draw of a case that has ended and was not numbered yet, or note what else has become of it."""
        if terms.follow_up is None:
            return
        row = await session.get(CaseFollowUp, case.incident_id, with_for_update={"key_share": True})
        if made.get("kind") == MoveKind.FOLLOW_UP:
            await _note_asked(session, case, terms, row, after=after, made=made, by=by, now=now)
            return
        if row is not None:
            _keep(row, _after_change(terms, progress_of(row), before=before, after=after, now=now))
        if after.ended and (row is None or row.number is None):
            await self.plan(session, [EndedCase(case.incident_id, case.division_path, terms, after, now)])

    async def plan(self, session: AsyncSession, ended: Sequence[EndedCase]) -> None:
        """Plan the draw of ended cases, after the days that the pack sets."""
        planned = []
        for one in ended:
            if one.terms.follow_up is None or not can_be_asked(one.terms, one.state):
                continue
            after = draw_of(one.terms.follow_up, one.state).after
            due_at = one.ended_at + after
            planned.append(Planned(one.incident_id, one.division_path, one.ended_at, after.days, "day", due_at))
        await plan_deadlines(session, DRAW, planned)

    async def is_not_asked(self, session: AsyncSession, incident_id: int) -> bool:
        """Whether the case was not drawn, nobody was reached in all tries, or would answer."""
        standing = await session.scalar(select(CaseFollowUp.standing).where(CaseFollowUp.incident_id == incident_id))
        return standing in SETTLED

    async def is_mending(self, session: AsyncSession, incident_id: int) -> bool:
        """Whether the reporter was dissatisfied, and the case goes on since."""
        standing = await session.scalar(select(CaseFollowUp.standing).where(CaseFollowUp.incident_id == incident_id))
        return standing == Standing.MENDING


def draws(work: Casework) -> DeadlineKind:
    """Return the kind of deadline by which ended cases are drawn for their follow-up."""

    async def on_due(session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
        """Number the cases in the order of their ends, and draw by number. Those that go on again wait for an end, and
        those that somebody holds for the next sweep.
        """
        wanted = select(Case).where(Case.incident_id.in_(subjects)).order_by(Case.ended_at, Case.incident_id)
        locked = wanted.with_for_update(key_share=True, skip_locked=True).execution_options(populate_existing=True)
        cases = (await session.scalars(locked)).all()
        rows = await _rows_of(session, [case.incident_id for case in cases])
        fresh = [case for case in cases if case.incident_id not in rows or rows[case.incident_id].number is None]
        waiting = [one for case in fresh if (one := await _drawable(session, work, case, rows)) is not None]
        await _draw(session, work, waiting, rows, now=now)
        return [case.incident_id for case in cases]

    return DeadlineKind(DRAW, on_due=on_due)


def tellings(delivery: Delivery) -> DeadlineKind:
    """Return the kind of deadline by which the responsible unit gets a notice of dissatisfied answers 点对点通报."""

    async def on_due(session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
        wanted = (
            select(CaseFollowUp, Case, Incident.case_code)
            .join(Case, Case.incident_id == CaseFollowUp.incident_id)
            .join(Incident, Incident.id == CaseFollowUp.incident_id)
            .where(CaseFollowUp.incident_id.in_(subjects), CaseFollowUp.dissatisfied_at.is_not(None))
        )
        found = await session.execute(wanted)
        await give_notice(session, delivery, [_notice_of(row, case, code) for row, case, code in found], now=now)
        return subjects

    return DeadlineKind(TELL, on_due=on_due)


def _notice_of(row: CaseFollowUp, case: Case, case_code: str) -> NewNotice:
    return NewNotice(
        key=f"{TELL}:{row.incident_id}:{row.dissatisfied_times}",
        kind=TELL,
        division_path=case.division_path,
        to=Address(case.unit, case.post_id),
        incident_id=row.incident_id,
        case_code=case_code,
        made_by=row.asked_by,
        body={"answers": row.answers},
        note=row.note,
    )


@dataclass(frozen=True, slots=True)
class _Drawable:
    """An ended case with its draw and the month of its end."""

    case: Case
    terms: CaseTerms
    draw: Draw
    period: str


async def _drawable(
    session: AsyncSession, work: Casework, case: Case, asked_before: Mapping[int, CaseFollowUp]
) -> _Drawable | None:
    """Return a case to draw: one that can be asked about, or was, before it was archived."""
    terms, state = await terms_of(session, work, case.pack_version), await state_of(session, case)
    asked = case.incident_id in asked_before and state.joined_to is None
    if case.ended_at is None or terms.follow_up is None or not (asked or can_be_asked(terms, state)):
        return None
    return _Drawable(case, terms, draw_of(terms.follow_up, state), period_of(case.ended_at, work.zone))


def period_of(moment: datetime, zone: ZoneInfo) -> str:
    """Return the local month of a moment, such as `2026-11`."""
    return f"{moment.astimezone(zone):%Y-%m}"


async def _rows_of(session: AsyncSession, incident_ids: Sequence[int]) -> Mapping[int, CaseFollowUp]:
    wanted = select(CaseFollowUp).where(CaseFollowUp.incident_id.in_(incident_ids))
    found = await session.scalars(wanted.execution_options(populate_existing=True))
    return {row.incident_id: row for row in found}


async def _draw(
    session: AsyncSession,
    work: Casework,
    waiting: Sequence[_Drawable],
    asked_before: Mapping[int, CaseFollowUp],
    *,
    now: datetime,
) -> None:
    """Number and draw cases, also those `asked_before`. The count of a month is locked from its first case on until the
    transaction ends.
    """
    groups: dict[tuple[str, str], list[_Drawable]] = defaultdict(list)
    for one in waiting:
        groups[one.draw.code, one.period].append(one)
    if not groups:
        return
    added = [{"draw": draw, "period": period, "counted": len(some)} for (draw, period), some in groups.items()]
    last = {(row.draw, row.period): row.counted for row in await COUNT.run(session, added)}
    rows = []
    for group, some in groups.items():
        start = start_of(work.key, *group)
        for number, one in enumerate(some, last[group] - len(some) + 1):
            said = _drawn(one, number, drawn=is_drawn(number, one.draw.share, start), now=now)
            if row := asked_before.get(one.case.incident_id):
                _number(row, one, said, now=now)
            else:
                rows.append(_row(one, said, now=now))
    if rows:
        await ADD.run(session, rows)


def _drawn(one: _Drawable, number: int, *, drawn: bool, now: datetime) -> dict[str, Any]:
    """Return what a row says of the draw."""
    return {
        "draw": one.draw.code,
        "period": one.period,
        "number": number,
        "share": str(one.draw.share),
        "drawn": drawn,
        "drawn_at": now,
    }


def _row(one: _Drawable, said: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    assert one.terms.follow_up is not None, "Only cases that can be asked about are drawn."
    return {
        **UNASKED,
        **asdict(first(one.terms.follow_up, drawn=said["drawn"], due_at=now)),
        **said,
        "incident_id": one.case.incident_id,
        "unit": one.case.unit,
        "division_path": one.case.division_path,
    }


def _number(row: CaseFollowUp, one: _Drawable, said: Mapping[str, Any], *, now: datetime) -> None:
    """Number a case that somebody asked about before the draw: what was answered then stands."""
    assert one.terms.follow_up is not None, "Only cases that can be asked about are drawn."
    progress = numbered(one.terms.follow_up, progress_of(row), drawn=said["drawn"], due_at=now)
    for name, value in {**said, **asdict(progress)}.items():
        setattr(row, name, value)


def progress_of(row: CaseFollowUp) -> Progress:
    """Return the progress that a row holds."""
    return Progress(
        standing=Standing(row.standing),
        due_at=row.due_at,
        ask_by=row.ask_by,
        tries=row.tries,
        satisfied=cast("Satisfied | None", row.satisfied),
        dissatisfied_at=row.dissatisfied_at,
        dissatisfied_times=row.dissatisfied_times,
        mended_at=row.mended_at,
    )


def _keep(row: CaseFollowUp, progress: Progress) -> None:
    for name, value in asdict(progress).items():
        setattr(row, name, value)


def _after_change(
    terms: CaseTerms, progress: Progress, *, before: CaseState, after: CaseState, now: datetime
) -> Progress:
    asked = terms.follow_up
    assert asked is not None, "A row is there only where somebody is asked."
    if not after.ended:
        return goes_on(progress)
    if before.ended:
        return progress
    return ended_again(asked, progress, after=draw_of(asked, after).after, now=now)


async def _note_asked(
    session: AsyncSession,
    case: Case,
    terms: CaseTerms,
    row: CaseFollowUp | None,
    *,
    after: CaseState,
    made: Mapping[str, Any],
    by: int | None,
    now: datetime,
) -> None:
    """Keep the answers of a follow-up. A case that was asked about before its draw has a row from now on."""
    asked = terms.follow_up
    assert asked is not None, "A follow-up move needs its terms."
    if row is None:
        row = _unasked(case, now=now)
        session.add(row)
    form: Mapping[str, Any] = made.get("form", {})
    codes = {aspect.code for aspect in asked.aspects}
    satisfied, refused = satisfied_of(terms, form), refused_of(form)
    _keep(
        row,
        asked_once(asked, progress_of(row), satisfied=satisfied, goes_on=not after.ended, now=now, refused=refused),
    )
    row.way, row.asked_at, row.asked_by, row.unit = form.get("way"), now, by, case.unit
    row.note = str(made.get("note", ""))
    if satisfied == "no":
        await plan_deadlines(session, TELL, [Planned(case.incident_id, case.division_path, now, 0, "second", now)])
    if satisfied is not None:
        row.answers = {code: answer for code, answer in form.items() if code in codes}


def _unasked(case: Case, *, now: datetime) -> CaseFollowUp:
    return CaseFollowUp(
        **UNASKED,
        **asdict(Progress(Standing.DUE, due_at=now, ask_by=now + timedelta(days=1))),
        incident_id=case.incident_id,
        draw="",
        period="",
        number=None,
        share="",
        drawn=False,
        drawn_at=now,
        unit=case.unit,
        division_path=case.division_path,
    )
