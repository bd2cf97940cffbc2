"""Clauses by which facts of cases are counted: conditions, windows, and the lines of a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Date,
    Float,
    FromClause,
    Text,
    WithinGroup,
    and_,
    cast,
    extract,
    false,
    func,
    lateral,
    literal,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.orm import aliased

from console.follow_ups.rules import Standing
from console.incidents.tables import Incident
from console.indicators.rules import Figure, Span
from console.indicators.tables import CaseFacts
from console.indicators.terms import FLAGS, LISTS, CaseConditions, Indicator, Window
from geo.store import Ltree
from layers.divisions.tables import Division

HOUR = 3600.0
SHARES = (0.5, 0.9)
_JUDGED = and_(CaseFacts.ended_at.is_not(None), CaseFacts.judged_at == CaseFacts.ended_at)
Words = Mapping[str, ColumnElement[Any]]
WORDS: Words = {
    "classes": func.split_part(CaseFacts.category, ".", 1),
    "categories": type_coerce(CaseFacts.category, Text()),
    "sources": type_coerce(CaseFacts.source, Text()),
    "risks": type_coerce(CaseFacts.risk, Text()),
    "levels": type_coerce(CaseFacts.level, Text()),
    "lanes": type_coerce(CaseFacts.lane, Text()),
    "outcomes": type_coerce(CaseFacts.outcome, Text()),
    "procedures": type_coerce(CaseFacts.procedure, Text()),
    "satisfied": type_coerce(CaseFacts.satisfied, Text()),
    "ended": CaseFacts.ended_at.is_not(None) & ~CaseFacts.joined,
    "judged": func.coalesce(_JUDGED, false()),
    "on_time": func.coalesce(and_(_JUDGED, CaseFacts.on_time.is_(true())), false()),
    "handed_over": CaseFacts.hand_overs > 0,
    "reopened": CaseFacts.reopened > 0,
    "asked": func.coalesce(CaseFacts.asked != Standing.NOT_DRAWN, false()),
    "reached": CaseFacts.satisfied.is_not(None) | func.coalesce(CaseFacts.asked == Standing.REFUSED, false()),
    "answered": CaseFacts.satisfied.is_not(None),
    "joined": type_coerce(CaseFacts.joined, Boolean()),
}
"""What conditions say of a case, by their names."""


def meets(conditions: CaseConditions, words: Words = WORDS) -> ColumnElement[bool]:
    """Clause: a case meets the conditions."""
    clauses: list[ColumnElement[bool]] = [words["joined"].is_(conditions.joined)]
    clauses += [words[name].in_(codes) for name in LISTS if (codes := getattr(conditions, name))]
    for name in FLAGS:
        wanted = getattr(conditions, name)
        if wanted is not None and name != "joined":
            clauses.append(words[name] if wanted else ~words[name])
    return and_(*clauses)


def used(indicators: Sequence[Indicator]) -> Words:
    """Return the words that indicators use."""
    conditions = [c for one in indicators for c in (one.of, one.counts, one.entire) if c is not None]
    return {name: WORDS[name] for name in sorted({"joined", *(name for one in conditions for name in one.given)})}


def within(window: Window, span: Span) -> ColumnElement[bool]:
    """Clause: a case came in a span, ended in it, or was open when the span ended."""
    if window == "open":
        return and_(CaseFacts.came_at < span.until, or_(CaseFacts.ended_at.is_(None), CaseFacts.ended_at >= span.until))
    moment = CaseFacts.came_at if window == "came" else CaseFacts.ended_at
    return and_(moment >= span.since, moment < span.until)


@dataclass(frozen=True, slots=True)
class Ground:
    """Where cases are counted: below the division `scope`, by its path; `only` its own, not those below it.

    By default each case counts where its record has it. `lines`: on the lines of that day, where its point lies.
    `clauses` are further ones.
    """

    scope: str
    only: bool = False
    lines: date | None = None
    clauses: tuple[ColumnElement[bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """Facts of cases with the path of their division."""

    source: FromClause
    path: ColumnElement[Any]
    clause: ColumnElement[bool]


def placed(ground: Ground, zone: ZoneInfo) -> Placed:
    """Return facts with their paths on the lines asked for, and the clause that leaves those of the scope."""
    facts: FromClause = CaseFacts.__table__
    path: Any = CaseFacts.division_path
    if ground.lines is not None:
        facts, path = _on_lines(ground.lines, ground.scope, zone)
    relation = "=" if ground.only else "<@"
    inside = path.op(relation, is_comparison=True)(cast(ground.scope, Ltree))
    return Placed(facts, path, and_(inside, *ground.clauses))


def _on_lines(day: date, scope: str, zone: ZoneInfo) -> tuple[FromClause, ColumnElement[Any]]:
    """Join the division of a day to facts.

    The version in force when the case came has its point; where that version is in force on the day, too, nothing
    needs to be measured. All others are found by their points. A case without a point stays where its record has it.
    """
    came = cast(func.timezone(str(zone), CaseFacts.came_at), Date)
    same, found = aliased(Division), aliased(Division)
    path = CaseFacts.division_path
    stays = and_(
        same.code == func.split_part(cast(path, Text), ".", -1),
        same.division_path == path,
        same.valid_from <= func.least(came, literal(day, Date)),
        or_(same.valid_to.is_(None), same.valid_to > func.greatest(came, literal(day, Date))),
    )
    by_point = lateral(
        select(found.division_path.label("path"))
        .join(Incident, func.ST_Intersects(found.geom, Incident.geom))
        .where(Incident.id == CaseFacts.incident_id, same.id.is_(None), _in_force(found, day))
        .order_by(func.nlevel(found.division_path).desc(), found.code)
        .limit(1)
    ).alias("by_point")
    facts = CaseFacts.__table__.outerjoin(same, stays).outerjoin(by_point, true())
    return facts, func.coalesce(by_point.c.path, path)


def _in_force(division: Any, day: date) -> ColumnElement[bool]:
    return and_(division.valid_from <= day, or_(division.valid_to.is_(None), division.valid_to > day))


def part_of(path: ColumnElement[Any], depth: int) -> ColumnElement[str]:
    """Return the path of the division of so many levels that has a case, or its own where that is above them."""
    return cast(func.subpath(path, 0, func.least(func.nlevel(path), depth)), Text)


def counts_of(
    one: Indicator, words: Words = WORDS, number: ColumnElement[int] | None = None
) -> list[ColumnElement[int]]:
    """Select numerator and denominator, and the wider number where there is one.

    `number` sums up rows that stand for many cases.
    """
    numerator = {"rate": one.counts, "time": CaseConditions(ended=True)}.get(one.kind, CaseConditions())
    clauses = [and_(meets(one.of, words), meets(numerator, words) if one.kind != "count" else true())]
    clauses += [meets(some, words) for some in (one.of, one.entire) if some is not None]
    if number is None:
        return [func.count().filter(clause) for clause in clauses]
    return [func.coalesce(func.sum(number).filter(clause), 0) for clause in clauses]


def figure_of(one: Indicator, counts: Sequence[int]) -> Figure:
    """Return the figure of what `counts_of` selects."""
    return Figure(counts[0], counts[1], counts[2] if one.entire is not None else None)


def hours_of() -> ColumnElement[float]:
    """Select the hours from door to end; infinity for an open case, which counts as longer than any other."""
    hours = cast(extract("epoch", CaseFacts.ended_at - CaseFacts.came_at) / HOUR, Float)
    return func.coalesce(hours, cast(literal("infinity"), Float))


def deciles(hours: ColumnElement[float]) -> WithinGroup[Any]:
    """Select median and ninth decile of hours."""
    return func.percentile_disc(cast([*SHARES], ARRAY(Float))).within_group(hours)


def deciles_of(one: Indicator) -> ColumnElement[Any]:
    """Select median and ninth decile of the hours of the cases that an indicator is of."""
    filtered: ColumnElement[Any] = deciles(hours_of()).filter(meets(one.of))
    return filtered


def timed(row: Sequence[Any]) -> Figure:
    """Return the figure of a time: how many have ended, of how many, and the deciles."""
    ended, cases, both = row
    median, ninth = (None if one == float("inf") else one for one in both or (None, None))
    return Figure(ended, cases, None, median, ninth)
