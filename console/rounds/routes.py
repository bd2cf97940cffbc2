"""Add, change and retire routes, inside the caller's transaction."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.grids.queries import get_visible_grid
from console.rounds.queries import get_route
from console.rounds.rules import CODE_LENGTH, CODE_LETTERS, RouteOutside, RouteRetired
from console.rounds.tables import PatrolRoute
from geo.store import lies_within
from geo.versions import Expected, require_current
from layers.divisions.queries import locate
from layers.listing import Listed

KEEPER = 0
"""`changed_by` of a route that came from a file: the log of imports says who."""


@dataclass(frozen=True, slots=True)
class PointWanted:
    """A point of a route, in degrees. One that is there already has its `id`, and keeps its code."""

    name: str
    lon: float
    lat: float
    id: str = ""


@dataclass(frozen=True, slots=True)
class RouteWanted:
    """A route as a file has it: the code of its grid, its name and its points in their order."""

    grid: str
    name: str
    points: Sequence[PointWanted]


async def register_routes(
    session: AsyncSession, routes: Sequence[RouteWanted], *, paths: Mapping[str, str], now: datetime
) -> Listed:
    """Add routes, or give these points to those in use of the same grid and name; points of the same name keep their
    slips. `paths`: of the grids, by code. The file is the keeper's, who has no account.
    """
    counts = Counter[str]()
    for route in routes:
        wanted = select(PatrolRoute).where(PatrolRoute.division_code == route.grid, PatrolRoute.name == route.name)
        in_use = wanted.where(PatrolRoute.retired_at.is_(None)).order_by(PatrolRoute.id).limit(1).with_for_update()
        known = (await session.scalars(in_use)).one_or_none()
        if known is None:
            made = {"name": route.name, "points": _kept(route.points, known={}), "version": 1}
            where = {"division_code": route.grid, "division_path": paths[route.grid]}
            session.add(PatrolRoute(**made, **where, changed_at=now, changed_by=KEEPER))
            counts["added"] += 1
            continue
        ids = {point["name"]: point["id"] for point in reversed(known.points)}
        codes = {point["id"]: point["code"] for point in known.points}
        points = _kept([replace(one, id=ids.get(one.name, "")) for one in route.points], known=codes)
        if points == known.points:
            counts["unchanged"] += 1
            continue
        known.points, known.changed_at, known.changed_by = points, now, KEEPER
        known.version += 1
        counts["changed"] += 1
    await session.flush()
    return Listed(**{name: counts[name] for name in ("added", "changed", "unchanged")})


async def points_outside(session: AsyncSession, points: Sequence[tuple[float, float, str]], *, day: date) -> list[int]:
    """Return which of these points, each with the path of its grid, lie outside it."""
    found = await locate(session, [(lon, lat) for lon, lat, _ in points], days=[day] * len(points))
    return [
        i
        for i, (one, (_, _, path)) in enumerate(zip(found, points, strict=True))
        if one is None or not lies_within(one.path, path)
    ]


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
    for i in await points_outside(session, [(one.lon, one.lat, path) for one in points], day=today):
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
