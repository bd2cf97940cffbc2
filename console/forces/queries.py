"""Read forces within the caller's reach."""

from collections.abc import Collection, Sequence

from sqlalchemy import BigInteger, Text, any_, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.cursors import id_of, page_of
from console.forces.tables import Force
from geo.errors import NotFound


async def get_visible_force(session: AsyncSession, actor: Actor, force_id: int, *, lock: bool = False) -> Force:
    """Return the force if the actor may see it, by role or because it is their own. Raises NotFound.

    `lock` locks the row against changes until the transaction ends; references to it stay possible.
    """
    query = select(Force).where(Force.id == force_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    sees = actor.may(Permission.READ_FORCES) or actor.force_id == force_id
    found = await session.scalar(query) if sees else None
    if found is None:
        raise NotFound
    return found


async def find_id(session: AsyncSession, code: str) -> int | None:
    """Return the id of the force with this code."""
    return await session.scalar(select(Force.id).where(Force.code == code))


async def codes_of(session: AsyncSession, force_ids: Collection[int]) -> dict[int, str]:
    """Return the codes of these forces, by id."""
    found = await session.execute(select(Force.id, Force.code).where(Force.id.in_(force_ids)))
    return {row.id: row.code for row in found}


async def list_forces(
    session: AsyncSession,
    actor: Actor,
    *,
    limit: int,
    cursor: str | None = None,
    kind: str | None = None,
    duty: str | None = None,
) -> tuple[Sequence[Force], str | None]:
    """Return a page of forces in order of id, and the cursor of the next. Raises Forbidden, BadCursor."""
    actor.require(Permission.READ_FORCES)
    query = select(Force).order_by(Force.id).limit(limit + 1)
    if cursor is not None:
        query = query.where(Force.id > id_of(cursor))
    wanted = ((Force.kind, kind), (Force.duty, duty))
    query = query.where(*(column == value for column, value in wanted if value is not None))
    return page_of((await session.scalars(query)).all(), limit=limit)


async def is_busy(session: AsyncSession, force_id: int) -> bool:
    """Whether the force has an active task, including one beyond the caller's reach."""
    found = await session.scalar(select(func.busy_among(cast([force_id], ARRAY(BigInteger)))))
    return found is not None


async def device_holders(session: AsyncSession, devices: Collection[str]) -> dict[str, str]:
    """Return the code of the force that holds each of these devices; devices without a holder are left out."""
    wanted = select(Force.device_id, Force.code).where(Force.device_id == any_(cast([*devices], ARRAY(Text))))
    return {str(row.device_id): row.code for row in await session.execute(wanted)}


async def division_paths_by_code(session: AsyncSession, codes: Collection[str]) -> dict[str, str]:
    """Lock the existing forces with these codes and return their division paths, by code."""
    wanted = select(Force.code, Force.division_path).where(Force.code == any_(cast([*codes], ARRAY(Text))))
    locked = wanted.order_by(Force.code).with_for_update(key_share=True)
    return {row.code: row.division_path for row in await session.execute(locked)}
