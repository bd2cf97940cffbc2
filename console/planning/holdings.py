"""Read what stands in divisions whose lines change: incidents, forces, cameras, places and accounts."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, any_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from console.access.tables import User
from console.deadlines.queries import is_open
from console.deadlines.tables import Deadline
from console.forces.tables import Force
from console.incidents.events import NAME as INCIDENT
from console.incidents.tables import Incident
from console.planning.handover import HeldThing, Thing
from console.tasks.events import NAME as TASK
from console.tasks.tables import Task
from geo.store import Ltree
from layers.cameras.tables import Camera
from layers.places.tables import Place


@dataclass(frozen=True, slots=True)
class Paths:
    """Divisions by path: those `below` with all below them, those `at` alone."""

    below: Collection[str]
    at: Collection[str] = ()


def within(column: InstrumentedAttribute[str], paths: Paths) -> ColumnElement[bool]:
    """Clause: in one of these divisions."""
    below = column.op("<@")(func.any(cast([*sorted(paths.below)], ARRAY(Ltree))))
    return or_(below, column == func.any(cast([*sorted(paths.at)], ARRAY(Ltree)))) if paths.at else below


def _among(column: Any, ids: Collection[int]) -> ColumnElement[bool]:
    """Clause: one of many ids, sent as one array: a statement takes no more than 65,535 values."""
    return cast(column == any_(cast([*ids], ARRAY(BigInteger))), Boolean)


async def held_incidents(
    session: AsyncSession, paths: Paths, *, since: datetime, also: Collection[int] = (), lock: bool = False
) -> list[HeldThing]:
    """Return the incidents that are on today's lines: those open, those that occurred from `since` on, and `also`."""
    wanted = (
        select(Incident.id, Incident.division_path, func.ST_X(Incident.geom), func.ST_Y(Incident.geom))
        .where(
            within(Incident.division_path, paths),
            or_(Incident.closed_at.is_(None), Incident.occurred_at >= since, _among(Incident.id, also)),
        )
        .order_by(Incident.id)
    )
    rows = (await session.execute(wanted.with_for_update(key_share=True) if lock else wanted)).all()
    return await asyncio.to_thread(lambda: [_held(Thing.INCIDENT, *row) for row in rows])


async def forces_in(session: AsyncSession, path: str) -> set[int]:
    """Return the ids of the forces posted in a division that somebody signs in for."""
    found = {*await session.scalars(select(Force.id).where(within(Force.division_path, Paths([path]))))}
    return found - await retired_forces(session, found)


async def held_forces(session: AsyncSession, path: str) -> list[HeldThing]:
    """Return the forces posted in a division, with their homes."""
    return await _placed(session, Force, Force.home, Thing.FORCE, Paths([path]))


async def held_cameras(session: AsyncSession, paths: Paths) -> list[HeldThing]:
    return await _placed(session, Camera, Camera.geom, Thing.CAMERA, paths)


async def held_places(session: AsyncSession, paths: Paths) -> list[HeldThing]:
    return await _placed(session, Place, Place.geom, Thing.PLACE, paths)


async def held_accounts(session: AsyncSession, paths: Paths) -> list[HeldThing]:
    """Return the accounts whose scope is one of these divisions, or lies below."""
    wanted = select(User.id, User.scope_path, User.display_name).where(within(User.scope_path, paths))
    rows = await session.execute(wanted.order_by(User.id))
    return [HeldThing(Thing.ACCOUNT, user_id, path, name=name) for user_id, path, name in rows]


async def _placed(session: AsyncSession, table: Any, geom: Any, thing: Thing, paths: Paths) -> list[HeldThing]:
    wanted = select(table.id, table.division_path, func.ST_X(geom), func.ST_Y(geom), table.name)
    rows = await session.execute(wanted.where(within(table.division_path, paths)).order_by(table.id))
    return [_held(thing, *row) for row in rows]


def _held(thing: Thing, subject_id: int, path: str, lon: float | None, lat: float | None, name: str = "") -> HeldThing:
    point = None if lon is None or lat is None else (lon, lat)
    return HeldThing(thing, subject_id, path, point, name)


@dataclass(frozen=True, slots=True)
class Following:
    """Something that goes with an incident: a task or a running clock. `of` is the incident's id."""

    thing: Thing
    subject_id: int
    of: int
    name: str = ""


async def following(session: AsyncSession, incidents: Sequence[int]) -> list[Following]:
    """Return the active tasks and running clocks of incidents."""
    tasks = (
        await session.execute(
            select(Task.id, Task.incident_id).where(_among(Task.incident_id, incidents), Task.active).order_by(Task.id)
        )
    ).all()
    of_task = {row.id: row.incident_id for row in tasks}
    clocks = await session.execute(
        select(Deadline.subject, Deadline.subject_id, Deadline.kind)
        .where(
            is_open(),
            or_(
                (Deadline.subject == INCIDENT) & _among(Deadline.subject_id, incidents),
                (Deadline.subject == TASK) & _among(Deadline.subject_id, of_task),
            ),
        )
        .order_by(Deadline.subject, Deadline.subject_id, Deadline.kind)
    )
    return [
        *(Following(Thing.TASK, task_id, incident_id) for task_id, incident_id in tasks),
        *(
            Following(Thing.CLOCK, subject_id, subject_id if subject == INCIDENT else of_task[subject_id], kind)
            for subject, subject_id, kind in clocks
        ),
    ]


async def retired_forces(session: AsyncSession, forces: Collection[int]) -> set[int]:
    """Return the forces that nobody signs in for any more: they have accounts, and all are disabled."""
    counted = (
        select(User.force_id)
        .where(_among(User.force_id, forces))
        .group_by(User.force_id)
        .having(func.count() == func.count(User.disabled_at))
    )
    return {force_id for force_id in await session.scalars(counted) if force_id is not None}
