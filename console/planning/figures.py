"""Figures of each division on the lines of a draft, from what happened and what is there. Pure, on numpy arrays.

Figures follow from the lines alone, not from how they came about: after undo and redo they are the same. Every count
of the finest divisions is a whole number, so that the sum over the divisions of a level is the whole's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from console.planning.carrying import carry
from console.planning.homes import Ways, Worker
from console.planning.touching import Touched
from geo.coverage.measures import compactness
from geo.coverage.owners import SLIT_DEGREES, owners_of
from geo.coverage.topology import Coverage
from geo.travel import TravelTime
from layers.divisions.terms import GRID

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Row = dict[str, Any]
NOWHERE = -1


@dataclass(frozen=True)
class Facts:
    """What figures are made of. `points` (n × 2, degrees) are incidents and cameras, with what each counts as: its
    place among `classes` for an incident of the months asked for (or -1), minutes of work, open or not, camera or not.

    `minutes` are None where the work of no incident is known.
    """

    points: Floats
    classes: Sequence[str]
    class_at: Ints
    minutes: Ints | None
    is_open: Ints
    is_camera: Ints
    workers: Sequence[Worker] = ()
    households: Mapping[str, int | None] = field(default_factory=dict)
    enterprises: Mapping[str, int | None] = field(default_factory=dict)
    known_ways: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def tree(self) -> shapely.STRtree:
        return shapely.STRtree(np.asarray(shapely.points(self.points), dtype=object))


@dataclass(frozen=True)
class Tally:
    """Counts of the finest divisions of one coverage: parallel to `coverage.finest`, the last row for nowhere.

    `owners` has the row of each point. Unknown households and enterprises are -1; `carried` are those that were
    estimated by area. The land of divisions `around` is that of the `base`.
    """

    coverage: Coverage
    facts: Facts
    owners: Ints
    households: Ints
    enterprises: Ints
    carried: frozenset[str]
    base: Coverage
    around: frozenset[str] = frozenset()

    def outline(self, code: str) -> BaseGeometry:
        """Return the shape of a division; where that has not changed, the one known from the base."""
        return (self.base if code in self.around else self.coverage).outline(code)

    @cached_property
    def is_carried(self) -> NDArray[np.bool_]:
        return np.array([code in self.carried for code in (*self.coverage.finest, None)])

    @cached_property
    def by_class(self) -> Ints:
        """Incidents of the months by finest division and class."""
        found = np.zeros((len(self.coverage.finest) + 1, len(self.facts.classes)), dtype=np.int64)
        counted = self.facts.class_at >= 0
        np.add.at(found, (self.owners[counted], self.facts.class_at[counted]), 1)
        return found

    @cached_property
    def minutes(self) -> Ints | None:
        return None if self.facts.minutes is None else self._sum(self.facts.minutes)

    @cached_property
    def work(self) -> Mapping[str, Mapping[str, int]]:
        """Minutes of work by level and division, added up from the finest."""
        coverage, minutes = self.coverage, self.minutes
        found: dict[str, dict[str, int]] = {level: {} for level in coverage.levels}
        for code, one in coverage.divisions.items():
            found[one.level][code] = 0
        for code, spent in zip(coverage.finest, [] if minutes is None else minutes.tolist(), strict=False):
            found[coverage.divisions[code].level][code] = spent
        for level, above in pairwise(reversed(coverage.levels)):
            for code, spent in found[level].items():
                found[above][coverage.divisions[code].parent or ""] += spent
        return found

    @cached_property
    def open_incidents(self) -> Ints:
        return self._sum(self.facts.is_open)

    @cached_property
    def cameras(self) -> Ints:
        return self._sum(self.facts.is_camera)

    def _sum(self, weights: Ints) -> Ints:
        size = len(self.coverage.finest) + 1
        return np.bincount(self.owners[weights > 0] % size, weights=weights[weights > 0], minlength=size).astype(
            np.int64
        )

    def rows_of(self, code: str) -> Ints:
        """Return the rows of the finest divisions that make up one of any level."""
        if self.coverage.divisions[code].parent is None:
            return np.arange(len(self._codes))
        below = [*self.coverage.tree.finest_below([code])]
        return np.searchsorted(self._codes, below)

    @cached_property
    def _codes(self) -> NDArray[np.str_]:
        return np.array(self.coverage.finest)


def tally(coverage: Coverage, facts: Facts) -> Tally:
    """Count all facts on the lines of a coverage."""
    return Tally(
        coverage=coverage,
        facts=facts,
        owners=_owners(coverage, facts.points),
        households=_known(coverage, facts.households),
        enterprises=_known(coverage, facts.enterprises),
        carried=frozenset(),
        base=coverage,
    )


def tally_after(before: Tally, coverage: Coverage, change: Touched) -> Tally:
    """Count the facts of `before` on the lines of another coverage of the same land.

    Only points in or on what was touched are assigned anew, by the same rule as all.
    """
    if coverage is before.coverage:
        return before
    spread = carry(before.coverage, coverage, change)
    return Tally(
        coverage=coverage,
        facts=before.facts,
        owners=_owners_after(before, coverage, change),
        households=spread.of(before.households),
        enterprises=spread.of(before.enterprises),
        carried=spread.estimated,
        base=before.coverage,
        around=change.around,
    )


def _owners(coverage: Coverage, points: Floats) -> Ints:
    """Return the row of the finest division of each point, the last row for nowhere."""
    row = {code: i for i, code in enumerate(coverage.finest)}
    owners = owners_of(coverage, [(x, y) for x, y in points.tolist()])
    return np.array([NOWHERE if code is None else row[code] for code in owners], dtype=np.int64)


def _owners_after(before: Tally, coverage: Coverage, change: Touched) -> Ints:
    old, new = np.array(before.coverage.finest), np.array(coverage.finest)
    at = np.minimum(np.searchsorted(new, old), len(new) - 1)
    moved = np.append(np.where(new[at] == old, at, NOWHERE), NOWHERE)
    owners = moved[before.owners]
    shapes = [before.coverage.shapes[code] for code in change.before] + [coverage.shapes[code] for code in change.after]
    if shapes and len(before.facts.points):
        _, near = before.facts.tree.query(shapes, predicate="dwithin", distance=2 * SLIT_DEGREES)
        again = np.unique(near)
        owners[again] = _owners(coverage, before.facts.points[again])
    return np.asarray(owners, dtype=np.int64)


def _known(coverage: Coverage, counts: Mapping[str, int | None]) -> Ints:
    known = [counts.get(code) for code in coverage.finest]
    return np.array([-1 if count is None else count for count in known] + [0], dtype=np.int64)


@dataclass(frozen=True)
class Figures:
    """Rows of figures for divisions of a tally. `travel` gives the minutes of a way by its length and mode."""

    tally: Tally
    travel: TravelTime

    def of(self, codes: Iterable[str]) -> dict[str, Row]:
        """Return the figures of divisions by code."""
        return {code: self._row(code) for code in codes}

    def _row(self, code: str) -> Row:
        counts, rows = self.tally, self.tally.rows_of(code)
        by_class = counts.by_class[rows].sum(axis=0).tolist()
        work = None if counts.minutes is None else int(counts.minutes[rows].sum())
        return {
            "incidents": sum(by_class),
            "by_class": {name: n for name, n in zip(counts.facts.classes, by_class, strict=True) if n},
            "workload_minutes": work,
            "households": _sum_of_known(counts.households[rows]),
            "enterprises": _sum_of_known(counts.enterprises[rows]),
            "farthest_minutes": self._ways.farthest(code),
            "cameras": int(counts.cameras[rows].sum()),
            "open_incidents": int(counts.open_incidents[rows].sum()),
            "compactness": round(compactness(counts.outline(code), counts.coverage.plane), 4),
            "load_deviation": self._deviation(code, work),
            "estimated": bool(counts.is_carried[rows].any()),
        }

    def farthest(self, code: str) -> float | None:
        """Return the minutes to the farthest corner, as in a division's figures."""
        return self._ways.farthest(code)

    def _deviation(self, code: str, work: int | None) -> float | None:
        """Return by which share of the mean of its level a division's work is above it; of the whole, that of the grid
        that is furthest from it, above or below. None where no work is known.
        """
        divisions, levels = self.tally.coverage.divisions, self.tally.coverage.levels
        level = divisions[code].level
        if work is None or level != levels[0]:
            return None if work is None else _share(work, among=self.tally.work[level])
        among = self.tally.work[GRID if GRID in levels[1:] else levels[1]]
        found = [share for each in among.values() if (share := _share(each, among=among)) is not None]
        return max(found, key=abs, default=None)

    @cached_property
    def _ways(self) -> Ways:
        facts = self.tally.facts
        return Ways(self.tally.coverage, facts.workers, self.travel, facts.known_ways)


def _share(work: int, *, among: Mapping[str, int]) -> float | None:
    total = sum(among.values())
    return round(work * len(among) / total - 1, 4) if total else None


def _sum_of_known(counts: Ints) -> int | None:
    known = counts[counts >= 0]
    return int(known.sum()) if len(known) else None
