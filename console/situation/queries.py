"""The situation 态势: incidents, tasks, forces and positions, now or at an earlier moment, within the session's reach.

Bodies are those of the events, so that a situation plus the events after it is the next situation.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, any_, case, cast, func, null, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from console.feed.bodies import Body
from console.feed.kinds import Kind, Kinds
from console.feed.queries import unnumbered
from console.feed.tables import EarlierState, LoggedEvent
from console.forces import events as forces
from console.incidents.tables import Incident
from console.positions.queries import latest_positions, older_positions_at, positions_at
from console.positions.rules import Position

REPORTED_AT = case((Incident.closed_at < Incident.registered_at, Incident.occurred_at), else_=Incident.registered_at)
"""Time at which an incident was reported. Records of the past count when they occurred, not when they were imported."""

NEWEST = LoggedEvent.version.desc(), LoggedEvent.body.is_(None)
"""Newest events first; of one version, the new state before the leaving, for sessions that see both."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Bodies by the name of their kind, in the order of ids, and positions of forces."""

    bodies: Mapping[str, list[Body]]
    positions: list[Position]


@dataclass(frozen=True, slots=True)
class Strip:
    """Counts of incidents reported and closed in equal steps from `start` on."""

    start: datetime
    step: timedelta
    reported: list[int]
    closed: list[int]


async def situation_now(session: AsyncSession, kinds: Kinds, *, now: datetime, own: int | None = None) -> Situation:
    """Read all entities that exist and have not ended long ago. With `own`, those of that force's own snapshot.

    A change without a position yet is left out, as a replay of this moment leaves it out; a force, which has no replay,
    is shown it.
    """
    behind = {} if own is not None else await unnumbered(session)
    bodies = {name: await _bodies_now(session, kind, now=now, own=own) for name, kind in kinds.items()}
    for name in behind.keys() & kinds.keys():
        bodies[name] = await _as_numbered(session, kinds[name], bodies[name], behind[name], now=now)
    positions = await latest_positions(session)
    if own is None:
        positions = _on_duty(positions, bodies)
        # Going off duty takes the position away at once, and is told with its number.
        going = behind.get(forces.NAME, {}).keys() & {*_ids_on_duty(bodies)} - {one.force_id for one in positions}
        told = await older_positions_at(session, now, [*going]) if going else []
        positions = sorted(positions + told, key=attrgetter("force_id"))
    return Situation(bodies=bodies, positions=positions)


async def situation_at(session: AsyncSession, kinds: Kinds, moment: datetime, *, recorded_from: datetime) -> Situation:
    """Read the situation at `moment`, from the bodies in the log.

    Those that the log has nothing of up to then are returned as they were when it began. Before `recorded_from`, when
    that was, there are no positions, and of what has ended only what was imported later.
    """
    bodies = {
        name: await _bodies_at(session, kind, moment, recorded_from=recorded_from) for name, kind in kinds.items()
    }
    if moment < recorded_from:
        for name, kind in kinds.items():
            if kind.before_record is not None:
                bodies[name] = sorted(bodies[name] + await kind.before_record(session, moment), key=itemgetter("id"))
    return Situation(bodies=bodies, positions=await _positions_at(session, moment, bodies))


async def strip(session: AsyncSession, *, start: datetime, step: timedelta, steps: int) -> Strip:
    """Count incidents reported and closed in each of `steps` steps from `start` on. A step includes its end."""
    return Strip(
        start=start,
        step=step,
        reported=await _binned(session, REPORTED_AT, start=start, step=step, steps=steps),
        closed=await _binned(session, Incident.closed_at, start=start, step=step, steps=steps),
    )


async def last_reports_by_source(session: AsyncSession, *, since: datetime) -> dict[str, datetime]:
    """Return the time of the last report of each source with an incident that occurred after `since`."""
    rows = await session.execute(
        select(Incident.source, func.max(Incident.registered_at))
        .where(Incident.occurred_at > since)
        .group_by(Incident.source)
    )
    return {row[0]: row[1] for row in rows}


async def _bodies_now(session: AsyncSession, kind: Kind[Any], *, now: datetime, own: int | None) -> list[Body]:
    wanted = select(kind.table).where(_lingering(kind, now)).order_by(_id(kind))
    if own is not None and kind.of_force:
        wanted = wanted.where(_id(kind).in_(kind.of_force(own)))
    return [kind.body(row) for row in await session.scalars(wanted)]


async def _as_numbered(
    session: AsyncSession, kind: Kind[Any], bodies: list[Body], behind: Mapping[int, int], *, now: datetime
) -> list[Body]:
    """Return the bodies with those `behind`, by the first version without a position, as their last event has them.

    Without one, as they were when the log began; a new one, and one that comes into reach, is left out.
    """
    last = (
        select(LoggedEvent.entity_id, LoggedEvent.body)
        .ext(distinct_on(LoggedEvent.entity_id))
        .where(LoggedEvent.kind == kind.name, LoggedEvent.entity_id.in_([*behind]))
        .order_by(LoggedEvent.entity_id, *NEWEST)
    )
    earlier = select(EarlierState.entity_id, EarlierState.body).where(
        EarlierState.kind == kind.name, EarlierState.entity_id.in_([*behind])
    )
    known = {entity: body for query in (earlier, last) for entity, body in await session.execute(query)}
    before = [body for body in known.values() if body is not None and _lingers(kind, body, now)]
    rest = [body for body in bodies if body["id"] not in behind]
    return sorted(rest + before, key=itemgetter("id"))


async def _positions_at(session: AsyncSession, moment: datetime, bodies: Mapping[str, list[Body]]) -> list[Position]:
    """Read the positions, however old, of the forces that were on duty."""
    fresh = _on_duty(await positions_at(session, moment), bodies)
    known = {position.force_id for position in fresh}
    missing = [force for force in _ids_on_duty(bodies) if force not in known]
    older = await older_positions_at(session, moment, missing) if missing else []
    return sorted(fresh + older, key=attrgetter("force_id"))


def _on_duty(positions: Iterable[Position], bodies: Mapping[str, list[Body]]) -> list[Position]:
    on_duty = set(_ids_on_duty(bodies))
    return [position for position in positions if position.force_id in on_duty]


def _ids_on_duty(bodies: Mapping[str, list[Body]]) -> list[int]:
    return [body["id"] for body in bodies[forces.NAME] if body["duty"] != "off"]


async def _bodies_at(
    session: AsyncSession, kind: Kind[Any], moment: datetime, *, recorded_from: datetime
) -> list[Body]:
    """Read entities within reach now, and those that were within reach then and have left it since.

    One that was made since the record began, and of which the log has nothing up to `moment`, was out of reach then.
    """
    here: list[Body | None] = []
    unlogged: dict[int, Body] = {}
    for row, version, body, made in await session.execute(_within_reach(kind, moment)):
        if version is not None:
            here.append(body)
        elif made is None or made < recorded_from:
            unlogged[row.id] = kind.body(row)
    earlier: dict[int, Body] = dict((await session.execute(_earlier_states(kind, moment))).all())
    if moment < recorded_from:
        earlier = {entity: body for entity, body in earlier.items() if entity in unlogged}
    never_changed = await _without_event(session, kind, unlogged.keys() - earlier.keys())
    here += [*earlier.values(), *(unlogged[entity] for entity in never_changed)]
    left = await session.scalars(_left_since(kind, moment))
    found = [body for body in [*here, *left] if body is not None and _lingers(kind, body, moment)]
    return sorted(found, key=itemgetter("id"))


def _earlier_states(kind: Kind[Any], moment: datetime) -> Select[int, Body]:
    """Select the states from before the log of entities that the log has nothing of up to `moment`."""
    since = select(LoggedEvent.pos).where(
        LoggedEvent.kind == kind.name, LoggedEvent.entity_id == EarlierState.entity_id, LoggedEvent.at <= moment
    )
    wanted = select(EarlierState.entity_id, EarlierState.body)
    return wanted.where(EarlierState.kind == kind.name, ~since.exists())


async def _without_event(session: AsyncSession, kind: Kind[Any], entities: Iterable[int]) -> set[int]:
    """Return those of some entities that the log has nothing of: they are as they have always been.

    Another came into reach with its first event.
    """
    asked = set(entities)
    if not asked:
        return asked
    logged = await session.scalars(
        select(LoggedEvent.entity_id).where(
            LoggedEvent.kind == kind.name, LoggedEvent.entity_id == any_(cast([*asked], ARRAY(BigInteger)))
        )
    )
    return asked - set(logged)


def _within_reach(kind: Kind[Any], moment: datetime) -> Select[Any]:
    """Select rows with version and body of their last event up to `moment`, both NULL if the log has none, and the
    time of their creation if they have one.
    """
    last = (
        select(LoggedEvent.version, LoggedEvent.body)
        .where(LoggedEvent.kind == kind.name, LoggedEvent.entity_id == _id(kind), LoggedEvent.at <= moment)
        .order_by(*NEWEST)
        .limit(1)
        .lateral("last")
    )
    made = null() if kind.created_at is None else kind.created_at
    rows = select(kind.table, last.c.version, last.c.body, made).join(last, true(), isouter=True)
    if kind.created_at is not None:
        rows = rows.where(kind.created_at <= moment)
    return rows.where(_lingering(kind, moment)).order_by(_id(kind))


def _left_since(kind: Kind[Any], moment: datetime) -> Select[Any]:
    """Select the last body up to `moment` of each entity that has left the reach after it and not come back."""
    left = select(LoggedEvent.entity_id).where(
        LoggedEvent.kind == kind.name, LoggedEvent.at > moment, LoggedEvent.body.is_(None)
    )
    is_here = select(_id(kind)).where(_id(kind) == LoggedEvent.entity_id).exists()
    return (
        select(LoggedEvent.body)
        .ext(distinct_on(LoggedEvent.entity_id))
        .where(LoggedEvent.kind == kind.name, LoggedEvent.at <= moment, LoggedEvent.entity_id.in_(left), ~is_here)
        .order_by(LoggedEvent.entity_id, *NEWEST)
    )


def _lingering(kind: Kind[Any], moment: datetime) -> ColumnElement[bool]:
    if kind.retention is None:
        return true()
    return or_(kind.retention.after.is_(None), kind.retention.after > moment - kind.retention.time)


def _lingers(kind: Kind[Any], body: Body, moment: datetime) -> bool:
    if kind.retention is None or (ended := body[kind.retention.after.key]) is None:
        return True
    return datetime.fromisoformat(ended) > moment - kind.retention.time


def _id(kind: Kind[Any]) -> ColumnElement[int]:
    key: ColumnElement[int] = kind.table.__mapper__.primary_key[0]
    return key


async def _binned(
    session: AsyncSession,
    column: ColumnElement[datetime] | InstrumentedAttribute[datetime | None],
    *,
    start: datetime,
    step: timedelta,
    steps: int,
) -> list[int]:
    place = func.ceil(func.extract("epoch", column - start) / step.total_seconds()) - 1
    rows = await session.execute(
        select(place, func.count()).where(column > start, column <= start + steps * step).group_by(place)
    )
    counts = {int(place): count for place, count in rows}
    return [counts.get(i, 0) for i in range(steps)]
