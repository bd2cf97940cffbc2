"""Read what phones have sent and what they lack, within the caller's reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Forbidden, Permission
from console.commands.rules import UNSETTLED, Missing
from console.commands.tables import Command, Phone
from geo.errors import NotFound

MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class PhoneState:
    """What is known of a phone's store. `missing`: None when every number has come."""

    device: UUID
    began_at: datetime
    heard_at: datetime
    unsent: int | None
    ahead_s: int
    missing: Missing | None
    before_at: datetime | None


async def missing_of(session: AsyncSession, phone: Phone) -> Missing | None:
    """Return the gaps in a store's numbers."""
    if phone.last_seq <= phone.heard:
        return None
    following = func.lead(Command.device_seq).over(order_by=Command.device_seq)
    rows = select(Command.device_seq, Command.done_at, following.label("next")).where(Command.device == phone.device)
    around = rows.subquery()
    first = await session.scalar(select(func.min(around.c.device_seq)))
    at = select(around.c.done_at).where(around.c.next > around.c.device_seq + 1).order_by(around.c.device_seq).limit(1)
    after = None if first != 1 else await session.scalar(at)
    return Missing(phone.last_seq - phone.heard, after)


async def phone_of(session: AsyncSession, force_id: int) -> PhoneState | None:
    """Return the state of the phone that was heard last for a force."""
    wanted = select(Phone).where(Phone.force_id == force_id).order_by(Phone.heard_at.desc(), Phone.began_at.desc())
    found = (await session.scalars(wanted.limit(1))).one_or_none()
    if found is None:
        return None
    return PhoneState(
        device=found.device,
        began_at=found.began_at,
        heard_at=found.heard_at,
        unsent=found.unsent,
        ahead_s=found.ahead_s,
        missing=await missing_of(session, found),
        before_at=found.before_at,
    )


async def list_unsettled(session: AsyncSession, actor: Actor) -> Sequence[Command]:
    """List the commands that somebody has to decide on, oldest first: a force's own, or those within reach."""
    wanted = select(Command).where(Command.status.in_(UNSETTLED), Command.settled_at.is_(None))
    if not actor.may(Permission.READ_INCIDENTS):
        wanted = wanted.where(Command.user_id == actor.user_id)
    return (await session.scalars(wanted.order_by(Command.received_at, Command.device_seq).limit(MOST_LISTED))).all()


async def lock_visible_command(session: AsyncSession, actor: Actor, command_id: UUID) -> Command:
    """Lock a command that the actor may decide on: their own, or a dispatcher any within reach. Raises `NotFound`,
    `Forbidden`.
    """
    wanted = select(Command).where(Command.id == command_id).with_for_update()
    found = (await session.scalars(wanted.execution_options(populate_existing=True))).one_or_none()
    if found is None:
        raise NotFound
    if found.user_id != actor.user_id and not actor.may(Permission.DISPATCH):
        raise Forbidden(permission=Permission.DISPATCH)
    return found
