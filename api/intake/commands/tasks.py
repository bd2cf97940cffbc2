"""Commands about tasks: their steps, a call for support, and a note."""

from typing import get_args

from api.intake.commands.kinds import CommandKind, Effect, Ground
from console.tasks.actions import ask_for_support
from console.tasks.late import note_from_field, take_reported_step
from console.tasks.tables import Task
from ingest.commands.lines import CheckInLine, NoteLine, StepLine, SupportLine


async def _step(ground: Ground, line: StepLine) -> Effect:
    taken = await take_reported_step(
        ground.session,
        ground.actor,
        line.task,
        line.command,
        reason=line.reason,
        words=line.note,
        attachments=line.attachments,
        reported=ground.reported(line),
        seen=ground.seen,
        work=ground.work,
        day=ground.day(),
        now=ground.now,
    )
    return _effect(taken.task, Effect(taken.status, taken.error))


async def _support(ground: Ground, line: SupportLine) -> Effect:
    reported, work = ground.reported(line), ground.work
    task = await ask_for_support(
        ground.session, ground.actor, line.task, words=line.note, reported=reported, work=work, now=ground.now
    )
    return _effect(task)


async def _note(ground: Ground, line: NoteLine) -> Effect:
    return _effect(await _write(ground, line, "noted", task=line.task))


async def check_in_at_task(ground: Ground, line: CheckInLine, *, task: int) -> Effect:
    """Write a check-in to the timeline of a task's incident."""
    return _effect(await _write(ground, line, "checked_in", task=task))


async def _write(ground: Ground, line: NoteLine | CheckInLine, kind: str, *, task: int) -> Task:
    reported = ground.reported(line)
    return await note_from_field(
        ground.session, ground.actor, task, kind, words=line.note, reported=reported, now=ground.now
    )


def _effect(task: Task, effect: Effect | None = None) -> Effect:
    effect = effect or Effect()
    return Effect(
        effect.status,
        effect.error,
        task=task.id,
        version=task.version,
        incident=task.incident_id,
        path=task.division_path,
    )


STEPS = get_args(StepLine.model_fields["command"].annotation)
KINDS = (
    *(CommandKind(step, StepLine, _step, in_order=True) for step in STEPS),
    CommandKind("support", SupportLine, _support),
    CommandKind("note", NoteLine, _note),
)
