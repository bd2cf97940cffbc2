"""Space–time clusters: circles where more has occurred in the last weeks than place and time by themselves explain.

The space–time permutation scan of Kulldorff and others (2005, *PLoS Medicine* 2: e59): chance gives a circle its share
of the recent days by its share of the whole period, so a place that is always busy is no cluster, nor is a day on which
everything rose. Every circle about a place, over each span of days that ends now, is weighed by its likelihood ratio;
the highest is compared with the highest of replicates in which the days are dealt anew among the incidents. So one p
holds for all circles and spans together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import KDTree

from geo.statistics import Floats

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A circle of places over the last days. `places` are indices, nearest to the centre first; the radius is metres.

    `p` is the share of replicates, this map among them, whose highest cluster is as high.
    """

    places: tuple[int, ...]
    radius_m: float
    days: int
    count: int
    expected: float
    p: float


def clusters(
    counts: ArrayLike,
    positions: ArrayLike,
    *,
    spans: Sequence[int] = (7, 14, 21, 28),
    radius_m: float = 5_000.0,
    replicates: int = 999,
    seed: int = 0,
    by_chance: float = 0.05,
) -> tuple[Cluster, ...]:
    """Find clusters by p, the highest first, none of which shares a place with a higher one.

    `counts` has shape (places, days) and ends with the last whole day; `positions` (places, 2) are metres on a plane;
    `spans` are days, ascending, fewer than there are. A circle holds at most half of all incidents.
    """
    days = np.asarray(counts, dtype=np.int64)
    circles = _Circles(np.asarray(positions, dtype=np.float64), days.sum(axis=1), radius_m)
    ages = np.searchsorted(spans, np.arange(days.shape[1], 0, -1), side="left")
    recent = np.stack([days[:, ages == age].sum(axis=1) for age in range(len(spans) + 1)], axis=1)
    total = int(days.sum())
    if total == 0 or not recent[:, :-1].any():
        return ()
    ratios = _Ratios(circles, recent, total)
    found = ratios.of(recent)
    highest = _highest_by_chance(ratios, recent, days.sum(axis=1), float(found.max()), by_chance, replicates, seed)
    return tuple(_apart(circles, ratios, recent, found, highest, spans, by_chance))


def _highest_by_chance(
    ratios: "_Ratios", recent: Ints, held: Ints, found: float, by_chance: float, replicates: int, seed: int
) -> Floats:
    """The highest ratio of each replicate, ascending; fewer once so many are as high that p is above the limit."""
    draws = np.random.default_rng(seed)
    where = np.repeat(np.arange(len(recent)), held)
    age = np.repeat(np.arange(recent.shape[1]), recent.sum(axis=0))
    highest: list[float] = []
    as_high = 0
    while len(highest) < replicates and as_high < by_chance * (replicates + 1):
        highest.append(float(ratios.of(_dealt(where, draws.permutation(age), recent.shape)).max()))
        as_high += highest[-1] >= found
    return np.sort(highest)


def _dealt(where: Ints, age: Ints, shape: tuple[int, ...]) -> Ints:
    return np.bincount(where * shape[1] + age, minlength=shape[0] * shape[1]).reshape(shape)


class _Circles:
    """Circles about each place, out to the places within a radius: `order` (places, most) pads with the last of all."""

    def __init__(self, positions: Floats, totals: Ints, radius_m: float) -> None:
        near = KDTree(positions).query_ball_point(positions, radius_m)
        most = max(map(len, near))
        distance, order = KDTree(positions).query(positions, k=most, distance_upper_bound=radius_m * 1.000001)
        self.order: Ints = np.asarray(order, dtype=np.int64).reshape(len(positions), most)
        self.distance: Floats = np.asarray(distance, dtype=np.float64).reshape(len(positions), most)
        held = self.sums(totals[:, None])[..., 0]
        self.allowed = (self.order < len(positions)) & (held <= totals.sum() / 2)

    def sums(self, values: Ints) -> Ints:
        """Sum values (places, k) over each circle; shape (places, most, k)."""
        padded = np.vstack([values, np.zeros((1, values.shape[1]), dtype=values.dtype)])
        return padded[self.order].cumsum(axis=1)


class _Ratios:
    """Log likelihood ratios of all circles and spans, for tables with the same sums of rows and columns."""

    def __init__(self, circles: _Circles, recent: Ints, total: int) -> None:
        self.circles = circles
        by_span = recent[:, :-1].sum(axis=0).cumsum()
        held = circles.sums(recent.sum(axis=1, keepdims=True))
        self.expected: Floats = np.where(circles.allowed[..., None], held * by_span / total, np.inf)
        self.total = total
        whole = np.arange(total + 1, dtype=np.float64)
        self.logs = whole * np.log(np.maximum(whole, 1))
        with np.errstate(divide="ignore"):
            self.log_inside = np.log(self.expected)
            self.log_outside = np.log(np.maximum(total - self.expected, 0.5))

    def of(self, recent: Ints) -> Floats:
        """Log likelihood ratios of shape (places, most, spans); 0 where no more than expected."""
        inside = self.circles.sums(recent[:, :-1].cumsum(axis=1))
        more = inside > self.expected
        ratios = np.zeros(inside.shape)
        had = inside[more]
        left = self.total - had
        ratios[more] = self.logs[had] - had * self.log_inside[more] + self.logs[left] - left * self.log_outside[more]
        return ratios


def _apart(
    circles: _Circles,
    ratios: _Ratios,
    recent: Ints,
    found: Floats,
    highest: Floats,
    spans: Sequence[int],
    by_chance: float,
) -> "list[Cluster]":
    inside = circles.sums(recent[:, :-1].cumsum(axis=1))
    taken: set[int] = set()
    kept: list[Cluster] = []
    for flat in np.argsort(found, axis=None)[::-1]:
        centre, most, span = np.unravel_index(flat, found.shape)
        higher = len(highest) - int(np.searchsorted(highest, found[centre, most, span], side="left"))
        p = (1 + higher) / (1 + len(highest))
        if p > by_chance or found[centre, most, span] <= 0:
            break
        places = tuple(int(place) for place in circles.order[centre, : most + 1])
        if taken.isdisjoint(places):
            taken.update(places)
            radius = float(circles.distance[centre, most])
            at = (centre, most, span)
            kept.append(Cluster(places, radius, spans[span], int(inside[at]), float(ratios.expected[at]), p))
    return kept
