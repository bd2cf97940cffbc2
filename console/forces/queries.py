"""Reading forces, within the reach of whoever asks."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.forces.tables import Force
from geo.errors import NotFound


async def get_visible_force(session: AsyncSession, actor: Actor, force_id: int, *, lock: bool = False) -> Force:
    """The force, if the actor may see it: by role, or because it is their own. Raises NotFound.

    `lock` holds the row against other changes until the transaction ends; references to it stay possible.
    """
    query = select(Force).where(Force.id == force_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    sees = actor.may(Permission.READ_FORCES) or actor.force_id == force_id
    found = await session.scalar(query) if sees else None
    if found is None:
        raise NotFound(force=force_id)
    return found


async def list_forces(
    session: AsyncSession, *, after: int = 0, limit: int, kind: str | None = None, duty: str | None = None
) -> Sequence[Force]:
    """Forces in order of id, beginning behind `after`."""
    query = select(Force).where(Force.id > after).order_by(Force.id).limit(limit)
    if kind is not None:
        query = query.where(Force.kind == kind)
    if duty is not None:
        query = query.where(Force.duty == duty)
    return (await session.scalars(query)).all()
