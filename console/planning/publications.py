"""Publications of plans: the one that is open, those that wait, and what has changed since a plan was begun."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import cast, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from console.deadlines.actions import cancel_deadlines
from console.planning.tables import Plan, PlanEntry, PlanPublication, PlanTransfer
from geo.store import Ltree

PLAN = "plan"
FIRST_DAY = f"{PLAN}.first_day"
"""The deadline of a publication: its subject is the publication's id."""
CREATED, REBASED = "created", "rebased"

_CODES = text("SELECT code FROM codes_ever()")


async def open_publication(session: AsyncSession, plan_id: int) -> PlanPublication | None:
    """Return the publication of a plan that waits for its day or is in force."""
    wanted = select(PlanPublication).where(PlanPublication.plan_id == plan_id, PlanPublication.ended_at.is_(None))
    return (await session.scalars(wanted.execution_options(populate_existing=True))).one_or_none()


async def open_publications(session: AsyncSession, plan_ids: Sequence[int]) -> dict[int, PlanPublication]:
    """Return the open publications of plans, by plan."""
    wanted = select(PlanPublication).where(PlanPublication.plan_id.in_(plan_ids), PlanPublication.ended_at.is_(None))
    return {one.plan_id: one for one in await session.scalars(wanted)}


async def end_publication(session: AsyncSession, publication: PlanPublication, *, now: datetime) -> None:
    """End a publication, and its deadline where that is open. Its codes are not used again."""
    publication.ended_at = now
    await cancel_deadlines(session, PLAN, publication.id, now=now)


async def kept_transfers(session: AsyncSession, publication_id: int) -> Sequence[PlanTransfer]:
    """Return what has changed hands by a publication, in order."""
    wanted = select(PlanTransfer).where(PlanTransfer.publication_id == publication_id).order_by(PlanTransfer.id)
    return (await session.scalars(wanted)).all()


async def waiting_plans(session: AsyncSession, plan: Plan) -> Sequence[Plan]:
    """Return the other plans over the same land that wait for their day, within reach."""
    path = cast(plan.division_path, Ltree)
    over = or_(PlanPublication.division_path.op("<@")(path), PlanPublication.division_path.op("@>")(path))
    wanted = (
        select(Plan)
        .join(PlanPublication, PlanPublication.plan_id == Plan.id)
        .where(PlanPublication.ended_at.is_(None), PlanPublication.applied_at.is_(None), Plan.id != plan.id, over)
    )
    return (await session.scalars(wanted.order_by(Plan.id))).all()


async def published_since_begun(session: AsyncSession, plan: Plan) -> dict[str, int]:
    """Return the codes that publications in force have changed since a plan was begun or rebased, with their plans."""
    steps = select(func.max(PlanEntry.at)).where(PlanEntry.plan_id == plan.id, PlanEntry.kind.in_((CREATED, REBASED)))
    begun = await session.scalar(steps) or plan.created_at
    wanted = select(PlanPublication).where(
        PlanPublication.applied_at >= begun, PlanPublication.ended_at.is_(None), PlanPublication.plan_id != plan.id
    )
    found: dict[str, int] = {}
    for one in await session.scalars(wanted):
        found |= dict.fromkeys(one.lines.get("changed", ()), one.plan_id)
    return found


async def codes_ever(session: AsyncSession) -> set[str]:
    """Return every code that a division has or had, or was given for a day to come: in the whole county."""
    return {*await session.scalars(_CODES)}


def undoing(lines: dict[str, Any]) -> dict[str, Any]:
    """Return what undoing needs of a publication's `lines`."""
    return {name: lines.get(name, []) for name in ("ended", "replaced", "begun")}
