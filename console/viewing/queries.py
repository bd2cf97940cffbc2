"""Read cameras that are asked for, and requests."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.cursors import id_of, page_of
from console.viewing.rules import Viewer
from console.viewing.tables import Viewing
from geo.errors import NotFound
from layers.cameras.tables import Camera
from layers.divisions.queries import find_by_path


async def get_camera(session: AsyncSession, camera_id: int) -> Camera:
    """Return a camera within reach. Raises `NotFound`."""
    found = await session.get(Camera, camera_id)
    if found is None:
        raise NotFound
    return found


async def viewer_of(session: AsyncSession, actor: Actor, *, day: date) -> Viewer:
    """Return what the rules ask of an actor."""
    own = await find_by_path(session, actor.scope, day=day)
    return Viewer(actor.role, own.level if own else "")


async def get_viewing(session: AsyncSession, actor: Actor, viewing_id: int, *, lock: bool = False) -> Viewing:
    """Return a request that the actor may see: their own, or any within reach to those who oversee them.

    Raises `NotFound`.
    """
    found = await session.scalar(select(Viewing).where(Viewing.id == viewing_id))
    if found is None or not (found.user_id == actor.user_id or actor.may(Permission.READ_VIEWINGS)):
        raise NotFound
    if lock:
        await session.refresh(found, with_for_update=True)
    return found


async def list_viewings(
    session: AsyncSession, actor: Actor, *, limit: int, cursor: str | None = None, incident_id: int | None = None
) -> tuple[Sequence[Viewing], str | None]:
    """Return a page of requests, latest first: all within reach to those who oversee them, to others their own."""
    query = select(Viewing).order_by(Viewing.id.desc()).limit(limit + 1)
    if not actor.may(Permission.READ_VIEWINGS):
        query = query.where(Viewing.user_id == actor.user_id)
    if incident_id is not None:
        query = query.where(Viewing.incident_id == incident_id)
    if cursor is not None:
        query = query.where(Viewing.id < id_of(cursor))
    return page_of((await session.scalars(query)).all(), limit=limit)
