"""Make moves of cases, inside the caller's transaction. `make_move` makes every one that a person makes.

Rows are locked in one order everywhere: the incident before its case. Entries, row, clocks and event are written
together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from console.access.rules import Actor, Permission
from console.cases.casework import Casework
from console.cases.opening import open_cases
from console.cases.storing import lock_case, state_of, terms_of
from console.cases.tables import Case
from console.cases.targets import last_day_of_pause, named_errors, target_of
from console.cases.writing import Change, write
from console.flow.case_rules import Facts, MoveRefused, apply, move_of, seat_for
from console.flow.case_state import CaseState
from console.flow.case_terms import CaseTerms, MoveKind
from console.flow.effects import Deed
from console.flow.forms import FormInvalid, faults_of_answers, fill, form_of, satisfied_of
from console.flow.replay import MOVED
from console.flow.seats import Person
from console.incidents.actions import register_many
from console.incidents.duplicates import main_of
from console.incidents.events import location_of
from console.incidents.queries import forces_on, lock_incident
from console.incidents.rules import Registration, Report
from console.incidents.tables import Incident, TimelineEntry
from geo.errors import NotFound
from geo.versions import Expected, require_current

ASKING = (MoveKind.FOLLOW_UP.value, MoveKind.URGE.value)
"""Kinds of moves that handle nothing: who makes them may ask the reporter afterwards."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A locked incident with its case, the flow it runs under, and its state.

    `occupied`: whether a force is at the incident, where a move has looked; it changes no task.
    """

    incident: Incident
    case: Case
    terms: CaseTerms
    state: CaseState
    occupied: bool | None = None


async def make_move(
    session: AsyncSession,
    work: Casework,
    actor: Actor,
    incident_id: int,
    *,
    move: str,
    form: Mapping[str, Any],
    expected: Expected = None,
    now: datetime,
) -> Opened:
    """Make a move of an incident's case, and return the case as it is then.

    Raises `Forbidden`, `NotFound`, `Stale` if `expected` is not the case's version, `MoveRefused` for a move that is
    not allowed, `FormInvalid` for a wrong field, or what a clock refuses.
    """
    actor.require(Permission.MOVE_CASES)
    opened = await lock_opened(session, work, incident_id, actor=actor, now=now)
    require_current(opened.case.version, expected)
    opened = replace(opened, occupied=bool(await forces_on(session, incident_id)))
    case = await move_locked(session, work, actor, opened, move=move, form=form, now=now)
    return replace(opened, case=case, state=await state_of(session, case))


async def move_locked(
    session: AsyncSession,
    work: Casework,
    actor: Actor,
    opened: Opened,
    *,
    move: str,
    form: Mapping[str, Any],
    now: datetime,
    silent: bool = False,
) -> Case:
    """Make a move of a case that is locked; otherwise as `make_move`. `silent`: the caller gives its notices."""
    terms, state, incident = opened.terms, opened.state, opened.incident
    found = move_of(terms, state, move)
    person = Person(actor.user_id, actor.role, await work.register.seats_of(session, actor, now=now))
    facts = await facts_of(session, work, incident, state, user=actor.user_id, occupied=opened.occupied, now=now)
    seat = seat_for(terms, state, found, person, facts)
    filled = fill(form_of(terms, found), form)
    deed = Deed(found, person, seat, filled, now, satisfied=satisfied_of(terms, filled))
    errors = faults_of_answers(terms, found, filled) or await named_errors(session, work, incident, terms, state, deed)
    if errors:
        raise FormInvalid.of(*errors)
    target = await target_of(session, work, incident, terms, state, deed, owner_level=facts.owner_level)
    deed = replace(deed, target=target, part=await _split_off(session, work, actor, opened, deed))
    after = _with_end(apply(terms, state, deed), work, terms, deed)
    if after.ended and not state.ended and facts.occupied:
        raise MoveRefused(move=found.code, stage=state.stage, reason="occupied")
    change = Change(MOVED, actor_id=actor.user_id, data=said_of(deed, state, after), at=now, silent=silent)
    return await write(session, work, opened, after, change)


def _with_end(after: CaseState, work: Casework, terms: CaseTerms, deed: Deed) -> CaseState:
    """Give a pause whose form names no end the last day that the place allows: else nobody would be reminded of it."""
    if deed.move.kind is not MoveKind.PAUSE or after.paused_until is not None:
        return after
    return replace(after, paused_until=last_day_of_pause(terms, work, at=deed.at).isoformat())


async def lock_opened(
    session: AsyncSession, work: Casework, incident_id: int, *, actor: Actor, now: datetime
) -> Opened:
    """Lock an incident and its case, which is opened if the incident had none yet. Raises `NotFound`."""
    incident = await lock_incident(session, incident_id)
    return await opened_of(session, work, incident, actor=actor, now=now)


async def opened_of(
    session: AsyncSession, work: Casework, incident: Incident, *, actor: Actor, now: datetime
) -> Opened:
    """Lock the case of a locked incident, opening it if there is none."""
    opened = await locked_case(session, work, incident)
    if opened is None:
        await open_cases(session, work, [incident.id], actor=actor, now=now)
        opened = await locked_case(session, work, incident)
    if opened is None:
        raise NotFound
    return opened


async def locked_case(session: AsyncSession, work: Casework, incident: Incident) -> Opened | None:
    """Lock the case of a locked incident; None without one."""
    case = await lock_case(session, incident)
    if case is None:
        return None
    terms = await terms_of(session, work, case.pack_version)
    return Opened(incident, case, terms, await state_of(session, case))


async def facts_of(
    session: AsyncSession,
    work: Casework,
    incident: Incident,
    state: CaseState,
    *,
    user: int | None = None,
    occupied: bool | None = None,
    now: datetime,
) -> Facts:
    """Find what moves ask of the incident, of the cases split off, of the person, and of the unit that has the case."""
    unit = await work.register.unit(session, state.owner.unit, now=now)
    return Facts(
        occupied=bool(await forces_on(session, incident.id)) if occupied is None else occupied,
        open_parts=bool(state.parts) and await go_on(session, state.parts, of=incident.id),
        handled=state.ended and user is not None and await has_handled(session, incident.id, user),
        not_asked=state.ended and await work.follow_ups.is_not_asked(session, incident.id),
        owner_level=unit.level if unit else None,
    )


async def has_handled(session: AsyncSession, incident_id: int, user: int) -> bool:
    """Whether a user has made a move of a case, other than asking its reporter and urging."""
    return bool(await session.scalar(select(handled_by(user, incident_id))))


def handled_by(user: int, incident_id: InstrumentedAttribute[int] | int) -> ColumnElement[bool]:
    """Clause: the user has made a move of the case, other than asking its reporter and urging."""
    made = select(TimelineEntry.id).where(
        TimelineEntry.incident_id == incident_id,
        TimelineEntry.kind == MOVED,
        TimelineEntry.actor_id == user,
        TimelineEntry.data["kind"].astext.not_in(ASKING),
    )
    return exists(made)


async def go_on(session: AsyncSession, parts: tuple[int, ...], *, of: int) -> bool:
    """Whether one of the cases split off is still open. One that was merged goes on in the main incident, unless that
    is the one that it is a part `of`.
    """
    mains = {await main_of(session, part) for part in parts} - {of}
    wanted = select(func.count()).select_from(Case).where(Case.incident_id.in_(mains), Case.ended_at.is_(None))
    return bool(await session.scalar(wanted))


async def _split_off(session: AsyncSession, work: Casework, actor: Actor, opened: Opened, deed: Deed) -> int | None:
    """Register what a split names as an incident of its own, at the same place, and return its id."""
    if deed.move.kind is not MoveKind.SPLIT:
        return None
    report = _part_report(opened.incident, deed, now=deed.at)
    [outcome] = await register_many(
        session, [report], terms=work.incidents, zone=work.zone, actor=actor, now=deed.at, link=False
    )
    if not isinstance(outcome, Registration):
        raise FormInvalid.of(*outcome.errors)
    await open_cases(session, work, [outcome.incident_id], actor=actor, now=deed.at, part_of=opened.incident.id)
    return outcome.incident_id


def _part_report(incident: Incident, deed: Deed, *, now: datetime) -> Report:
    lon, lat = location_of(incident) or (None, None)
    return Report(
        source=incident.source,
        external_no=None,
        category=deed.form.get("category", incident.category),
        title=deed.form["title"],
        description=deed.form.get("note", ""),
        lon=lon,
        lat=lat,
        raw_x=incident.raw_x,
        raw_y=incident.raw_y,
        datum=incident.datum,
        occurred_at=now,
        risk=deed.form.get("risk"),
        language=incident.language,
        address=incident.address,
    )


def said_of(deed: Deed, before: CaseState, after: CaseState) -> dict[str, Any]:
    """Return what an entry says of a move, besides what has become of the case."""
    seat, target = deed.seat, deed.target
    said: dict[str, Any] = {
        "move": deed.move.code,
        "kind": deed.move.kind.value,
        "from": before.stage,
        "to": after.stage,
        "unit": seat.unit if seat else None,
        "post": seat.id if seat else None,
        "target": target.unit if target else None,
        "part": deed.part,
        "note": deed.form.get("note"),
        "form": {name: value for name, value in deed.form.items() if name != "note"},
    }
    return {name: value for name, value in said.items() if value not in (None, {})}
