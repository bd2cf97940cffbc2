"""Which series are judged, which categories are left out, and what the last year says of the judgement. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geo.errors import ErrorKind, MaplebridgeError
from geo.rises import DAYS, LISTED, SPANS, WEEKS_OF_LEVEL, Counts, Judgement, judge

Answer = Literal["real", "explained", "chance"]
Reason = Literal["past_too_short", "source_silent", "year_not_held"]

WEEKS_KEPT = 3 * WEEKS_OF_LEVEL
LEAST_WEEKS = WEEKS_OF_LEVEL + max(SPANS)
SCANNED_DAYS = 182
"""Days of a place that the search for clusters compares its last month with."""
LINE, MOST_ABOVE = 0.01, 0.02
"""Chance puts one of a hundred weeks above the line; a category with two of a hundred in the last year is left out."""
SILENCE, OF_CATEGORY = 14.0, 0.1
"""A source is silent after a time in which it usually brings so many incidents; it silences the categories of which it
brings at least this share."""


class AlreadyAnswered(MaplebridgeError):
    """Somebody has answered the warning. `params`: `answerer`."""

    code = "early_warning.answered"
    kind = ErrorKind.CONFLICT


@dataclass(frozen=True, slots=True)
class DayCount:
    """Incidents of a category in a division on a day."""

    category: str
    path: str
    day: date
    n: int


@dataclass(frozen=True, slots=True)
class SourceShare:
    """How many incidents of a category a source brought in the last year, and the last day on which it brought any."""

    source: str
    category: str
    n: int
    last: date


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A category that is not judged this week, and why. `params` are the reason's figures or names."""

    category: str
    reason: Reason
    params: Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Series:
    """Counts by day, one row for each category in each division; they end with the Sunday `last`."""

    categories: Sequence[str]
    paths: Sequence[str]
    counts: Counts
    last: date

    @property
    def days(self) -> list[date]:
        return [self.last - timedelta(days=back) for back in reversed(range(self.counts.shape[1]))]

    @property
    def weeks(self) -> int:
        return int(self.counts.shape[1]) // DAYS

    def kinds(self) -> NDArray[np.int64]:
        """A small number for each row's category."""
        return np.asarray(np.unique(list(self.categories), return_inverse=True)[1], dtype=np.int64)

    def without(self, categories: set[str]) -> "Series":
        kept = [row for row, category in enumerate(self.categories) if category not in categories]
        return Series(
            [self.categories[row] for row in kept], [self.paths[row] for row in kept], self.counts[kept], self.last
        )


@dataclass(frozen=True, slots=True)
class Rise:
    """A series that stands out in the weeks up to now; the span of one or two weeks is the one that does so most."""

    category: str
    path: str
    weeks: int
    count: int
    expected: float
    told_from: int
    q: float
    told: bool


@dataclass(frozen=True, slots=True)
class Week:
    """What one judging of all series found."""

    rises: Sequence[Rise]
    left_out: Sequence[LeftOut]
    series: int
    tried: int


def last_sunday(today: date) -> date:
    """The end of the last whole week before `today`."""
    return today - timedelta(days=today.weekday() + 1)


def first_monday(earliest: date | None, last: date) -> date | None:
    """The first day of the series that end with `last`: not before the first whole week since the earliest incident, so
    that weeks before the record began do not count as quiet ones. None without a whole week.
    """
    if earliest is None:
        return None
    monday = earliest + timedelta(days=-earliest.weekday() % 7)
    monday = max(monday, last + timedelta(days=1) - timedelta(weeks=WEEKS_KEPT))
    return monday if monday < last else None


def series_of(rows: Sequence[DayCount], *, depth: int, first: date, last: date) -> Series:
    """Spread counts over the calendar, zeros written, for each category in the root and in every division down to
    `depth` labels of the path in which it ever occurred.
    """
    found: dict[tuple[str, str], NDArray[np.int64]] = {}
    length = (last - first).days + 1
    for row in rows:
        labels = row.path.split(".")
        for many in range(1, min(depth, len(labels)) + 1):
            key = (row.category, ".".join(labels[:many]))
            if key not in found:
                found[key] = np.zeros(length, dtype=np.int64)
            found[key][(row.day - first).days] += row.n
    keys = sorted(found)
    counts = np.stack([found[key] for key in keys]) if keys else np.zeros((0, length), dtype=np.int64)
    return Series([category for category, _ in keys], [path for _, path in keys], counts, last)


def silent(shares: Sequence[SourceShare], *, last: date) -> dict[str, LeftOut]:
    """The categories whose sources have fallen silent by `last`: what they count now says nothing."""
    by_source: dict[str, list[SourceShare]] = {}
    of_category: dict[str, int] = {}
    for share in shares:
        by_source.setdefault(share.source, []).append(share)
        of_category[share.category] = of_category.get(share.category, 0) + share.n
    left: dict[str, LeftOut] = {}
    for source, brought in by_source.items():
        latest = max(share.last for share in brought)
        usual = sum(share.n for share in brought) / (WEEKS_OF_LEVEL * DAYS) * (last - latest).days
        if usual < SILENCE:
            continue
        for share in brought:
            if share.n >= OF_CATEGORY * of_category[share.category]:
                params = {"source": source, "since": latest.isoformat()}
                left[share.category] = LeftOut(share.category, "source_silent", params)
    return left


def judge_week(series: Series, *, working: NDArray[np.bool_], left_out: Mapping[str, LeftOut]) -> Week:
    """Judge the last week of all series. `working` says of each day whether it is worked.

    A category is left out for the reasons given, and where weeks of the last year stood above the line twice as often
    as chance puts them there. Without a series nothing is judged.
    """
    everything = sorted({*series.categories})
    if not everything:
        return Week((), sorted(left_out.values(), key=_by_category), 0, 0)
    if series.weeks < LEAST_WEEKS:
        params = {"weeks": series.weeks, "needed": LEAST_WEEKS}
        return Week((), [LeftOut(one, "past_too_short", params) for one in everything], 0, 0)
    left = dict(left_out)
    tried = min(WEEKS_OF_LEVEL, series.weeks - LEAST_WEEKS)
    left |= {one.category: one for one in _not_held(series, working, tried) if one.category not in left}
    kept = series.without(set(left))
    if not kept.categories:
        return Week((), sorted(left.values(), key=_by_category), 0, tried)
    found = judge(kept.counts, kinds=kept.kinds(), working=working)
    return Week(_rises(kept, found), sorted(left.values(), key=_by_category), len(kept.categories), tried)


def _by_category(one: LeftOut) -> str:
    return one.category


def _not_held(series: Series, working: NDArray[np.bool_], tried: int) -> list[LeftOut]:
    """Judge the weeks of the last year as this one is; return the categories that stood above the line too often."""
    names, kinds = np.unique(list(series.categories), return_inverse=True)
    above, all_weeks = np.zeros(len(names)), np.bincount(kinds) * tried
    for back in range(1, tried + 1):
        until = series.counts.shape[1] - back * DAYS
        p = judge(series.counts[:, :until], kinds=kinds, working=working[:until]).p[0]
        above += np.bincount(kinds, weights=p <= LINE, minlength=len(names))
    left = []
    for name, many, weeks in zip(names.tolist(), above.tolist(), all_weeks.tolist(), strict=True):
        if many >= max(MOST_ABOVE * weeks, 5):
            left.append(LeftOut(name, "year_not_held", {"above": int(many), "weeks": weeks, "chance": LINE}))
    return left


def _rises(series: Series, found: Judgement) -> list[Rise]:
    told_from = found.told_from()
    rises = []
    for row in np.flatnonzero((found.q <= LISTED).any(axis=0)).tolist():
        span = int(found.p[:, row].argmin())
        rises.append(
            Rise(
                category=series.categories[row],
                path=series.paths[row],
                weeks=SPANS[span],
                count=int(found.counts[span, row]),
                expected=float(found.expected[span, row]),
                told_from=int(told_from[span, row]),
                q=float(found.q[span, row]),
                told=bool(found.told[row]),
            )
        )
    return sorted(rises, key=lambda rise: (not rise.told, rise.q))
