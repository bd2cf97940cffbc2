"""Move running cases to the place's present version of the flow, in bulk, after a dry run.

Clocks that both versions have keep their dates, and what has given notice does not do so again. A limit that is new
begins to run, unless the case is paused; one that is gone stops.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.cases.actions import Opened, locked_case
from console.cases.casework import Casework
from console.cases.storing import columns_of, keep_version
from console.cases.tables import Case
from console.cases.writing import Change, publish, start_called, write
from console.flow.case_rules import clocks_of, settle
from console.flow.case_state import CaseState
from console.flow.case_terms import CaseTerms
from console.flow.replay import PREFIX
from console.incidents.queries import lock_incident
from console.incidents.timeline import Entry, note

MIGRATED = f"{PREFIX}migrated"


@dataclass(frozen=True, slots=True)
class Migration:
    """What a migration does, or would do, to a case: limits that stop and begin; or the code that it lacks.

    `obstacle` is a field of the case and its value that the new version does not have; such a case stays.
    """

    incident_id: int
    case_code: str
    from_version: str
    obstacle: tuple[str, str] | None = None
    stopped: tuple[str, ...] = ()
    started: tuple[str, ...] = ()


async def migrate_cases(
    session: AsyncSession, work: Casework, *, dry_run: bool, actor: Actor, now: datetime
) -> list[Migration]:
    """Move the running cases of older versions to the present one; `dry_run` changes nothing. Return what it does."""
    wanted = select(Case.incident_id).where(Case.ended_at.is_(None), Case.pack_version != work.version)
    ids: Sequence[int] = (await session.scalars(wanted.order_by(Case.incident_id))).all()
    if not dry_run:
        await keep_version(session, work, now=now)
    found = [await _migrate(session, work, one, dry_run=dry_run, actor=actor, now=now) for one in ids]
    return [one for one in found if one is not None]


async def _migrate(
    session: AsyncSession, work: Casework, incident_id: int, *, dry_run: bool, actor: Actor, now: datetime
) -> Migration | None:
    opened = await locked_case(session, work, await lock_incident(session, incident_id))
    if opened is None or opened.case.pack_version == work.version or not opened.state.running:
        return None
    obstacle = obstacle_of(work.terms, opened.state)
    was = clocks_of(opened.terms, opened.state)
    after = opened.state if obstacle else settle(work.terms, opened.state, to=opened.state.stage)
    wanted = {} if obstacle else clocks_of(work.terms, after)
    stopped = () if obstacle else tuple(sorted(was.keys() - wanted.keys()))
    started = () if opened.case.paused else tuple(sorted(wanted.keys() - was.keys()))
    code = opened.incident.case_code
    planned = Migration(incident_id, code, opened.case.pack_version, obstacle, stopped, started)
    if not dry_run and obstacle is None:
        clocks = {limit: wanted[limit][0] for limit in started}
        await _apply(session, work, opened, after, planned, clocks, actor=actor, now=now)
    return planned


async def _apply(
    session: AsyncSession,
    work: Casework,
    opened: Opened,
    after: CaseState,
    planned: Migration,
    clocks: dict[str, str],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Write a migration. `after` is the state without hand-overs and calls that nobody could answer any more."""
    case, incident, by = opened.case, opened.incident, actor.user_id or None
    data = {"pack": work.version, "from": planned.from_version}
    if after == opened.state:
        await note(session, incident, Entry(MIGRATED, actor_id=by, data=data | {"set": {}}), now=now)
    else:
        await write(session, work, opened, after, Change(MIGRATED, at=now, actor_id=by, data=data))
        opened = replace(opened, state=after)
    if planned.stopped:
        await work.clocks.stop(session, incident, planned.stopped, outcome="migrated", now=now)
    case.pack_version = work.version
    joint = {limit: clock for limit, clock in clocks.items() if limit in work.terms.joint_limits}
    await start_called(session, work, opened, joint, opened.state.open_calls, now=now)
    if own := {limit: clock for limit, clock in clocks.items() if limit not in joint}:
        unit = await work.register.unit(session, opened.state.owner.unit, now=now)
        hours = unit.hours or None if unit else None
        await work.clocks.start(session, incident, own, version=work.version, now=now, unit_hours=hours)
    for name, value in columns_of(work.terms, opened.state).items():
        setattr(case, name, value)
    case.version += 1
    await publish(session, work, case, now=now)


def obstacle_of(terms: CaseTerms, state: CaseState) -> tuple[str, str] | None:
    """Return the field of a case, and its value, that a version of the flow does not have; None if it fits."""
    if state.flow not in terms.flow_by_code:
        return "flow", state.flow
    stages = terms.flow_by_code[state.flow].stages
    held = {
        "stage": (state.stage, stages),
        "resume_to": (state.resume_to, stages),
        "lane": (state.lane, [lane.code for lane in terms.lanes]),
        "level": (state.level, terms.level_codes),
        "procedure": (state.procedure.code if state.procedure else None, [one.code for one in terms.procedures]),
    }
    lacking = ((name, value) for name, (value, known) in held.items() if value is not None and value not in known)
    return next(lacking, None)
