"""Weigh what was sent anew: who would have stood first with other weights. Pure.

A cost is the sum of its reasons, and the minutes of some reasons are proportional to a weight (`WeightCode`): with
another weight they are so many times as much, and all else stays as it was.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from console.dispatching.rankings import BY_SHIFT
from console.dispatching.terms import WeightCode

Ints = NDArray[np.int64]
Kept = Mapping[str, Any]
ON_THE_WAY = ("travel", "off_road", "on_call", BY_SHIFT)
"""Reasons whose minutes pass before a force is there; no weight makes them pass more quickly."""
FAR = 10**9


@dataclass(frozen=True, slots=True)
class Side:
    """The first of each ranking: forces, minutes until they are there, and whether others cost as much."""

    forces: Ints
    minutes: NDArray[np.float64]
    tied: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Weighed:
    """The rankings with the weights of then, and with others, in the order that they were given in."""

    before: Side
    after: Side

    @property
    def changed(self) -> NDArray[np.bool_]:
        return np.asarray(self.before.forces != self.after.forces)


def weigh(rankings: Iterable[Kept], factors: Mapping[WeightCode, float]) -> Weighed:
    """Find the first of each ranking as it was, and with the minutes of some reasons multiplied by `factors`.

    Each ranking is as `ranking_of` returns it. Costs are in tenths of minutes; equal ones keep the order of then.
    """
    rows = _Rows.of(rankings)
    costs = sum(rows.tenths.values(), start=np.zeros(rows.count, dtype=np.int64))
    weighed = costs.copy()
    for code, factor in factors.items():
        if (of_code := rows.tenths.get(code)) is not None:
            weighed += np.rint(of_code * factor).astype(np.int64) - of_code
    return Weighed(rows.first(costs), rows.first(weighed))


@dataclass(frozen=True, slots=True)
class _Rows:
    """All candidates of all rankings, one after another; `begins` has the place of each ranking's first."""

    begins: Ints
    sizes: Ints
    forces: Ints
    stale: NDArray[np.bool_]
    tenths: Mapping[str, Ints]

    @property
    def count(self) -> int:
        return len(self.forces)

    @classmethod
    def of(cls, rankings: Iterable[Kept]) -> "_Rows":
        """Read rankings one by one: of numbers in flat lists, the garbage collector has nothing to visit."""
        sizes: list[int] = []
        forces: list[int] = []
        stale: list[bool] = []
        minutes: dict[str, list[float]] = defaultdict(list)
        places: dict[str, list[int]] = defaultdict(list)
        for at, one in enumerate(rankings):
            sizes.append(len(one["forces"]))
            forces.extend(one["forces"])
            stale.extend(one["stale"])
            for code, of_code in one["minutes"].items():
                minutes[code].extend(of_code)
                places[code].append(at)
        size = np.array(sizes, dtype=np.int64)
        begins = np.cumsum(size) - size
        tenths = {}
        for code, of_code in minutes.items():
            tenths[code] = np.zeros(len(forces), dtype=np.int64)
            at_code = np.array(places[code])
            tenths[code][_spread(begins[at_code], size[at_code])] = np.rint(np.array(of_code) * 10)
        return cls(begins, size, np.array(forces, dtype=np.int64), np.array(stale, dtype=np.bool_), tenths)

    def first(self, costs: Ints) -> Side:
        """Return the first of each ranking by cost, those with a stale position last."""
        if not self.count:
            return Side(self.forces, np.zeros(0), np.zeros(0, dtype=np.bool_))
        keys = costs + FAR * self.stale
        least = np.repeat(np.minimum.reduceat(keys, self.begins), self.sizes) == keys
        places = np.where(least, np.arange(self.count), self.count)
        first = np.minimum.reduceat(places, self.begins)
        there = sum((self.tenths[code] for code in ON_THE_WAY if code in self.tenths), start=np.zeros(self.count))
        return Side(self.forces[first], there[first] / 10, np.add.reduceat(least, self.begins) > 1)


def _spread(begins: Ints, sizes: Ints) -> Ints:
    """Return the places of all candidates of rankings: `begins[0]`, `begins[0] + 1`, … of each."""
    starts = np.cumsum(sizes) - sizes
    return np.repeat(begins - starts, sizes) + np.arange(int(sizes.sum()))
