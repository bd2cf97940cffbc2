"""JSON of early warnings."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from api.http.wire.shapes import In, Out
from console.early_warnings.queries import KindTrend
from console.early_warnings.rules import Answer
from console.early_warnings.tables import EarlyWarning, SpaceTimeCluster
from geo.cells import centre, to_hex

Cases = Annotated[str, Field(description="Where the incidents behind the figure are listed.")]


class EarlyWarningOut(Out):
    """A rise of a category in a division over the `weeks` that end with the Sunday `week_end`.

    Its past lets `expected` be expected; from `told_from` on it would be told by itself. `told`: by chance alone
    anything at all is told in one year of twenty; for the rest of a week's list, `q` is the share of the list up to it
    that is there by chance. `answer` is what its owner found: real, explained by something known, or chance.
    """

    id: int
    week_end: date
    category: str
    division: str
    division_name: str
    weeks: int
    count: int
    expected: float
    told_from: int
    q: float
    told: bool
    answer: Answer | None
    note: str | None
    answered_at: datetime | None
    answerer: str | None
    version: int
    cases: Cases

    @classmethod
    def of(cls, warning: EarlyWarning, names: dict[str, str]) -> Self:
        code = warning.division_path.rpartition(".")[2]
        return cls(
            id=warning.id,
            week_end=warning.week_end,
            category=warning.category,
            division=code,
            division_name=names.get(warning.division_path, code),
            weeks=warning.weeks,
            count=warning.count,
            expected=round(warning.expected, 1),
            told_from=warning.told_from,
            q=round(warning.q, 6),
            told=warning.told,
            answer=warning.answer,
            note=warning.note,
            answered_at=warning.answered_at,
            answerer=warning.answerer,
            version=warning.version,
            cases=f"/api/early-warnings/{warning.id}/incidents",
        )


class LeftOutOut(Out):
    """A category that was not judged: its past is too short, a source of it is silent, or the last year did not hold
    to what was expected of it.
    """

    category: str
    reason: Literal["past_too_short", "source_silent", "year_not_held"]
    params: dict[str, Any]

    @classmethod
    def of(cls, row: dict[str, Any]) -> Self:
        return cls(**row)


class KindTrendOut(Out):
    """Incidents of a category in the last 28 days, the 28 before them, and the same 28 a year ago."""

    category: str
    now: int
    before: int
    year_ago: int

    @classmethod
    def of(cls, kind: KindTrend) -> Self:
        return cls(category=kind.category, now=kind.now, before=kind.before, year_ago=kind.year_ago)


class PeriodOut(Out):
    """Days of a period, and how many of them are worked: a week of holidays is compared with care."""

    first: date
    last: date
    worked: int


class ClusterOut(Out):
    """A circle of H3 cells where more has occurred in the last `days` than place and time by themselves explain; `p` is
    how often chance makes one as high anywhere. `category` is null for all categories together.
    """

    category: str | None
    cells: list[str]
    centre: tuple[float, float] = Field(description="Longitude and latitude in degrees, WGS-84.")
    radius_m: float
    days: int
    count: int
    expected: float
    p: float

    @classmethod
    def of(cls, cluster: SpaceTimeCluster) -> Self:
        lon, lat = centre(cluster.cells[0])
        return cls(
            category=cluster.category,
            cells=[to_hex(cell) for cell in cluster.cells],
            centre=(round(lon, 6), round(lat, 6)),
            radius_m=round(cluster.radius_m),
            days=cluster.days,
            count=cluster.count,
            expected=round(cluster.expected, 1),
            p=round(cluster.p, 4),
        )


class ChangesOut(Out):
    """What is changing in a division. `judged_until` is the last Sunday judged, null before the first; `series` is how
    many categories in divisions were judged, and `tried` by how many weeks of the last year that was tried: all of the
    whole county, as `left_out` is. `clusters` are told to callers of the whole county only.
    """

    scope: str
    judged_until: date | None
    series: int
    tried: int
    warnings: list[EarlyWarningOut]
    left_out: list[LeftOutOut]
    clusters: list[ClusterOut]
    kinds: list[KindTrendOut]
    periods: dict[Literal["now", "before", "year_ago"], PeriodOut]


class WarningAnswerIn(In):
    """What became of an early warning."""

    answer: Answer
    note: Annotated[str, Field(min_length=1, max_length=500)]
