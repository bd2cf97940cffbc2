"""Read closures: those that an actor may see, and those that ways have to keep to."""

from collections.abc import Sequence
from datetime import datetime

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Forbidden, Permission
from console.closures.tables import Closure
from console.cursors import id_of, page_of
from geo.errors import NotFound
from geo.store import lies_within
from layers.roads.closing import Closed

CLOSED_ROADS = text("SELECT outline, modes FROM closed_roads(CAST(:moment AS timestamptz))")
"""In the whole county, whatever the reach: a way of a town's leads through others."""


async def closed_roads(session: AsyncSession, *, now: datetime) -> tuple[Closed, ...]:
    """Return what is closed now, in the whole county."""
    rows = await session.execute(CLOSED_ROADS, {"moment": now})
    return tuple(Closed(bytes(outline), frozenset(modes)) for outline, modes in rows)


async def open_outlines(session: AsyncSession) -> list[BaseGeometry]:
    """Return the outlines, in degrees, of all closures in the county that have not ended."""
    rows = (await session.execute(CLOSED_ROADS, {"moment": None})).all()
    return [*shapely.from_wkb([bytes(outline) for outline, _ in rows])]


async def lock_closure(session: AsyncSession, actor: Actor, closure_id: int) -> Closure:
    """Return a closure that the actor may change, locked. Raises `NotFound`, and `Forbidden` for one that reaches
    beyond the actor's division.
    """
    query = select(Closure).where(Closure.id == closure_id)
    seen = await session.scalar(query)
    if seen is None:
        raise NotFound
    if not lies_within(seen.division_path, actor.scope):
        raise Forbidden(permission=Permission.DISPATCH)
    return (await session.scalars(query.with_for_update().execution_options(populate_existing=True))).one()


async def list_closures(
    session: AsyncSession, *, limit: int, cursor: str | None = None, is_open: bool | None = None
) -> tuple[Sequence[Closure], str | None]:
    """Return a page of closures in order of id, and the cursor of the next. Raises `BadCursor`."""
    query = select(Closure).order_by(Closure.id).limit(limit + 1)
    if cursor is not None:
        query = query.where(Closure.id > id_of(cursor))
    if is_open is not None:
        query = query.where(Closure.ended_at.is_(None) if is_open else Closure.ended_at.is_not(None))
    return page_of((await session.scalars(query)).all(), limit=limit)
