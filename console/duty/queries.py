"""Read who leads the duty, and who did before."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.duty.tables import DutyTurn


async def leader_of(session: AsyncSession, path: str) -> DutyTurn | None:
    """Return the last turn of a division; None where none was ever set."""
    found = await turns_of(session, path, limit=1)
    return found[0] if found else None


async def turns_of(session: AsyncSession, path: str, *, limit: int) -> Sequence[DutyTurn]:
    """List the turns of a division, the latest first."""
    wanted = select(DutyTurn).where(DutyTurn.division_path == path).order_by(DutyTurn.at.desc(), DutyTurn.id.desc())
    return (await session.scalars(wanted.limit(limit))).all()
