"""Close roads and open them again, inside the caller's transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.closures.deadlines import cancel_times, plan_times
from console.closures.events import change_of
from console.closures.queries import lock_closure, open_outlines
from console.closures.rules import Drawn, OutsideReach, check_room, check_times, outline_of
from console.closures.tables import Closure
from console.feed.actions import append
from geo.store import SRID, common_path, lies_within
from layers.divisions.queries import locate

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('maplebridge.closures', 0))")


@dataclass(frozen=True, slots=True)
class ClosureWanted:
    """What to close: a polygon's corners or a line `width_m` wide, in degrees, to whom, why and until when."""

    drawn: Drawn
    points: Sequence[tuple[float, float]]
    modes: Collection[str]
    reason: str
    width_m: float = 20.0
    starts_at: datetime | None = None
    ends_at: datetime | None = None


async def close_roads(
    session: AsyncSession, actor: Actor, wanted: ClosureWanted, *, today: date, now: datetime
) -> Closure:
    """Close an area, from now on if no begin is given. Raises the refusals of `rules`."""
    actor.require(Permission.DISPATCH)
    starts_at = wanted.starts_at or now
    check_times(starts_at, wanted.ends_at, now=now)
    outline = outline_of(wanted.drawn, wanted.points, width_m=wanted.width_m)
    path = await _path_of(session, actor, outline, day=today)
    await session.execute(ONE_AT_A_TIME)
    check_room(await open_outlines(session), outline)
    closure = Closure(
        outline=from_shape(outline, srid=SRID),
        modes=sorted(wanted.modes),
        reason=wanted.reason,
        starts_at=starts_at,
        ends_at=wanted.ends_at,
        opened_at=now,
        opened_by=actor.user_id,
        opener=actor.username,
        division_path=path,
        version=1,
    )
    session.add(closure)
    await session.flush()
    await plan_times(session, closure)
    await append(session, [change_of(closure)], now=now)
    return closure


async def lift_closure(session: AsyncSession, actor: Actor, closure_id: int, *, now: datetime) -> Closure:
    """Open the roads again. Doing so again, or after the closure has ended, changes nothing."""
    actor.require(Permission.DISPATCH)
    closure = await lock_closure(session, actor, closure_id)
    if closure.ended_at is not None:
        return closure
    closure.ended_at, closure.lifted_by = now, actor.user_id
    closure.version += 1
    await session.flush()
    await cancel_times(session, closure, now=now)
    await append(session, [change_of(closure)], now=now)
    return closure


async def _path_of(session: AsyncSession, actor: Actor, outline: shapely.Polygon, *, day: date) -> str:
    """Return the path of the smallest division around an outline, the actor's own where it reaches beyond that.

    Raises `OutsideReach` if none of its corners, nor its middle, lies there.
    """
    inside = outline.representative_point()
    points = [(lon, lat) for lon, lat in [*outline.exterior.coords, *inside.coords]]
    found = await locate(session, points, days=[day] * len(points))
    own = [one.path for one in found if one is not None and lies_within(one.path, actor.scope)]
    if not own:
        raise OutsideReach
    return common_path(own) if len(own) == len(found) else actor.scope
