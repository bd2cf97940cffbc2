"""Decide on a command that was refused or is in review: put it aside, or let it hold after all."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.commands.queries import lock_visible_command
from console.commands.rules import UNSETTLED, CommandSettled, Status
from console.commands.tables import Command
from console.tasks.late import restore_finish

Verdict = Literal["restore", "dismiss"]


async def settle(session: AsyncSession, actor: Actor, command_id: UUID, verdict: Verdict, *, now: datetime) -> Command:
    """Restore another outcome of a finished task, or put a command aside; it stays kept either way.

    Raises NotFound, Forbidden, or CommandSettled where there is nothing to decide, or nothing that can be restored.
    """
    command = await lock_visible_command(session, actor, command_id)
    if command.status not in UNSETTLED or command.settled_at is not None:
        raise CommandSettled(status=command.status, settled=command.settled)
    if verdict == "restore":
        if command.status != Status.REVIEW or command.command != "finish" or command.task_id is None:
            raise CommandSettled(status=command.status)
        reason, words = command.body.get("reason"), command.body.get("note") or ""
        await restore_finish(session, actor, command.task_id, reason=reason, words=words, now=now)
    command.settled, command.settled_at, command.settled_by = verdict, now, actor.user_id
    return command
