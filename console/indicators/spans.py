"""Count indicators in many spans at once, within the caller's reach.

The first and last days of all spans cut time into elementary spans. Each row is read once and counted in one of these,
however many indicators and spans it counts in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Float,
    Integer,
    cast,
    column,
    func,
    or_,
    select,
    values,
)
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.indicators.counting import (
    WORDS,
    Ground,
    Words,
    counts_of,
    deciles,
    figure_of,
    hours_of,
    meets,
    placed,
    timed,
    used,
)
from console.indicators.rules import NOTHING, Figure, Span, summed
from console.indicators.tables import CaseFacts
from console.indicators.terms import Indicator, Window

AtEdge = Mapping[int, Figure]
"""Figures by the number of an elementary span, from 1."""


@dataclass(frozen=True)
class Asked:
    """Indicators that are counted, where, and in which spans."""

    indicators: Sequence[Indicator]
    ground: Ground
    spans: Sequence[Span]

    @property
    def zone(self) -> ZoneInfo:
        return self.spans[0].zone

    @cached_property
    def edges(self) -> list[datetime]:
        """Where the elementary spans begin and end, ascending."""
        return sorted({edge for span in self.spans for edge in (span.since, span.until)})

    def numbers_in(self, span: Span) -> list[int]:
        """Return the elementary spans of a span."""
        pairs = enumerate(pairwise(self.edges), 1)
        return [i for i, (since, until) in pairs if since >= span.since and until <= span.until]

    def numbers_before(self, moment: datetime) -> list[int]:
        """Return the elementary spans that end by a moment."""
        return [i for i, (_, until) in enumerate(pairwise(self.edges), 1) if until <= moment]


async def count_spans(session: AsyncSession, actor: Actor, asked: Asked) -> Mapping[str, list[Figure]]:
    """Count indicators in each of the spans; return the figures by indicator. Raises `Forbidden`."""
    actor.require(Permission.READ_INCIDENTS)
    at_edge: dict[Window, Mapping[str, AtEdge]] = {}
    for window in ("came", "ended"):
        some = [one for one in asked.indicators if one.kind != "time" and one.window in (window, "open")]
        at_edge[window] = await _count_edges(session, asked, some, window) if some else {}
    open_ones = [one for one in asked.indicators if one.window == "open"]
    at_first = await _count_open(session, asked, open_ones) if open_ones else {}
    found: dict[str, list[Figure]] = {}
    for one in asked.indicators:
        if one.kind == "time":
            found[one.code] = await _times(session, asked, one)
        elif one.window == "open":
            flows = at_edge["came"][one.code], at_edge["ended"][one.code]
            found[one.code] = [_open_at(asked, span.until, at_first[one.code], flows) for span in asked.spans]
        else:
            counted = at_edge[one.window][one.code]
            found[one.code] = [_total(one, counted, asked.numbers_in(span)) for span in asked.spans]
    return found


async def _count_edges(
    session: AsyncSession, asked: Asked, indicators: Sequence[Indicator], window: Window
) -> Mapping[str, AtEdge]:
    """Count cases that came or ended in each elementary span.

    Cases that are alike in all that the indicators ask are counted together first: there are some hundreds of sorts.
    """
    moment, edges = _moment(window), asked.edges
    at = placed(asked.ground, asked.zone)
    number = func.width_bucket(moment, cast(edges, ARRAY(DateTime(timezone=True))))
    words = used(indicators)
    named = [number.label("number"), *(word.label(name) for name, word in words.items())]
    alike = select(*named, func.count().label("cases")).select_from(at.source)
    alike = alike.where(at.clause, moment >= edges[0], moment < edges[-1]).group_by(*named)
    some = alike.subquery("alike")
    wanted = select(
        some.c.number, *_columns(indicators, {name: some.c[name] for name in words}, some.c.cases)
    ).group_by(some.c.number)
    rows = [tuple(row) for row in await session.execute(wanted)]
    apart = [(row[0], _apart(indicators, row[1:])) for row in rows]
    return {one.code: {number: figures[one.code] for number, figures in apart} for one in indicators}


async def _count_open(session: AsyncSession, asked: Asked, indicators: Sequence[Indicator]) -> Mapping[str, Figure]:
    """Count the cases that were open when the first span began."""
    first, at = asked.edges[0], placed(asked.ground, asked.zone)
    is_open = or_(CaseFacts.ended_at.is_(None), CaseFacts.ended_at >= first)
    wanted = select(*_columns(indicators)).select_from(at.source)
    row = (await session.execute(wanted.where(at.clause, CaseFacts.came_at < first, is_open))).one()
    return _apart(indicators, tuple(row))


def _columns(
    indicators: Sequence[Indicator], words: Words = WORDS, number: ColumnElement[int] | None = None
) -> list[ColumnElement[Any]]:
    counts = [count for one in indicators for count in counts_of(one, words, number)]
    return [count.label(f"c{i}") for i, count in enumerate(counts)]


def _apart(indicators: Sequence[Indicator], counts: Sequence[int]) -> dict[str, Figure]:
    """Return the figures of a row of counts by indicator."""
    found, start = {}, 0
    for one in indicators:
        end = start + len(counts_of(one))
        found[one.code] = figure_of(one, counts[start:end])
        start = end
    return found


def _total(one: Indicator, counted: AtEdge, numbers: Sequence[int]) -> Figure:
    empty = NOTHING if one.entire is None else Figure(0, 0, 0)
    return summed([empty, *(counted[number] for number in numbers if number in counted)])


def _open_at(asked: Asked, moment: datetime, at_first: Figure, flows: tuple[AtEdge, AtEdge]) -> Figure:
    """Return how many are open at a moment: those at first, with all that came and without all that ended since."""
    before = asked.numbers_before(moment)
    came, ended = (sum(flow[number].denominator for number in before if number in flow) for flow in flows)
    count = at_first.denominator + came - ended
    return Figure(count, count)


def _moment(window: Window) -> Any:
    return CaseFacts.came_at if window == "came" else CaseFacts.ended_at


async def _times(session: AsyncSession, asked: Asked, one: Indicator) -> list[Figure]:
    """Return the figures of a time in each span. Medians do not add up: hours are read once and put in each span."""
    moment, edges, at = _moment(one.window), asked.edges, placed(asked.ground, asked.zone)
    number = func.width_bucket(moment, cast(edges, ARRAY(DateTime(timezone=True)))).label("number")
    hours = select(number, hours_of().label("hours")).select_from(at.source)
    hours = hours.where(at.clause, meets(one.of), moment >= edges[0], moment < edges[-1])
    read = hours.cte("read").prefix_with("MATERIALIZED", dialect="postgresql")
    pairs = [(i, number) for i, span in enumerate(asked.spans) for number in asked.numbers_in(span)]
    spans = values(column("span", Integer), column("number", Integer), name="spans").data(pairs)
    ended = func.count().filter(read.c.hours < cast("infinity", Float))
    wanted = select(spans.c.span, ended, func.count(), deciles(read.c.hours)).select_from(spans)
    wanted = wanted.join(read, read.c.number == spans.c.number).group_by(spans.c.span)
    found = {row[0]: timed(tuple(row)[1:]) for row in await session.execute(wanted)}
    return [found.get(i, NOTHING) for i in range(len(asked.spans))]
