"""Early warnings 预警 over HTTP: what is changing, the incidents behind each rise, and what became of it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.body_limits import STEP_BYTES
from api.http.etags import etag_of
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.early_warnings import (
    ChangesOut,
    ClusterOut,
    EarlyWarningOut,
    KindTrendOut,
    LeftOutOut,
    PeriodOut,
    WarningAnswerIn,
)
from api.http.wire.incidents import IncidentOut
from api.http.wire.shapes import Id, Page
from api.live.audiences import path_of
from api.services import Services
from console.board.queries import division_names
from console.early_warnings.actions import answer_warning
from console.early_warnings.queries import (
    TREND_DAYS,
    YEAR_DAYS,
    find_warning,
    incidents_of,
    last_judged,
    list_clusters,
    list_warnings,
    trends,
)
from console.early_warnings.rules import last_sunday
from console.early_warnings.tables import EarlyWarning
from console.incidents.events import body_of

router = APIRouter(route_class=TransactionRoute, prefix="/api/early-warnings", tags=["early warnings"])

PeriodName = Literal["now", "before", "year_ago"]


@router.get("")
async def read_changes(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    scope: Annotated[
        str | None, Query(pattern=r"^\w{1,32}$", description="A division's code; else the caller's own.")
    ] = None,
    weeks: Annotated[int, Query(ge=1, le=52, description="How many weeks back warnings are listed.")] = 4,
) -> ChangesOut:
    """Tell what is changing: rises of the last weeks with what was expected, clusters of the last month, and the kinds
    of incidents by how many there were.
    """
    path = actor.scope if scope is None else await path_of(session, scope, actor=actor, day=services.today())
    last = last_sunday(services.today())
    judged = await last_judged(session)
    found = await list_warnings(session, actor, scope=path, since=last - timedelta(weeks=weeks - 1))
    clusters = await list_clusters(session, actor, week_end=judged.week_end) if judged is not None else ()
    kinds = await trends(session, actor, scope=path, last=last, zone=services.pack.zone)
    return ChangesOut(
        scope=path.rpartition(".")[2],
        judged_until=None if judged is None else judged.week_end,
        series=0 if judged is None else judged.series,
        tried=0 if judged is None else judged.tried,
        warnings=await _answers(session, found),
        left_out=[] if judged is None else [LeftOutOut.of(row) for row in judged.left_out],
        clusters=[ClusterOut.of(one) for one in clusters],
        kinds=[KindTrendOut.of(kind) for kind in kinds],
        periods=_periods(services, last),
    )


@router.get("/{warning_id}/incidents")
async def list_behind(
    warning_id: Id, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> Page[IncidentOut]:
    """List the incidents that a warning counted, the latest first."""
    warning = await find_warning(session, warning_id)
    found = await incidents_of(session, actor, warning, zone=services.pack.zone)
    return Page[IncidentOut](items=[IncidentOut(**body_of(incident)) for incident in found], next=None)


@router.post("/{warning_id}/answer", max_body_size=STEP_BYTES)
async def answer(
    warning_id: Id,
    body: WarningAnswerIn,
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    response: Response,
) -> EarlyWarningOut:
    """Say what became of a warning. 409 `early_warning.answered` if somebody has."""
    warning = await answer_warning(session, actor, warning_id, answer=body.answer, note=body.note, now=services.now())
    response.headers["ETag"] = etag_of(warning.version)
    return (await _answers(session, [warning]))[0]


async def _answers(session: AsyncSession, found: Sequence[EarlyWarning]) -> list[EarlyWarningOut]:
    names = dict(await division_names(session, [warning.division_path for warning in found]))
    return [EarlyWarningOut.of(warning, names) for warning in found]


def _periods(services: Services, last: date) -> dict[PeriodName, PeriodOut]:
    lasts: dict[PeriodName, date] = {
        "now": last,
        "before": last - timedelta(days=TREND_DAYS),
        "year_ago": last - timedelta(days=YEAR_DAYS),
    }
    return {name: _period(services, until) for name, until in lasts.items()}


def _period(services: Services, last: date) -> PeriodOut:
    days = [last - timedelta(days=back) for back in range(TREND_DAYS)]
    worked = sum(services.pack.times.calendar.kind(day).is_worked for day in days)
    return PeriodOut(first=days[-1], last=last, worked=worked)
