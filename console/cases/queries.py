"""Read cases within the caller's reach."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, any_, bindparam, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.access.sight import Sight, Subject, sight_of
from console.access.tables import User
from console.cases.actions import Opened, facts_of
from console.cases.casework import Casework, RunningClock
from console.cases.doors import Door, other_doors
from console.cases.storing import state_of, terms_of
from console.cases.tables import Case, CaseUnit, PackVersion
from console.clocks.sums import ClockSum
from console.cursors import id_of
from console.flow.case_rules import MoveRefused, permitted
from console.flow.case_terms import CaseMove
from console.flow.seats import Person
from console.incidents.queries import forces_on, get_visible_incident
from console.incidents.tables import Incident
from geo.errors import NotFound
from geo.store import Ltree

_NAMES = select(User.id, User.display_name).where(User.id == any_(bindparam("users", type_=ARRAY(BigInteger))))


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Filter of a list of cases. `units`: those that have it, or to which it is offered, or that are called.

    `ended`: true for ended ones, false for running ones, None for both. `late`: past their next due time.
    """

    units: Collection[str] | None = None
    stage: str | None = None
    lane: str | None = None
    level: str | None = None
    scope: str | None = None
    ended: bool | None = False
    late: bool = False


@dataclass(frozen=True, slots=True)
class SeenCase:
    """A case as one person sees it: with its clocks, names, and the moves that are the person's now."""

    opened: Opened
    clocks: Sequence[tuple[RunningClock, ClockSum]]
    moves: Sequence[tuple[CaseMove, MoveRefused | None]]
    unit_names: Mapping[str, str]
    user_names: Mapping[int, str]
    doors: Sequence[Door]


async def see_case(session: AsyncSession, work: Casework, actor: Actor, incident_id: int, *, now: datetime) -> SeenCase:
    """Return the case of an incident. A force sees that of the incident it is at work on, until its task ends.

    Raises `Forbidden`, or `NotFound` for an incident out of reach.
    """
    incident = await _incident_of(session, actor, incident_id)
    case = await session.get(Case, incident_id, populate_existing=True)
    if case is None:
        raise NotFound
    terms = await terms_of(session, work, case.pack_version)
    opened = Opened(incident, case, terms, await state_of(session, case))
    return await seen_of(session, work, actor, opened, now=now)


async def see_moved(session: AsyncSession, work: Casework, actor: Actor, opened: Opened, *, now: datetime) -> SeenCase:
    """Return a case as the person sees it who has just moved it, in the same transaction. Raises `Forbidden`."""
    actor.require(Permission.READ_INCIDENTS)
    return await seen_of(session, work, actor, opened, now=now)


async def _incident_of(session: AsyncSession, actor: Actor, incident_id: int) -> Incident:
    """Return the incident of a case that the actor may read, by role or as a force at work on it."""
    if sight_of(actor.role, Subject.INCIDENTS) is not Sight.OWN:
        return await get_visible_incident(session, actor, incident_id)
    incident = await session.get(Incident, incident_id)
    if incident is None or actor.force_id not in await forces_on(session, incident_id):
        raise NotFound
    return incident


async def seen_of(session: AsyncSession, work: Casework, actor: Actor, opened: Opened, *, now: datetime) -> SeenCase:
    """Return a case as a person sees it."""
    state = opened.state
    moves: Sequence[tuple[CaseMove, MoveRefused | None]] = ()
    if actor.may(Permission.MOVE_CASES):
        person = Person(actor.user_id, actor.role, await work.register.seats_of(session, actor, now=now))
        facts = await facts_of(
            session, work, opened.incident, state, user=actor.user_id, occupied=opened.occupied, now=now
        )
        moves = [*permitted(opened.terms, state, person, facts)]
    charge, procedure = state.charge, state.procedure
    units = {state.owner.unit, state.first_receiver.unit, *(call.unit for call in state.calls)}
    units |= {state.offer.unit} if state.offer else set()
    units |= {one for one in (procedure.coordinator, procedure.handler) if one} if procedure else set()
    doors = await other_doors(session, opened.incident.id)
    units |= {door.first_unit for door in doors}
    users = {one for one in (state.handler, charge and charge.user) if one}
    users = users if actor.may(Permission.READ_INCIDENTS) else set()
    return SeenCase(
        opened,
        await work.clocks.counted_of(session, opened.incident.id, now=now),
        moves,
        await work.register.names(session, units, now=now),
        await _names(session, users),
        doors,
    )


async def _names(session: AsyncSession, users: Collection[int]) -> Mapping[int, str]:
    if not users:
        return {}
    rows = await session.execute(_NAMES, {"users": [*users]})
    return dict(rows.all())


async def list_cases(
    session: AsyncSession, actor: Actor, chosen: CaseFilter, *, limit: int, cursor: str | None, now: datetime
) -> tuple[Sequence[tuple[Case, Incident]], str | None]:
    """Return a page of cases with their incidents, the newest first, and the cursor of the next.

    Raises `Forbidden`, `BadCursor`.
    """
    actor.require(Permission.READ_INCIDENTS)
    wanted = chosen_by(select(Case, Incident).join(Incident, Incident.id == Case.incident_id), chosen, now=now)
    if cursor is not None:
        wanted = wanted.where(Case.incident_id < id_of(cursor))
    rows = await session.execute(wanted.order_by(Case.incident_id.desc()).limit(limit + 1))
    found = [(case, incident) for case, incident in rows]
    return found[:limit], str(found[limit - 1][0].incident_id) if len(found) > limit else None


def chosen_by(wanted: Select[Case, Incident], chosen: CaseFilter, *, now: datetime) -> Select[Case, Incident]:
    """Narrow a query of cases to those that a filter names."""
    for column, value in ((Case.stage, chosen.stage), (Case.lane, chosen.lane), (Case.level, chosen.level)):
        if value is not None:
            wanted = wanted.where(column == value)
    if chosen.units is not None:
        wanted = wanted.where(_at_units(chosen.units))
    if chosen.scope is not None:
        wanted = wanted.where(Case.division_path.op("<@")(cast(chosen.scope, Ltree)))
    if chosen.ended is not None:
        wanted = wanted.where(Case.ended_at.is_not(None) if chosen.ended else Case.ended_at.is_(None))
    if chosen.late:
        # The next due clock is one that runs: a limit that no pause stops can be late in a paused case.
        wanted = wanted.where(Case.due_at < now, Case.ended_at.is_(None))
    return wanted


def _at_units(units: Collection[str]) -> ColumnElement[bool]:
    """Clause: a unit has the case, is offered it, or is called; or received it first, and nobody has accepted it."""
    called = select(CaseUnit.incident_id).where(CaseUnit.unit.in_(units), CaseUnit.ended_at.is_(None))
    first = Case.first_unit.in_(units) & ~Case.accepted
    return or_(Case.unit.in_(units), Case.offer_unit.in_(units), first, Case.incident_id.in_(called))


async def list_versions(session: AsyncSession) -> Sequence[tuple[PackVersion, int]]:
    """List the versions of packs that cases have begun under, the newest first, with the running cases in reach."""
    running = func.count(Case.incident_id).filter(Case.ended_at.is_(None))
    rows = await session.execute(
        select(PackVersion, running)
        .outerjoin(Case, Case.pack_version == PackVersion.version)
        .group_by(PackVersion.version)
        .order_by(PackVersion.first_used_at.desc(), PackVersion.version)
    )
    return [(version, count) for version, count in rows]
