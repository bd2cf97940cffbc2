"""Say who leads the duty, inside the caller's transaction."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.duty.queries import leader_of
from console.duty.tables import DutyTurn


async def set_leader(session: AsyncSession, actor: Actor, *, name: str, post: str, now: datetime) -> DutyTurn:
    """Begin a turn of the actor's own division. The same again changes nothing. Operators and supervisors may."""
    actor.require(Permission.VIEW_HALL)
    actor.require(Permission.EDIT_INCIDENTS)
    last = await leader_of(session, actor.scope)
    if last is not None and (last.name, last.post) == (name, post):
        return last
    turn = DutyTurn(at=now, name=name, post=post if name else "", set_by=actor.user_id, division_path=actor.scope)
    session.add(turn)
    await session.flush()
    return turn
