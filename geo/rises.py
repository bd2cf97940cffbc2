"""Rises of counts above their own past: what a week had, what its past lets expect, and whether chance does as much.

Each series is judged by itself: incidents of one category in one division, by day. What is expected comes from its
level of the last year, from the working days and days off of the weeks that are judged, and from the season of its
kind, which all series of the kind share. Chance is negative binomial: as wide as the past weeks were, and wider the
less is known of the level, as in Noufaily and others (2013, *Statistics in Medicine* 32: 1206–1222) after Farrington
and others (1996, *JRSS A* 159: 547–563). Weeks whose counts hang together are met by measuring the width of two weeks
by itself, and a width that is not known for certain by the tail of Student's t instead of the normal one. Many series
are judged each week, over one week and over two: q corrects for all of them (Benjamini & Hochberg 1995).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, ndtri, stdtr

from geo.statistics import Floats, false_discovery

DAYS, WEEKS_OF_LEVEL, WEEKS_OF_SEASON = 7, 52, 104
SPANS = (1, 2)
"""Weeks that are judged together. A rise too small for one week may be plain over two."""
PRIOR_COUNT = 0.5
PRIOR_WINDOWS = 52
"""How many windows of its own make a series' width as heavy as that of its kind."""
TAIL = 15
"""Degrees of freedom where the width is all above chance: far out, counts are less rare than a known width says."""
FEWEST = 5
"""Fewer incidents than this are told by no warning."""
LISTED = 0.1
"""Greatest q of the week's list: of those on it, at most one of ten is there by chance, over many weeks."""
FALSE_YEARS = 0.05
"""Share of years in which, with nothing but chance in the counts, anything at all is told."""

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the weeks up to a day had against their past. Arrays have shape (spans, series): of 1 and of 2 weeks.

    `told` holds the series that are told now, by either span; `spread` is the variance that chance gives.
    """

    counts: Counts
    expected: Floats
    p: Floats
    q: Floats
    spread: Floats
    told: NDArray[np.bool_]
    limit: float

    def told_from(self) -> Counts:
        """The least count of each that would be told, were nothing else in the list; shape (spans, series)."""
        low = np.full(self.expected.shape, FEWEST, dtype=np.int64)
        high = (low + 20 * self.expected + 100).astype(np.int64)
        while (low < high).any():
            middle = (low + high) // 2
            tells = _tail(middle, self.expected, self.spread) * self.p.size <= self.limit
            low, high = np.where(tells, low, middle + 1), np.where(tells, middle, high)
        return low


def weekly_limit(false_years: float = FALSE_YEARS) -> float:
    """The q below which a week tells, so that by chance alone at most `false_years` of the years tell anything."""
    return float(1 - (1 - false_years) ** (1 / 52))


def judge(counts: ArrayLike, *, kinds: ArrayLike, working: ArrayLike, false_years: float = FALSE_YEARS) -> Judgement:
    """Judge the last week and the last two of each series.

    `counts` has shape (series, days) and ends with the last whole day; days before the first whole week are left out.
    `kinds`, a number from 0 on for each series, none left out, says which of them share season, days off and width.
    `working`, one flag a day, says which days are worked. Raises ValueError with less than a year and two weeks of
    days.
    """
    days = np.asarray(counts, dtype=np.int64)
    of_kind = np.asarray(kinds, dtype=np.int64)
    weeks = days.shape[1] // DAYS
    if weeks < WEEKS_OF_LEVEL + max(SPANS):
        raise ValueError(f"{weeks} weeks are too few: {WEEKS_OF_LEVEL + max(SPANS)} are needed")
    days = days[:, days.shape[1] - weeks * DAYS :]
    by_week = days.reshape(len(days), weeks, DAYS).sum(axis=2)
    weights = _weights(days, of_kind, np.asarray(working, dtype=bool)[-weeks * DAYS :])[of_kind]
    return _judge(by_week, weights, of_kind, weekly_limit(false_years))


def _judge(by_week: Counts, weights: Floats, kinds: Counts, limit: float) -> Judgement:
    past = slice(-WEEKS_OF_LEVEL - max(SPANS), -max(SPANS))
    known, exposed = by_week[:, past], weights[:, past]
    level = (known.sum(axis=1) + PRIOR_COUNT) / exposed.sum(axis=1)
    widths = [_width(known, level[:, None] * exposed, kinds, span) for span in SPANS]
    unsure = widths[-1] / (known.sum(axis=1) + PRIOR_COUNT)
    had = np.stack([by_week[:, -span:].sum(axis=1) for span in SPANS])
    expected = np.stack([level * weights[:, -span:].sum(axis=1) for span in SPANS])
    spread = np.stack([width * m + unsure * m**2 for width, m in zip(widths, expected, strict=True)])
    p = np.ones(had.shape)
    some = had >= FEWEST
    p[some] = _tail(had[some], expected[some], spread[some])
    q = false_discovery(p.ravel()).reshape(p.shape)
    return Judgement(had, expected, p, q, spread, np.asarray((q <= limit).any(axis=0)), limit)


def _negative_binomial(mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    share = mean / np.maximum(variance, mean * 1.000001)
    return mean * share / (1 - share), share


def _tail(counts: Counts, mean: Floats, variance: Floats) -> Floats:
    """P(X ≥ count) by the incomplete beta function, exact far into the tail, made heavier the wider it is."""
    size, share = _negative_binomial(mean, variance)
    excess = 1 - mean / np.maximum(variance, mean * 1.000001)
    return np.asarray(stdtr(TAIL / excess, ndtri(betainc(counts, size, 1 - share))))


def _width(counts: Counts, expected: Floats, kinds: Counts, span: int) -> Floats:
    """Variance of the windows of `span` weeks over their mean, at least 1: each series' own, drawn to its kind's."""
    windows = counts.shape[1] // span
    squares = (_windows(counts, span) - _windows(expected, span)) ** 2
    own = (squares / np.maximum(_windows(expected, span), 0.05)).sum(axis=1) / (windows - 1)
    kinds_sum = np.bincount(kinds, weights=squares.sum(axis=1))
    kinds_mean = np.bincount(kinds, weights=_windows(expected, span).sum(axis=1))
    common = (kinds_sum / np.maximum(kinds_mean, 0.05) * windows / (windows - 1))[kinds]
    drawn = (windows * own + PRIOR_WINDOWS * common) / (windows + PRIOR_WINDOWS)
    return np.asarray(np.maximum(drawn, 1.0))


def _windows(values: NDArray[np.generic], span: int) -> Floats:
    kept = values.shape[1] // span * span
    apart = values[:, -kept:].astype(np.float64).reshape(len(values), kept // span, span)
    return np.asarray(apart.sum(axis=2))


def _weights(days: Counts, kinds: Counts, working: NDArray[np.bool_]) -> Floats:
    """How much each week weighs for each kind, by its days off and its season; shape (kinds, weeks), 1 on average."""
    order = np.argsort(kinds, kind="stable")
    of_kind = np.add.reduceat(days[order], np.searchsorted(kinds[order], np.arange(kinds.max() + 1)), axis=0)
    before = slice(0, -max(SPANS) * DAYS)
    daily = np.where(working, *(_mean(of_kind[:, before], flag[before])[:, None] for flag in (working, ~working)))
    weeks = days.shape[1] // DAYS
    by_days = daily.reshape(len(of_kind), weeks, DAYS).sum(axis=2)
    by_days /= by_days.mean(axis=1, keepdims=True)
    return np.asarray(by_days * _seasons(of_kind.reshape(len(of_kind), weeks, DAYS).sum(axis=2), by_days))


def _mean(counts: Counts, chosen: NDArray[np.bool_]) -> Floats:
    """Counts a day over the chosen days, drawn to those of all days, as heavy as two of them."""
    everywhere = (counts.sum(axis=1) + PRIOR_COUNT) / counts.shape[1]
    return np.asarray((counts[:, chosen].sum(axis=1) + 2 * everywhere) / (chosen.sum() + 2))


def _seasons(counts: Counts, by_days: Floats) -> Floats:
    """Each week's share of its kind's season: two waves a year beside a line, fitted to past weeks; 1 with less than
    two years.
    """
    weeks = counts.shape[1]
    if weeks < WEEKS_OF_SEASON + max(SPANS):
        return np.ones_like(counts)
    turn = 2 * np.pi * DAYS * np.arange(weeks) / 365.2425
    waves = np.stack([wave(k * turn) for k in (1, 2) for wave in (np.sin, np.cos)], axis=1)
    along = np.stack([np.ones(weeks), np.linspace(-1, 1, weeks)], axis=1)
    design = np.hstack([along, waves])
    past = slice(0, -max(SPANS))
    heights = _fit(design[past], counts[:, past], by_days[:, past])[:, along.shape[1] :]
    return np.asarray(np.exp(heights @ waves.T))


def _fit(design: Floats, counts: Counts, weights: Floats) -> Floats:
    """Fit log-linear Poisson counts, row by row, by iterated weighted least squares; shape (rows, terms).

    All terms but the first two are held towards 0, as by ten incidents.
    """
    held = np.array([1e-9, 1e-9] + [10.0] * (design.shape[1] - 2))
    beta = np.zeros((len(counts), design.shape[1]))
    beta[:, 0] = np.log((counts.sum(axis=1) + PRIOR_COUNT) / weights.sum(axis=1))
    for _ in range(6):
        mean = np.exp(np.clip(beta @ design.T, -30, 30)) * weights
        curve = np.einsum("kw,wi,wj->kij", mean, design, design, optimize=True) + np.diag(held)
        beta = beta + np.linalg.solve(curve, ((counts - mean) @ design - held * beta)[..., None])[..., 0]
    return beta
