"""Make the moves that a pack wants when a limit is due 超期自动升级, in the transaction that gives notice of it.

The server makes them where a person could: at the stage, lane and level that the move is for. Elsewhere, as at the
highest level, the case stays as it is; its people have been told. What bars a move only for now, as a called unit that
has not answered or a force at the place, is written into the record and told, and the move is tried again until it can
be made, or is needed no more.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.cases.actions import Opened, facts_of, locked_case, said_of
from console.cases.casework import Casework
from console.cases.moving import DUE_MOVE
from console.cases.storing import terms_of
from console.cases.tables import Case
from console.cases.targets import target_of
from console.cases.telling import address_of
from console.cases.writing import Change, write
from console.clocks.tables import Clock
from console.deadlines.actions import Planned, plan_deadlines
from console.deadlines.rules import DeadlineKind
from console.flow.case_rules import MoveRefused, apply, move_of, require_due
from console.flow.case_terms import DueMove
from console.flow.effects import Deed
from console.flow.forms import FormInvalid, fill, form_of
from console.flow.replay import MOVED, PREFIX
from console.flow.seats import Person
from console.incidents.tables import Incident, TimelineEntry
from console.incidents.timeline import Entry, note
from console.notices.actions import give_notice
from console.notices.rules import Address, NewNotice

log = structlog.get_logger()
SERVER = Person(0, "server")
BARRED = f"{PREFIX}move_barred"
"""Kind of the entry, and of the notice, of a move that is due and barred for now."""
RETRY = f"{DUE_MOVE}.retry"
"""Kind of the deadline by which barred moves are tried again; its subject is the incident."""
FOR_NOW = ("joint", "conditions", "occupied")
"""Reasons that pass: called units have not answered, a condition is not met, a force is at the place."""
ELSEWHERE = (*FOR_NOW, "stage", "lane", "level")
"""Reasons that pass as well for a move that was barred: the case may come back to where it can be made."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=10), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DueLimit:
    """A limit that is due, and since when. `barred_at`: its move was barred then, and is tried again."""

    incident: Incident
    limit: str
    due_at: datetime
    barred_at: datetime | None = None


async def make_due_moves(session: AsyncSession, work: Casework, overdue: Sequence[DueLimit], *, now: datetime) -> int:
    """Make the moves of limits that are due, whose incidents are locked; return how many were made.

    A move that is barred for now is tried again later.
    """
    wanted = await _wanted(session, work, overdue)
    made = 0
    for one in overdue:
        if due := wanted.get((one.incident.id, one.limit)):
            made += await _make(session, work, one, due, now=now)
    return made


def retries(work: Casework) -> DeadlineKind:
    """Return the kind of deadline by which moves that were barred are tried again."""

    async def on_due(session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
        wanted = select(Incident).where(Incident.id.in_(subjects)).order_by(Incident.id)
        locked = wanted.with_for_update(key_share=True, skip_locked=True).execution_options(populate_existing=True)
        incidents = (await session.scalars(locked)).all()
        for incident in incidents:
            await make_due_moves(session, work, await _barred(session, work, incident, now=now), now=now)
        return [incident.id for incident in incidents]

    return DeadlineKind(RETRY, on_due=on_due)


async def _barred(session: AsyncSession, work: Casework, incident: Incident, *, now: datetime) -> list[DueLimit]:
    """Return the limits of a case whose move was barred, and neither made since, nor needed no more: their clock still
    runs and is late. While the case is paused or merged, they wait.
    """
    said = await _said_since(session, incident.id)
    if not said:
        return []
    wanted = select(Clock).where(Clock.incident_id == incident.id, Clock.limit_code.in_(said))
    runs = Clock.stopped_at.is_(None)
    in_order = wanted.order_by(runs, (runs & (Clock.due_at <= now)), Clock.id)
    clocks = {clock.limit_code: clock for clock in await session.scalars(in_order)}  # A late one, or else the last.
    pending: list[DueLimit] = []
    for limit, (due_at, barred_at) in said.items():
        clock = clocks.get(limit)
        if clock is None or (clock.stopped_at is not None and incident.merged_into_id is None) or clock.due_at > now:
            continue
        one = DueLimit(incident, limit, due_at, barred_at)
        if clock.stopped_at is None and clock.paused_at is None:
            pending.append(one)
        else:
            await _plan(session, one, now=now)
    return pending


async def _said_since(session: AsyncSession, incident_id: int) -> dict[str, tuple[datetime, datetime]]:
    """Return when each limit was due whose move is barred by the last word of the record, and since when.

    A move like it, made by a person meanwhile, has done what the limit wanted.
    """
    wanted = select(TimelineEntry).where(TimelineEntry.incident_id == incident_id)
    found: dict[str, tuple[str, datetime, datetime]] = {}
    kinds = TimelineEntry.kind.in_((BARRED, MOVED))
    for entry in await session.scalars(wanted.where(kinds).order_by(TimelineEntry.id)):
        if entry.kind == BARRED:
            found[entry.data["limit"]] = entry.data["due_move"], datetime.fromisoformat(entry.data["due_at"]), entry.at
        else:
            found = {limit: said for limit, said in found.items() if said[0] != entry.data.get("move")}
    return {limit: (due_at, at) for limit, (_, due_at, at) in found.items()}


async def _wanted(
    session: AsyncSession, work: Casework, overdue: Sequence[DueLimit]
) -> Mapping[tuple[int, str], DueMove]:
    """Return the moves by incident and limit, as the version says that each case runs under."""
    ids = {one.incident.id for one in overdue}
    rows = await session.execute(select(Case.incident_id, Case.pack_version).where(Case.incident_id.in_(ids)))
    versions = dict(rows.all())
    moves: dict[tuple[str, str], DueMove] = {}
    for version in {*versions.values()}:
        limits = (await terms_of(session, work, version)).limits
        moves |= {(version, limit.code): limit.overdue for limit in limits if limit.overdue is not None}
    return {
        (one.incident.id, one.limit): move
        for one in overdue
        if (move := moves.get((versions.get(one.incident.id, ""), one.limit)))
    }


async def _make(session: AsyncSession, work: Casework, one: DueLimit, due: DueMove, *, now: datetime) -> bool:
    incident = one.incident
    opened = await locked_case(session, work, incident)
    if opened is None or not opened.state.running:
        return False
    try:
        deed = await _deed(session, work, opened, due, now=now)
    except MoveRefused as refused:
        if refused.params["reason"] in (ELSEWHERE if one.barred_at else FOR_NOW):
            await _bar(session, work, opened, one, due, refused, now=now)
        return False
    except FormInvalid as bad:  # Of a version from before this was checked: the sweep goes on.
        log.warning("overdue_move_unfit", incident=incident.id, move=due.move, errors=bad.params["errors"])
        return False
    after = apply(opened.terms, opened.state, deed)
    said = {**said_of(deed, opened.state, after), "overdue": one.limit, "due_at": one.due_at.isoformat()}
    await write(session, work, opened, after, Change(MOVED, data=said, at=now))
    return True


async def _deed(session: AsyncSession, work: Casework, opened: Opened, due: DueMove, *, now: datetime) -> Deed:
    """Return the move as the server makes it. Raises `MoveRefused`."""
    terms, state, incident = opened.terms, opened.state, opened.incident
    move = move_of(terms, state, due.move)
    facts = await facts_of(session, work, incident, state, now=now)
    require_due(terms, state, move, facts)
    deed = Deed(move, SERVER, None, fill(form_of(terms, move), due.form), now)
    target = await target_of(session, work, incident, terms, state, deed, owner_level=facts.owner_level)
    deed = replace(deed, target=target)
    if facts.occupied and apply(terms, state, deed).ended:
        raise MoveRefused(move=move.code, stage=state.stage, reason="occupied")
    return deed


async def _bar(
    session: AsyncSession,
    work: Casework,
    opened: Opened,
    one: DueLimit,
    due: DueMove,
    refused: MoveRefused,
    *,
    now: datetime,
) -> None:
    """Try the move again later; the first time, write what bars it, and tell who has the case and who oversees it."""
    await _plan(session, one, now=now)
    if one.barred_at is not None:
        return
    said: dict[str, Any] = {
        **{name: value for name, value in refused.params.items() if name not in ("move", "stage")},
        "due_move": due.move,
        "limit": one.limit,
        "due_at": one.due_at.isoformat(),
        "pack": opened.case.pack_version,
    }
    await note(session, opened.incident, Entry(BARRED, data=said), now=now)
    if work.delivery is None:
        return
    incident = opened.incident
    notices = [
        NewNotice(
            key=f"{BARRED}:{incident.id}:{one.limit}:{one.due_at.isoformat()}:{to.key}",
            kind=BARRED,
            division_path=incident.division_path,
            to=to,
            incident_id=incident.id,
            case_code=incident.case_code,
            body=said,
        )
        for to in (address_of(opened.state.owner), Address())
    ]
    await give_notice(session, work.delivery, notices, now=now)


async def _plan(session: AsyncSession, one: DueLimit, *, now: datetime) -> None:
    """Plan to try again: soon at first, and each hour later on."""
    waited = now - (one.barred_at or now)
    wait = min(max(FIRST_WAIT, waited / 4), LONGEST_WAIT)
    planned = Planned(one.incident.id, one.incident.division_path, now, int(wait.total_seconds()), "second", now + wait)
    await plan_deadlines(session, RETRY, [planned])
