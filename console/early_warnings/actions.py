"""Judge a week and keep what was found; answer a warning. Inside the caller's transaction."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.early_warnings.clusters import FoundCluster
from console.early_warnings.rules import AlreadyAnswered, Answer, Week
from console.early_warnings.tables import EarlyWarning, JudgedWeek, SpaceTimeCluster
from geo.errors import NotFound


async def keep_week(
    session: AsyncSession, found: Week, clusters: Sequence[FoundCluster], *, week_end: date, root: str, now: datetime
) -> None:
    """Keep what the judging of a week found. A week is judged once: again changes nothing.

    The caller lets one judge at a time.
    """
    if await session.get(JudgedWeek, week_end) is not None:
        return
    left_out = [{"category": one.category, "reason": one.reason, "params": dict(one.params)} for one in found.left_out]
    session.add(
        JudgedWeek(
            week_end=week_end,
            judged_at=now,
            series=found.series,
            tried=found.tried,
            left_out=left_out,
            division_path=root,
        )
    )
    for rise in found.rises:
        session.add(
            EarlyWarning(
                week_end=week_end,
                category=rise.category,
                division_path=rise.path,
                weeks=rise.weeks,
                count=rise.count,
                expected=rise.expected,
                told_from=rise.told_from,
                q=rise.q,
                told=rise.told,
                version=1,
            )
        )
    for one in clusters:
        session.add(
            SpaceTimeCluster(
                week_end=week_end,
                category=one.category,
                cells=list(one.cells),
                radius_m=one.cluster.radius_m,
                days=one.cluster.days,
                count=one.cluster.count,
                expected=one.cluster.expected,
                p=one.cluster.p,
                division_path=root,
            )
        )
    await session.flush()


async def answer_warning(
    session: AsyncSession, actor: Actor, warning_id: int, *, answer: Answer, note: str, now: datetime
) -> EarlyWarning:
    """Say what became of a warning; who answers first, answers. Raises `Forbidden`, `NotFound`, `AlreadyAnswered`."""
    actor.require(Permission.ANSWER_WARNINGS)
    warning: EarlyWarning | None = await session.get(EarlyWarning, warning_id, with_for_update=True)
    if warning is None:
        raise NotFound
    if warning.answer is not None:
        raise AlreadyAnswered(answerer=warning.answerer)
    warning.answer, warning.note = answer, note
    warning.answered_at, warning.answered_by, warning.answerer = now, actor.user_id, actor.username
    warning.version += 1
    await session.flush()
    return warning
