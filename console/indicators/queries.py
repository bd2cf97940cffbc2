"""Count an indicator by part within the caller's reach, and list the cases behind a figure.

A figure and its list come from the same clauses over the same rows, so that they agree.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, func, literal, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.cases.tables import Case
from console.cursors import id_of
from console.incidents.tables import Incident
from console.indicators.counting import Ground, counts_of, deciles_of, figure_of, meets, part_of, placed, timed, within
from console.indicators.rules import PLACES, By, Figure, Span
from console.indicators.tables import CaseFacts
from console.indicators.terms import Indicator

DIVIDED: Mapping[By, ColumnElement[str]] = {
    "level": type_coerce(CaseFacts.level, Text()),
    "unit": type_coerce(CaseFacts.unit, Text()),
    "category": type_coerce(CaseFacts.category, Text()),
    "source": type_coerce(CaseFacts.source, Text()),
}


async def record_begins(session: AsyncSession) -> datetime | None:
    """Return when the first case within reach came; None without any."""
    found: datetime | None = await session.scalar(select(func.min(CaseFacts.came_at)))
    return found


async def count_parts(
    session: AsyncSession,
    actor: Actor,
    one: Indicator,
    ground: Ground,
    span: Span,
    *,
    by: By | None,
    depth: int | None = None,
) -> Mapping[str, Figure]:
    """Count an indicator in a span by part; without `by` as a whole, under the empty key. Raises `Forbidden`.

    By division or grid, cases count under the division of `depth` levels, by default the next below the scope; those
    of a division above it under that one.
    """
    actor.require(Permission.READ_INCIDENTS)
    at = placed(ground, span.zone)
    key: ColumnElement[str] = literal("") if by is None else _key(by, at.path, depth or ground.scope.count(".") + 2)
    decile = [deciles_of(one)] if one.kind == "time" else []
    columns: list[ColumnElement[Any]] = [key.label("key"), *counts_of(one), *decile]
    wanted = select(*columns).select_from(at.source)
    wanted = wanted.where(at.clause, within(one.window, span), meets(one.entire or one.of))
    rows = (await session.execute(wanted if by is None else wanted.group_by(key))).all()
    values = {row.key: tuple(row)[1:] for row in rows}
    return {key: timed(of) if decile else figure_of(one, of) for key, of in values.items()}


def _key(by: By, path: ColumnElement[Any], depth: int) -> ColumnElement[str]:
    return part_of(path, depth) if by in PLACES else DIVIDED[by]


@dataclass(frozen=True, slots=True)
class Behind:
    """The cases behind a figure: of an indicator, in a span and a place; only those `counted`, or all that it is of."""

    indicator: Indicator
    ground: Ground
    span: Span
    counted: bool = True

    @property
    def clauses(self) -> Iterator[ColumnElement[bool]]:
        one = self.indicator
        yield within(one.window, self.span)
        yield meets(one.of)
        if self.counted and one.kind == "rate":
            yield meets(one.counts)
        elif self.counted and one.kind == "time":
            yield CaseFacts.ended_at.is_not(None)


def ids_behind(behind: Behind) -> Select[int]:
    """Select the ids of the incidents whose cases are behind a figure."""
    at = placed(behind.ground, behind.span.zone)
    return select(CaseFacts.incident_id).select_from(at.source).where(at.clause, *behind.clauses)


async def list_behind(
    session: AsyncSession, actor: Actor, behind: Behind, *, limit: int, cursor: str | None
) -> tuple[Sequence[tuple[Case, Incident]], str | None]:
    """Return a page of the cases behind a figure, the newest first, and the cursor of the next.

    Raises `Forbidden`, `BadCursor`.
    """
    actor.require(Permission.READ_INCIDENTS)
    ids = ids_behind(behind)
    if cursor is not None:
        ids = ids.where(CaseFacts.incident_id < id_of(cursor))
    found = (await session.scalars(ids.order_by(CaseFacts.incident_id.desc()).limit(limit + 1))).all()
    page = found[:limit]
    rows = await session.execute(
        select(Case, Incident).join(Incident, Incident.id == Case.incident_id).where(Case.incident_id.in_(page))
    )
    known = {one.incident_id: (one, incident) for one, incident in rows}
    return [known[number] for number in page], str(page[-1]) if len(found) > limit else None


def only(by: By, key: str) -> ColumnElement[bool]:
    """Clause: of one level, unit, category or source."""
    return DIVIDED[by] == key
