"""Read incidents. Row-level security confines every query to the session's reach."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, bindparam, cast, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.access.tables import User
from console.cursors import id_of, page_of
from console.forces.tables import Force
from console.incidents.tables import Incident, TimelineEntry
from geo.errors import NotFound
from geo.store import SRID, Ltree

Bbox = tuple[float, float, float, float]
Columns = TypeVarTuple("Columns")
FORCES_ON = text("SELECT incident_id, force_id FROM forces_on(CAST(:incidents AS bigint[]))")
LOCKED = (
    select(Incident)
    .where(Incident.id == bindparam("incident"))
    .execution_options(populate_existing=True)
    .with_for_update(key_share=True)  # Not FOR UPDATE: rows that refer to the incident may be added meanwhile.
)
OPEN = "open"
"""Status filter for every status except closed."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Filter of a list. `category` also accepts a class (`dispute`); `since` filters by registration."""

    scope: str | None = None
    statuses: Collection[str] = ()
    category: str | None = None
    bbox: Bbox | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """A timeline entry with the names of its actor and force."""

    id: int
    at: datetime
    kind: str
    actor: str | None
    force: int | None
    force_name: str | None
    data: dict[str, Any]


async def get_visible_incident(session: AsyncSession, actor: Actor, incident_id: int) -> Incident:
    """Return an incident within reach to an actor who may read incidents. Raises `Forbidden`, `NotFound`."""
    actor.require(Permission.READ_INCIDENTS)
    return _or_not_found(await session.get(Incident, incident_id))


async def get_reported_incident(session: AsyncSession, incident_id: int) -> Incident:
    """Return the incident of a report just made, for a caller who may report but perhaps not read."""
    return _or_not_found(await session.get(Incident, incident_id))


async def lock_incident(session: AsyncSession, incident_id: int) -> Incident:
    """Lock an incident within reach until the transaction ends, for an action whose permission is already checked.

    The lock returns its newest version and serialises changes. Raises `NotFound`.
    """
    return _or_not_found((await session.scalars(LOCKED, {"incident": incident_id})).one_or_none())


async def forces_on(session: AsyncSession, incident_id: int) -> frozenset[int]:
    """Return the forces with an active task at the incident, including those beyond the reach."""
    return (await forces_by_incident(session, [incident_id]))[incident_id]


async def forces_by_incident(session: AsyncSession, incident_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """`forces_on` for each of many incidents, in one statement."""
    rows = await session.execute(FORCES_ON, {"incidents": list(incident_ids)})
    found: dict[int, set[int]] = {incident_id: set() for incident_id in incident_ids}
    for incident_id, force_id in rows:
        found[incident_id].add(force_id)
    return {incident_id: frozenset(forces) for incident_id, forces in found.items()}


async def list_incidents(
    session: AsyncSession, actor: Actor, chosen: Filter, *, limit: int, cursor: str | None = None
) -> tuple[Sequence[Incident], str | None]:
    """Return a page of incidents, newest first, and the cursor of the next. Raises `Forbidden`, `BadCursor`.

    Pages go by id, so that incidents added or changed meanwhile neither repeat nor hide others.
    """
    actor.require(Permission.READ_INCIDENTS)
    wanted = chosen_by(select(Incident), chosen)
    if cursor is not None:
        wanted = wanted.where(Incident.id < id_of(cursor))
    found = (await session.scalars(wanted.order_by(Incident.id.desc()).limit(limit + 1))).all()
    return page_of(found, limit=limit)


async def list_timeline(session: AsyncSession, incident: Incident) -> list[TimelineItem]:
    """List the timeline of an incident in the order of writing, whatever the clock was set to."""
    wanted = (
        select(TimelineEntry, User.display_name, Force.name)
        .outerjoin(User, User.id == TimelineEntry.actor_id)
        .outerjoin(Force, Force.id == TimelineEntry.force_id)
        .where(TimelineEntry.incident_id == incident.id)
        .order_by(TimelineEntry.id)
    )
    return [
        TimelineItem(
            id=entry.id,
            at=entry.at,
            kind=entry.kind,
            actor=actor,
            force=entry.force_id,
            force_name=force,
            data=entry.data,
        )
        for entry, actor, force in await session.execute(wanted)
    ]


def chosen_by(wanted: Select[*Columns], chosen: Filter) -> Select[*Columns]:
    """Narrow a query of incidents to those that a filter names."""
    if chosen.scope is not None:
        wanted = wanted.where(Incident.division_path.op("<@")(cast(chosen.scope, Ltree)))
    if chosen.statuses:
        wanted = wanted.where(_in_status(chosen.statuses))
    if chosen.category is not None:
        within = Incident.category.startswith(f"{chosen.category}.", autoescape=True)
        wanted = wanted.where(or_(Incident.category == chosen.category, within))
    if chosen.bbox is not None:
        wanted = wanted.where(Incident.geom.op("&&")(func.ST_MakeEnvelope(*chosen.bbox, SRID)))
    if chosen.since is not None:
        wanted = wanted.where(Incident.registered_at >= chosen.since)
    return wanted


def _in_status(statuses: Collection[str]) -> ColumnElement[bool]:
    named = Incident.status.in_([status for status in statuses if status != OPEN])
    return or_(named, Incident.closed_at.is_(None)) if OPEN in statuses else named


def _or_not_found(found: Incident | None) -> Incident:
    if found is None:
        raise NotFound
    return found
