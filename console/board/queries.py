"""Count and list running cases by how they stand to their limits, within the caller's reach.

Figures and lists come from one statement of open cases with their open clocks, so that a figure equals its list. It
reads partial indexes of what is open: ended cases and stopped clocks cost nothing, however many years they go back.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    DateTime,
    Select,
    Subquery,
    Text,
    case,
    cast,
    func,
    literal,
    null,
    select,
    tuple_,
    type_coerce,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeEngine

from console.access.rules import Actor, Permission
from console.board.rules import FAR, KINDS, By, Cell, ClockKind, Place, Standing, place_of, worst_first
from console.cases.pausing import has_run_out
from console.cases.tables import Case
from console.clocks.tables import Clock, ClockContent
from console.incidents.tables import Incident
from console.notices.rules import URGE
from console.notices.tables import Notice
from geo.store import Ltree
from layers.divisions.tables import Division


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which running cases are asked for; a condition left out is none. `scope` is a path: that division and all below.

    `clock` leaves only clocks of one kind, by which the standing is then told. `only`: cases of the scope
    itself, not of divisions below it. `unit`: cases that it has, and those that it is called to help with; both stand
    as the clocks that bind it. `run_out`: cases whose pause was expected to end by `day`, the day of the place.
    """

    scope: str | None = None
    standing: Standing | None = None
    unit: str | None = None
    level: str | None = None
    stage: str | None = None
    clock: ClockKind | None = None
    only: bool = False
    run_out: bool = False
    day: date | None = None


@dataclass(frozen=True, slots=True)
class _Sources:
    """The clocks that run, and the units that hold cases where these count by unit."""

    clocks: Subquery
    holders: Subquery | None = None


@dataclass(frozen=True, slots=True)
class BoardCase:
    """A case on the board: how it stands, by which limit, and how those who are to act now were urged last.

    `limit_unit` is the called unit that the limit binds, None for the case as a whole.
    """

    case: Case
    incident: Incident
    standing: Standing
    limit: str | None
    due_at: datetime | None
    statutory: bool
    urgings: Sequence[Notice]
    limit_unit: str | None = None


async def count_cases(session: AsyncSession, actor: Actor, chosen: BoardFilter, *, by: By, now: datetime) -> list[Cell]:
    """Count the running cases by unit, level, stage or division, the worst first. Raises `Forbidden`.

    By division, cases count under the next division below the scope; those of the scope itself under the scope. By
    unit, a case counts under the one that has it and under each that is called to help, as the clocks that bind it.
    """
    actor.require(Permission.READ_INCIDENTS)
    sources = _sources(now=now, kind=None, by_unit=by == "unit" or chosen.unit is not None)
    rows = await _counted(session, _key(by, chosen.scope or actor.scope, sources), sources, chosen)
    return worst_first([_cell(row) for row in rows])


async def count_all(session: AsyncSession, actor: Actor, chosen: BoardFilter, *, now: datetime) -> Cell:
    """Count the running cases, each once, by all of its clocks. Raises `Forbidden`."""
    actor.require(Permission.READ_INCIDENTS)
    sources = _sources(now=now, kind=None, by_unit=chosen.unit is not None)
    [row] = await _counted(session, None, sources, chosen)
    return _cell(row)


async def _counted(
    session: AsyncSession, key: ColumnElement[str] | None, sources: _Sources, chosen: BoardFilter
) -> Sequence[Mapping[Any, Any]]:
    clocks = sources.clocks
    standing = _standing(clocks)
    columns: dict[str, ColumnElement[Any]] = {one.value: func.count().filter(standing == one.value) for one in Standing}
    for kind in KINDS:
        late, near = clocks.c[f"{kind}_late"], clocks.c[f"{kind}_near"]
        columns[f"{kind}_late"] = func.count().filter(late)
        columns[f"{kind}_near"] = func.count().filter(near & ~late)
    called = literal(0) if sources.holders is None else func.count().filter(sources.holders.c.unit != Case.unit)
    columns["called"] = called
    columns["run_out"] = literal(0) if chosen.day is None else func.count().filter(has_run_out(chosen.day))
    named = null() if key is None else key
    wanted = select(named.label("key"), *(count.label(name) for name, count in columns.items()))
    wanted = _filtered(wanted, sources, chosen)
    rows = await session.execute(wanted if key is None else wanted.group_by(key))
    return [row._mapping for row in rows]


async def list_board(
    session: AsyncSession, actor: Actor, chosen: BoardFilter, *, limit: int, cursor: str | None, now: datetime
) -> tuple[Sequence[BoardCase], str | None]:
    """Return a page of running cases, the first due first, and the cursor of the next.

    Raises `Forbidden`, `BadCursor`.
    """
    actor.require(Permission.READ_INCIDENTS)
    rows = (await session.execute(_ordered(chosen, cursor=cursor, now=now).limit(limit + 1))).all()
    page = rows[:limit]
    ids = [row.incident_id for row in page]
    cases = await _cases(session, ids)
    urged = await last_urgings(session, [case for case, _ in cases.values()])
    found = [
        BoardCase(*cases[row.incident_id], Standing(row.standing), row.limit_code, row.due_at, bool(row.statutory),
                  urged[row.incident_id], row.limit_unit)
        for row in page
    ]  # fmt: skip
    last = page[-1] if len(rows) > limit else None
    return found, None if last is None else str(Place(last.due_at or FAR, last.incident_id))


def _ordered(chosen: BoardFilter, *, cursor: str | None, now: datetime) -> Select[Any]:
    """Select the ids of cases with their standing and first clock, the first due first, from a cursor on.

    Only what the order needs: whole cases are read for one page.
    """
    sources = _sources(now=now, kind=chosen.clock, by_unit=chosen.unit is not None)
    clocks = sources.clocks
    due = func.coalesce(clocks.c.due_at, FAR)
    standing = _standing(clocks)
    wanted = select(
        Case.incident_id,
        standing.label("standing"),
        clocks.c.limit_code,
        clocks.c.limit_unit,
        clocks.c.due_at,
        clocks.c.statutory,
    )
    wanted = _filtered(wanted, sources, chosen).order_by(due, Case.incident_id)
    if chosen.standing is not None:
        wanted = wanted.where(standing == chosen.standing.value)
    if cursor is None:
        return wanted
    place = place_of(cursor)
    return wanted.where(tuple_(due, Case.incident_id) > (place.due_at, place.id))


async def _cases(session: AsyncSession, ids: Collection[int]) -> dict[int, tuple[Case, Incident]]:
    wanted = select(Case, Incident).join(Incident, Incident.id == Case.incident_id).where(Case.incident_id.in_(ids))
    rows = await session.execute(wanted) if ids else ()
    return {case.incident_id: (case, incident) for case, incident in rows}


async def last_urgings(session: AsyncSession, cases: Collection[Case]) -> Mapping[int, Sequence[Notice]]:
    """Return the last urging of each unit that has a case, is handed it, or is called to it, by incident, the latest
    first. One of a unit that has nothing to do with the case any more is of the past.
    """
    ids = [case.incident_id for case in cases]
    acting = {case.incident_id: _acting(case) for case in cases}
    found: dict[int, dict[str | None, Notice]] = defaultdict(dict)
    wanted = select(Notice).where(Notice.incident_id.in_(ids), Notice.kind == URGE).order_by(Notice.id.desc())
    for notice in await session.scalars(wanted) if ids else ():
        if notice.incident_id is not None and notice.to_unit in acting[notice.incident_id]:
            found[notice.incident_id].setdefault(notice.to_unit, notice)
    return {one: [*found[one].values()] for one in ids}


def _acting(case: Case) -> Collection[str]:
    called = (call["unit"] for call in case.state["calls"] if call["status"] == "called")
    return {case.unit, *called, *([case.offer_unit] if case.offer_unit else ())}


async def division_names(session: AsyncSession, paths: Collection[str]) -> Mapping[str, str]:
    """Return the names of divisions by path."""
    codes = {path.rpartition(".")[2]: path for path in paths}
    rows = await session.execute(
        select(Division.code, func.max(Division.name)).where(Division.code.in_(codes)).group_by(Division.code)
    )
    return {codes[code]: name for code, name in rows}


def _sources(*, now: datetime, kind: ClockKind | None, by_unit: bool) -> _Sources:
    return _Sources(_clocks(now=now, kind=kind, by_unit=by_unit), _holders() if by_unit else None)


def _holders() -> Subquery:
    """Select the running cases with the unit that has them, and again with each unit that a clock of a call binds."""
    called = select(Clock.incident_id, Clock.unit_code).join(Case, Case.incident_id == Clock.incident_id)
    called = called.where(Clock.unit_code != Case.unit, Clock.stopped_at.is_(None)).distinct()
    having = select(Case.incident_id, Case.unit).where(Case.ended_at.is_(None))
    return union_all(having, called).subquery("holders")


def _clocks(*, now: datetime, kind: ClockKind | None, by_unit: bool) -> Subquery:
    """Select the clocks that run, by incident and perhaps by the unit that they bind: the first due one, and whether
    some are late or near, by kind.

    A clock without a warning of its own is near its limit in the last quarter of its time.
    """
    statutory = cast(ClockContent.term["statutory"].astext, Boolean)
    late = Clock.due_at < now
    spent, left = literal(now, DateTime(timezone=True)) - Clock.started_at, Clock.due_at - now
    near = func.coalesce(Clock.warn_at <= now, spent >= left + left + left) & ~late
    of_kind: dict[ClockKind, ColumnElement[bool]] = {"statutory": statutory, "local": ~statutory}
    first = func.min(Clock.due_at)
    wanted = select(
        Clock.incident_id,
        first.label("due_at"),
        of_first(Clock.limit_code, Text()).label("limit_code"),
        of_first(Clock.unit_code, Text()).label("limit_unit"),
        of_first(statutory, Boolean()).label("statutory"),
        func.bool_or(late).label("late"),
        func.bool_or(near).label("near"),
        *(func.bool_or(late & which).label(f"{name}_late") for name, which in of_kind.items()),
        *(func.bool_or(near & which).label(f"{name}_near") for name, which in of_kind.items()),
    )
    wanted = wanted.join(ClockContent, ClockContent.digest == Clock.content)
    wanted = wanted.where(Clock.stopped_at.is_(None), Clock.paused_at.is_(None))
    if kind is not None:
        wanted = wanted.where(of_kind[kind])
    if not by_unit:
        return wanted.group_by(Clock.incident_id).subquery("running")
    unit = func.coalesce(Clock.unit_code, Case.unit)
    wanted = wanted.add_columns(unit.label("unit")).join(Case, Case.incident_id == Clock.incident_id)
    return wanted.where(Case.ended_at.is_(None)).group_by(Clock.incident_id, unit).subquery("running")


def of_first(column: ColumnElement[Any] | InstrumentedAttribute[Any], of: TypeEngine[Any]) -> ColumnElement[Any]:
    """Select what a column says of the clock that is due first."""
    return func.array_agg(aggregate_order_by(column, Clock.due_at, Clock.id), type_=ARRAY(of))[1]


def _joined(wanted: Select[Any], sources: _Sources) -> Select[Any]:
    """Add the running cases with their clocks."""
    clocks, holders = sources.clocks, sources.holders
    if holders is None:
        return wanted.select_from(Case).outerjoin(clocks, clocks.c.incident_id == Case.incident_id)
    own = (clocks.c.incident_id == holders.c.incident_id) & (clocks.c.unit == holders.c.unit)
    wanted = wanted.select_from(Case).join(holders, holders.c.incident_id == Case.incident_id)
    return wanted.outerjoin(clocks, own)


def _filtered(wanted: Select[Any], sources: _Sources, chosen: BoardFilter) -> Select[Any]:
    wanted = _joined(wanted, sources).where(Case.ended_at.is_(None))
    if chosen.unit is not None and sources.holders is not None:
        wanted = wanted.where(sources.holders.c.unit == chosen.unit)
    if chosen.run_out and chosen.day is not None:
        wanted = wanted.where(has_run_out(chosen.day))
    for column, value in ((Case.level, chosen.level), (Case.stage, chosen.stage)):
        if value is not None:
            wanted = wanted.where(column == value)
    if chosen.scope is not None:
        relation = "=" if chosen.only else "<@"
        wanted = wanted.where(Case.division_path.op(relation)(cast(chosen.scope, Ltree)))
    return wanted


def _standing(clocks: Subquery) -> ColumnElement[str]:
    return case(
        (clocks.c.late, Standing.LATE.value),
        (clocks.c.near, Standing.NEAR.value),
        (Case.paused, Standing.PAUSED.value),
        else_=Standing.IN_TIME.value,
    )


def _key(by: By, scope: str, sources: _Sources) -> ColumnElement[str]:
    if by == "division":
        depth = func.least(func.nlevel(Case.division_path), scope.count(".") + 2)
        return cast(func.subpath(Case.division_path, 0, depth), Text)
    if by == "unit" and sources.holders is not None:
        return type_coerce(sources.holders.c.unit, Text())
    return type_coerce({"unit": Case.unit, "level": Case.level, "stage": Case.stage}[by], Text())


def _cell(row: Mapping[Any, Any]) -> Cell:
    return Cell(
        row["key"],
        {one: row[one.value] for one in Standing},
        {kind: {one: row[f"{kind}_{one}"] for one in (Standing.LATE, Standing.NEAR)} for kind in KINDS},
        row["called"],
        row["run_out"],
    )
