"""Open the cases of the past in bulk: ended, without running clocks, notices and events."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, any_, cast, exists, select
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.cases.casework import Casework, EndedCase
from console.cases.judging import judge_past
from console.cases.opening import ADD, begun_state, ended, open_cases
from console.cases.receiving import CentresOnce
from console.cases.storing import columns_of, keep_version
from console.cases.tables import Case
from console.flow.case_state import CaseState, Holder, to_json
from console.flow.replay import OPENED
from console.incidents.rules import is_shown_live
from console.incidents.tables import Incident
from console.incidents.timeline import Entry, insert_timeline_rows, timeline_row

AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class CaseCourse:
    """A case of the past: its last state, and the entries that led to it, with their times.

    The first entry opens the case (`case.opened`), and `set` of the later ones says what has become of it.
    """

    incident_id: int
    division_path: str
    state: CaseState
    entries: Sequence[tuple[datetime, Entry]]
    ended_at: datetime | None


async def add_courses(session: AsyncSession, work: Casework, courses: Sequence[CaseCourse], *, now: datetime) -> None:
    """Add cases of the past with all their entries, many thousands in one transaction."""
    await keep_version(session, work, now=now)
    for some in _batches(courses):
        await ADD.run(session, [_row(work, course, now=now) for course in some])
        await insert_timeline_rows(session, [*_lines(some)])


def _batches(courses: Sequence[CaseCourse]) -> Iterator[Sequence[CaseCourse]]:
    return (courses[start : start + AT_ONCE] for start in range(0, len(courses), AT_ONCE))


def _lines(courses: Sequence[CaseCourse]) -> Iterator[dict[str, Any]]:
    for course in courses:
        for at, entry in course.entries:
            yield timeline_row(course.incident_id, entry, path=course.division_path, now=at)


async def open_history(
    session: AsyncSession, work: Casework, incident_ids: Sequence[int], *, actor: Actor, now: datetime
) -> None:
    """Open the cases of closed incidents: they have ended where the centre of their level had them."""
    centres = CentresOnce(session, work, now)
    wanted = select(Incident).where(Incident.id == any_(cast([*incident_ids], ARRAY(BIGINT)))).order_by(Incident.id)
    courses: list[CaseCourse] = []
    begun: list[tuple[Incident, CaseState]] = []
    incidents = (await session.scalars(wanted)).all()
    await centres.load([(one.division_path, one.level) for one in incidents])
    for incident in incidents:
        first = Holder((await centres.at(incident.division_path, incident.level)).code)
        begun.append((incident, begun_state(work, incident, first)))
        state = ended(work.terms, replace(begun[-1][1], joined_to=incident.merged_into_id))
        data = {"pack": work.version, "set": to_json(state)}
        entry = Entry(OPENED, actor_id=actor.user_id, data=data)
        closed_at = incident.closed_at or now
        courses.append(CaseCourse(incident.id, incident.division_path, state, [(now, entry)], closed_at))
    await add_courses(session, work, courses, now=now)
    await judge_past(session, work, begun, centres, now=now)
    await work.follow_ups.plan(session, [*_just_ended(work, courses, now=now)])


def _just_ended(work: Casework, courses: Sequence[CaseCourse], *, now: datetime) -> Iterator[EndedCase]:
    """Yield the cases of the past that ended so lately that their reporters can still be asked."""
    days = work.terms.follow_up.within_days if work.terms.follow_up else 0
    for one in courses:
        if one.ended_at and one.state.ended and one.ended_at > now - timedelta(days=days):
            yield EndedCase(one.incident_id, one.division_path, work.terms, one.state, one.ended_at)


async def open_missing(session: AsyncSession, work: Casework, *, actor: Actor, limit: int, now: datetime) -> int:
    """Open the cases of incidents that have none, as from before the pack had a flow; return how many.

    Needs the reach of the root. Those that no screen shows go in bulk.
    """
    found = [(incident_id, closed) for incident_id, closed in await session.execute(_missing(limit))]
    shown = {one for one, closed in found if is_shown_live(closed, now=now)}
    await open_cases(session, work, sorted(shown), actor=actor, now=now)
    past = [one for one, _ in found if one not in shown]
    if past:
        await open_history(session, work, past, actor=actor, now=now)
    return len(found)


def _missing(limit: int) -> Select[int, datetime | None]:
    has_case = exists(select(Case.incident_id).where(Case.incident_id == Incident.id))
    wanted = (
        select(Incident.id, Incident.closed_at).where(~has_case).order_by(Incident.closed_at.is_not(None), Incident.id)
    )
    return wanted.limit(limit).with_for_update(of=Incident, key_share=True, skip_locked=True)


def _row(work: Casework, course: CaseCourse, *, now: datetime) -> Mapping[str, Any]:
    return {
        **columns_of(work.terms, course.state),
        "incident_id": course.incident_id,
        "pack_version": work.version,
        "due_limit": None,
        "due_at": None,
        "opened_at": course.entries[0][0] if course.entries else now,
        "ended_at": course.ended_at,
        "division_path": course.division_path,
        "version": 1,
    }
