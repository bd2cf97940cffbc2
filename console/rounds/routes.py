"""Add, change and retire routes, inside the caller's transaction."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.grids.queries import get_visible_grid
from console.rounds.queries import get_route
from console.rounds.rules import CODE_LENGTH, CODE_LETTERS, RouteOutside, RouteRetired
from console.rounds.tables import PatrolRoute
from geo.store import lies_within
from geo.versions import Expected, require_current
from layers.divisions.queries import locate


@dataclass(frozen=True, slots=True)
class PointWanted:
    """A point of a route, in degrees. One that is there already has its `id`, and keeps its code."""

    name: str
    lon: float
    lat: float
    id: str = ""


async def add_route(
    session: AsyncSession,
    actor: Actor,
    grid: str,
    name: str,
    points: Sequence[PointWanted],
    *,
    today: date,
    now: datetime,
) -> PatrolRoute:
    """Add a route to a grid. Raises `Forbidden`, `NotFound`, `NotAGrid`, `RouteOutside`."""
    actor.require(Permission.EDIT_GRIDS)
    division = await get_visible_grid(session, actor, grid, day=today)
    await _require_inside(session, division.division_path, points, today=today)
    route = PatrolRoute(
        division_code=grid,
        division_path=division.division_path,
        name=name,
        points=_kept(points, known={}),
        changed_at=now,
        changed_by=actor.user_id,
        version=1,
    )
    session.add(route)
    await session.flush()
    return route


async def change_route(
    session: AsyncSession,
    actor: Actor,
    route_id: int,
    name: str,
    points: Sequence[PointWanted],
    *,
    expected: Expected,
    today: date,
    now: datetime,
) -> PatrolRoute:
    """Change a route's name and points. Rounds keep those of their start. Raises `Forbidden`, `NotFound`, `Stale`,
    `RouteOutside`, `RouteRetired`.
    """
    actor.require(Permission.EDIT_GRIDS)
    route = await get_route(session, route_id, lock=True)
    require_current(route.version, expected)
    if route.retired_at is not None:
        raise RouteRetired
    await _require_inside(session, route.division_path, points, today=today)
    route.name = name
    route.points = _kept(points, known={point["id"]: point["code"] for point in route.points})
    route.changed_at, route.changed_by = now, actor.user_id
    route.version += 1
    await session.flush()
    return route


async def retire_route(session: AsyncSession, actor: Actor, route_id: int, *, now: datetime) -> PatrolRoute:
    """Take a route out of use. Doing so again changes nothing. Raises `Forbidden`, `NotFound`."""
    actor.require(Permission.EDIT_GRIDS)
    route = await get_route(session, route_id, lock=True)
    if route.retired_at is None:
        route.retired_at, route.changed_by = now, actor.user_id
        route.version += 1
        await session.flush()
    return route


async def _require_inside(session: AsyncSession, path: str, points: Sequence[PointWanted], *, today: date) -> None:
    found = await locate(session, [(one.lon, one.lat) for one in points], days=[today] * len(points))
    for i, one in enumerate(found):
        if one is None or not lies_within(one.path, path):
            raise RouteOutside(point=i)


def _kept(points: Sequence[PointWanted], *, known: dict[str, str]) -> list[dict[str, Any]]:
    """Return points as they are stored. `known` codes, by id, are kept; the others, and a second use, are new."""
    left, kept = dict(known), []
    for one in points:
        code = left.pop(one.id, None)
        point = one.id if code else secrets.token_hex(4)
        kept.append({"id": point, "name": one.name, "lon": one.lon, "lat": one.lat, "code": code or _new_code()})
    return kept


def _new_code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
