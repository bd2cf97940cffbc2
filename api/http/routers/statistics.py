"""Statistics by division, on the lines of any day."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time
from typing import Annotated

from fastapi import APIRouter, Query

from api.http.errors import Invalid
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.plans import FiguresOut
from api.http.wire.shapes import Day
from api.http.wire.statistics import DivisionFiguresOut, StatisticsOut
from console.access.rules import Actor, Forbidden, Permission
from console.access.sight import Subject, sees_masked
from console.planning.carrying import Spread
from console.planning.counts import Tally
from console.planning.drawing import Span
from console.planning.figures import Figures
from console.planning.rules import MONTHS, months_before
from geo.errors import NotFound
from geo.store import lies_within
from layers.divisions.queries import boundary_day, find_by_code
from layers.divisions.terms import GRID

router = APIRouter(route_class=TransactionRoute, tags=["divisions"])

Level = Annotated[str, Query(pattern=r"^\w{1,32}$", description="A level below the scope.")]
Scope = Annotated[
    str | None, Query(description="A division's code; the account's own by default.", pattern=r"^\w{1,32}$")
]
Lines = Annotated[Day | None, Query(description="The day on whose lines to count; today by default.")]


@router.get("/api/statistics")
async def read_statistics(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    by: Level = GRID,
    scope: Scope = None,
    lines: Lines = None,
    months: Annotated[int, Query(ge=1, le=60, description="Incidents of so many months up to now count.")] = MONTHS,
) -> StatisticsOut:
    """Return figures by division on the lines of any day: exact where points are known, as of incidents and cameras,
    by area with the error told where only counts are. A day before the first lines counts as that first day.
    """
    _require_reader(actor)
    today = services.today()
    path = actor.scope
    if scope is not None:
        division = await find_by_code(session, scope, day=today)
        if division is None or not lies_within(division.division_path, actor.scope):
            raise NotFound
        path = division.division_path
    day = await boundary_day(session, path, lines or today)
    counted_on = await services.drafts.lines_on(session, path, day=today)
    wanted = await services.drafts.lines_on(session, path, day=day)
    if by not in wanted.coverage.levels[1:]:
        raise Invalid(errors=[{"field": "by", "code": "unknown"}])
    since = datetime.combine(months_before(today, months), time(), tzinfo=services.pack.zone)
    counted = await services.tallies.of(
        session, actor, counted_on, span=Span(months, since), now=services.now(), anew=True
    )
    tally, spread = await services.tallies.on_lines(wanted, counted)
    figures = Figures(tally, services.tallies.travel)
    total, items = await asyncio.to_thread(_items, figures, Counted(counted, spread), by)
    return StatisticsOut(
        by=by,
        lines=lines or today,
        months=months,
        masked=sees_masked(actor, Subject.INCIDENTS),
        total=total,
        items=items,
    )


def _require_reader(actor: Actor) -> None:
    """Raise `Forbidden` unless the actor reads incidents, or plans, whose figures these are."""
    if not (actor.may(Permission.READ_INCIDENTS) or actor.may(Permission.READ_PLANS)):
        raise Forbidden(permission=Permission.READ_INCIDENTS)


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts on the lines on which they were made, and how they are carried over."""

    tally: Tally
    spread: Spread

    def errors(self, rows: Collection[int]) -> dict[str, int]:
        """Return by how much the counts of some of the smallest divisions together may be wrong at most."""
        return {
            "households": self.spread.error_of(self.tally.households, rows),
            "enterprises": self.spread.error_of(self.tally.enterprises, rows),
        }


def _items(figures: Figures, counted: Counted, by: str) -> tuple[FiguresOut, list[DivisionFiguresOut]]:
    coverage = figures.tally.coverage
    top, *_ = coverage.tree.children[None]
    codes = sorted(code for code, one in coverage.divisions.items() if one.level == by)
    found = figures.of([top, *codes])
    items = [
        DivisionFiguresOut(
            code=code,
            name=coverage.divisions[code].name,
            figures=FiguresOut(**found[code]),
            error=counted.errors(figures.tally.rows_of(code).tolist()),
        )
        for code in codes
    ]
    return FiguresOut(**found[top]), items
