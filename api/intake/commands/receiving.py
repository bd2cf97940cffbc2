"""Take a phone's commands: each line in a transaction of its own, kept before it is done, and answered by its id."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeGuard
from uuid import UUID

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.commands import incidents, rounds, tasks
from api.intake.commands.kinds import CommandKind, Effect, Ground, kinds_by_name
from api.place.pack import Pack
from console.access.rules import Actor
from console.cases.casework import Casework
from console.commands.actions import NewCommand, blocked_by, hear_phone, keep, lock_phone, missing_before
from console.commands.rules import (
    CommandFailed,
    CommandForeign,
    CommandInvalid,
    CommandReused,
    CommandWaits,
    Given,
    Status,
)
from console.commands.tables import Command
from geo.clocks import ahead_of
from geo.errors import MaplebridgeError
from geo.store import DatabaseUnavailable, Store, retry_deadlocks
from ingest.commands.lines import Line, Read, Unread, read_line

log = structlog.get_logger()

KINDS = kinds_by_name(*tasks.KINDS, *rounds.KINDS, *incidents.KINDS)
SHAPES: Mapping[str, type[Line]] = {name: kind.line for name, kind in KINDS.items()}
HELD = "held"
"""Status of a line of which nothing is kept: it is to be sent again, by its author or later."""

DATABASE_AWAY = (DatabaseUnavailable, OperationalError, InterfaceError, PoolTimeout)

FAULTS = (SQLAlchemyError, ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer to a line. Only one with its `id` lets the phone forget it."""

    id: UUID | None
    status: str
    code: str | None = None
    params: Mapping[str, Any] | None = None
    task: int | None = None
    version: int | None = None
    incident: int | None = None
    case_code: str | None = None
    done_at: datetime | None = None
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receiver:
    """Takes the commands of one author. `sent_at`: what the phone's clock said when it sent them."""

    store: Store
    actor: Actor
    pack: Pack
    work: Casework | None
    now: Callable[[], datetime]
    sent_at: datetime | None = None

    def ahead(self) -> timedelta:
        return ahead_of(self.sent_at, now=self.now())

    async def hear(self, devices: Sequence[UUID], *, unsent: int | None, ahead: timedelta) -> frozenset[UUID]:
        """Record that these stores were heard. Returns those that are the author's."""
        own: set[UUID] = set()
        for device in dict.fromkeys(devices):
            try:
                async with self.store.transaction(self.actor.reach) as session:
                    await hear_phone(session, self.actor, device, unsent=unsent, ahead=ahead, now=self.now())
                    own.add(device)
            except CommandForeign:
                continue
        return frozenset(own)

    async def take(self, lines: Sequence[bytes], *, unsent: int | None = None) -> list[Answer]:
        """Take lines in the order of each phone's own numbers; return an answer for each, in the order of the lines.

        A line that is wrong, or that the server fails on, holds up no other. Raises what a lost database raises: the
        lines before are done, and answered when they come again.
        """
        ahead = self.ahead()
        read = [read_line(line, SHAPES) for line in lines]
        heard = [one.head.device for one in read if self._is_own(one)]
        own = await self.hear(heard, unsent=unsent, ahead=ahead)
        answers: dict[int, Answer] = {}
        for i in sorted(range(len(read)), key=lambda i: _order(read[i])):
            one = read[i]
            if isinstance(one, Unread):
                errors = _listed(one)
                answers[i] = Answer(one.id, Status.REFUSED, CommandInvalid.code, {"errors": errors})
            elif not self._is_own(one) or one.head.device not in own:
                answers[i] = Answer(one.head.id, HELD, CommandForeign.code)
            else:
                answers[i] = await self._take(one, ahead=ahead)
        return [answers[i] for i in range(len(read))]

    def _is_own(self, read: Read | Unread) -> TypeGuard[Read]:
        return isinstance(read, Read) and read.head.author in (None, self.actor.user_id)

    async def _take(self, read: Read, *, ahead: timedelta) -> Answer:
        try:
            return await retry_deadlocks(partial(self._once, read, ahead=ahead))
        except CommandReused as error:
            return Answer(read.head.id, Status.REFUSED, error.code)
        except DATABASE_AWAY:
            raise
        except FAULTS as error:  # What the server fails on must not bar the phone's other entries for ever.
            log.error("command_failed", command=read.command, exc_info=error)
            return Answer(read.head.id, HELD, CommandFailed.code)

    async def _once(self, read: Read, *, ahead: timedelta) -> Answer:
        now, head = self.now(), read.head
        task = getattr(read.line, "task", None)
        new = NewCommand(
            id=head.id,
            device=head.device,
            device_seq=head.device_seq,
            device_at=head.device_at,
            command=read.command,
            task_id=task,
            subject=f"task:{task}" if task is not None and KINDS[read.command].in_order else None,
            body=dict(read.body),
            digest=read.digest,
        )
        async with self.store.transaction(self.actor.reach) as session:
            phone = await lock_phone(session, self.actor, head.device)
            command, is_new = await keep(session, self.actor, phone, new, ahead=ahead, now=now)
            if not is_new and command.status != Status.WAITING:
                return answer_of(command)
            given = Given(command.done_at, doubtful="doubtful" in command.params)
            effect = await self._effect(session, command, read, given, now=now)
            _settle(command, effect, given)
            await session.flush()
            return answer_of(command)

    async def _effect(
        self, session: AsyncSession, command: Command, read: Read, given: Given, *, now: datetime
    ) -> Effect:
        """Do a kept command, or refuse it; a refusal undoes what it has done, and leaves the command kept."""
        if read.line is None:
            return Effect(Status.REFUSED, CommandInvalid(errors=_listed(read)))
        kind = KINDS[read.command]
        try:
            async with session.begin_nested():
                return await self._do(session, kind, command, read.line, given, now=now)
        except MaplebridgeError as error:
            if isinstance(error, DatabaseUnavailable):
                raise
            return await self._refusal(session, command, error)

    async def _do(
        self, session: AsyncSession, kind: CommandKind, command: Command, line: Line, given: Given, *, now: datetime
    ) -> Effect:
        seen = await _seen(session, command, line)
        ground = Ground(session, self.actor, self.pack, self.work, given, seen, now)
        effect = await kind.do(ground, line)
        if effect.error is None and kind.in_order and (behind := await blocked_by(session, command)):
            raise CommandWaits(behind=str(behind))
        return effect

    async def _refusal(self, session: AsyncSession, command: Command, error: MaplebridgeError) -> Effect:
        """Refuse a command, or let it wait for entries of its phone that may make it right."""
        if isinstance(error, CommandWaits):
            return Effect(Status.WAITING, error)
        if isinstance(error, KINDS[command.command].may_pass):
            if behind := await blocked_by(session, command):
                return Effect(Status.WAITING, CommandWaits(behind=str(behind)))
            if missing := await missing_before(session, command):
                return Effect(Status.WAITING, CommandWaits(missing=missing))
        return Effect(Status.REFUSED, error)


async def _seen(session: AsyncSession, command: Command, line: Line) -> frozenset[int]:
    """Return the versions of its task that the author's phone knew or made."""
    if line.base_version is None or command.task_id is None:
        return frozenset()
    made = select(func.max(Command.version_after)).where(
        Command.device == command.device,
        Command.task_id == command.task_id,
        Command.status == Status.APPLIED,
        Command.device_seq < command.device_seq,
    )
    last = await session.scalar(made)
    return frozenset({line.base_version} | ({last} if last is not None else set()))


def _settle(command: Command, effect: Effect, given: Given) -> None:
    """Write what became of a command to its row."""
    error = effect.error
    command.status = effect.status
    command.code = error.code if error else None
    doubtful = {"doubtful": True} if given.doubtful else {}
    command.params = doubtful | (dict(error.params) if error else {})
    command.incident_id, command.case_code = effect.incident, effect.case_code
    command.version_after = effect.version
    if effect.path is not None:
        command.division_path = effect.path


def answer_of(command: Command) -> Answer:
    """Return the answer to a kept command: the same one however often it is sent."""
    return Answer(
        command.id,
        command.status,
        command.code,
        command.params or None,
        command.task_id,
        command.version_after,
        command.incident_id,
        command.case_code,
        command.done_at,
        command.received_at,
    )


def _order(read: Read | Unread) -> tuple[str, int]:
    return ("", 0) if isinstance(read, Unread) else (str(read.head.device), read.head.device_seq)


def _listed(read: Read | Unread) -> list[dict[str, str]]:
    return [{"field": error.field, "code": error.code} for error in read.errors]


__all__ = ["KINDS", "Answer", "Receiver", "answer_of"]
