"""Keep commands of phones, each once, inside the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.commands.rules import UNSETTLED, CommandForeign, CommandReused, Given, Status, given_at
from console.commands.tables import Command, Phone


@dataclass(frozen=True, slots=True)
class NewCommand:
    """A command as it came; see `tables.Command`."""

    id: UUID
    device: UUID
    device_seq: int
    device_at: datetime
    command: str
    task_id: int | None
    subject: str | None
    body: dict[str, Any]
    digest: bytes


async def hear_phone(
    session: AsyncSession, actor: Actor, device: UUID, *, unsent: int | None, ahead: timedelta, now: datetime
) -> Phone:
    """Record that a store was heard, and what it said of itself. Raises `CommandForeign` for another account's."""
    before = select(func.max(Phone.heard_at)).where(Phone.user_id == actor.user_id).scalar_subquery()
    row = {"device": device, "user_id": actor.user_id, "force_id": actor.force_id, "began_at": now, "heard_at": now}
    counts = {"last_seq": 0, "heard": 0, "unsent": None, "ahead_s": 0, "division_path": actor.scope}
    await session.execute(insert(Phone).values(**row, **counts, before_at=before).on_conflict_do_nothing())
    phone = await lock_phone(session, actor, device)
    phone.heard_at, phone.ahead_s = now, round(ahead.total_seconds())
    phone.unsent = phone.unsent if unsent is None else unsent
    if phone.force_id != actor.force_id:
        phone.force_id, phone.division_path = actor.force_id, actor.scope
    # A later store of theirs did not come in place of this one, which is still there.
    later = update(Phone).where(Phone.user_id == actor.user_id, Phone.device != device, Phone.began_at > phone.began_at)
    await session.execute(later.values(before_at=None))
    return phone


async def lock_phone(session: AsyncSession, actor: Actor, device: UUID) -> Phone:
    """Lock a store: its commands are taken one after another. Raises `CommandForeign` for that of another account."""
    wanted = select(Phone).where(Phone.device == device).with_for_update()
    phone = (await session.scalars(wanted.execution_options(populate_existing=True))).one_or_none()
    if phone is None or phone.user_id != actor.user_id:
        raise CommandForeign
    return phone


async def keep(
    session: AsyncSession, actor: Actor, phone: Phone, new: NewCommand, *, ahead: timedelta, now: datetime
) -> tuple[Command, bool]:
    """Insert a command first, whatever becomes of it. Returns it, and whether it is new. Lock its phone before.

    Of simultaneous ones of the same id the others wait for the phone's lock until the first is committed. Raises
    `CommandReused`, after which the transaction is of no use.
    """
    found = await session.get(Command, new.id)
    if found is not None:
        if found.user_id != actor.user_id or found.digest != new.digest:
            raise CommandReused
        return found, False
    given = await _given(session, phone, new, ahead=ahead, now=now)
    said = {name: getattr(new, name) for name in NewCommand.__slots__}
    command = Command(
        **said,
        user_id=actor.user_id,
        force_id=actor.force_id,
        done_at=given.at,
        received_at=now,
        status=Status.WAITING,
        params={"doubtful": True} if given.doubtful else {},
        division_path=actor.scope,
    )
    session.add(command)
    phone.heard += 1
    if new.device_seq > phone.last_seq:
        phone.last_seq, phone.last_done_at = new.device_seq, given.at
    try:
        await session.flush()
    except IntegrityError as error:  # Another account has this id, or another command this number.
        raise CommandReused from error
    return command, True


async def _given(session: AsyncSession, phone: Phone, new: NewCommand, *, ahead: timedelta, now: datetime) -> Given:
    after, before = phone.last_done_at, None
    if new.device_seq <= phone.last_seq:
        around = select(
            func.max(Command.done_at).filter(Command.device_seq < new.device_seq),
            func.min(Command.done_at).filter(Command.device_seq > new.device_seq),
        ).where(Command.device == phone.device)
        after, before = (await session.execute(around)).one()
    return given_at(new.device_at, ahead=ahead, now=now, after=after, before=before)


async def blocked_by(session: AsyncSession, command: Command) -> UUID | None:
    """Return the earlier command of the same store about the same thing that nobody has decided on yet."""
    if command.subject is None:
        return None
    wanted = select(Command.id).where(
        Command.device == command.device,
        Command.subject == command.subject,
        Command.device_seq < command.device_seq,
        Command.status.in_(UNSETTLED),
        Command.settled_at.is_(None),
    )
    found: UUID | None = await session.scalar(wanted.order_by(Command.device_seq).limit(1))
    return found


async def missing_before(session: AsyncSession, command: Command) -> int:
    """Count the numbers before a command of its store that have not come."""
    earlier = select(func.count()).where(Command.device == command.device, Command.device_seq < command.device_seq)
    return command.device_seq - 1 - (await session.scalar(earlier) or 0)


async def delete_old_commands(session: AsyncSession, *, before: datetime) -> None:
    """Delete commands that came before that moment, unless somebody still has to decide on them."""
    decided = Command.status.not_in(UNSETTLED) | Command.settled_at.is_not(None)
    await session.execute(delete(Command).where(Command.received_at < before, decided))
