"""Indicators 指标 over HTTP: what they are, their figures by part, and the cases behind each figure."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.case_answers import case_item
from api.http.indicator_answers import IndicatorAnswers, worked_days
from api.http.indicator_file import WIDTHS, page_of, printed, table_of
from api.http.language import Lang
from api.http.list_file import MEDIA_TYPES, answer_of
from api.http.routers.cases import casework_of
from api.http.transactions import (
    READ_SECONDS,
    CurrentActor,
    CurrentServices,
    CurrentSession,
    SignedInRoute,
    TransactionRoute,
)
from api.http.wire.indicators import DividedIndicatorOut, IndicatorCasesPage, IndicatorGroupOut, IndicatorListOut
from api.http.wire.shapes import Day
from api.live.audiences import path_of
from api.services import Services
from console.access.rules import Actor, Permission
from console.board.queries import division_names
from console.indicators.counting import Ground
from console.indicators.queries import Behind, count_parts, list_behind, only, record_begins
from console.indicators.rules import PLACES, By, Span, months_until, span_before, span_of, year_before
from console.indicators.spans import Asked, count_spans
from console.indicators.terms import Indicator
from geo.errors import NotFound
from layers.divisions.queries import boundary_day

router = APIRouter(route_class=TransactionRoute, prefix="/api/indicators", tags=["indicators"])
files = APIRouter(route_class=SignedInRoute, tags=["indicators"])

First = Annotated[Day | None, Query(alias="from", description="The first day; 1 January of the last day's year.")]
Last = Annotated[Day | None, Query(alias="to", description="The last day; today by default.")]
Scope = Annotated[str | None, Query(pattern=r"^\w{1,32}$", description="A division's code; else the caller's own.")]
Lines = Annotated[Day | None, Query(description="On the lines of that day; by default where each case was recorded.")]
FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            **MEDIA_TYPES,
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
        }
    }
}
Code = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_.]{1,100}$")]


def spans_of(span: Span) -> list[Span]:
    """Return the spans that an indicator is shown in: asked for, the year before, just before, and the months."""
    return [span, year_before(span), span_before(span), *months_until(span)]


def _indicator(services: Services, code: str) -> Indicator:
    """Return the indicator of that code. Raises `NotFound`."""
    found = services.pack.indicators.by_code.get(code)
    if found is None:
        raise NotFound
    return found


async def _path(session: AsyncSession, actor: Actor, services: Services, scope: str | None) -> str:
    return actor.scope if scope is None else await path_of(session, scope, actor=actor, day=services.today())


async def _ground(session: AsyncSession, path: str, lines: date | None, *, own: bool = False) -> Ground:
    return Ground(path, only=own, lines=None if lines is None else await boundary_day(session, path, lines))


@router.get("")
async def list_indicators(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    first: First = None,
    last: Last = None,
    scope: Scope = None,
    lines: Lines = None,
) -> IndicatorListOut:
    """Read all indicators of the place in some days, each with the address of its cases.

    Against the same days of the year before, as many days just before, and by month. 422 `indicator.span` for days in
    the wrong order, or more than ten years.
    """
    span = span_of(first, last, today=services.today(), zone=services.pack.zone)
    path = await _path(session, actor, services, scope)
    return await all_of(session, actor, services, span, path=path, lines=lines)


async def all_of(
    session: AsyncSession, actor: Actor, services: Services, span: Span, *, path: str, lines: date | None
) -> IndicatorListOut:
    """Return all indicators of a division, by its path."""
    terms, pack = services.pack.indicators, services.pack
    spans = spans_of(span)
    found = await count_spans(session, actor, Asked(terms.indicators, await _ground(session, path, lines), spans))
    code = path.rpartition(".")[2]
    worked, begins = worked_days(pack.times.calendar, spans), await record_begins(session)
    answers = IndicatorAnswers(code, span, lines, terms.version, worked, begins)
    return IndicatorListOut(
        at=services.now(),
        scope=code,
        version=terms.version,
        groups=[IndicatorGroupOut.model_validate(one) for one in terms.groups],
        items=[answers.answer(one, found[one.code], spans) for one in terms.indicators],
    )


@files.get("/api/indicators/export", response_class=Response, responses=FILE)
async def read_indicators_file(
    actor: CurrentActor,
    services: CurrentServices,
    first: First = None,
    last: Last = None,
    scope: Scope = None,
    lines: Lines = None,
    format_: Annotated[Literal["xlsx", "csv", "pdf"], Query(alias="format")] = "xlsx",
    lang: Annotated[Lang, Query(description="Of heads and words.")] = "zh",
) -> Response:
    """Export all indicators in some days: a table with a row for each, or a page to print."""
    actor.require(Permission.READ_INCIDENTS)
    span = span_of(first, last, today=services.today(), zone=services.pack.zone)
    async with services.store.transaction(actor.reach, statement_seconds=READ_SECONDS) as session:
        path = await _path(session, actor, services, scope)
        found = await all_of(session, actor, services, span, path=path, lines=lines)
        names = await division_names(session, [path])
    name = f"indicators-{found.scope}-{span.first}-{span.last}"
    if format_ != "pdf":
        return await answer_of(table_of(found, lang), format_, name=name, widths=WIDTHS)
    sheet = page_of(found, services.pack, place=names.get(path, found.scope), lang=lang)
    async with services.costly_reads.turn(actor.user_id):
        content = await printed(sheet, services.settings)
    headers = {
        "Content-Disposition": f'attachment; filename="maplebridge-{name}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type="application/pdf", headers=headers)


@router.get("/{code}")
async def read_indicator(
    code: str,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    first: First = None,
    last: Last = None,
    by: Annotated[By | None, Query(description="What to divide it by; not at all by default.")] = None,
    scope: Scope = None,
    lines: Lines = None,
) -> DividedIndicatorOut:
    """Read an indicator, divided by the next divisions below the scope, by all grids in it, by level, unit, category
    or source.

    The numerators and denominators of the parts add up to those of the whole; medians do not. Cases of the scope
    itself, of no division below it, are a part of their own. Grids stand in the order of their codes.
    """
    one, pack, now = _indicator(services, code), services.pack, services.now()
    span = span_of(first, last, today=services.today(), zone=pack.zone)
    path = await _path(session, actor, services, scope)
    spans, ground = spans_of(span), await _ground(session, path, lines)
    figures = (await count_spans(session, actor, Asked([one], ground, spans)))[one.code]
    scope_code = path.rpartition(".")[2]
    worked, begins = worked_days(pack.times.calendar, spans), await record_begins(session)
    answers = IndicatorAnswers(scope_code, span, lines, pack.indicators.version, worked, begins)
    parts = None
    if by is not None:
        depth = path.count(".") + 2 if by == "division" else max(path.count(".") + 1, pack.root.depth_of_grids)
        found = await count_parts(session, actor, one, ground, span, by=by, depth=depth)
        names: dict[str, str] = {}
        if by == "unit":
            names = dict(await casework_of(services).register.names(session, [*found], now=now))
        elif by in PLACES:
            names = dict(await division_names(session, [*found]))
        parts = answers.parts(one, by, found, names, depth=depth)
    whole = answers.answer(one, figures, spans)
    return DividedIndicatorOut(**whole.model_dump(), at=now, scope=scope_code, by=by, lines=lines, parts=parts)


@router.get("/{code}/cases")
async def list_indicator_cases(
    code: str,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    first: First = None,
    last: Last = None,
    scope: Scope = None,
    own: Annotated[bool, Query(alias="only", description="Cases of the scope itself, not of those below it.")] = False,
    level: Code = None,
    unit: Code = None,
    category: Code = None,
    source: Code = None,
    lines: Lines = None,
    counted: Annotated[bool, Query(description="Those that count; false: all that the indicator is of.")] = True,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: str | None = None,
) -> IndicatorCasesPage:
    """List the cases behind a figure of an indicator, the newest first: as many as the figure says."""
    one = _indicator(services, code)
    span = span_of(first, last, today=services.today(), zone=services.pack.zone)
    ground = await _ground(session, await _path(session, actor, services, scope), lines, own=own)
    chosen: dict[By, str | None] = {"level": level, "unit": unit, "category": category, "source": source}
    clauses = tuple(only(by, key) for by, key in chosen.items() if key is not None)
    behind = Behind(one, Ground(ground.scope, only=own, lines=ground.lines, clauses=clauses), span, counted=counted)
    found, following = await list_behind(session, actor, behind, limit=limit, cursor=cursor)
    return IndicatorCasesPage(items=[case_item(case, incident) for case, incident in found], next=following)
