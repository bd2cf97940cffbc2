"""Count the cases of indicators within the caller's reach, and list the cases behind a figure.

A figure and its list come from the same clauses over the same rows, so that they agree. Cases are counted from one
narrow table of facts; each row is read once, however many indicators and spans it counts in.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Float,
    Select,
    Text,
    and_,
    cast,
    extract,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.cases.tables import Case
from console.cursors import id_of
from console.incidents.tables import Incident
from console.indicators.counting import Ground, meets, part_of, placed, within
from console.indicators.rules import NOTHING, By, Figure, Span, summed
from console.indicators.tables import CaseFacts
from console.indicators.terms import Indicator, Window

DIVIDED: Mapping[By, ColumnElement[str]] = {
    "level": type_coerce(CaseFacts.level, Text()),
    "unit": type_coerce(CaseFacts.unit, Text()),
    "category": type_coerce(CaseFacts.category, Text()),
    "source": type_coerce(CaseFacts.source, Text()),
}
HOUR = 3600.0
SHARES = (0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Asked:
    """Indicators that are counted, where, and in which spans."""

    indicators: Sequence[Indicator]
    ground: Ground
    spans: Sequence[Span]

    @property
    def zone(self) -> ZoneInfo:
        return self.spans[0].zone


async def count_spans(session: AsyncSession, actor: Actor, asked: Asked) -> Mapping[str, list[Figure]]:
    """Count indicators in each of the spans; return the figures by indicator. Raises `Forbidden`."""
    actor.require(Permission.READ_INCIDENTS)
    found: dict[str, list[Figure]] = {}
    for window in ("came", "ended"):
        some = [one for one in asked.indicators if one.window == window]
        if some:
            found |= await _count_window(session, replace(asked, indicators=some), window)
    for one in asked.indicators:
        if one.window == "open":
            found[one.code] = [
                (await count_parts(session, actor, one, asked.ground, span, by=None)).get("", _empty(one))
                for span in asked.spans
            ]
        elif one.kind == "time":
            found[one.code] = await _times(session, asked, one)
    return found


async def _count_window(session: AsyncSession, asked: Asked, window: Window) -> dict[str, list[Figure]]:
    """Count cases in the elementary spans between all first and last days, and add these up to the spans."""
    edges = sorted({edge for span in asked.spans for edge in (span.since, span.until)})
    moment = CaseFacts.came_at if window == "came" else CaseFacts.ended_at
    numbered = func.width_bucket(moment, cast(edges, ARRAY(DateTime(timezone=True))))
    at = placed(asked.ground, asked.zone)
    counts = [count for one in asked.indicators for count in _counts(one)]
    wanted = select(numbered.label("number"), *(count.label(f"c{i}") for i, count in enumerate(counts)))
    wanted = wanted.select_from(at.source).where(at.clause, moment >= edges[0], moment < edges[-1])
    rows = (await session.execute(wanted.group_by(numbered))).all()
    by_edge = {row.number: row for row in rows}
    found: dict[str, list[Figure]] = {}
    start = 1
    for one in asked.indicators:
        width = len(_counts(one))
        at_edge = {number: _figure(one, tuple(row)[start : start + width]) for number, row in by_edge.items()}
        found[one.code] = [_in_span(one, at_edge, edges, span) for span in asked.spans]
        start += width
    return found


def _in_span(one: Indicator, at_edge: Mapping[int, Figure], edges: Sequence[datetime], span: Span) -> Figure:
    numbers = (i for i, (since, until) in enumerate(pairwise(edges), 1) if since >= span.since and until <= span.until)
    return summed([_empty(one), *(at_edge[number] for number in numbers if number in at_edge)])


def _empty(one: Indicator) -> Figure:
    return NOTHING if one.entire is None else Figure(0, 0, 0)


def _counts(one: Indicator) -> list[ColumnElement[int]]:
    """Select numerator and denominator, and the wider number where there is one."""
    population = meets(one.of)
    counted = {"rate": and_(population, meets(one.counts)), "count": population}.get(
        one.kind, and_(population, CaseFacts.ended_at.is_not(None))
    )
    wider = [] if one.entire is None else [func.count().filter(meets(one.entire))]
    return [func.count().filter(counted), func.count().filter(population), *wider]


def _figure(one: Indicator, counts: Sequence[int]) -> Figure:
    return Figure(counts[0], counts[1], counts[2] if one.entire is not None else None)


async def _times(session: AsyncSession, asked: Asked, one: Indicator) -> list[Figure]:
    """Return the figures of a time in each span: medians do not add up, so that each is read by itself."""
    at = placed(asked.ground, asked.zone)
    figures = []
    for span in asked.spans:
        columns: list[ColumnElement[Any]] = [*_counts(one), _deciles(one)]
        wanted = select(*columns).select_from(at.source)
        row = (await session.execute(wanted.where(at.clause, meets(one.of), within(one.window, span)))).one()
        figures.append(_timed(tuple(row)))
    return figures


def _deciles(one: Indicator) -> ColumnElement[Any]:
    """Select median and ninth decile of the hours from door to end; an open case counts as longer than any other."""
    hours = extract("epoch", CaseFacts.ended_at - CaseFacts.came_at) / HOUR
    known = cast(func.coalesce(cast(hours, Float), literal("infinity").cast(Float)), Float)
    shares = cast([*SHARES], ARRAY(Float))
    return func.percentile_disc(shares).within_group(known).filter(meets(one.of))


def _timed(row: Sequence[Any]) -> Figure:
    ended, cases, deciles = row
    median, ninth = (None if one == float("inf") else one for one in deciles or (None, None))
    return Figure(ended, cases, None, median, ninth)


async def count_parts(
    session: AsyncSession, actor: Actor, one: Indicator, ground: Ground, span: Span, *, by: By | None
) -> Mapping[str, Figure]:
    """Count an indicator in a span by part; without `by` as a whole, under the empty key. Raises `Forbidden`.

    By division, cases count under the next division below the scope; those of the scope itself under the scope.
    """
    actor.require(Permission.READ_INCIDENTS)
    at = placed(ground, span.zone)
    key: ColumnElement[str] = literal("") if by is None else _key(by, at.path, ground.scope)
    timed = [_deciles(one)] if one.kind == "time" else []
    columns: list[ColumnElement[Any]] = [key.label("key"), *_counts(one), *timed]
    wanted = select(*columns).select_from(at.source)
    wanted = wanted.where(at.clause, within(one.window, span), meets(one.entire or one.of))
    rows = (await session.execute(wanted if by is None else wanted.group_by(key))).all()
    values = {row.key: tuple(row)[1:] for row in rows}
    return {key: _timed(of) if timed else _figure(one, of) for key, of in values.items()}


def _key(by: By, path: ColumnElement[Any], scope: str) -> ColumnElement[str]:
    return part_of(path, scope) if by == "division" else DIVIDED[by]


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
