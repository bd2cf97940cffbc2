"""The deadline of a publication: the first day of its lines, at midnight in the county."""

from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.deadlines.rules import DeadlineKind
from console.planning.drafts import Drafts
from console.planning.publications import FIRST_DAY
from console.planning.publishing import fail, take_effect
from console.planning.tables import Plan, PlanPublication
from geo.coverage.refusals import PlanRefused
from layers.divisions.locks import LinesInUse


def first_days(drafts: Drafts, zone: ZoneInfo) -> DeadlineKind:
    """Return the kind of deadline that puts lines in force."""

    async def on_due(session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
        """Put the lines of publications in force, in the order in which they were published, each whole or not at all.

        Those whose lines do not fit any more are given up. While an import holds the lines, they wait.
        """
        done = []
        for publication in await _lock(session, subjects):
            try:
                async with session.begin_nested():
                    await take_effect(session, publication, drafts=drafts, zone=zone, now=now)
            except LinesInUse:
                break
            except PlanRefused as refused:
                await fail(session, publication, refused, now=now)
            done.append(publication.id)
        return done

    return DeadlineKind(FIRST_DAY, on_due=on_due)


async def _lock(session: AsyncSession, ids: Sequence[int]) -> Sequence[PlanPublication]:
    """Lock publications that wait, each with its plan, without those locked by somebody who publishes."""
    wanted = (
        select(PlanPublication)
        .join(Plan, Plan.id == PlanPublication.plan_id)
        .where(PlanPublication.id.in_(ids), PlanPublication.applied_at.is_(None), PlanPublication.ended_at.is_(None))
        .order_by(PlanPublication.first_day, PlanPublication.id)
        .with_for_update(of=[PlanPublication, Plan], key_share=True, skip_locked=True)
    )
    return (await session.scalars(wanted.execution_options(populate_existing=True))).all()
