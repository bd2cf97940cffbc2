"""Measure hotspots against the simplest forecast there is: the cells that had most incidents in the last four weeks.

Both name equally many cells at the end of a week; what counts is how many incidents of the following week lie in them.
Hit rate and PAI (hit rate ÷ share of the area) after Chainey, Tompson & Uhlig (2008, *Security Journal* 21: 4–28).
Pure.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geo.statistics import Floats, Neighbourhoods, binomial_tail
from layers.hotspots.rating import hot_cells
from layers.hotspots.rules import Span

WEEK = timedelta(weeks=1)
USUAL_WEEKS = 4
"""Weeks before a forecast whose busiest cells are the forecast that hotspots must beat."""
MEASURED_WEEKS = 12
BY_CHANCE = 0.05

Verdict = Literal["better", "not_better", "no_hotspots", "unknown"]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Incidents of the following weeks inside the cells that a forecast named. Rates are None without incidents."""

    hits: int
    hit_rate: float | None
    pai: float | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Hotspots and the usual cells, measured over the same weeks.

    `incidents` is how many occurred in those weeks, `cells` how many cells each forecast named over all of them,
    `area_share` their share of the area. `weeks` leaves out those without hotspots. `better` only where chance alone
    would do as much at most once in twenty times.
    """

    verdict: Verdict
    weeks: int
    incidents: int
    cells: int
    area_share: float | None
    hot: Forecast
    usual: Forecast


@dataclass(slots=True)
class _Tally:
    weeks: int = 0
    cells: int = 0
    incidents: float = 0.0
    hot: float = 0.0
    usual: float = 0.0
    only_hot: float = 0.0
    only_usual: float = 0.0

    def add(self, hot: NDArray[np.bool_], usual: NDArray[np.bool_], followed: Floats) -> None:
        self.weeks += 1
        self.cells += int(hot.sum())
        self.incidents += float(followed.sum())
        self.hot += float(followed[hot].sum())
        self.usual += float(followed[usual].sum())
        self.only_hot += float(followed[hot & ~usual].sum())
        self.only_usual += float(followed[usual & ~hot].sum())


def week_spans(end: datetime) -> list[Span]:
    """Return the weeks that are read, latest first; the latest ends at `end`."""
    return [Span(end - (i + 1) * WEEK, end - i * WEEK) for i in range(MEASURED_WEEKS + USUAL_WEEKS)]


def measure(weekly: Floats, *, known: int, neighbourhoods: Neighbourhoods, least_hot: int) -> Accuracy:
    """Measure every week that has four recorded weeks before it.

    `weekly` is cells × weeks, latest first; the first `known` of them lie wholly within the record.
    """
    tally, tried = _Tally(), min(MEASURED_WEEKS, known - USUAL_WEEKS)
    for week in range(tried):
        last = weekly[:, week + 1]
        hot = hot_cells(neighbourhoods.scan(last), last, least_hot=least_hot)
        if hot.any():
            usual = busiest(weekly[:, week + 1 : week + 1 + USUAL_WEEKS].sum(axis=1), most=int(hot.sum()))
            tally.add(hot, usual, weekly[:, week])
    return _accuracy_of(tally, tried=tried, cells=len(weekly))


def busiest(counts: Floats, *, most: int) -> NDArray[np.bool_]:
    """Mark the `most` cells with the highest counts. Of equal ones the first are taken."""
    marked = np.zeros(len(counts), dtype=np.bool_)
    marked[np.argsort(-counts, kind="stable")[:most]] = True
    return marked


def _accuracy_of(tally: _Tally, *, tried: int, cells: int) -> Accuracy:
    share = tally.cells / (tally.weeks * cells) if tally.weeks and cells else None
    return Accuracy(
        verdict=_verdict(tally, tried=tried),
        weeks=tally.weeks,
        incidents=int(tally.incidents),
        cells=tally.cells,
        area_share=share,
        hot=_forecast(tally.hot, tally.incidents, share),
        usual=_forecast(tally.usual, tally.incidents, share),
    )


def _forecast(hits: float, incidents: float, share: float | None) -> Forecast:
    rate = hits / incidents if incidents else None
    return Forecast(hits=int(hits), hit_rate=rate, pai=None if rate is None or not share else rate / share)


def _verdict(tally: _Tally, *, tried: int) -> Verdict:
    """A sign test on the incidents that only one of the forecasts hit."""
    if tried <= 0:
        return "unknown"
    if not tally.weeks or not tally.incidents:
        return "no_hotspots"
    differing = tally.only_hot + tally.only_usual
    by_chance = binomial_tail(np.array([tally.only_hot]), total=differing, share=np.array([0.5]))[0]
    return "better" if by_chance <= BY_CHANCE else "not_better"
