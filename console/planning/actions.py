"""Change plans, inside the caller's transaction."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.queries import display_name_of
from console.access.rules import Actor, Permission
from console.planning.drafts import Draft
from console.planning.lines import problems_of
from console.planning.publications import CREATED, REBASED, end_publication, open_publication
from console.planning.queries import authors_of, get_visible_plan, history_of
from console.planning.rules import (
    LinesCurrent,
    NothingDrawn,
    PlanState,
    PlanStep,
    may_edit,
    redone,
    require_may,
    require_may_comment,
    require_not_over,
    state_after,
    undone,
)
from console.planning.tables import Plan, PlanEntry, PlanOperation
from geo.coverage.refusals import LinesDoNotFit
from geo.errors import NotFound
from geo.store import lies_within
from geo.versions import Expected, require_current
from layers.divisions.queries import find_by_code

COMMENTED, UNDONE, REDONE = "comment", "undone", "redone"


@dataclass(frozen=True, slots=True)
class NewPlan:
    """A plan to be made. `division` is a code."""

    title: str
    division: str
    reason: str
    base_day: date


async def create_plan(session: AsyncSession, actor: Actor, new: NewPlan, *, today: date, now: datetime) -> Plan:
    """Begin a draft over the lines of a division. Raises `Forbidden`, `DayOver`, `NotFound`."""
    actor.require(Permission.DRAW_PLANS)
    require_not_over(new.base_day, today=today)
    division = await find_by_code(session, new.division, day=new.base_day)
    if division is None or not lies_within(division.division_path, actor.scope):
        raise NotFound
    plan = Plan(
        division_path=division.division_path,
        title=new.title,
        reason=new.reason,
        base_day=new.base_day,
        state=PlanState.DRAFT,
        head=0,
        created_by=actor.user_id,
        author=await display_name_of(session, actor.user_id),
        created_at=now,
        changed_at=now,
        version=1,
    )
    session.add(plan)
    await session.flush()
    await _record(session, actor, plan, CREATED, now=now)
    return plan


async def lock_for_edit(session: AsyncSession, actor: Actor, plan_id: int, *, expected: Expected) -> Plan:
    """Lock a plan that the actor may draw on now. Raises `Forbidden`, `NotFound`, `Stale`, `PlanStateWrong`."""
    require_may(actor, PlanStep.EDIT, authors=())
    plan = await get_visible_plan(session, actor, plan_id, lock=True)
    require_current(plan.version, expected)
    may_edit(actor, plan.state)
    return plan


async def add_operation(
    session: AsyncSession, actor: Actor, plan: Plan, operation: Mapping[str, Any], *, now: datetime
) -> PlanOperation:
    """Append an operation that was applied to a locked plan."""
    _edited(plan, now=now)
    row = PlanOperation(
        plan_id=plan.id,
        follows=plan.head,
        operation=dict(operation),
        created_by=actor.user_id,
        author=await display_name_of(session, actor.user_id),
        at=now,
        division_path=plan.division_path,
    )
    session.add(row)
    await session.flush()
    plan.head = row.id
    await session.flush()
    return row


async def rebase(session: AsyncSession, actor: Actor, plan: Plan, *, today: date, now: datetime) -> None:
    """Put a locked plan on the lines of today. Raises `LinesCurrent` where it is on these already."""
    if plan.base_day >= today:
        raise LinesCurrent(day=plan.base_day.isoformat())
    plan.base_day = today
    _edited(plan, now=now)
    await _record(session, actor, plan, REBASED, note=today.isoformat(), now=now)


async def undo(session: AsyncSession, actor: Actor, plan: Plan, *, now: datetime) -> None:
    """Take back the last operation in force of a locked plan. Raises `NothingToUndo`."""
    taken, plan.head = plan.head, undone((await history_of(session, plan)).follows, plan.head)
    _edited(plan, now=now)
    await _record(session, actor, plan, UNDONE, operation=taken, now=now)


async def redo(session: AsyncSession, actor: Actor, plan: Plan, *, now: datetime) -> None:
    """Put the operation undone last in force again. Raises `NothingToRedo`."""
    plan.head = redone((await history_of(session, plan)).follows, plan.head)
    _edited(plan, now=now)
    await _record(session, actor, plan, REDONE, operation=plan.head, now=now)


async def take_step(
    session: AsyncSession,
    actor: Actor,
    plan_id: int,
    step: PlanStep,
    *,
    expected: Expected,
    note: str = "",
    now: datetime,
) -> Plan:
    """Submit, approve, return or withdraw a plan.

    Raises `Forbidden`, `NotFound`, `Stale`, `PlanStateWrong`, `NothingDrawn`, `OwnPlan`.
    """
    require_may(actor, step, authors=())
    plan = await get_visible_plan(session, actor, plan_id, lock=True)
    require_current(plan.version, expected)
    after = state_after(PlanState(plan.state), step)
    require_may(actor, step, authors=await authors_of(session, plan))
    if step is PlanStep.SUBMIT and not plan.head:
        raise NothingDrawn
    if step is PlanStep.WITHDRAW and (publication := await open_publication(session, plan.id)) is not None:
        await end_publication(session, publication, now=now)
    plan.state = after
    await record_step(session, plan, step, user_id=actor.user_id, note=note, now=now)
    return plan


async def record_step(
    session: AsyncSession, plan: Plan, step: PlanStep, *, user_id: int, note: str, now: datetime
) -> None:
    """Raise the version of a locked plan that has taken a step, and write it into its record."""
    plan.changed_at = now
    plan.version += 1
    await _write(session, plan, step, user_id=user_id, note=note, now=now)


async def require_sound(draft: Draft) -> None:
    """Raise `LinesDoNotFit` with all that is wrong with a draft: the whole is checked, whatever operations promise."""
    problems = await asyncio.to_thread(problems_of, draft.coverage)
    if problems:
        raise LinesDoNotFit.of(problems)


async def comment(
    session: AsyncSession,
    actor: Actor,
    plan_id: int,
    *,
    note: str,
    place: tuple[float, float] | None = None,
    now: datetime,
) -> PlanEntry:
    """Add a comment to a plan in any state, about a place (lon, lat) or none. No draft grows stale by it."""
    require_may_comment(actor)
    plan = await get_visible_plan(session, actor, plan_id)
    return await _write(session, plan, COMMENTED, user_id=actor.user_id, note=note, place=place, now=now)


def _edited(plan: Plan, *, now: datetime) -> None:
    plan.state = state_after(PlanState(plan.state), PlanStep.EDIT)
    plan.changed_at = now
    plan.version += 1


async def _record(
    session: AsyncSession,
    actor: Actor,
    plan: Plan,
    kind: str,
    *,
    note: str = "",
    operation: int | None = None,
    now: datetime,
) -> PlanEntry:
    return await _write(session, plan, kind, user_id=actor.user_id, note=note, operation=operation, now=now)


async def _write(
    session: AsyncSession,
    plan: Plan,
    kind: str,
    *,
    user_id: int,
    note: str,
    operation: int | None = None,
    place: tuple[float, float] | None = None,
    now: datetime,
) -> PlanEntry:
    lon, lat = place or (None, None)
    entry = PlanEntry(
        plan_id=plan.id,
        kind=kind,
        note=note,
        operation=operation,
        created_by=user_id,
        author=await display_name_of(session, user_id),
        at=now,
        version=plan.version,
        division_path=plan.division_path,
        lon=lon,
        lat=lat,
    )
    session.add(entry)
    await session.flush()
    return entry
