"""Read plans within the caller's reach."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import cast, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.cursors import id_of, page_of
from console.planning.rules import PlanState, in_force, redoable
from console.planning.tables import Plan, PlanEntry, PlanOperation
from geo.errors import NotFound
from geo.store import Ltree


@dataclass(frozen=True, slots=True)
class History:
    """All operations of a plan by id, and the ids of those in force, in order."""

    operations: dict[int, PlanOperation]
    in_force: list[int]

    @property
    def follows(self) -> dict[int, int]:
        """Id of the operation that each one came after."""
        return {at: one.follows for at, one in self.operations.items()}

    @property
    def redoable(self) -> int | None:
        """Id of the operation that a redo would put in force."""
        return redoable(self.follows, self.in_force[-1] if self.in_force else 0)


async def get_visible_plan(session: AsyncSession, actor: Actor, plan_id: int, *, lock: bool = False) -> Plan:
    """Return a plan within reach; with `lock`, no other transaction changes it until this one ends.

    Raises `Forbidden`, `NotFound`.
    """
    actor.require(Permission.READ_PLANS)
    wanted = select(Plan).where(Plan.id == plan_id).execution_options(populate_existing=True)
    found = (await session.scalars(wanted.with_for_update(key_share=True) if lock else wanted)).one_or_none()
    if found is None:
        raise NotFound
    return found


async def list_plans(
    session: AsyncSession,
    actor: Actor,
    *,
    limit: int,
    cursor: str | None = None,
    state: PlanState | None = None,
    scope: str | None = None,
) -> tuple[Sequence[Plan], str | None]:
    """Return a page of plans in order of id, and the cursor of the next. Raises `Forbidden`, `BadCursor`.

    `scope` is the path of a division: plans of it and of all below.
    """
    actor.require(Permission.READ_PLANS)
    query = select(Plan).order_by(Plan.id).limit(limit + 1)
    if cursor is not None:
        query = query.where(Plan.id > id_of(cursor))
    if state is not None:
        query = query.where(Plan.state == state)
    if scope is not None:
        query = query.where(Plan.division_path.op("<@")(cast(scope, Ltree)))
    return page_of((await session.scalars(query)).all(), limit=limit)


async def history_of(session: AsyncSession, plan: Plan) -> History:
    """Return the operations of a plan."""
    wanted = select(PlanOperation).where(PlanOperation.plan_id == plan.id).order_by(PlanOperation.id)
    found = {one.id: one for one in await session.scalars(wanted)}
    return History(found, in_force({at: one.follows for at, one in found.items()}, plan.head))


async def entries_of(session: AsyncSession, plan: Plan) -> Sequence[PlanEntry]:
    """Return the record of a plan: steps, reviews and comments, in order."""
    return (await session.scalars(select(PlanEntry).where(PlanEntry.plan_id == plan.id).order_by(PlanEntry.id))).all()


async def authors_of(session: AsyncSession, plan: Plan) -> frozenset[int]:
    """Return who has made the plan, or drawn on it, whether that is still in force or not."""
    drawn = select(PlanOperation.created_by).where(PlanOperation.plan_id == plan.id).distinct()
    return frozenset({plan.created_by, *await session.scalars(drawn)})
