"""The board 督办 over HTTP: figures of running cases, the cases behind each, and circulars 通报."""

from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.board_answers import CellAnswers, board_case
from api.http.body_limits import STEP_BYTES
from api.http.routers.cases import CODE, casework_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.board import (
    BoardOut,
    BoardPage,
    BoardTrendOut,
    BoardWeekOut,
    CircularIn,
    CircularOut,
    CircularsOut,
)
from api.live.audiences import path_of
from api.services import Services
from console.access.rules import Actor
from console.board.actions import circulate
from console.board.queries import BoardFilter, count_all, count_cases, division_names, list_board
from console.board.rules import By, ClockKind, Standing, total_of
from console.board.trend import WeekOf, count_closed, list_closed

router = APIRouter(route_class=TransactionRoute, prefix="/api/board", tags=["board"])

ScopeQuery = Annotated[
    str | None, Query(pattern=r"^\w{1,32}$", description="A division's code; else the caller's own.")
]
AskedStanding = Literal["late", "near", "paused", "in_time", "open"]


async def _path(session: AsyncSession, actor: Actor, services: Services, scope: str | None) -> str:
    return actor.scope if scope is None else await path_of(session, scope, actor=actor, day=services.today())


@router.get("")
async def read_board(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    scope: ScopeQuery = None,
    by: Annotated[By, Query(description="What the figures are counted by.")] = "unit",
) -> BoardOut:
    """Count running cases near their limit, over it, paused and in time, by unit, level, stage or division.

    Each figure names the list of its cases. By division, the next divisions below the scope are counted. By unit, a
    case counts under the one that has it and under each that is called to help; in the total, once.
    """
    work, now = casework_of(services), services.now()
    path = await _path(session, actor, services, scope)
    chosen = BoardFilter(scope=path, day=services.today())
    cells = await count_cases(session, actor, chosen, by=by, now=now)
    counted_twice = any(cell.called for cell in cells)
    total = await count_all(session, actor, chosen, now=now) if counted_twice else total_of(cells)
    keys = [cell.key for cell in cells if cell.key is not None]
    names = {}
    if by == "unit":
        names = dict(await work.register.names(session, keys, now=now))
    elif by == "division":
        names = dict(await division_names(session, keys))
    code = path.rpartition(".")[2]
    answers = CellAnswers(code, by, names)
    return BoardOut(
        at=now, scope=code, by=by, total=answers.answer(total), items=[answers.answer(one) for one in cells]
    )


@router.get("/late")
async def list_late(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    scope: ScopeQuery = None,
    standing: Annotated[AskedStanding, Query(description="How they stand to their limits; `open`: all.")] = "late",
    unit: Annotated[
        str | None, Query(max_length=100, description="The code of a unit that has the case, or is called to help.")
    ] = None,
    level: Annotated[str | None, Query(pattern=CODE)] = None,
    stage: Annotated[str | None, Query(pattern=CODE)] = None,
    clock: Annotated[
        ClockKind | None, Query(description="Only clocks that a law sets, or only the place's own.")
    ] = None,
    only: Annotated[bool, Query(description="Cases of the scope itself, not of divisions below it.")] = False,
    run_out: Annotated[bool, Query(description="Only paused cases that were expected to go on by today.")] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: str | None = None,
) -> BoardPage:
    """List the running cases behind a figure of the board, the first due first; late ones unless asked otherwise."""
    work, now = casework_of(services), services.now()
    chosen = BoardFilter(
        scope=await _path(session, actor, services, scope),
        standing=None if standing == "open" else Standing(standing),
        unit=unit,
        level=level,
        stage=stage,
        clock=clock,
        only=only,
        run_out=run_out,
        day=services.today(),
    )
    found, following = await list_board(session, actor, chosen, limit=limit, cursor=cursor, now=now)
    units = {one.case.unit for one in found} | {one.limit_unit for one in found if one.limit_unit}
    names = await work.register.names(session, units, now=now)
    return BoardPage(items=[board_case(one, names) for one in found], at=now, next=following)


@router.get("/trend")
async def read_trend(
    session: CurrentSession, actor: CurrentActor, services: CurrentServices, scope: ScopeQuery = None
) -> BoardTrendOut:
    """Count the cases that closed in each of the last twelve weeks, and those of them that closed on time."""
    now = services.now()
    path = await _path(session, actor, services, scope)
    weeks = await count_closed(session, actor, scope=path, zone=services.pack.zone, now=now)
    code = path.rpartition(".")[2]
    return BoardTrendOut(
        at=now,
        scope=code,
        weeks=[
            BoardWeekOut(
                monday=one.first,
                closed=one.closed,
                on_time=one.on_time,
                cases=f"/api/board/closed?{urlencode({'scope': code, 'monday': one.first})}",
                goes_on=one is weeks[-1],
            )
            for one in weeks
        ],
    )


@router.get("/closed")
async def list_closed_cases(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    monday: Annotated[date, Query(description="The local Monday on which the week began.")],
    scope: ScopeQuery = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: str | None = None,
) -> BoardPage:
    """List the cases behind a week of the trend: those that closed with a limit running, the late ones first."""
    work, now = casework_of(services), services.now()
    week = WeekOf(monday, await _path(session, actor, services, scope), services.pack.zone)
    found, following = await list_closed(session, actor, week, limit=limit, cursor=cursor)
    names = await work.register.names(session, {one.case.unit for one in found}, now=now)
    return BoardPage(items=[board_case(one, names) for one in found], at=now, next=following)


@router.post("/circulars", max_body_size=STEP_BYTES)
async def give_circulars(
    body: CircularIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> CircularsOut:
    """Circulate cases: a notice for each unit that has some, to it and to the centre above, and an entry in each case.

    All of it or nothing. 409 `case.move` for a case that the caller may not circulate; `incident` says which.
    """
    work, now = casework_of(services), services.now()
    given = await circulate(session, work, actor, body.incidents, note=body.note, now=now)
    names = await work.register.names(session, {one.unit for one in given}, now=now)
    return CircularsOut(
        items=[
            CircularOut(
                unit=one.unit, unit_name=names.get(one.unit, one.unit), to=[*one.to], incidents=[*one.incidents]
            )
            for one in given
        ]
    )
